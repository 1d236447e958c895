package org.convzoo.verify;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.stream.Collectors;
import org.convzoo.engine.Batch;
import org.convzoo.engine.Engine;
import org.convzoo.engine.Learner;
import org.convzoo.engine.LearnerOptions;
import org.convzoo.engine.Optimizer;
import org.convzoo.engine.Predictor;
import org.convzoo.engine.Targets;
import org.convzoo.failure.ConvzooException;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Param;
import org.convzoo.json.Field;
import org.convzoo.models.Models;
import org.convzoo.models.Options;
import org.convzoo.models.Task;
import org.convzoo.weights.Weights;

/**
 * Compares a network of the catalogue with its reference file: names, shapes and counts exactly; logits in evaluation
 * and training mode, losses, gradients and running statistics of a short training within the file's tolerances.
 */
public final class NetworkCheck {
    private static final LearnerOptions PLAIN = LearnerOptions.DEFAULTS.withRegularised(false);

    private final Field file;
    private final Graph graph;
    private final Engine engine;
    private final List<String> wrong = new ArrayList<>();
    private final Map<String, Departure> worst = new LinkedHashMap<>();

    private NetworkCheck(Field file, Graph graph, Engine engine) {
        this.file = file;
        this.graph = graph;
        this.engine = engine;
    }

    /**
     * One finding for the file. It is not ok, and says so, where the catalogue lacks the model or an option, where a
     * field is missing or of another type than it must be, or where the engine fails.
     */
    public static List<Finding> check(JsonNode file, Engine engine) {
        String name = file.path("model").asText("network");
        try {
            Field fields = Field.of(file);
            Options options = options(fields);
            Task task =
                    new Task(fields.at("input").shape(), fields.at("classes").count());
            name = fields.at("model").text() + " " + task.image() + " " + task.classes()
                    + options.values().entrySet().stream()
                            .map(e -> " " + e.getKey() + "=" + e.getValue())
                            .collect(Collectors.joining());
            Graph graph = Models.named(fields.at("model").text()).graph(task, options);
            return List.of(new NetworkCheck(fields, graph, engine).finding(name));
        } catch (IllegalArgumentException | IllegalStateException | NoSuchElementException | ConvzooException e) {
            return List.of(new Finding(name, false, name + ": " + e.getMessage()));
        }
    }

    private static Options options(Field file) {
        Map<String, String> options = new LinkedHashMap<>();
        file.at("options").optionalMembers().forEach((key, value) -> options.put(key, value.value()));
        return new Options(options);
    }

    private Finding finding(String name) {
        boolean named = state();
        equal("parameters", graph.parameterCount(), file.at("parameters").integer(0, Long.MAX_VALUE));
        equal("MACs", graph.macs(), file.at("macs").integer(0, Long.MAX_VALUE));
        if (named) {
            Weights weights = ValueRule.state(graph, file.at("variance").number(1));
            int count = file.at("batch").count();
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
        List<Field> state = file.at("state").list();
        for (int i = 0; i < Math.max(ours.size(), state.size()); i++) {
            String got = i < ours.size()
                    ? ours.get(i).getKey() + " " + ours.get(i).getValue().shape()
                    : "nothing";
            String expected = i < state.size() ? tensor(state.get(i)) : "nothing";
            if (got.equals(expected)) continue;
            wrong.add("tensor " + (i + 1) + " is " + got + " instead of " + expected);
            return false;
        }
        return true;
    }

    /** A name and a shape. */
    private static String tensor(Field pair) {
        if (pair.list().size() != 2) throw pair.not("a name and a shape");
        return pair.list().get(0).text() + " " + pair.list().get(1).shape();
    }

    private void equal(String what, long got, long expected) {
        if (got != expected) wrong.add(String.format(Locale.ROOT, "%s %,d instead of %,d", what, got, expected));
    }

    /** Keeps the departure that is worst for its limit among those of one kind. */
    private void note(String kind, Departure d) {
        worst.merge(kind, d, (a, b) -> b.size() / b.limit() > a.size() / a.limit() ? b : a);
    }

    /** The limit given by {@code least} and by the error of another float32 implementation. */
    private static double limit(double least, double error) {
        return Math.max(least, 5 * error);
    }

    private void evaluate(Weights weights, FloatBuffer images, int count) {
        try (Predictor predictor = engine.predictor(graph, weights)) {
            float[] logits = predictor.logits(images.duplicate(), count);
            note(
                    "eval",
                    rows(
                            "eval logits",
                            logits,
                            file.at("eval_logits").numbers(),
                            file.at("eval_float32_error").number(0)));
        }
    }

    /** The file keeps the first rows. */
    private static Departure rows(String what, float[] logits, double[] expected, double error) {
        float[] first = Arrays.copyOf(logits, Math.min(logits.length, expected.length));
        return Departure.of(what, first, expected, limit(2e-5, error));
    }

    private void train(Weights weights, FloatBuffer images, int count) {
        int[] labels = new int[count];
        for (int n = 0; n < count; n++) labels[n] = n % graph.classes();
        Batch batch = new Batch(count, images, Targets.rows(labels, graph.classes()));
        boolean steps = file.has("train");
        Field train = steps ? file.at("train") : new Field("train", JsonNodeFactory.instance.objectNode());
        if (train.at("batch").number(count) != count)
            throw new IllegalArgumentException("not understood: a train.batch that is not the batch");
        if (train.has("aux_weight")) {
            double expected = train.at("aux_weight").number();
            for (Graph.Auxiliary a : graph.auxiliaries())
                if (a.weight() != expected) wrong.add(a.name() + " counts " + a.weight() + " instead of " + expected);
        }
        var optimizer = new Optimizer.Sgd(
                train.at("momentum").number(0),
                false,
                new Optimizer.Decay(train.at("weight_decay").number(0), true));
        // Where a value lies within rounding of a ReLU's zero, or two within rounding of each other in a window of a
        // pooling, the order of float32 sums decides where the gradient goes. Exact sums decide as the file's do.
        try (Learner learner = engine.exactLearner(graph, weights, optimizer, PLAIN)) {
            double[] expected = steps ? train.at("losses").numbers() : new double[1];
            float[] losses = new float[expected.length];
            for (int i = 0; i < losses.length; i++) {
                Learner.Step step = learner.gradients(batch);
                losses[i] = (float) step.loss();
                if (i == 0) logits(step);
                if (!steps) return;
                if (i == 0) gradients(learner, train);
                learner.update(train.at("lr").number());
            }
            note(
                    "losses",
                    Departure.of(
                            "losses",
                            losses,
                            expected,
                            limit(1e-4, train.at("losses_float32_error").number(0))));
            statistics(learner, train);
        }
    }

    private void logits(Learner.Step step) {
        double error = file.at("train_float32_error").number(0);
        List<Field> heads = file.at("train_aux_logits").optionalList();
        note(
                "train",
                rows("train logits", step.logits(), file.at("train_logits").numbers(), error));
        if (heads.size() != graph.auxiliaries().size()) {
            wrong.add(graph.auxiliaries().size() + " auxiliary heads instead of " + heads.size());
            return;
        }
        for (int i = 0; i < heads.size(); i++) {
            String head = graph.auxiliaries().get(i).name();
            note(
                    "auxiliary",
                    rows(
                            head + " logits",
                            Objects.requireNonNull(step.auxiliary().get(head)),
                            heads.get(i).numbers(),
                            error));
        }
    }

    private void gradients(Learner learner, Field train) {
        double norm = train.at("gradient_norm").number();
        Weights gradients = learner.gradientsByName();
        note(
                "norm",
                Departure.of(
                        "gradient norm",
                        new float[] {(float) norm(gradients)},
                        new double[] {norm},
                        limit(1e-4, train.at("gradient_norm_float32_error").number(0))));
        double limit = limit(1e-4, train.at("gradients_float32_error").number(0));
        train.at("gradients").optionalMembers().forEach((name, expected) -> {
            String what = "gradient of " + name;
            float[] got = gradients.get(name).toArray();
            double[] first = expected.at("first").numbers();
            double max = expected.at("max").number(), ourMax = magnitude(got);
            if (max < 1e-9 * norm) { // zero in exact arithmetic
                note("zero gradients", new Departure(what, ourMax / norm, 1e-5));
                return;
            }
            note("gradients", Departure.of(what, Arrays.copyOf(got, first.length), first, max, limit));
            note("gradients", new Departure("largest " + what, Math.abs(ourMax - max) / max, limit));
        });
    }

    private static double norm(Weights gradients) {
        double sum = 0;
        for (Weights.Tensor t : gradients.tensors().values()) for (float g : t.toArray()) sum += (double) g * g;
        return Math.sqrt(sum);
    }

    /** The largest magnitude; NaN if any value is. */
    private static double magnitude(float[] values) {
        double largest = 0;
        for (float v : values) largest = Math.max(largest, Math.abs(v));
        return largest;
    }

    /** Statistics after the last step are as uncertain as the gradients that led there. */
    private void statistics(Learner learner, Field train) {
        if (!train.has("buffers_after")) return;
        Weights after = learner.weights();
        double limit = Math.max(
                limit(1e-4, train.at("losses_float32_error").number(0)),
                limit(1e-4, train.at("gradients_float32_error").number(0)));
        train.at("buffers_after").members().forEach((name, value) -> {
            double[] first = value.numbers();
            float[] got = Arrays.copyOf(after.get(name).toArray(), first.length);
            note("statistics", Departure.of(name + " after", got, first, limit));
        });
    }
}
