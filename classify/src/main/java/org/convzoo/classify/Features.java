package org.convzoo.classify;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.convzoo.failure.WrongUseException;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Node;
import org.convzoo.graph.Op;
import org.convzoo.weights.Weights;

/**
 * The part of a network that makes the features of an image: what goes into its last linear layer. In a network that
 * ends in a convolution for the classes it is what goes into that, averaged over the places of the image.
 */
record Features(Graph graph, Weights weights) {
    static Features of(Graph whole, Weights weights) {
        Graph part = part(whole);
        Map<String, Weights.Tensor> needed = new LinkedHashMap<>();
        part.parameters().keySet().forEach(name -> needed.put(name, weights.get(name)));
        return new Features(part, new Weights(needed));
    }

    private static Graph part(Graph whole) {
        Graph.Builder part = new Graph.Builder(whole.name(), whole.input().shape());
        for (Node n = whole.output(); n.inputs().size() == 1; n = n.input()) {
            if (n.op() instanceof Op.Linear) return part.build(part.copy(whole, n.input()));
            if (n.op() instanceof Op.Conv) {
                Node average =
                        part.add("features.mean", new Op.AdaptiveAvgPool(1, 1), List.of(part.copy(whole, n.input())));
                return part.build(part.add("features.vector", new Op.Flatten(), List.of(average)));
            }
            if (!n.params().isEmpty()) break;
        }
        throw new WrongUseException(
                whole.name() + " has no features: it ends neither in a linear layer nor in a convolution");
    }
}
