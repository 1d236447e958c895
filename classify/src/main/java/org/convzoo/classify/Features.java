package org.convzoo.classify;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Node;
import org.convzoo.graph.Op;
import org.convzoo.weights.Weights;

/**
 * The part of a network that makes the features of an image: what goes into its last linear layer. In a network that
 * ends in a convolution for the classes it is what goes into that, averaged over the places of the image.
 */
public record Features(Graph graph, Weights weights) {
    /**
     * The part of {@code whole} that makes features, with its weights. Throws
     * {@link org.convzoo.failure.WrongUseException} where a network has no {@link Graph#heads}.
     */
    public static Features of(Graph whole, Weights weights) {
        Graph part = part(whole);
        Map<String, Weights.Tensor> needed = new LinkedHashMap<>();
        part.parameters().keySet().forEach(name -> needed.put(name, weights.get(name)));
        return new Features(part, new Weights(needed));
    }

    private static Graph part(Graph whole) {
        Graph.Builder part = new Graph.Builder(whole.name(), whole.input().shape());
        Node head = whole.heads().get(0);
        Node features = part.copy(whole, head.input());
        if (head.op() instanceof Op.Linear) return part.build(features);
        Node average = part.add("features.mean", new Op.AdaptiveAvgPool(1, 1), List.of(features));
        return part.build(part.add("features.vector", new Op.Flatten(), List.of(average)));
    }
}
