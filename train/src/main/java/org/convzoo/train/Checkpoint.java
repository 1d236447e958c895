package org.convzoo.train;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.convzoo.classify.CheckpointFile;
import org.convzoo.classify.Model;
import org.convzoo.classify.Provenance;
import org.convzoo.failure.BrokenFileException;
import org.convzoo.json.Field;
import org.convzoo.json.Json;
import org.convzoo.recipe.EpochMetrics;
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
 * @param dataset a checksum of the data set's pictures
 * @param plans what {@link org.convzoo.engine.Engine#plans the engine} decided by measuring, which other times decide
 *     otherwise
 * @param circumstances what else decides about bits, by its name: the engine and its threads, Java, this program
 */
record Checkpoint(
        Model model,
        Weights slots,
        long step,
        List<EpochMetrics> history,
        long dataset,
        Map<String, String> plans,
        Map<String, String> circumstances) {
    Checkpoint {
        history = List.copyOf(history);
        plans = Map.copyOf(plans);
        circumstances = Map.copyOf(circumstances);
    }

    /** The model to use: with the weights' averages, if the recipe keeps them. */
    Model result() {
        return file().result();
    }

    /** This checkpoint with another description of where the model comes from and another checksum of the data set. */
    Checkpoint with(Provenance provenance, long dataset) {
        Model described = new Model(model.graph(), model.transform(), model.labels(), provenance, model.weights());
        return new Checkpoint(described, slots, step, history, dataset, plans, circumstances);
    }

    /**
     * Writes {@code file} as a whole or not at all.
     *
     * @return the same, but with arrays that are read from the file when they are asked for, as long as it stays
     */
    Checkpoint write(Path file) throws IOException {
        CheckpointFile written = file().write(file);
        return new Checkpoint(written.model(), written.slots(), step, history, dataset, plans, circumstances);
    }

    private CheckpointFile file() {
        ObjectNode training = Json.object().put("step", step).put("dataset", dataset);
        training.set("history", Json.tree(history));
        training.set("plans", Json.tree(plans));
        training.set("circumstances", Json.tree(new TreeMap<>(circumstances)));
        return new CheckpointFile(model, slots, Json.text(training));
    }

    /**
     * A checkpoint whose arrays are read when they are asked for; until then the file must stay as it is. Throws {@link
     * BrokenFileException} with one line when {@code file} is no checkpoint, or not a whole one.
     */
    static Checkpoint read(Path file) {
        CheckpointFile content = CheckpointFile.open(file);
        try {
            Field training = Field.parse(content.training());
            Map<String, String> plans = new LinkedHashMap<>(), circumstances = new LinkedHashMap<>();
            training.at("plans").members().forEach((place, plan) -> plans.put(place, plan.text()));
            // Older checkpoints lack them.
            if (training.at("circumstances").present())
                training.at("circumstances").members().forEach((name, c) -> circumstances.put(name, c.text()));
            return new Checkpoint(
                    content.model(),
                    content.slots(),
                    training.at("step").integer(0, Long.MAX_VALUE),
                    training.at("history").list().stream()
                            .map(epoch -> Json.read(epoch.object(), EpochMetrics.class))
                            .toList(),
                    training.at("dataset").integer(Long.MIN_VALUE, Long.MAX_VALUE),
                    plans,
                    circumstances);
        } catch (IllegalArgumentException e) {
            throw new BrokenFileException(file + ": its description is broken: " + e.getMessage(), e);
        }
    }
}
