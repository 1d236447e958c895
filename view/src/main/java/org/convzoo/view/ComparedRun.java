package org.convzoo.view;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.TreeMap;
import org.convzoo.classify.Model;
import org.convzoo.failure.BrokenFileException;
import org.convzoo.failure.WrongUseException;
import org.convzoo.recipe.EpochMetrics;
import org.convzoo.recipe.Recipe;
import org.convzoo.train.Evaluation;
import org.convzoo.train.RunDirectory;
import org.convzoo.train.Spread;

/**
 * A run that is compared with others.
 *
 * @param model what it has led to, or led to so far
 * @param history its epochs so far
 * @param evaluation of the test pictures, once the run has ended
 */
record ComparedRun(Path path, Model model, List<EpochMetrics> history, Optional<Evaluation> evaluation) {
    private static final String PREDICTIONS = "predictions.csv";

    /**
     * Throws {@link WrongUseException} where a folder holds no run, {@link BrokenFileException} where its model cannot be
     * read, and {@link IOException} where another of its files cannot.
     */
    static ComparedRun read(Path path) throws IOException {
        boolean ended = Files.exists(path.resolve(Model.FILE));
        if (!ended && Files.notExists(path.resolve(Model.CHECKPOINT)))
            throw new WrongUseException(path + ": holds no run");
        RunDirectory run = new RunDirectory(path);
        return new ComparedRun(
                path,
                Model.read(path),
                run.history(),
                ended && Files.exists(path.resolve(PREDICTIONS)) ? Optional.of(run.evaluation()) : Optional.empty());
    }

    boolean ended() {
        return Files.exists(path.resolve(Model.FILE));
    }

    /** The last parts of its path. */
    String name(int parts) {
        Path whole = path.toAbsolutePath().normalize();
        int count = whole.getNameCount();
        return count <= parts
                ? whole.toString()
                : whole.subpath(count - parts, count).toString();
    }

    /** Empty where none is written down, or one that other versions of this program had. */
    Optional<Recipe> recipe() {
        if (model.provenance().recipe().isEmpty()) return Optional.empty();
        try {
            return Optional.of(Recipe.of(model.provenance().recipe()));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    Optional<EpochMetrics> best() {
        return history.stream()
                .max(Comparator.comparingDouble(EpochMetrics::top1).thenComparing(e -> -e.epoch()));
    }

    /** Of the model that it leaves, on the test pictures, from 0 to 1; empty where there is none yet. */
    Optional<Double> top1() {
        JsonNode top1 = model.provenance().metrics().path("top1");
        return top1.isNumber() ? Optional.of(top1.asDouble()) : Optional.empty();
    }

    double seconds() {
        return EpochMetrics.seconds(history);
    }

    /** Training images a second: the median of the epochs that had steps. */
    double speed() {
        if (history.isEmpty()) return 0;
        return new Spread(history.stream().map(EpochMetrics::imagesPerSecond).toList()).median();
    }

    /** {@code "12 of 40"}; {@code "40"} of a run that has ended. */
    String epochs() {
        int planned = recipe().map(Recipe::epochs).orElse(history.size());
        return ended() || planned == history.size() ? "" + history.size() : history.size() + " of " + planned;
    }

    /** What decides how it goes, by names: the network, its image, the data and each value of the recipe. */
    Map<String, String> settings() {
        Map<String, String> settings = new TreeMap<>();
        // What a recipe of another version does not name it has all the same.
        flatten("", recipe().map(Recipe::toJson).orElse(model.provenance().recipe()), settings);
        settings.put("network", model.graph().name());
        settings.put("image", model.graph().input().shape().toString());
        settings.put("data", model.provenance().data());
        model.provenance().options().values().forEach((key, value) -> settings.put("network." + key, value));
        if (!model.provenance().origin().isEmpty())
            settings.put("starts from", model.provenance().origin());
        return settings;
    }

    private static void flatten(String name, JsonNode json, Map<String, String> into) {
        if (json.isObject())
            json.properties()
                    .forEach(p -> flatten(name.isEmpty() ? p.getKey() : name + "." + p.getKey(), p.getValue(), into));
        else if (json.isArray() && !json.isEmpty() && json.get(0).isObject())
            json.forEach(step -> step(name, step, into));
        else into.put(name, words(json));
    }

    /** One of a list: {@code affine} with {@code "degrees 10, scale 0.1"}. */
    private static void step(String name, JsonNode step, Map<String, String> into) {
        StringJoiner words = new StringJoiner(", ");
        String kind = step.path("step").asText(step.path("kind").asText());
        step.properties().forEach(p -> {
            if (!p.getValue().asText().equals(kind)) words.add(p.getKey() + " " + words(p.getValue()));
        });
        into.put(name.replaceFirst("\\.steps$", "") + "." + kind, words.length() == 0 ? "yes" : words.toString());
    }

    private static String words(JsonNode json) {
        if (json.isNumber())
            return new BigDecimal(json.asText()).stripTrailingZeros().toPlainString();
        return json.isTextual() ? json.asText() : json.toString().replace("\"", "");
    }
}
