package org.convzoo.verify;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.stream.Collectors;
import org.convzoo.engine.Batch;
import org.convzoo.engine.Engine;
import org.convzoo.engine.Learner;
import org.convzoo.engine.Optimizer;
import org.convzoo.engine.Precision;
import org.convzoo.engine.Predictor;
import org.convzoo.engine.Targets;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Param;
import org.convzoo.graph.Shape;
import org.convzoo.models.Models;
import org.convzoo.models.Options;
import org.convzoo.models.Task;
import org.convzoo.weights.Weights;

/**
 * Compares a network of the catalogue with its reference file: names, shapes and counts exactly; logits in evaluation
 * and training mode, losses, gradients and running statistics of a short training within the file's tolerances.
 */
public final class NetworkCheck {
    private final JsonNode file;
    private final Graph graph;
    private final Engine engine;
    private final List<String> wrong = new ArrayList<>();
    private final Map<String, Departure> worst = new LinkedHashMap<>();

    private NetworkCheck(JsonNode file, Graph graph, Engine engine) {
        this.file = file;
        this.graph = graph;
        this.engine = engine;
    }

    /**
     * One finding for the file. It is not ok, and says so, where the catalogue lacks the model or an option, or where
     * the engine fails.
     */
    public static List<Finding> check(JsonNode file, Engine engine) {
        Options options = options(file.path("options"));
        String name = file.path("model").asText() + " " + shape(file.path("input")) + " "
                + file.path("classes").asInt()
                + options.values().entrySet().stream()
                        .map(e -> " " + e.getKey() + "=" + e.getValue())
                        .collect(Collectors.joining());
        try {
            Task task = new Task(shape(file.path("input")), file.path("classes").asInt());
            Graph graph = Models.named(file.path("model").asText()).graph(task, options);
            return List.of(new NetworkCheck(file, graph, engine).finding(name));
        } catch (IllegalArgumentException | IllegalStateException | NoSuchElementException e) {
            return List.of(new Finding(name, false, name + ": " + e.getMessage()));
        }
    }

    private static Options options(JsonNode given) {
        Map<String, String> options = new LinkedHashMap<>();
        given.properties().forEach(e -> options.put(e.getKey(), e.getValue().asText()));
        return new Options(options);
    }

    private static Shape shape(JsonNode dims) {
        return new Shape(
                Arrays.stream(Departure.numbers(dims)).mapToInt(d -> (int) d).toArray());
    }

    private Finding finding(String name) {
        boolean named = state();
        equal("parameters", graph.parameterCount(), file.path("parameters").asLong());
        equal("MACs", graph.macs(), file.path("macs").asLong());
        if (named) {
            Weights weights = ValueRule.state(graph, file.path("variance").asDouble(1));
            int count = file.path("batch").asInt();
            FloatBuffer images = ValueRule.images(graph.input().shape(), count);
            evaluate(weights, images, count);
            train(weights, images, count);
        }
        worst.values().stream().filter(d -> !d.ok()).forEach(d -> wrong.add(d.toString()));
        String line = String.format(
                Locale.ROOT,
                "%s: %,d parameters, %,d MACs%s, %s",
                name,
                graph.parameterCount(),
                graph.macs(),
                worst.entrySet().stream()
                        .map(e -> String.format(
                                Locale.ROOT,
                                ", %s %.1e",
                                e.getKey(),
                                e.getValue().size()))
                        .collect(Collectors.joining()),
                wrong.isEmpty() ? "ok" : "departs: " + String.join("; ", wrong));
        return new Finding(name, wrong.isEmpty(), line);
    }

    /** Whether names, shapes and order are the file's; values follow from the names, so nothing else can be if not. */
    private boolean state() {
        List<Map.Entry<String, Param>> ours = List.copyOf(graph.parameters().entrySet());
        JsonNode state = file.path("state");
        for (int i = 0; i < Math.max(ours.size(), state.size()); i++) {
            String got = i < ours.size()
                    ? ours.get(i).getKey() + " " + ours.get(i).getValue().shape()
                    : "nothing";
            String expected = i < state.size()
                    ? state.get(i).get(0).asText() + " " + shape(state.get(i).get(1))
                    : "nothing";
            if (got.equals(expected)) continue;
            wrong.add("tensor " + (i + 1) + " is " + got + " instead of " + expected);
            return false;
        }
        return true;
    }

    private void equal(String what, long got, long expected) {
        if (got != expected) wrong.add(String.format(Locale.ROOT, "%s %,d instead of %,d", what, got, expected));
    }

    /** Keeps the departure that is worst for its limit among those of one kind. */
    private void note(String kind, Departure d) {
        worst.merge(kind, d, (a, b) -> b.size() / b.limit() > a.size() / a.limit() ? b : a);
    }

    /** The limit given by {@code least} and by the error of another float32 implementation. */
    private static double limit(double least, JsonNode error) {
        return Math.max(least, 5 * error.asDouble(0));
    }

    private void evaluate(Weights weights, FloatBuffer images, int count) {
        try (Predictor predictor = engine.predictor(graph, weights)) {
            float[] logits = predictor.logits(images.duplicate(), count);
            note("eval", rows("eval logits", logits, file.path("eval_logits"), file.path("eval_float32_error")));
        }
    }

    /** The file keeps the first rows. */
    private static Departure rows(String what, float[] logits, JsonNode rows, JsonNode error) {
        double[] expected = Departure.numbers(rows);
        float[] first = Arrays.copyOf(logits, Math.min(logits.length, expected.length));
        return Departure.of(what, first, expected, limit(2e-5, error));
    }

    private void train(Weights weights, FloatBuffer images, int count) {
        JsonNode train = file.path("train");
        int[] labels = new int[count];
        for (int n = 0; n < count; n++) labels[n] = n % graph.classes();
        Batch batch = new Batch(count, images, Targets.rows(labels, graph.classes()));
        if (train.path("batch").asInt(count) != count)
            throw new IllegalArgumentException("not understood: a train.batch that is not the batch");
        for (Graph.Auxiliary a : graph.auxiliaries()) {
            double expected = train.path("aux_weight").asDouble(a.weight());
            if (a.weight() != expected) wrong.add(a.name() + " counts " + a.weight() + " instead of " + expected);
        }
        var optimizer = new Optimizer.Sgd(
                train.path("momentum").asDouble(0),
                false,
                new Optimizer.Decay(train.path("weight_decay").asDouble(0), true));
        try (Learner learner = engine.learner(graph, weights, optimizer, false, 0, sums())) {
            float[] losses = new float[Math.max(1, train.path("losses").size())];
            for (int i = 0; i < losses.length; i++) {
                Learner.Step step = learner.gradients(batch);
                losses[i] = (float) step.loss();
                if (i == 0) logits(step);
                if (train.isMissingNode()) return;
                if (i == 0) gradients(learner, train);
                learner.update(train.path("lr").asDouble());
            }
            double[] expected = Departure.numbers(train.path("losses"));
            note("losses", Departure.of("losses", losses, expected, limit(1e-4, train.path("losses_float32_error"))));
            statistics(learner, train);
        }
    }

    /**
     * Where a value lies within rounding of a ReLU's zero, or two within rounding of each other in a pooling window, the
     * order of float32 sums decides where the gradient goes. Those of exact sums are the expected ones'.
     */
    private Precision sums() {
        return engine.precisions().contains(Precision.EXACT) ? Precision.EXACT : Precision.F32;
    }

    private void logits(Learner.Step step) {
        JsonNode error = file.path("train_float32_error"), heads = file.path("train_aux_logits");
        note("train", rows("train logits", step.logits(), file.path("train_logits"), error));
        if (heads.size() != graph.auxiliaries().size()) {
            wrong.add(graph.auxiliaries().size() + " auxiliary heads instead of " + heads.size());
            return;
        }
        for (int i = 0; i < heads.size(); i++) {
            String head = graph.auxiliaries().get(i).name();
            note("auxiliary", rows(head + " logits", step.auxiliary().get(head), heads.get(i), error));
        }
    }

    private void gradients(Learner learner, JsonNode train) {
        double norm = train.path("gradient_norm").asDouble();
        note(
                "norm",
                Departure.of(
                        "gradient norm",
                        new float[] {(float) norm(learner.flatGradients())},
                        new double[] {norm},
                        limit(1e-4, train.path("gradient_norm_float32_error"))));
        double limit = limit(1e-4, train.path("gradients_float32_error"));
        Weights gradients = learner.gradientsByName();
        train.path("gradients").properties().forEach(e -> {
            String what = "gradient of " + e.getKey();
            float[] got = gradients.get(e.getKey()).toArray();
            double[] first = Departure.numbers(e.getValue().path("first"));
            double max = e.getValue().path("max").asDouble(), ourMax = magnitude(got);
            if (max < 1e-9 * norm) { // zero in exact arithmetic
                note("zero gradients", new Departure(what, ourMax / norm, 1e-5));
                return;
            }
            note("gradients", Departure.of(what, Arrays.copyOf(got, first.length), first, max, limit));
            note("gradients", new Departure("largest " + what, Math.abs(ourMax - max) / max, limit));
        });
    }

    private static double norm(FloatBuffer values) {
        double sum = 0;
        for (int i = values.position(); i < values.limit(); i++) sum += (double) values.get(i) * values.get(i);
        return Math.sqrt(sum);
    }

    /** The largest magnitude; NaN if any value is. */
    private static double magnitude(float[] values) {
        double largest = 0;
        for (float v : values) largest = Math.max(largest, Math.abs(v));
        return largest;
    }

    /** Statistics after the last step are as uncertain as the gradients that led there. */
    private void statistics(Learner learner, JsonNode train) {
        if (train.path("buffers_after").isEmpty()) return;
        Weights after = learner.weights();
        double limit = Math.max(
                limit(1e-4, train.path("losses_float32_error")), limit(1e-4, train.path("gradients_float32_error")));
        train.path("buffers_after").properties().forEach(e -> {
            double[] first = Departure.numbers(e.getValue());
            float[] got = Arrays.copyOf(after.get(e.getKey()).toArray(), first.length);
            note("statistics", Departure.of(e.getKey() + " after", got, first, limit));
        });
    }
}
