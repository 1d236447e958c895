package org.convzoo.classify;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.TreeMap;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Shape;
import org.convzoo.images.Transform;
import org.convzoo.models.Architecture;
import org.convzoo.models.Models;
import org.convzoo.models.Options;
import org.convzoo.models.Task;
import org.convzoo.weights.SafeTensors;
import org.convzoo.weights.Weights;

/**
 * A network with its weights and all that is needed to use it. Its file is {@code model.safetensors}: the weights under
 * their published names, everything else as JSON in the metadata under {@value #KEY}.
 *
 * @param labels the names of the classes
 * @param data what {@link org.convzoo.images.Splits#open} was given for training; empty when not trained here
 * @param recipe how it was trained, as JSON; an empty object when not trained here
 * @param metrics how it did on the test images; an empty object when not evaluated
 */
public record Model(
        Architecture architecture,
        Options options,
        Task task,
        Transform transform,
        List<String> labels,
        String data,
        ObjectNode recipe,
        ObjectNode metrics,
        Weights weights) {
    /** The files of a run directory: the model once the run has ended, and where the run is. */
    public static final String FILE = "model.safetensors", CHECKPOINT = "last.ckpt";

    static final String KEY = "convzoo";

    /** Throws {@link IllegalArgumentException} when the parts do not fit together. */
    public Model {
        labels = List.copyOf(labels);
        if (labels.size() != task.classes())
            throw new IllegalArgumentException(task.classes() + " classes need as many labels, got " + labels.size());
        if (!transform.output().equals(task.image())) {
            throw new IllegalArgumentException(
                    "the transform makes images of " + transform.output() + ", the network takes " + task.image());
        }
        weights.check(architecture.graph(task, options));
    }

    public Graph graph() {
        return architecture.graph(task, options);
    }

    /** The same network with other weights, and how it does with them. */
    public Model with(ObjectNode metrics, Weights weights) {
        return new Model(architecture, options, task, transform, labels, data, recipe, metrics, weights);
    }

    /** Writes {@code file} as a whole or not at all. */
    public void write(Path file) throws IOException {
        new SafeTensors(weights, Map.of(KEY, Json.text(toJson()))).write(file);
    }

    /**
     * Reads a file, or the model of a run directory; of a run that is not finished, as it was at its last checkpoint.
     * Throws {@link IOException} with one line that names the file when it is no model, cut off, or does not fit the
     * network that it names.
     */
    public static Model read(Path run) throws IOException {
        if (Files.isDirectory(run)) {
            Path model = run.resolve(FILE), checkpoint = run.resolve(CHECKPOINT);
            if (Files.exists(model)) return read(model);
            if (Files.exists(checkpoint)) return CheckpointFile.read(checkpoint).result();
            throw new IOException(run + ": holds no model; train makes one");
        }
        SafeTensors file = SafeTensors.read(run);
        return of(file.metadata(), file.weights(), run);
    }

    static Model of(Map<String, String> metadata, Weights weights, Path file) throws IOException {
        String text = metadata.get(KEY);
        if (text == null) {
            throw new IOException(file + ": does not say which network its weights are of; import it first"
                    + " (convzoo import NAME " + file + " --out FILE)");
        }
        try {
            return of(Json.parse(text), weights);
        } catch (ClassCastException e) {
            throw new IOException(file + ": its description is broken", e);
        } catch (IllegalArgumentException | NoSuchElementException e) {
            throw new IOException(file + ": " + e.getMessage(), e);
        }
    }

    ObjectNode toJson() {
        ObjectNode json = Json.object().put("architecture", architecture.name());
        json.set("options", Json.tree(options.values()));
        json.putObject("task")
                .put("classes", task.classes())
                .set("image", Json.tree(task.image().dims()));
        json.set("transform", transform.toJson());
        json.set("labels", Json.tree(labels));
        json.put("data", data);
        json.set("recipe", recipe);
        json.set("metrics", metrics);
        return json;
    }

    private static Model of(JsonNode json, Weights weights) {
        Map<String, String> options = new TreeMap<>();
        json.path("options")
                .properties()
                .forEach(o -> options.put(o.getKey(), o.getValue().asText()));
        JsonNode task = json.path("task");
        return new Model(
                Models.named(json.path("architecture").asText()),
                new Options(options),
                new Task(
                        new Shape(Json.read(task.path("image"), int[].class)),
                        task.path("classes").asInt()),
                Transform.of(json.path("transform")),
                List.of(Json.read(json.path("labels"), String[].class)),
                json.path("data").asText(),
                (ObjectNode) json.path("recipe"),
                (ObjectNode) json.path("metrics"),
                weights);
    }
}
