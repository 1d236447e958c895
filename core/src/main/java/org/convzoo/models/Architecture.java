package org.convzoo.models;

import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Shape;
import org.convzoo.graph.Value;

/**
 * One network of the catalogue.
 *
 * @param name the catalogue's name, {@code resnet50}
 * @param family the family's name, {@code ResNet}
 * @param year of the paper's first appearance
 * @param paper where it was published: an arXiv number or a citation
 * @param usual the task it was published for
 * @param options the options it understands, with one line of help each
 * @param body the layers
 */
public record Architecture(
        String name, String family, int year, String paper, Task usual, Map<String, String> options, Body body) {

    /** The layers of a network: from the image to the logits of {@code classes} classes. */
    @FunctionalInterface
    public interface Body {
        Value apply(Value image, int classes, Options options);
    }

    public Architecture {
        options = Map.copyOf(options);
    }

    /** The network for its usual task. */
    public Graph graph() {
        return graph(usual, Options.NONE);
    }

    /**
     * The network for {@code task}. Throws {@link IllegalArgumentException}, naming the layer or the option, where an
     * option is unknown or the network cannot take the image, then with the next larger square image that it can.
     */
    public Graph graph(Task task, Options given) {
        for (String key : given.values().keySet()) {
            if (options.containsKey(key)) continue;
            throw new IllegalArgumentException(name + " has no option '" + key + "'; it has "
                    + (options.isEmpty() ? "none" : String.join(", ", new TreeSet<>(options.keySet()))));
        }
        try {
            return trace(task.image(), task.classes(), given);
        } catch (IllegalArgumentException e) {
            throw larger(task, given)
                    .map(fits -> new IllegalArgumentException(
                            e.getMessage() + "; the next larger square image that fits is " + fits, e))
                    .orElse(e);
        }
    }

    private Graph trace(Shape image, int classes, Options given) {
        return Graph.of(name, image, x -> body.apply(x, classes, given));
    }

    /** The next larger square image that fits; none where the usual image does not fit either. */
    private Optional<Shape> larger(Task task, Options given) {
        Shape image = task.image();
        int least = Math.min(image.height(), image.width());
        Stream<Shape> sides = IntStream.rangeClosed(
                        least + 1, Math.max(2 * least, usual.image().height()))
                .mapToObj(side -> new Shape(image.channels(), side, side));
        return fits(usual, given)
                ? sides.filter(s -> fits(task.image(s), given)).findFirst()
                : Optional.empty();
    }

    private boolean fits(Task task, Options given) {
        try {
            trace(task.image(), task.classes(), given);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
