package org.convzoo.pretrained;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.StringJoiner;
import org.convzoo.graph.Filters;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Node;
import org.convzoo.graph.Op;
import org.convzoo.graph.Window;

/**
 * What another library made different in a network of the catalogue, so that its weights need it: the layers and names are
 * the same.
 *
 * @param eps the epsilon of all batch norms, where it is not ours
 * @param same whether convolutions that skip pixels pad as TensorFlow's SAME does, where ours do not
 */
record Form(OptionalDouble eps, boolean same) {
    /** The catalogue's own. */
    static final Form OURS = new Form(OptionalDouble.empty(), false);

    /** {@code graph} in this form. */
    Graph of(Graph graph) {
        if (equals(OURS)) return graph;
        var builder = new Graph.Builder(graph.name(), graph.input().shape());
        Map<Node, Node> now = new HashMap<>();
        for (Node n : graph.nodes()) {
            List<Node> inputs = n.inputs().stream()
                    .map(i -> Objects.requireNonNull(now.get(i)))
                    .toList();
            now.put(n, n.op() instanceof Op.Input ? builder.input() : builder.add(n.path(), changed(n.op()), inputs));
        }
        for (Graph.Auxiliary a : graph.auxiliaries())
            builder.auxiliary(a.name(), a.weight(), Objects.requireNonNull(now.get(a.output())));
        return builder.build(Objects.requireNonNull(now.get(graph.output())));
    }

    private Op changed(Op op) {
        if (op instanceof Op.BatchNorm b && eps.isPresent())
            return new Op.BatchNorm(eps.getAsDouble(), b.momentum(), b.scale());
        if (op instanceof Op.Conv c && same) {
            Window w = c.w();
            boolean skips = w.sh() > 1 && w.kh() > 1;
            Filters padded = new Filters(w.padSame(), c.groups(), c.biased());
            return skips ? new Op.Conv(c.out(), padded, c.weight(), c.bias()) : op;
        }
        return op;
    }

    /** What differs, for people: {@code epsilon 0.001 in its batch norms}; empty for our own form. */
    @Override
    public String toString() {
        var all = new StringJoiner(" and ");
        eps.ifPresent(e -> all.add("epsilon " + e + " in its batch norms"));
        if (same) all.add("TensorFlow's padding where it skips pixels");
        return all.toString();
    }
}
