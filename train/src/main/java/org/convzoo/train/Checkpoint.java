package org.convzoo.train;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.convzoo.classify.CheckpointFile;
import org.convzoo.classify.Model;
import org.convzoo.weights.Weights;

/**
 * A run between two epochs: all that decides how it goes on. The schedule, the order of images, augmentation and
 * dropout are functions of the recipe's seed and the step, so that no random state is kept. Its file is {@code
 * last.ckpt}, a {@link CheckpointFile}.
 *
 * @param model as it is now, not averaged; the metrics are those of the last epoch
 * @param slots what the optimizer remembers
 * @param step updates made
 * @param history the epochs so far
 * @param dataset a checksum of the data set's names and labels
 * @param plans what {@link org.convzoo.engine.Engine#plans the engine} decided by measuring, which other times decide
 *     otherwise
 */
record Checkpoint(
        Model model, Weights slots, long step, List<EpochMetrics> history, long dataset, Map<String, String> plans) {
    Checkpoint {
        history = List.copyOf(history);
        plans = Map.copyOf(plans);
    }

    /** The model to use: with the weights' averages, if the recipe keeps them. */
    Model result() {
        return file().result();
    }

    /** Writes {@code file} as a whole or not at all. */
    void write(Path file) throws IOException {
        file().write(file);
    }

    private CheckpointFile file() {
        ObjectNode training = Json.object().put("step", step).put("dataset", dataset);
        training.set("history", Json.tree(history));
        training.set("plans", Json.tree(plans));
        return new CheckpointFile(model, slots, Json.text(training));
    }

    /** Throws {@link IOException} with one line when {@code file} is no checkpoint, or not a whole one. */
    static Checkpoint read(Path file) throws IOException {
        CheckpointFile content = CheckpointFile.read(file);
        try {
            JsonNode training = Json.parse(content.training());
            return new Checkpoint(
                    content.model(),
                    content.slots(),
                    training.path("step").asLong(),
                    List.of(Json.read(training.path("history"), EpochMetrics[].class)),
                    training.path("dataset").asLong(),
                    plans(training.path("plans")));
        } catch (IllegalArgumentException e) {
            throw new IOException(file + ": its description is broken: " + e.getMessage(), e);
        }
    }

    private static Map<String, String> plans(JsonNode json) {
        Map<String, String> plans = new LinkedHashMap<>();
        json.properties().forEach(p -> plans.put(p.getKey(), p.getValue().asText()));
        return plans;
    }
}
