package org.convzoo.pretrained;

import java.nio.file.Path;
import java.util.List;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Shape;
import org.convzoo.images.Filter;
import org.convzoo.images.Transform;
import org.convzoo.models.Architecture;
import org.convzoo.models.Models;
import org.convzoo.models.Options;
import org.convzoo.models.Task;
import org.convzoo.weights.Weights;

/**
 * What others trained, ready to be used or to be fitted to other classes.
 *
 * @param network the catalogue's name of the network
 * @param graph the network in the form of the library that trained it, for the pictures that {@code transform} makes and
 *     the classes of {@code labels}
 * @param weights under the names of the graph's parameters, where they fit; else as they are, see {@link Weights#fit}
 * @param transform what the network wants pictures to go through
 * @param labels the names of the classes that the weights tell apart
 * @param origin who published the weights, and where
 * @param licence under which licence the weights are; empty where nobody said
 * @param notes what whoever takes the weights should know, a sentence each
 */
public record Pretrained(
        String network,
        Graph graph,
        Weights weights,
        Transform transform,
        List<String> labels,
        String origin,
        String licence,
        List<String> notes) {
    /** What a network for ImageNet usually wants pictures to go through. */
    private static final Transform IMAGENET = new Transform(
            List.of(
                    new Transform.Colour(3),
                    new Transform.ShorterSide(256, Filter.BILINEAR),
                    new Transform.CentreCrop(224, 224)),
            new Transform.Normalise(List.of(0.485, 0.456, 0.406), List.of(0.229, 0.224, 0.225)));

    public Pretrained {
        labels = List.copyOf(labels);
        notes = List.copyOf(notes);
    }

    /**
     * What pictures go through to images of that shape where a file of weights does not say it: what the network's published
     * weights want; where there are none, what is usual for ImageNet.
     */
    public static Transform transform(Architecture architecture, Shape image) {
        Transform usual = Published.networks().contains(architecture.name())
                ? Published.named(architecture.name()).transform()
                : IMAGENET;
        return usual.output().equals(image) ? usual : usual.to(image);
    }

    static Pretrained of(Published published, Weights arrays) {
        return of(
                published.network(),
                arrays,
                published.transform(),
                ImageNet.LABELS,
                published.origin(),
                published.licence());
    }

    /**
     * Weights of a network in a file of whatever origin. The file does not say how pictures are prepared: see
     * {@link #transform(Architecture, Shape)}. A thousand classes are taken for ImageNet's; others get numbers.
     *
     * @throws java.util.NoSuchElementException when the catalogue has no such network
     * @throws org.convzoo.failure.BrokenFileException when the file holds no weights
     */
    public static Pretrained read(String network, Path file) {
        Architecture architecture = Models.named(network);
        Transform transform = transform(architecture, architecture.usual().image());
        Weights arrays = WeightsFile.read(file);
        Pretrained usual = of(network, arrays, transform, ImageNet.LABELS, file.toString(), "");
        int classes = Fitting.of(network, usual.graph, arrays).fit().classes();
        if (classes < 2 || classes == ImageNet.LABELS.size()) return usual;
        List<String> labels = ImageNet.labels(classes);
        return of(network, arrays, transform, labels, file.toString(), "");
    }

    private static Pretrained of(
            String network, Weights arrays, Transform transform, List<String> labels, String origin, String licence) {
        Architecture architecture = Models.named(network);
        Graph graph = architecture.graph(new Task(transform.output(), labels.size()), Options.NONE);
        Fitting fitting = Fitting.of(network, graph, arrays);
        Weights weights = fitting.fit().complete() ? fitting.weights() : arrays;
        return new Pretrained(network, fitting.graph(), weights, transform, labels, origin, licence, fitting.notes());
    }
}
