package org.convzoo.cost;

import org.convzoo.graph.Graph;
import org.convzoo.graph.Node;

/**
 * For each node the last one that every path from the image to it runs through: where its branches start. Nodes stand in
 * execution order, so that one pass of Cooper, Harvey, Kennedy 2001 finds them.
 */
final class Dominators {
    private final Node[] dominator;

    Dominators(Graph graph) {
        dominator = new Node[graph.nodes().size()];
        for (Node n : graph.nodes())
            dominator[n.id()] = n.inputs().stream().reduce(this::common).orElse(n);
    }

    /** The dominator of {@code n}; of the image itself. */
    Node of(Node n) {
        return dominator[n.id()];
    }

    private Node common(Node a, Node b) {
        while (a != b) {
            if (a.id() > b.id()) a = of(a);
            else b = of(b);
        }
        return a;
    }
}
