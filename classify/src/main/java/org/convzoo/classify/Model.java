package org.convzoo.classify;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.TreeMap;
import org.convzoo.failure.BrokenFileException;
import org.convzoo.failure.ConvzooException;
import org.convzoo.failure.WrongUseException;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Node;
import org.convzoo.graph.Op;
import org.convzoo.images.Transform;
import org.convzoo.json.Field;
import org.convzoo.models.Models;
import org.convzoo.models.Options;
import org.convzoo.models.Task;
import org.convzoo.pretrained.Pretrained;
import org.convzoo.pretrained.Published;
import org.convzoo.pretrained.WeightsStore;
import org.convzoo.weights.SafeTensors;
import org.convzoo.weights.Weights;

/**
 * A network with its weights and all that is needed to use it. Its file is {@value #FILE}: the weights under their
 * published names, everything else as JSON in the metadata under {@value #KEY}, with the network itself as
 * {@link GraphJson} writes it. So a file opens without the Java code that made the network, and whether the catalogue
 * has that or not. Files of format 1, which only name a network of the catalogue, are read, too.
 *
 * @param labels the names of the classes, no two the same
 */
public record Model(Graph graph, Transform transform, List<String> labels, Provenance provenance, Weights weights) {
    /** The files of a run directory: the model once the run has ended, and where the run is. */
    public static final String FILE = "model.safetensors", CHECKPOINT = "last.ckpt";

    static final String KEY = "convzoo";
    private static final int FORMAT = 2;

    /** Throws {@link IllegalArgumentException} when the parts do not fit together. */
    public Model {
        labels = List.copyOf(labels);
        if (graph.output().shape().rank() != 1)
            throw new IllegalArgumentException(
                    graph.name() + " gives maps of " + graph.output().shape() + ", no values of classes");
        Task task = new Task(graph.input().shape(), graph.classes());
        if (labels.size() != task.classes())
            throw new IllegalArgumentException(task.classes() + " classes need as many labels, got " + labels.size());
        Set<String> distinct = new HashSet<>();
        for (String label : labels) {
            if (label.isBlank()) throw new IllegalArgumentException("a label is empty");
            if (!distinct.add(label)) throw new IllegalArgumentException("two classes are labelled '" + label + "'");
        }
        if (!transform.output().equals(task.image())) {
            throw new IllegalArgumentException(
                    "the transform makes images of " + transform.output() + ", the network takes " + task.image());
        }
        weights.check(graph);
    }

    /** The images and the number of classes. */
    public Task task() {
        return new Task(graph.input().shape(), graph.classes());
    }

    /** This network with other weights, and how it does with them. */
    public Model with(ObjectNode metrics, Weights weights) {
        return new Model(graph, transform, labels, provenance.withMetrics(metrics), weights);
    }

    /** This model for pictures that go through another transform. */
    public Model with(Transform transform) {
        return new Model(graph, transform, labels, provenance, weights);
    }

    /**
     * A network of the catalogue with the weights that are published for it, those that {@link Published#named(String)}
     * takes. They are downloaded unless they are here or part of this library.
     *
     * @throws java.util.NoSuchElementException when the catalogue has no such network
     * @throws WrongUseException when nobody published weights for it
     * @throws BrokenFileException as {@link WeightsStore#open} does
     */
    public static Model pretrained(String network) {
        return pretrained(Published.named(network), WeightsStore.usual());
    }

    /**
     * A network with certain published weights.
     *
     * @throws WrongUseException when the weights have no classifier
     * @throws BrokenFileException as {@link WeightsStore#open} does
     */
    public static Model pretrained(Published published, WeightsStore store) {
        if (published.featuresOnly())
            throw new WrongUseException(
                    published.name() + " has no classifier, so that it is a start for training only");
        return of(store.open(published));
    }

    /** A network that others trained. Throws {@link WrongUseException} where the weights do not fit. */
    public static Model of(Pretrained pretrained) {
        Graph graph = pretrained.graph();
        return new Model(
                graph,
                pretrained.transform(),
                pretrained.labels(),
                Provenance.unknown()
                        .withArchitecture(pretrained.network())
                        .withOrigin(pretrained.origin())
                        .withLicence(pretrained.licence()),
                pretrained.weights().fit(graph).weights());
    }

    /** Writes {@code file} as a whole or not at all. */
    public void write(Path file) throws IOException {
        Checksum.added(weights, Map.of(KEY, toJson().toString())).write(file);
    }

    /**
     * Reads a model's file, a checkpoint, or the model of a run directory; of a run that is not finished, as it was at
     * its last checkpoint.
     * Throws {@link BrokenFileException} with one line when it is no model, damaged, of a format newer than this
     * version, or when its weights do not fit its network or are not finite.
     */
    public static Model read(Path run) {
        if (Files.isDirectory(run)) {
            Path model = run.resolve(FILE), checkpoint = run.resolve(CHECKPOINT);
            if (Files.exists(model)) return read(model);
            if (Files.exists(checkpoint)) return CheckpointFile.read(checkpoint).result();
            throw new BrokenFileException(run + ": holds no model; train makes one");
        }
        SafeTensors file = content(run);
        return CheckpointFile.is(file)
                ? CheckpointFile.of(file, run).result()
                : of(file.metadata(), file.weights(), run);
    }

    /** Whether a file says of itself that it is a model or a checkpoint, be it sound or not. */
    public static boolean isSaid(Path file) {
        try {
            return SafeTensors.metadata(file).containsKey(KEY);
        } catch (BrokenFileException e) {
            return false;
        }
    }

    /** What a file holds, undamaged. */
    static SafeTensors content(Path file) {
        SafeTensors content = SafeTensors.read(file);
        Checksum.check(content, file);
        return content;
    }

    static Model of(Map<String, String> metadata, Weights weights, Path file) {
        String text = metadata.get(KEY);
        if (text == null) {
            throw new BrokenFileException(file + ": does not say which network its weights are of");
        }
        try {
            Model model = of(Field.parse(text), weights);
            checkValues(model.graph, weights);
            return model;
        } catch (ConvzooException | IllegalArgumentException | NoSuchElementException e) {
            throw new BrokenFileException(file + ": " + e.getMessage(), e);
        }
    }

    ObjectNode toJson() {
        ObjectNode json = JsonNodeFactory.instance.objectNode().put("format", FORMAT);
        json.set("graph", GraphJson.write(graph));
        json.put("architecture", provenance.architecture());
        ObjectNode options = json.putObject("options");
        provenance.options().values().forEach((key, value) -> options.put(key, value));
        json.set("transform", transform.toJson());
        labels.forEach(json.putArray("labels")::add);
        json.put("data", provenance.data());
        json.set("recipe", provenance.recipe());
        json.set("metrics", provenance.metrics());
        return json.put("origin", provenance.origin()).put("licence", provenance.licence());
    }

    private static Model of(Field json, Weights weights) {
        long format = json.at("format").present() ? json.at("format").integer(1, Integer.MAX_VALUE) : 1;
        if (format > FORMAT) {
            throw new IllegalArgumentException(
                    "written by a newer convzoo (format " + format + "); this one reads up to " + FORMAT);
        }
        Map<String, String> options = new TreeMap<>();
        json.at("options").members().forEach((name, value) -> options.put(name, value.text()));
        Provenance provenance = new Provenance(
                json.at("architecture").text(),
                new Options(options),
                json.at("data").text(),
                json.at("recipe").object(),
                json.at("metrics").object(),
                format == 1 ? "" : json.at("origin").text(),
                format == 1 ? "" : json.at("licence").text());
        return new Model(
                format == 1 ? named(json, provenance) : GraphJson.read(json.at("graph")),
                transform(json.at("transform")),
                json.at("labels").list().stream().map(Field::text).toList(),
                provenance,
                weights);
    }

    /** The network of format 1: what the catalogue makes for a task. */
    private static Graph named(Field json, Provenance provenance) {
        Task task = new Task(
                GraphJson.shape(json.at("task").at("image")),
                json.at("task").at("classes").count());
        return Models.named(provenance.architecture()).graph(task, provenance.options());
    }

    private static Transform transform(Field json) {
        try {
            return Transform.of(json.object());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(json.place() + ": " + e.getMessage(), e);
        }
    }

    /** Throws {@link IllegalArgumentException} for a value that is not finite, and for a negative variance. */
    static void checkValues(Graph graph, Weights weights) {
        weights.tensors().forEach((name, tensor) -> {
            FloatBuffer values = tensor.values();
            for (int i = 0; i < values.limit(); i++)
                if (!Float.isFinite(values.get(i)))
                    throw new IllegalArgumentException(name + " has a value that is not finite: " + values.get(i));
        });
        for (Node n : graph.nodes()) {
            if (!(n.op() instanceof Op.BatchNorm)) continue;
            String name = n.path() + ".running_var";
            FloatBuffer variances = weights.get(name).values();
            for (int i = 0; i < variances.limit(); i++)
                if (variances.get(i) < 0)
                    throw new IllegalArgumentException(name + " has a negative variance: " + variances.get(i));
        }
    }
}
