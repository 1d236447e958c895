package org.convzoo.onednn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.convzoo.engine.Batch;
import org.convzoo.engine.Engine;
import org.convzoo.engine.Learner;
import org.convzoo.engine.LearnerOptions;
import org.convzoo.engine.Optimizer;
import org.convzoo.engine.Predictor;
import org.convzoo.engine.Probe;
import org.convzoo.engine.References;
import org.convzoo.engine.Untuned;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Node;
import org.convzoo.graph.Op;
import org.convzoo.graph.Shape;
import org.convzoo.models.Architecture;
import org.convzoo.models.Models;
import org.convzoo.models.Options;
import org.convzoo.models.Task;
import org.convzoo.verify.ValueRule;
import org.convzoo.weights.SafeTensors;
import org.convzoo.weights.Weights;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every network of the catalogue, in its usual form and with each of its options, on small images: every parameter
 * learns, what is stored comes back in the same bits, and prediction, where batch norm is folded and layers are fused,
 * gives what evaluation without any of that gives, for an image alone, too.
 */
class OneDnnCatalogueIT {
    private static final int IMAGES = 4, CLASSES = 4;

    /** Parameters beyond which a network, a VGG, is not written to a file: half a gigabyte, a dozen times over. */
    private static final long LARGEST = 70_000_000;

    /** A value for every option that a network has; 2 is a width at which all groups of ShuffleNets come out even. */
    private static final Map<String, String> SAMPLES = Map.ofEntries(
            Map.entry("aux", "true"),
            Map.entry("lrn", "true"),
            Map.entry("modern", "true"),
            Map.entry("scale", "0.3"),
            Map.entry("se", "true"),
            Map.entry("shortcut", "B"),
            Map.entry("width", "2"));

    /** Of the first network of each family. */
    static Stream<Arguments> forms() {
        return firstOfFamilies().stream().flatMap(OneDnnCatalogueIT::formsOf);
    }

    static Stream<Arguments> otherForms() {
        Collection<Architecture> first = firstOfFamilies();
        return Models.all().stream().filter(a -> !first.contains(a)).flatMap(OneDnnCatalogueIT::formsOf);
    }

    private static Collection<Architecture> firstOfFamilies() {
        Map<String, Architecture> first = new LinkedHashMap<>();
        Models.all().forEach(a -> first.putIfAbsent(a.family(), a));
        return first.values();
    }

    private static Stream<Arguments> formsOf(Architecture network) {
        return options(network).map(options -> Arguments.of(network.name(), options));
    }

    /** None, and each option of the network alone. */
    private static Stream<Options> options(Architecture network) {
        Stream<String> keys = network.options().keySet().stream().sorted();
        return Stream.concat(
                Stream.of(Options.NONE),
                keys.map(key -> Options.of(key, Objects.requireNonNull(SAMPLES.get(key), "a sample of " + key))));
    }

    private static final Engine ENGINE = Engine.named("onednn", Untuned.OPTIONS);

    @TempDir
    static Path directory;

    @AfterAll
    static void close() {
        assertThat(ENGINE.nativeBytes()).isZero();
        ENGINE.close();
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("otherForms")
    @Tag("thorough")
    void allTheOthersToo(String name, Options options) throws IOException {
        learnsIsKeptAndPredicts(name, options);
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("forms")
    void learnsIsKeptAndPredicts(String name, Options options) throws IOException {
        Graph graph = small(Models.named(name), options);
        FloatBuffer images = ValueRule.images(graph.input().shape(), IMAGES);
        Weights rule = ValueRule.state(graph, 1);
        Weights settled = settled(graph, rule, train(graph, rule, images));
        long parameters = settled.tensors().values().stream()
                .mapToLong(t -> t.shape().elements())
                .sum();
        predicts(graph, parameters > LARGEST ? settled : stored(settled), images);
    }

    static List<String> references() {
        return References.networks();
    }

    /** Predictions alone, of the checks that {@link OneDnnConformanceIT} does in full: these take seconds. */
    @ParameterizedTest
    @MethodSource("references")
    void predictsAsItsSource(String name) {
        JsonNode file = References.read(name);
        Map<String, String> options = new LinkedHashMap<>();
        file.path("options")
                .properties()
                .forEach(o -> options.put(o.getKey(), o.getValue().asText()));
        JsonNode input = file.path("input");
        Shape image = new Shape(
                input.path(0).asInt(), input.path(1).asInt(), input.path(2).asInt());
        Task task = new Task(image, file.path("classes").asInt());
        Graph graph = Models.named(file.path("model").asText()).graph(task, new Options(options));
        JsonNode rows = file.path("eval_logits");
        try (Predictor predictor = ENGINE.predictor(
                graph, ValueRule.state(graph, file.path("variance").asDouble(1)))) {
            float[] logits = predictor.logits(ValueRule.images(image, rows.size()), rows.size());
            double largest = 0, apart = 0;
            for (int i = 0; i < logits.length; i++) {
                double expected =
                        rows.path(i / task.classes()).path(i % task.classes()).asDouble(Double.NaN);
                largest = Math.max(largest, Math.abs(expected));
                apart = Math.max(apart, Math.abs(logits[i] - expected));
            }
            assertThat(apart / largest)
                    .isLessThanOrEqualTo(
                            Math.max(2e-5, 5 * file.path("eval_float32_error").asDouble()));
        }
    }

    /** For four classes and the smallest image, from 64 pixels up, that the network can take. */
    private static Graph small(Architecture a, Options options) {
        Shape usual = a.usual().image();
        for (int side = Math.min(64, usual.height()); ; side += 32) {
            try {
                return a.graph(new Task(new Shape(usual.channels(), side, side), CLASSES), options);
            } catch (IllegalArgumentException tooSmall) {
                if (side > usual.height()) throw tooSmall;
            }
        }
    }

    /** The state after a step, whose gradients are looked at; the running statistics have moved. */
    private static Weights train(Graph graph, Weights rule, FloatBuffer images) {
        var sgd = new Optimizer.Sgd(0, false, Optimizer.Decay.NONE);
        try (Learner learner = ENGINE.learner(
                graph, rule, sgd, LearnerOptions.DEFAULTS.withSeed(1).withRegularised(false))) {
            learner.gradients(Batch.labelled(images, CLASSES, 0, 1, 2, 3));
            List<String> without = new ArrayList<>();
            learner.gradientsByName().tensors().forEach((parameter, g) -> {
                boolean some = false, finite = true;
                for (float f : g.toArray()) {
                    some |= f != 0;
                    finite &= Float.isFinite(f);
                }
                if (!some || !finite) without.add(parameter);
            });
            assertThat(without).as("parameters without a gradient").isEmpty();
            return learner.weights();
        }
    }

    /**
     * Weights with which the images can be told apart behind any depth and rounding errors do not grow: each running
     * variance is the channel's mean square in the batch, or a least one where that is less. Swish, which halves small
     * values, needs a lower one.
     */
    private static Weights settled(Graph graph, Weights rule, Weights moved) {
        boolean swish = graph.nodes().stream().anyMatch(n -> n.op() == Op.Activation.SILU);
        float least = swish ? 0.3f : 0.7f;
        Map<String, Weights.Tensor> tensors = new LinkedHashMap<>(rule.tensors());
        for (Node node : graph.nodes()) {
            if (!(node.op() instanceof Op.BatchNorm norm)) continue;
            String variance = node.path() + ".running_var";
            float[] mean = batch(rule, moved, norm, node.path() + ".running_mean");
            float[] square = batch(rule, moved, norm, variance);
            for (int i = 0; i < square.length; i++) square[i] = Math.max(least, square[i] + mean[i] * mean[i]);
            tensors.put(variance, new Weights.Tensor(new Shape(square.length), square));
        }
        return new Weights(tensors);
    }

    /** The statistic of the batch that moved the running one. */
    private static float[] batch(Weights before, Weights after, Op.BatchNorm norm, String name) {
        float[] from = before.get(name).toArray(), to = after.get(name).toArray();
        for (int i = 0; i < to.length; i++) to[i] = from[i] + (to[i] - from[i]) / (float) norm.momentum();
        return to;
    }

    private static Weights stored(Weights weights) throws IOException {
        Path file = directory.resolve("model.safetensors");
        new SafeTensors(weights, Map.of()).write(file);
        Weights read = SafeTensors.read(file).weights();
        Files.delete(file);
        assertThat(List.copyOf(read.tensors().keySet()))
                .isEqualTo(List.copyOf(weights.tensors().keySet()));
        weights.tensors().forEach((tensor, t) -> {
            assertThat(read.get(tensor).shape()).as(tensor).isEqualTo(t.shape());
            assertThat(read.get(tensor).values().mismatch(t.values()))
                    .as(tensor)
                    .isEqualTo(-1);
        });
        return read;
    }

    private static void predicts(Graph graph, Weights weights, FloatBuffer images) {
        float[] evaluated, predicted, alone;
        try (Probe probe = ENGINE.probe(graph, weights)) {
            probe.forward(images, IMAGES, Probe.Statistics.RUNNING);
            evaluated = probe.activation(graph.output());
        }
        try (Predictor predictor = ENGINE.predictor(graph, weights)) {
            predicted = predictor.logits(images.duplicate(), IMAGES);
            int elements = images.remaining() / IMAGES;
            alone = predictor.logits(images.slice(elements, elements), 1);
        }
        float largest = 0, apart = 0;
        for (int i = 0; i < evaluated.length; i++) {
            largest = Math.max(largest, Math.abs(evaluated[i]));
            apart = Math.max(apart, Math.abs(evaluated[i] - evaluated[i % CLASSES]));
        }
        assertThat(apart / largest).as("how far apart the images are").isGreaterThan(1e-3f);
        assertThat(predicted).containsExactly(evaluated, within(1e-5f * largest));
        float[] second = Arrays.copyOfRange(evaluated, CLASSES, 2 * CLASSES);
        assertThat(alone).as("one image alone").containsExactly(second, within(3e-5f * largest)); // by other kernels
    }
}
