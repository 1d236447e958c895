package org.convzoo.models;

import java.util.Map;
import java.util.function.BiFunction;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Layer;

/**
 * One network of the catalogue.
 *
 * @param name the catalogue's name, {@code resnet50}
 * @param family the family's name, {@code ResNet}
 * @param year of the paper's first appearance
 * @param paper where it was published: an arXiv number or a citation
 * @param usual the task it was published for
 * @param options the options it understands, with one line of help each
 * @param body the network: a layer from image to logits, for a number of classes and options
 */
public record Architecture(
        String name,
        String family,
        int year,
        String paper,
        Task usual,
        Map<String, String> options,
        BiFunction<Integer, Options, Layer> body) {

    public Architecture {
        options = Map.copyOf(options);
    }

    /** The network for its usual task. */
    public Graph graph() {
        return graph(usual, Options.NONE);
    }

    /**
     * The network for {@code task}. Throws {@link IllegalArgumentException}, naming the layer or the option, where the
     * image is too small or an option is unknown.
     */
    public Graph graph(Task task, Options given) {
        for (String key : given.values().keySet()) {
            if (options.containsKey(key)) continue;
            throw new IllegalArgumentException(name + " has no option '" + key + "'; it has "
                    + (options.isEmpty() ? "none" : String.join(", ", new java.util.TreeSet<>(options.keySet()))));
        }
        return Graph.of(name, task.image(), body.apply(task.classes(), given));
    }
}
