package org.convzoo.pretrained;

import java.util.List;
import org.convzoo.graph.Graph;
import org.convzoo.images.Transform;
import org.convzoo.models.Models;
import org.convzoo.models.Options;
import org.convzoo.models.Task;
import org.convzoo.weights.Weights;

/**
 * What others trained, ready to be fitted to a network of the catalogue.
 *
 * @param network the catalogue's name of the network
 * @param weights under the names of the network's parameters; there may be others, see {@link Weights#fit}
 * @param transform what the network wants pictures to go through
 * @param labels the names of the classes that the weights tell apart
 * @param origin who published the weights, and where
 * @param licence under which licence the weights are; empty where nobody said
 */
public record Pretrained(
        String network, Weights weights, Transform transform, List<String> labels, String origin, String licence) {
    public Pretrained {
        labels = List.copyOf(labels);
    }

    /** The network for the pictures that {@link #transform} makes and the classes of {@link #labels}. */
    public Graph graph() {
        return Models.named(network).graph(new Task(transform.output(), labels.size()), Options.NONE);
    }
}
