package org.convzoo.classify;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.convzoo.failure.BrokenFileException;
import org.convzoo.weights.SafeTensors;
import org.convzoo.weights.Weights;

/**
 * What a training in progress keeps, in the safetensors format: {@code model/NAME}, {@code slots/NAME}, and JSON in the
 * metadata. To who only uses the model, {@link Model#read} gives {@link #result}.
 *
 * @param model as it is now, not averaged
 * @param slots what the optimizer remembers
 * @param training what else the training needs to go on, as JSON
 */
public record CheckpointFile(Model model, Weights slots, String training) {
    private static final String KEY = "convzoo.training", MODEL = "model/", SLOTS = "slots/", AVERAGES = "average/";

    /** The model to use: with the weights' averages, if there are any. */
    public Model result() {
        Weights averages = part(slots, AVERAGES);
        return averages.tensors().isEmpty()
                ? model
                : model.with(model.provenance().metrics(), averages);
    }

    /**
     * Writes {@code file} as a whole or not at all.
     *
     * @return the same, but with arrays that are read from the file when they are asked for, as long as it stays
     */
    public CheckpointFile write(Path file) throws IOException {
        Map<String, Weights.Tensor> tensors = new LinkedHashMap<>();
        model.weights().tensors().forEach((name, t) -> tensors.put(MODEL + name, t));
        slots.tensors().forEach((name, t) -> tensors.put(SLOTS + name, t));
        Checksum.added(new Weights(tensors), Map.of(Model.KEY, model.toJson().toString(), KEY, training))
                .write(file);
        Weights written = SafeTensors.open(file).weights();
        return new CheckpointFile(
                model.with(model.provenance().metrics(), part(written, MODEL)), part(written, SLOTS), training);
    }

    /** Throws {@link BrokenFileException} with one line when {@code file} is no checkpoint, or not a whole one. */
    public static CheckpointFile read(Path file) {
        return of(file, SafeTensors.read(file));
    }

    /** As {@link #read}, but with arrays that are read when they are asked for. Until then the file must stay as it is. */
    public static CheckpointFile open(Path file) {
        return of(file, SafeTensors.open(file));
    }

    private static CheckpointFile of(Path file, SafeTensors content) {
        Checksum.check(content, file);
        if (!is(content)) throw new BrokenFileException(file + ": not a checkpoint");
        return of(content, file);
    }

    static boolean is(SafeTensors content) {
        return content.metadata().containsKey(KEY);
    }

    static CheckpointFile of(SafeTensors content, Path file) {
        Model model = Model.of(content.metadata(), part(content.weights(), MODEL), file);
        CheckpointFile checkpoint = new CheckpointFile(
                model, part(content.weights(), SLOTS), content.metadata().getOrDefault(KEY, ""));
        try {
            Model result = checkpoint.result();
            if (result != model) Model.checkValues(model.graph(), result.weights());
        } catch (IllegalArgumentException e) {
            throw new BrokenFileException(file + ": the averages do not fit: " + e.getMessage(), e);
        }
        return checkpoint;
    }

    private static Weights part(Weights all, String prefix) {
        Map<String, Weights.Tensor> tensors = new LinkedHashMap<>();
        all.tensors().forEach((name, t) -> {
            if (name.startsWith(prefix)) tensors.put(name.substring(prefix.length()), t);
        });
        return new Weights(tensors);
    }
}
