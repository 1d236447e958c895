package org.convzoo.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;
import static org.convzoo.graph.Window.k;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.convzoo.engine.Optimizer.Adam;
import org.convzoo.engine.Optimizer.AdamW;
import org.convzoo.engine.Optimizer.Decay;
import org.convzoo.engine.Optimizer.Lamb;
import org.convzoo.engine.Optimizer.Lion;
import org.convzoo.engine.Optimizer.RmsProp;
import org.convzoo.engine.Optimizer.Sgd;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Init;
import org.convzoo.graph.Op;
import org.convzoo.graph.Shape;
import org.convzoo.verify.ValueRule;
import org.convzoo.weights.Weights;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** How every engine's learner must train: by the optimizer's rule, in the same bits, and as it is told. */
public abstract class LearnerConformance extends EngineConformance {
    @Test
    void everyParameterHasAGradient() {
        for (Graph graph : List.of(Samples.everything(), Samples.plain())) {
            try (Learner learner = engine.learner(
                    graph, Samples.weights(graph), PLAIN_SGD, LearnerOptions.DEFAULTS.withRegularised(false))) {
                learner.gradients(Samples.batch(graph, 0, 8));
                Weights gradients = learner.gradientsByName();
                assertThat(List.copyOf(gradients.tensors().keySet()))
                        .containsExactlyElementsOf(graph.parameters().entrySet().stream()
                                .filter(e -> e.getValue().trainable())
                                .map(Map.Entry::getKey)
                                .toList());
                gradients.tensors().forEach((name, g) -> {
                    double sum = 0;
                    for (float v : g.toArray()) sum += Math.abs(v);
                    assertThat(sum).as("gradient of " + name).isFinite().isPositive();
                });
            }
        }
    }

    @Test
    void sameSeedSameBits() {
        Graph graph = Samples.everything();
        List<Weights> runs = new ArrayList<>();
        for (long seed : new long[] {7, 7, 8}) {
            try (Learner learner =
                    engine.learner(graph, Samples.weights(graph), MOMENTUM, LearnerOptions.DEFAULTS.withSeed(seed))) {
                train(learner, graph, 0, 3);
                runs.add(learner.weights());
            }
        }
        assertSameBits(runs.get(1), runs.get(0));
        assertThat(runs.get(2).get("classes.weight").toArray())
                .as("another seed drops other elements")
                .isNotEqualTo(runs.get(0).get("classes.weight").toArray());
    }

    @Test
    void continuesBitForBitFromWhatItGaveAway() {
        Graph graph = Samples.everything();
        List<Optimizer> optimizers = new ArrayList<>(OPTIMIZERS);
        optimizers.addAll(List.of(PLAIN_SGD, MOMENTUM, AdamW.of(0.05)));
        for (Optimizer optimizer : optimizers) {
            try (Learner through =
                    engine.learner(graph, Samples.weights(graph), optimizer, LearnerOptions.DEFAULTS.withSeed(5))) {
                train(through, graph, 0, 3);
                Weights weights = through.weights(), slots = through.slots();
                assertThat(through.steps()).isEqualTo(3);
                List<Double> losses = train(through, graph, 3, 6);
                Weights other = Weights.initial(graph, 99);
                try (Learner resumed = engine.learner(graph, other, optimizer, LearnerOptions.DEFAULTS.withSeed(5))) {
                    resumed.gradients(Samples.batch(graph, 40, 4)); // is forgotten
                    resumed.restore(weights, slots, 3);
                    assertThat(train(resumed, graph, 3, 6))
                            .as(optimizer.toString())
                            .isEqualTo(losses);
                    assertThat(resumed.steps()).isEqualTo(6);
                    assertSameBits(resumed.weights(), through.weights());
                    assertSameBits(resumed.slots(), through.slots());
                    assertSameBits(resumed.averages(), through.averages());
                }
            }
        }
    }

    /** See {@code reference/optimizers/make.py}: five steps with gradients that are given. */
    @TestFactory
    Stream<DynamicTest> movesAsPyTorchAndTimm() {
        Decay decay = new Decay(0.1, false);
        Map<String, Optimizer> optimizers = Map.of(
                "sgd", new Sgd(0.9, false, decay),
                "nesterov", new Sgd(0.9, true, decay),
                "adam", new Adam(0.9, 0.99, 1e-6, decay),
                "adamw", new AdamW(0.9, 0.99, 1e-6, decay),
                "rmsprop", new RmsProp(0.9, 0.9, 1e-3, RmsProp.Form.PYTORCH, decay),
                "rmsprop_plain", new RmsProp(0.9, 0, 1e-3, RmsProp.Form.PYTORCH, decay),
                "rmsprop_tf", new RmsProp(0.9, 0.9, 1e-3, RmsProp.Form.TENSORFLOW, decay),
                "rmsprop_tf_plain", new RmsProp(0.9, 0, 1e-3, RmsProp.Form.TENSORFLOW, decay),
                "lamb", new Lamb(0.9, 0.99, 1e-6, decay),
                "lion", new Lion(0.9, 0.99, decay));
        return optimizers.entrySet().stream()
                .map(e -> dynamicTest(
                        e.getKey(),
                        () -> movesAsPyTorchAndTimm(e.getKey(), e.getValue().clip(0.5))));
    }

    private void movesAsPyTorchAndTimm(String name, Optimizer optimizer) {
        Graph graph = Graph.of("moved", new Shape(3, 6, 6), x -> x.conv("conv", 8, k(3).withBias())
                .bn("bn")
                .relu()
                .avgPoolTo(1)
                .flatten()
                .linear("fc", 5));
        LearnerOptions options = LearnerOptions.DEFAULTS.withGroups(List.of(
                ParameterGroup.learning(List.of("bn.weight", "bn.bias"), 0.5, 0),
                ParameterGroup.learning(List.of("fc.weight"), 3, 0.5)));
        JsonNode right = References.read("optimizers/steps").path(name);
        try (Learner learner = engine.learner(graph, ValueRule.state(graph, 1), optimizer, options)) {
            for (int t = 0; t < 5; t++) {
                learner.writeGradients(givenGradients(graph, t));
                learner.update(right.path("rate").asDouble() * (1 - t / 5.0));
            }
            Weights after = learner.weights();
            graph.parameters().forEach((parameter, p) -> {
                if (!p.trainable()) return;
                float[] expected = floats(right.path("after").path(parameter));
                assertNear(name + ": " + parameter, after.get(parameter).toArray(), expected, 2e-6);
            });
        }
    }

    /** Those of a step, from 0: in every other one 0.3 times as large. */
    private static FloatBuffer givenGradients(Graph graph, int t) {
        FloatBuffer all = Batch.buffer(graph.parameterCount());
        graph.parameters().forEach((name, p) -> {
            if (!p.trainable()) return;
            for (int i = 0; i < p.shape().elements(); i++)
                all.put((t % 2 == 0 ? 1 : 0.3f) * ValueRule.u("gradient" + t + " " + name, i));
        });
        return all.flip();
    }

    /** See {@code reference/losses/make.py}: losses and their gradients, through an auxiliary head as well. */
    @TestFactory
    Stream<DynamicTest> losesAsPyTorchAndTimm() {
        Map<String, Loss> losses = Map.of(
                "cross_entropy", new Loss.CrossEntropy(),
                "focal0.5", new Loss.Focal(0.5),
                "focal2", new Loss.Focal(2),
                "focal3", new Loss.Focal(3),
                "binary", new Loss.BinaryCrossEntropy());
        return losses.entrySet().stream().flatMap(e -> lossTargets().entrySet().stream()
                .map(t -> dynamicTest(
                        e.getKey() + " " + t.getKey(),
                        () -> losesAsPyTorchAndTimm(e.getKey() + " " + t.getKey(), e.getValue(), t.getValue()))));
    }

    private void losesAsPyTorchAndTimm(String name, Loss loss, FloatBuffer targets) {
        Graph graph = Graph.of("lost", new Shape(5), x -> x.aux("side", 0.3, a -> a.linear("fc", 5))
                .linear("fc", 5));
        int images = targets.remaining() / 5;
        FloatBuffer pixels = Batch.buffer(images * 5L);
        for (int i = 0; i < pixels.limit(); i++) pixels.put(i, 5 * ValueRule.u("images", i));
        JsonNode right = References.read("losses/steps").path(name);
        LearnerOptions options = LearnerOptions.DEFAULTS.withLoss(loss);
        try (Learner usual = engine.learner(graph, ValueRule.state(graph, 1), PLAIN_SGD, options);
                Learner exact = engine.exactLearner(graph, ValueRule.state(graph, 1), PLAIN_SGD, options)) {
            for (Learner learner : List.of(usual, exact)) {
                double computed =
                        learner.gradients(new Batch(images, pixels, targets)).loss();
                assertThat(computed).isCloseTo(right.path("loss").asDouble(), withinPercentage(2e-4));
                for (String parameter : graph.parameters().keySet())
                    assertNear(
                            name + ": " + parameter,
                            learner.gradientsByName().get(parameter).toArray(),
                            floats(right.path("gradients").path(parameter)),
                            2e-6);
            }
        }
    }

    private static Map<String, FloatBuffer> lossTargets() {
        int[] labels = IntStream.range(0, 6).map(n -> 3 * n % 5).toArray();
        FloatBuffer labelled = Targets.rows(labels, 5), mixed = Batch.buffer(30);
        for (int n = 0; n < 6; n++)
            for (int k = 0; k < 5; k++)
                mixed.put(5 * n + k, 0.7f * labelled.get(5 * n + k) + 0.3f * labelled.get(5 * (5 - n) + k));
        return Map.of(
                "labelled",
                labelled,
                "smoothed",
                Targets.rows(labels, 5, 0.1, new float[0]),
                "mixed",
                mixed,
                "weighted",
                Targets.rows(labels, 5, 0, new float[] {1, 2, 0.5f, 3, 1}));
    }

    private static float[] floats(JsonNode values) {
        float[] floats = new float[values.size()];
        for (int i = 0; i < floats.length; i++)
            floats[i] = (float) values.get(i).asDouble();
        return floats;
    }

    /** Parameters of every layout, and one that is long enough for several threads to share it. */
    @TestFactory
    Stream<DynamicTest> movesLargeParametersAsThePlainEngine() {
        List<Graph> graphs =
                List.of(Samples.everything(), Graph.of("large", new Shape(300), x -> x.linear("fc", 1000)));
        return OPTIMIZERS.stream()
                .map(o -> dynamicTest(o.toString(), () -> {
                    for (Graph graph : graphs) movesAsThePlainEngine(graph, o);
                }));
    }

    private void movesAsThePlainEngine(Graph graph, Optimizer optimizer) {
        Weights start = Samples.weights(graph);
        try (Learner learner = engine.learner(graph, start, optimizer, LearnerOptions.DEFAULTS);
                Learner right = new PlainEngine().learner(graph, start, optimizer, LearnerOptions.DEFAULTS)) {
            for (int t = 0; t < 3; t++) {
                learner.writeGradients(givenGradients(graph, t));
                right.writeGradients(givenGradients(graph, t));
                learner.update(0.01);
                right.update(0.01);
            }
            Weights weights = right.weights(), averages = right.averages();
            for (String name : graph.parameters().keySet()) {
                assertNear(
                        name,
                        learner.weights().get(name).toArray(),
                        weights.get(name).toArray(),
                        1e-5);
                assertNear(
                        name,
                        learner.averages().get(name).toArray(),
                        averages.get(name).toArray(),
                        1e-5);
            }
        }
    }

    /**
     * Three steps, the first within the limit. The weights are those of {@code clip_grad_norm_(1)} and the optimizer in
     * float64 by PyTorch 2.15; the averages are {@code num_updates}' rule on them, worked out outside Java.
     */
    @Test
    void clipsAsPyTorchAndAveragesAsTensorFlow() {
        Decay decay = new Decay(0.01, true);
        clipsAndAverages(
                new Sgd(0.9, false, decay),
                new float[] {0.41930044f, -0.13999849f, 0.96369155f, 0.06049100f, 0.25317906f, -0.31367007f},
                new float[] {0.42270887f, -0.14910850f, 0.97063405f, 0.06204631f, 0.24894670f, -0.31099301f});
        clipsAndAverages(
                new Sgd(0.9, true, decay),
                new float[] {0.42534968f, -0.12288023f, 0.93748668f, 0.06388010f, 0.26094848f, -0.32482858f},
                new float[] {0.41188260f, -0.12753167f, 0.95721738f, 0.05695310f, 0.25904192f, -0.31599503f});
        clipsAndAverages(
                new AdamW(0.9, 0.999, 1e-8, decay),
                new float[] {0.31016796f, -0.09642817f, 0.91275650f, -0.08863323f, 0.35222317f, -0.38334739f},
                new float[] {0.31715997f, -0.10619715f, 0.91719842f, -0.08180039f, 0.34263325f, -0.37942276f});
    }

    private void clipsAndAverages(Optimizer optimizer, float[] values, float[] averages) {
        Graph graph = Graph.of("one", new Shape(1), x -> x.linear("fc", 3));
        Weights start = new Weights(Map.of(
                "fc.weight", new Weights.Tensor(new Shape(3, 1), new float[] {0.5f, -0.25f, 1}),
                "fc.bias", new Weights.Tensor(new Shape(3), new float[] {0.1f, 0.2f, -0.3f})));
        FloatBuffer image = Batch.buffer(1).put(0, 2);
        try (Learner learner = engine.learner(
                graph, start, optimizer.clip(1).ema(0.9), LearnerOptions.DEFAULTS.withRegularised(false))) {
            assertSameBits(learner.averages(), learner.weights());
            for (float[] g : new float[][] {{0.1f, -0.3f, 0.2f}, {2, 1, -3}, {-4, 0.5f, 3.5f}}) {
                FloatBuffer targets = Batch.buffer(3); // rows that add up to 0 are the gradient, negated
                for (int k = 0; k < 3; k++) targets.put(k, -g[k]);
                learner.gradients(new Batch(1, image, targets));
                learner.update(0.1);
            }
            assertNear(optimizer + ": weights", both(learner.weights()), values, 1e-6);
            assertNear(optimizer + ": averages", both(learner.averages()), averages, 1e-6);
        }
    }

    private static float[] both(Weights layer) {
        FloatBuffer all = FloatBuffer.allocate(6);
        return all.put(layer.get("fc.weight").toArray())
                .put(layer.get("fc.bias").toArray())
                .array();
    }

    /** Parameters of every layout, and running statistics. */
    @Test
    void averagesWhatTheWeightsWere() {
        Graph graph = Samples.everything();
        Map<String, double[]> expected = new LinkedHashMap<>();
        double[] decays = {2 / 11.0, 3 / 12.0, 0.3, 0.3};
        Samples.weights(graph).tensors().forEach((name, t) -> expected.put(name, doubles(t.toArray())));
        try (Learner learner = engine.learner(
                graph, Samples.weights(graph), AdamW.of(0.05).ema(0.3), LearnerOptions.DEFAULTS.withSeed(5))) {
            for (int i = 0; i < 4; i++) {
                train(learner, graph, i, i + 1);
                double ema = decays[i];
                learner.weights().tensors().forEach((name, t) -> {
                    float[] v = t.toArray();
                    double[] a = expected.get(name);
                    for (int k = 0; k < v.length; k++) a[k] = ema * a[k] + (1 - ema) * v[k];
                });
            }
            Weights averages = learner.averages();
            assertThat(averages.tensors().keySet()).isEqualTo(expected.keySet());
            expected.forEach((name, a) -> {
                float[] right = new float[a.length];
                for (int k = 0; k < a.length; k++) right[k] = (float) a[k];
                assertNear("average of " + name, averages.get(name).toArray(), right, 1e-6);
            });
        }
    }

    private static double[] doubles(float[] values) {
        return IntStream.range(0, values.length).mapToDouble(i -> values[i]).toArray();
    }

    /** A weight that goes 0, 1, 2, 3, 4; the decays are 2/11, 3/12, and from then on 0.3, as 4/13 and 5/14 are more. */
    @Test
    void theAverageWarmsUp() {
        Graph graph = Graph.of("one", new Shape(1), x -> x.linear("fc", 2));
        Weights start = new Weights(Map.of(
                "fc.weight", new Weights.Tensor(new Shape(2, 1), new float[2]),
                "fc.bias", new Weights.Tensor(new Shape(2), new float[2])));
        Batch batch = new Batch( // whose gradient is -1 and 1
                1, Batch.buffer(1).put(0, 1), Batch.buffer(2).put(0, 1).put(1, -1));
        double[] averages = {9 / 11.0, 0.25 * 9 / 11 + 0.75 * 2, 2.6113636, 3.5834091};
        try (Learner learner =
                engine.learner(graph, start, PLAIN_SGD.ema(0.3), LearnerOptions.DEFAULTS.withRegularised(false))) {
            for (int t = 1; t <= 4; t++) {
                learner.gradients(batch);
                learner.update(1);
                assertThat(learner.weights().get("fc.weight").toArray()).containsExactly(t, -t);
                float average = (float) averages[t - 1];
                assertNear(
                        "step " + t,
                        learner.averages().get("fc.weight").toArray(),
                        new float[] {average, -average},
                        1e-6);
            }
        }
        assertThat(PLAIN_SGD.ema(0.999).ema(140)).isEqualTo(141 / 150.0);
        assertThat(PLAIN_SGD.ema(0.999).ema(9000)).isEqualTo(0.999);
        assertThat(PLAIN_SGD.ema(1)).isZero();
    }

    @Test
    void clipsToTheNormOfAllGradients() {
        Graph graph = Samples.everything();
        Weights start = Samples.weights(graph);
        try (Learner learner =
                engine.learner(graph, start, PLAIN_SGD.clip(0.01), LearnerOptions.DEFAULTS.withRegularised(false))) {
            learner.gradients(Samples.batch(graph, 0, 4));
            assertThat(norm(learner.gradientsByName(), new Weights(Map.of()))).isGreaterThan(0.02);
            learner.update(1);
            assertThat(norm(learner.weights(), start)).isCloseTo(0.01, within(1e-5));
        }
        try (Learner learner =
                engine.learner(graph, start, PLAIN_SGD.clip(1e-6), LearnerOptions.DEFAULTS.withRegularised(false))) {
            learner.gradients(Samples.batch(graph, 0, 4));
            float factor = (float) (1e-6 / norm(learner.gradientsByName(), new Weights(Map.of())));
            scaleGradients(learner, graph, factor);
            learner.update(1e6);
            assertThat(norm(learner.weights(), start))
                    .as("clip / (norm + 1e-6) is a half")
                    .isCloseTo(0.5, within(1e-4));
        }
    }

    /** Of the difference, in what the graph trains. */
    private static double norm(Weights from, Weights to) {
        double sum = 0;
        for (String name : from.tensors().keySet()) {
            if (name.contains("running")) continue;
            float[] a = from.get(name).toArray();
            float[] b = to.tensors().containsKey(name) ? to.get(name).toArray() : new float[a.length];
            for (int i = 0; i < a.length; i++) sum += ((double) a[i] - b[i]) * ((double) a[i] - b[i]);
        }
        return Math.sqrt(sum);
    }

    @Test
    void givesCopies() {
        Graph graph = Samples.everything();
        Weights start = Samples.weights(graph);
        try (Learner learner = engine.learner(graph, start, MOMENTUM, LearnerOptions.DEFAULTS.withSeed(5))) {
            Weights before = learner.weights();
            assertSameBits(before, start);
            train(learner, graph, 0, 1);
            assertSameBits(before, start);
            Weights slots = learner.slots();
            float[] momentum = slots.get("momentum/classes.weight").toArray();
            train(learner, graph, 1, 2);
            assertThat(slots.get("momentum/classes.weight").toArray()).containsExactly(momentum);
            assertThat(learner.weights().get("classes.weight").toArray())
                    .isNotEqualTo(start.get("classes.weight").toArray());
        }
    }

    @Test
    void namesWhatTheOptimizerRemembers() {
        Graph graph = Samples.plain();
        List<String> names = List.copyOf(graph.parameters().keySet());
        try (Learner sgd = engine.learner(
                        graph, Samples.weights(graph), MOMENTUM, LearnerOptions.DEFAULTS.withRegularised(false));
                Learner adam = engine.learner(
                        graph, Samples.weights(graph), AdamW.of(0), LearnerOptions.DEFAULTS.withRegularised(false));
                Learner both = engine.learner(
                        graph,
                        Samples.weights(graph),
                        MOMENTUM.ema(0.9),
                        LearnerOptions.DEFAULTS.withRegularised(false))) {
            assertThat(sgd.slots().tensors().keySet())
                    .containsExactlyInAnyOrderElementsOf(
                            names.stream().map(n -> "momentum/" + n).toList());
            assertThat(adam.slots().tensors().keySet())
                    .containsExactlyInAnyOrderElementsOf(names.stream()
                            .flatMap(n -> Stream.of("mean/" + n, "square/" + n))
                            .toList());
            assertThat(both.slots().tensors().keySet())
                    .containsExactlyInAnyOrderElementsOf(names.stream()
                            .flatMap(n -> Stream.of("momentum/" + n, "average/" + n))
                            .toList());
        }
    }

    @Test
    void gradientsOfPartsAddUp() {
        Graph graph = Samples.plain();
        try (Learner whole = engine.learner(
                        graph, Samples.weights(graph), PLAIN_SGD, LearnerOptions.DEFAULTS.withRegularised(false));
                Learner parts = engine.learner(
                        graph, Samples.weights(graph), PLAIN_SGD, LearnerOptions.DEFAULTS.withRegularised(false))) {
            double loss = whole.gradients(Samples.batch(graph, 0, 8)).loss();
            double sum = 0;
            for (int i = 0; i < 4; i++)
                sum += parts.gradients(Samples.batch(graph, 2 * i, 2)).loss();
            assertThat(sum / 4).isCloseTo(loss, within(1e-5));
            scaleGradients(parts, graph, 0.25f);
            assertNear("gradient of", parts.gradientsByName(), whole.gradientsByName(), 1e-5);
            whole.update(0.1);
            parts.update(0.1);
            assertNear("weights", parts.weights(), whole.weights(), 1e-6);
            whole.gradients(Samples.batch(graph, 8, 4));
            parts.gradients(Samples.batch(graph, 8, 4));
            assertNear("next gradient of", parts.gradientsByName(), whole.gradientsByName(), 1e-5);
        }
    }

    @Test
    void anUpdateOfSeveralBatchesIsOfTheMeanOfTheirGradients() {
        Graph graph = Samples.everything();
        LearnerOptions plain = LearnerOptions.DEFAULTS.withRegularised(false);
        try (Learner parts = engine.learner(graph, Samples.weights(graph), PLAIN_SGD, plain.withAccumulation(3));
                Learner sums = engine.learner(graph, Samples.weights(graph), PLAIN_SGD, plain)) {
            for (int i = 0; i < 3; i++) {
                Batch batch = Samples.batch(graph, 4 * i, 4);
                assertThat(parts.gradients(batch).loss())
                        .as("of a batch")
                        .isCloseTo(sums.gradients(batch).loss(), within(1e-6));
            }
            scaleGradients(sums, graph, 1f / 3);
            assertNear("gradient of", parts.gradientsByName(), sums.gradientsByName(), 1e-5);
            parts.update(0.1);
            sums.update(0.1);
            assertNear("weights", parts.weights(), sums.weights(), 1e-6);
        }
    }

    private static FloatBuffer gradients(Learner learner, Graph graph) {
        FloatBuffer all = Batch.buffer(graph.parameterCount());
        learner.readGradients(all);
        return all;
    }

    private static void scaleGradients(Learner learner, Graph graph, float factor) {
        FloatBuffer all = gradients(learner, graph);
        for (int i = 0; i < all.limit(); i++) all.put(i, all.get(i) * factor);
        learner.writeGradients(all);
    }

    /** What an all-reduce between machines needs: the graph's own order, each parameter row by row. */
    @Test
    void gradientsComeInTheOrderOfTheGraph() {
        Graph graph = Samples.everything();
        try (Learner learner = engine.learner(
                graph, Samples.weights(graph), PLAIN_SGD, LearnerOptions.DEFAULTS.withRegularised(false))) {
            learner.gradients(Samples.batch(graph, 0, 4));
            FloatBuffer all = gradients(learner, graph);
            assertThat(all.position()).isZero();
            Weights named = learner.gradientsByName();
            graph.parameters().forEach((name, p) -> {
                if (!p.trainable()) return;
                float[] part = new float[(int) p.shape().elements()];
                all.get(part);
                assertThat(part).as(name).containsExactly(named.get(name).toArray());
            });
            assertThat(all.hasRemaining()).isFalse();
        }
    }

    @Test
    void gradientsAreWrittenAsTheyWereRead() {
        Graph graph = Samples.everything();
        LearnerOptions plain = LearnerOptions.DEFAULTS.withRegularised(false);
        try (Learner one = engine.learner(graph, Samples.weights(graph), PLAIN_SGD, plain);
                Learner two = engine.learner(Samples.everything(), Samples.weights(graph), PLAIN_SGD, plain)) {
            one.gradients(Samples.batch(graph, 0, 4));
            FloatBuffer read = gradients(one, graph);
            two.writeGradients(read); // before it has any of its own
            assertThat(gradients(two, graph)).isEqualTo(read);
            assertSameBits(two.gradientsByName(), one.gradientsByName());
            one.update(0.1);
            two.update(0.1);
            for (String name : one.gradientsByName().tensors().keySet())
                assertThat(two.weights().get(name).toArray())
                        .containsExactly(one.weights().get(name).toArray());
        }
    }

    @Test
    void writtenGradientsAreAddedTo() {
        Graph graph = Samples.plain();
        LearnerOptions plain = LearnerOptions.DEFAULTS.withRegularised(false);
        try (Learner learner = engine.learner(graph, Samples.weights(graph), PLAIN_SGD, plain)) {
            learner.gradients(Samples.batch(graph, 0, 4));
            FloatBuffer once = gradients(learner, graph);
            learner.writeGradients(once);
            learner.gradients(Samples.batch(graph, 0, 4));
            FloatBuffer twice = gradients(learner, graph);
            for (int i = 0; i < once.limit(); i++)
                assertThat(twice.get(i)).isCloseTo(2 * once.get(i), within(1e-5f + 1e-3f * Math.abs(once.get(i))));
        }
    }

    /** Also to an optimizer, which then moves the parameters no further. */
    @Test
    void gradientsAreZeroAfterAnUpdate() {
        Graph graph = Samples.plain();
        LearnerOptions plain = LearnerOptions.DEFAULTS.withRegularised(false);
        try (Learner learner = engine.learner(graph, Samples.weights(graph), PLAIN_SGD, plain)) {
            learner.gradients(Samples.batch(graph, 0, 4));
            learner.update(0.1);
            FloatBuffer all = gradients(learner, graph);
            for (int i = 0; i < all.limit(); i++) assertThat(all.get(i)).isZero();
            Weights before = learner.weights();
            learner.update(0.1);
            assertSameBits(learner.weights(), before);
        }
    }

    @Test
    void gradientsNeedTheirOwnNumberOfPlaces() {
        Graph graph = Samples.plain();
        try (Learner learner = engine.learner(graph, Samples.weights(graph), PLAIN_SGD, LearnerOptions.DEFAULTS)) {
            FloatBuffer small = Batch.buffer(graph.parameterCount() - 1);
            assertThatThrownBy(() -> learner.readGradients(small))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(graph.parameterCount() + " floats");
            assertThatThrownBy(() -> learner.writeGradients(small)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void takesBatchesOfAnySizeInAnyOrder() {
        Graph graph = Samples.everything();
        try (Learner expected = new PlainEngine()
                        .learner(
                                graph,
                                Samples.weights(graph),
                                PLAIN_SGD,
                                LearnerOptions.DEFAULTS.withRegularised(false));
                Learner learner = engine.learner(
                        graph, Samples.weights(graph), PLAIN_SGD, LearnerOptions.DEFAULTS.withRegularised(false));
                Predictor predictor = engine.predictor(graph, Samples.weights(graph));
                Predictor right = new PlainEngine().predictor(graph, Samples.weights(graph))) {
            int from = 0;
            for (int size : new int[] {5, 2, 5, 1, 9, 2}) {
                Batch batch = Samples.batch(graph, from, size);
                assertThat(learner.gradients(batch).loss())
                        .as("loss of " + size)
                        .isCloseTo(expected.gradients(batch).loss(), within(1e-4));
                expected.update(0.001);
                learner.update(0.001);
                assertNear(
                        "logits of " + size,
                        predictor.logits(batch.images(), size),
                        right.logits(batch.images(), size),
                        2e-5);
                from += size;
            }
        }
    }

    @Test
    void decaysWhatItShould() {
        Graph graph = Samples.plain();
        Weights start = Samples.weights(graph);
        for (boolean everywhere : new boolean[] {true, false}) {
            Decay decay = new Decay(0.5, everywhere);
            Map<Optimizer, Optimizer> pairs = Map.of(
                    new Sgd(0.9, false, decay), new Sgd(0.9, false, Decay.NONE),
                    new Sgd(0, false, decay), PLAIN_SGD,
                    new AdamW(0.9, 0.999, 1e-8, decay), new AdamW(0.9, 0.999, 1e-8, Decay.NONE),
                    new Lion(0.9, 0.99, decay), new Lion(0.9, 0.99, Decay.NONE));
            pairs.forEach((with, without) -> {
                Weights decayed = oneStep(graph, start, with), kept = oneStep(graph, start, without);
                start.tensors().forEach((name, t) -> {
                    boolean decays = everywhere || t.shape().rank() > 1;
                    float[] p = t.toArray();
                    for (int i = 0; i < p.length; i++) {
                        float expected = kept.get(name).toArray()[i] - (decays ? 0.1f * 0.5f * p[i] : 0);
                        assertThat(decayed.get(name).toArray()[i])
                                .as(name + " by " + with)
                                .isCloseTo(expected, within(1e-6f));
                    }
                });
            });
        }
    }

    private Weights oneStep(Graph graph, Weights start, Optimizer optimizer) {
        try (Learner learner =
                engine.learner(graph, start, optimizer, LearnerOptions.DEFAULTS.withRegularised(false))) {
            learner.gradients(Samples.batch(graph, 0, 4));
            learner.update(0.1);
            return learner.weights();
        }
    }

    /** Logits are the image where it was not dropped: the classifier is the identity. */
    @Test
    void dropsTheShareThatItShould() {
        int size = 64, count = 64;
        float[] identity = new float[size * size];
        for (int i = 0; i < size; i++) identity[i * size + i] = 1;
        Weights weights = new Weights(Map.of("fc.weight", new Weights.Tensor(new Shape(size, size), identity)));
        FloatBuffer ones = Batch.buffer((long) size * count);
        for (int i = 0; i < ones.limit(); i++) ones.put(i, 1);
        Batch batch = new Batch(count, ones, Targets.rows(new int[count], size));
        for (Op op : List.of(new Op.Dropout(0.25), new Op.DropPath(0.25))) {
            Graph graph = Graph.of("drop", new Shape(size), x -> x.op("drop", op)
                    .op("fc", new Op.Linear(size, false, Init.Rule.ZERO, Init.Rule.ZERO)));
            try (Learner learner = engine.learner(graph, weights, PLAIN_SGD, LearnerOptions.DEFAULTS.withSeed(3))) {
                List<float[]> seen = new ArrayList<>();
                int dropped = 0, runs = 20;
                for (int run = 0; run < runs; run++) {
                    float[] logits = learner.gradients(batch).logits();
                    seen.add(logits);
                    for (int i = 0; i < logits.length; i++) {
                        assertThat(logits[i]).isIn(0f, 1 / 0.75f);
                        if (logits[i] == 0) dropped++;
                        if (op instanceof Op.DropPath) assertThat(logits[i]).isEqualTo(logits[i / size * size]);
                    }
                    if (run % 2 == 1) learner.update(0);
                }
                assertThat(seen.get(1)).as("within a step").isNotEqualTo(seen.get(0));
                assertThat(seen.get(2)).as("step after step").isNotEqualTo(seen.get(0));
                double draws = op instanceof Op.Dropout ? runs * count * size : runs * count;
                double share = (double) dropped / (runs * count * size);
                assertThat(share).isCloseTo(0.25, within(4 * Math.sqrt(0.25 * 0.75 / draws)));
            }
        }
    }

    /** A batch that PyTorch refuses: the variance is 0, so that the norm gives its shift, and only that has a gradient. */
    @Test
    void oneValueAChannelGivesTheShiftOfItsBatchNorm() {
        for (Shape shape : List.of(new Shape(3, 1, 1), new Shape(3))) {
            Graph graph = Graph.of("one", shape, x -> x.bn("bn").flatten().linear("fc", 2));
            Weights start = Samples.weights(graph);
            Batch batch = Samples.batch(graph, 0, 1);
            try (Learner learner =
                    engine.learner(graph, start, PLAIN_SGD, LearnerOptions.DEFAULTS.withRegularised(false))) {
                float[] logits = learner.gradients(batch).logits();
                float[] shift = start.get("bn.bias").toArray(),
                        weight = start.get("fc.weight").toArray();
                float[] expected = start.get("fc.bias").toArray();
                for (int k = 0; k < 6; k++) expected[k / 3] += weight[k] * shift[k % 3];
                assertNear("logits of " + shape, logits, expected, 1e-6);

                Weights gradients = learner.gradientsByName();
                assertNear("gradient of the scale", gradients.get("bn.weight").toArray(), new float[3], 1e-6, 1);
                for (float g : gradients.get("bn.bias").toArray())
                    assertThat(Math.abs(g))
                            .as("gradient of the shift")
                            .isFinite()
                            .isPositive();

                float[] mean = start.get("bn.running_mean").toArray(),
                        var = start.get("bn.running_var").toArray();
                for (int c = 0; c < 3; c++) {
                    mean[c] = 0.9f * mean[c] + 0.1f * batch.images().get(c);
                    var[c] *= 0.9f;
                }
                Weights moved = learner.weights();
                assertNear("running mean", moved.get("bn.running_mean").toArray(), mean, 1e-6);
                assertNear("running variance", moved.get("bn.running_var").toArray(), var, 1e-6);
            }
        }
    }

    /** A learner may move from thread to thread, and others may work beside it. */
    @Test
    void learnersInTwoThreadsDoNotDisturbEachOther() throws Exception {
        Graph graph = Samples.everything();
        Weights alone;
        try (Learner learner =
                engine.learner(graph, Samples.weights(graph), MOMENTUM, LearnerOptions.DEFAULTS.withSeed(2))) {
            train(learner, graph, 0, 6);
            alone = learner.weights();
        }
        try (Learner a = engine.learner(graph, Samples.weights(graph), MOMENTUM, LearnerOptions.DEFAULTS.withSeed(2));
                Learner b =
                        engine.learner(graph, Samples.weights(graph), MOMENTUM, LearnerOptions.DEFAULTS.withSeed(2))) {
            train(a, graph, 0, 2);
            train(b, graph, 0, 2);
            inThreads(2, thread -> train(thread == 0 ? a : b, graph, 2, 6));
            assertSameBits(a.weights(), alone);
            assertSameBits(b.weights(), alone);
        }
    }
}
