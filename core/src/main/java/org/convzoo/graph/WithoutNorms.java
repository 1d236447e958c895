package org.convzoo.graph;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.convzoo.failure.WrongUseException;

/** Networks whose batch norms are taken out. */
final class WithoutNorms {
    private WithoutNorms() {}

    /** See {@link Graph#withoutNorms}. */
    static Graph of(Graph graph) {
        List<Node> nodes = graph.nodes();
        Set<Node> normalised = nodes.stream()
                .filter(n -> n.op() instanceof Op.BatchNorm)
                .map(Node::input)
                .collect(Collectors.toSet());
        if (normalised.isEmpty()) throw new WrongUseException(graph.name() + " has no batch norm");
        Graph.Builder builder = new Graph.Builder(graph.name(), graph.input().shape());
        Node[] copies = new Node[nodes.size()];
        Arrays.fill(copies, builder.input());
        for (Node n : nodes.subList(1, nodes.size())) {
            List<Node> inputs = n.inputs().stream().map(i -> copies[i.id()]).toList();
            copies[n.id()] = n.op() instanceof Op.BatchNorm
                    ? inputs.get(0)
                    : builder.add(n.path(), normalised.contains(n) ? biased(n.op()) : n.op(), inputs);
        }
        for (Graph.Auxiliary a : graph.auxiliaries())
            builder.auxiliary(a.name(), a.weight(), copies[a.output().id()]);
        return builder.build(copies[graph.output().id()]);
    }

    private static Op biased(Op op) {
        return op instanceof Op.Conv c && !c.biased()
                ? new Op.Conv(c.out(), c.filters().withBias(), c.weight(), Init.Rule.ZERO)
                : op;
    }
}
