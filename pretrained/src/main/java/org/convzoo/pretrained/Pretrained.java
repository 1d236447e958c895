package org.convzoo.pretrained;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.convzoo.failure.WrongUseException;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Node;
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

    /**
     * Weights of a network in a file of whatever origin. The file does not say how pictures are prepared: as for the
     * default of the published weights. A thousand classes are taken for ImageNet's; others get numbers.
     *
     * @throws java.util.NoSuchElementException when the catalogue has no such network
     * @throws org.convzoo.failure.BrokenFileException when the file holds no weights
     * @throws WrongUseException when nobody published weights for the network, so that nothing is known of its pictures
     */
    public static Pretrained read(String network, Path file) {
        Transform transform = Published.named(network).transform();
        Weights weights = WeightsFile.read(file);
        Graph usual = Models.named(network).graph();
        Node head = usual.heads().get(0);
        int classes = head.params().stream()
                .filter(p -> weights.tensors().containsKey(head.name(p)))
                .map(p -> weights.get(head.name(p)).shape().channels())
                .findFirst()
                .orElse(usual.classes());
        List<String> labels = classes == ImageNet.LABELS.size()
                ? ImageNet.LABELS
                : IntStream.range(0, classes).mapToObj(k -> "class " + k).toList();
        return new Pretrained(network, weights, transform, labels, file.toString(), "");
    }

    /** The network for the pictures that {@link #transform} makes and the classes of {@link #labels}. */
    public Graph graph() {
        return Models.named(network).graph(new Task(transform.output(), labels.size()), Options.NONE);
    }
}
