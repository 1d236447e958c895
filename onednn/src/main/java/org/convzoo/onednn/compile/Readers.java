package org.convzoo.onednn.compile;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Node;
import org.jspecify.annotations.Nullable;

/** Which nodes read the value of which. An output of the graph, which is read from outside, has none here. */
final class Readers {
    private final Map<Node, List<Node>> readers = new IdentityHashMap<>();

    Readers(Graph graph, List<Node> nodes) {
        for (Node n : nodes)
            for (Node i : n.inputs())
                readers.computeIfAbsent(i, k -> new ArrayList<>()).add(n);
        readers.remove(graph.output());
        graph.auxiliaries().forEach(a -> readers.remove(a.output()));
    }

    /** Those of values that none but nodes among {@code some} read; a value that others read, too, has none here. */
    static Readers among(Graph graph, Set<Node> some) {
        Readers all = new Readers(graph, graph.nodes());
        all.readers.values().removeIf(nodes -> !some.containsAll(nodes));
        return all;
    }

    List<Node> of(Node n) {
        return readers.getOrDefault(n, List.of());
    }

    /** The only node that reads {@code n}, if there is just one and {@code n} is no output. */
    @Nullable
    Node sole(Node n) {
        return of(n).size() == 1 ? of(n).get(0) : null;
    }
}
