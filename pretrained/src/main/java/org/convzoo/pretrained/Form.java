package org.convzoo.pretrained;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.convzoo.graph.Filters;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Node;
import org.convzoo.graph.Op;
import org.convzoo.graph.Window;

/** A network of the catalogue in the form that another library gave it: the same layers and names, with other numbers. */
final class Form {
    private Form() {}

    /** {@code graph} as the library of that dialect has it. */
    static Graph of(Graph graph, Dialect dialect) {
        if (dialect.eps().isEmpty() && !dialect.same()) return graph;
        var builder = new Graph.Builder(graph.name(), graph.input().shape());
        Map<Node, Node> now = new HashMap<>();
        for (Node n : graph.nodes()) {
            List<Node> inputs = n.inputs().stream()
                    .map(i -> Objects.requireNonNull(now.get(i)))
                    .toList();
            now.put(
                    n,
                    n.op() instanceof Op.Input
                            ? builder.input()
                            : builder.add(n.path(), changed(n.op(), dialect), inputs));
        }
        for (Graph.Auxiliary a : graph.auxiliaries())
            builder.auxiliary(a.name(), a.weight(), Objects.requireNonNull(now.get(a.output())));
        return builder.build(Objects.requireNonNull(now.get(graph.output())));
    }

    private static Op changed(Op op, Dialect dialect) {
        if (op instanceof Op.BatchNorm b && dialect.eps().isPresent())
            return new Op.BatchNorm(dialect.eps().getAsDouble(), b.momentum(), b.scale());
        if (op instanceof Op.Conv c && dialect.same()) {
            Window w = c.w();
            boolean skips = w.sh() > 1 && w.kh() > 1;
            Filters padded = new Filters(w.padSame(), c.groups(), c.biased());
            return skips ? new Op.Conv(c.out(), padded, c.weight(), c.bias()) : op;
        }
        return op;
    }
}
