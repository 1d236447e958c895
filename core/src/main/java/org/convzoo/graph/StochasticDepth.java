package org.convzoo.graph;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.convzoo.failure.WrongUseException;

/** Residual blocks whose branches are dropped in training, Huang et al. 2016 (1603.09382). */
final class StochasticDepth {
    private StochasticDepth() {}

    /** See {@link Graph#withDropPath}. */
    static Graph of(Graph graph, double p) {
        Graph with = p == 0 || paths(graph).findAny().isPresent() ? graph : inserted(graph);
        List<Node> paths = paths(with).toList();
        double deepest = paths.stream().mapToDouble(StochasticDepth::own).max().orElse(0);
        return with.again(with.input().shape(), n -> {
            if (!(n.op() instanceof Op.DropPath)) return n.op();
            double share = deepest == 0 ? (paths.indexOf(n) + 1.0) / paths.size() : own(n) / deepest;
            return new Op.DropPath(p * share);
        });
    }

    private static Stream<Node> paths(Graph graph) {
        return graph.nodes().stream().filter(n -> n.op() instanceof Op.DropPath);
    }

    private static double own(Node path) {
        return ((Op.DropPath) path.op()).p();
    }

    /** With a drop path of probability 0 in each residual block, between its branch and the sum. */
    private static Graph inserted(Graph graph) {
        Graph.Builder builder = new Graph.Builder(graph.name(), graph.input().shape());
        Map<Node, Node> copies = new HashMap<>(Map.of(graph.input(), builder.input()));
        boolean any = false;
        for (Node n : graph.nodes().subList(1, graph.nodes().size())) {
            List<Node> inputs = new ArrayList<>();
            for (Node in : n.inputs()) inputs.add(copy(copies, in));
            Optional<Node> branch = branch(n);
            if (branch.isPresent()) {
                any = true;
                int place = n.inputs().indexOf(branch.get());
                String path = n.path() + "_drop_path";
                inputs.set(place, builder.add(path, new Op.DropPath(0), List.of(inputs.get(place))));
            }
            copies.put(n, builder.add(n.path(), n.op(), inputs));
        }
        if (!any)
            throw new WrongUseException(
                    graph.name() + " has no residual blocks, whose branches drop path drops; " + "it trains without");
        for (Graph.Auxiliary a : graph.auxiliaries()) builder.auxiliary(a.name(), a.weight(), copy(copies, a.output()));
        return builder.build(copy(copies, graph.output()));
    }

    private static Node copy(Map<Node, Node> copies, Node of) {
        return Objects.requireNonNull(copies.get(of), "inputs come before what reads them");
    }

    /** Of a sum, the input that is no shortcut past it; none where the two are equals, as parts of an attention are. */
    private static Optional<Node> branch(Node n) {
        if (!(n.op() instanceof Op.Add)) return Optional.empty();
        Node first = n.inputs().get(0), second = n.inputs().get(1);
        if (isShortcut(second, first)) return Optional.of(first);
        return isShortcut(first, second) ? Optional.of(second) : Optional.empty();
    }

    /** Whether {@code way} is a value that {@code branch} starts from, or that brought to its shape without an activation. */
    private static boolean isShortcut(Node way, Node branch) {
        Set<Node> before = before(branch);
        Node at = way;
        while (!before.contains(at)) {
            boolean shapes = at.op() instanceof Op.Conv
                    || at.op() instanceof Op.BatchNorm
                    || at.op() instanceof Op.AvgPool
                    || at.op() instanceof Op.MaxPool
                    || at.op() instanceof Op.PadChannels;
            if (!shapes) return false;
            at = at.input();
        }
        return true;
    }

    /** All that {@code n} is made from. */
    private static Set<Node> before(Node n) {
        Set<Node> all = new HashSet<>();
        List<Node> left = new ArrayList<>(n.inputs());
        while (!left.isEmpty()) {
            Node next = left.remove(left.size() - 1);
            if (all.add(next)) left.addAll(next.inputs());
        }
        return all;
    }
}
