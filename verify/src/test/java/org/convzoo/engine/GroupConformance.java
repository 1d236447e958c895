package org.convzoo.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.convzoo.graph.Window.k;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.FloatBuffer;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.convzoo.engine.Optimizer.AdamW;
import org.convzoo.engine.Optimizer.Decay;
import org.convzoo.engine.Optimizer.Sgd;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Shape;
import org.convzoo.verify.ValueRule;
import org.convzoo.weights.Weights;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** How every engine's learner must treat {@link ParameterGroup}s: by their factors, and what is frozen not at all. */
public abstract class GroupConformance extends EngineConformance {
    private static final LearnerOptions PLAIN = LearnerOptions.DEFAULTS.withRegularised(false);

    private static LearnerOptions frozen(Graph graph, String... patterns) {
        Set<String> names = ParameterGroup.matchingAny(graph, List.of(patterns));
        return PLAIN.withGroups(List.of(ParameterGroup.frozen(names)));
    }

    private static Set<String> frozen(LearnerOptions options) {
        return options.groups().stream()
                .filter(g -> !g.trainable())
                .flatMap(g -> g.names().stream())
                .collect(Collectors.toSet());
    }

    private static List<String> learning(Graph graph, LearnerOptions options) {
        return graph.parameters().entrySet().stream()
                .filter(e ->
                        e.getValue().trainable() && options.group(e.getKey()).trainable())
                .map(Map.Entry::getKey)
                .toList();
    }

    // -- factors --------------------------------------------------------------------------------------

    /** See {@code reference/groups/make.py}. */
    @Test
    void stepsAsPyTorch() {
        stepsAsPyTorch("sgd", new Sgd(0.9, true, new Decay(0.1, true)).clip(0.5));
        stepsAsPyTorch("adamw", new AdamW(0.9, 0.99, 1e-6, new Decay(0.1, true)).clip(0.5));
    }

    private void stepsAsPyTorch(String name, Optimizer optimizer) {
        Graph graph = Graph.of("tuned", new Shape(3, 12, 12), x -> x.conv("conv1", 8, k(3).withBias())
                .bn("bn1")
                .relu()
                .conv("conv2", 8, k(3).groups(8))
                .bn("bn2")
                .relu6()
                .conv("conv3", 16, 1)
                .bn("bn3")
                .silu()
                .avgPoolTo(1)
                .flatten()
                .linear("fc", 5));
        LearnerOptions options = PLAIN.withGroups(List.of(
                ParameterGroup.frozen(List.of(
                        "conv1.weight",
                        "conv1.bias",
                        "bn1.weight",
                        "bn1.bias",
                        "bn1.running_mean",
                        "bn1.running_var",
                        "bn2.weight",
                        "bn2.bias",
                        "bn2.running_mean",
                        "bn2.running_var",
                        "bn3.running_mean",
                        "bn3.running_var")),
                ParameterGroup.learning(List.of("conv2.weight"), 0.1, 2),
                ParameterGroup.learning(List.of("bn3.weight", "bn3.bias"), 0.5, 0),
                ParameterGroup.learning(List.of("fc.weight", "fc.bias"), 3, 0.5)));
        JsonNode right = References.read("groups/steps").path(name);
        float[] images = ValueRule.values("groups", 4 * 3 * 12 * 12, 1, 0);
        Batch batch = Batch.labelled(Batch.buffer(images.length).put(0, images), 5, 0, 1, 2, 3);
        try (Learner learner = engine.learner(graph, ValueRule.state(graph, 1), optimizer, options)) {
            for (int step = 0; step < 3; step++) {
                assertThat(learner.gradients(batch).loss())
                        .isCloseTo(right.path("losses").get(step).asDouble(), within(1e-5));
                learner.update(0.05);
            }
            learner.weights().tensors().forEach((parameter, t) -> {
                float[] after = new float[(int) t.shape().elements()];
                for (int i = 0; i < after.length; i++)
                    after[i] =
                            (float) right.path("after").path(parameter).get(i).asDouble();
                assertNear(name + ": " + parameter, t.toArray(), after, 2e-5);
            });
        }
    }

    @Test
    void groupsWithFactorsOfOneChangeNothing() {
        Graph graph = Samples.everything();
        List<String> names = List.copyOf(graph.parameters().keySet());
        LearnerOptions grouped = PLAIN.withGroups(List.of(
                ParameterGroup.learning(names.subList(5, 20), 1, 1),
                ParameterGroup.learning(names.subList(0, 3), 1, 1)));
        for (Optimizer optimizer : OPTIMIZERS) {
            try (Learner one = engine.learner(graph, Samples.weights(graph), optimizer, PLAIN);
                    Learner two = engine.learner(graph, Samples.weights(graph), optimizer, grouped)) {
                train(one, graph, 0, 2);
                train(two, graph, 0, 2);
                assertSameBits(two.weights(), one.weights());
                assertSameBits(two.slots(), one.slots());
            }
        }
    }

    // -- frozen parts ---------------------------------------------------------------------------------

    /** Parts of all kinds of layers, against the plain engine: what learns and what must not move. */
    @TestFactory
    Stream<DynamicTest> frozenPartsOfRandomNetworks() {
        return LongStream.range(0, 16)
                .mapToObj(seed -> dynamicTest("network " + seed, () -> {
                    Graph graph = seed < 4 ? Samples.everything() : Samples.network(seed);
                    stepsAgree(graph, randomlyFrozen(graph, seed), 2e-5, 1e-3);
                }));
    }

    /** Freezes a stretch of layers, and single parameters; statistics with scale and shift, without, or alone. */
    private static LearnerOptions randomlyFrozen(Graph graph, long seed) {
        var random = new SplittableRandom(seed);
        List<String> layers = graph.nodes().stream()
                .filter(n -> !n.params().isEmpty() && n != graph.output())
                .map(n -> n.path())
                .toList();
        int from = random.nextBoolean() ? 0 : random.nextInt(layers.size()),
                to = random.nextInt(from, layers.size() + 1);
        Set<String> names = new LinkedHashSet<>();
        for (int i = 0; i < layers.size(); i++) {
            boolean inside = i >= from && i < to;
            int kind = random.nextInt(4);
            for (String name : ParameterGroup.matching(graph, layers.get(i))) {
                boolean statistic = name.contains(".running_"), bias = name.endsWith(".bias");
                if (inside ? kind != 0 || !statistic : kind == 1 && statistic || kind == 2 && bias) names.add(name);
            }
        }
        if (names.isEmpty()) return PLAIN;
        return PLAIN.withGroups(List.of(ParameterGroup.frozen(names)));
    }

    private void stepsAgree(Graph graph, LearnerOptions options, double forward, double backward) {
        Weights start = Samples.weights(graph);
        try (Learner learner = engine.learner(graph, start, MOMENTUM, options);
                Learner right = new PlainEngine().learner(graph, start, MOMENTUM, options)) {
            for (int step = 0; step < 2; step++) {
                Batch batch = Samples.batch(graph, 5 * step, 5);
                Learner.Step got = learner.gradients(batch), expected = right.gradients(batch);
                assertNear("logits", got.logits(), expected.logits(), (step + 1) * forward);
                if (step == 0) assertNear("gradient of", learner.gradientsByName(), right.gradientsByName(), backward);
                learner.update(1e-3);
                right.update(1e-3);
            }
            assertThat(learner.gradientsByName().tensors().keySet())
                    .containsExactlyElementsOf(learning(graph, options));
            Weights after = learner.weights();
            assertNear("state", after, right.weights(), 1e-3);
            for (String name : frozen(options))
                assertThat(after.get(name).toArray())
                        .as(name)
                        .containsExactly(start.get(name).toArray());
        }
    }

    /** Statistics that move all the same leave every value as it is, so that what learns has the gradients as always. */
    @Test
    void whatLearnsHasTheGradientsOfTheWholeNetwork() {
        Graph graph = Samples.everything();
        LearnerOptions options = PLAIN.withGroups(List.of(ParameterGroup.frozen(graph.parameters().keySet().stream()
                .filter(n -> n.matches("(stem|left|left_bn|right|squeeze|unit|side.fc)\\.(weight|bias)"))
                .toList())));
        try (Learner whole = engine.learner(graph, Samples.weights(graph), MOMENTUM, PLAIN);
                Learner part = engine.learner(graph, Samples.weights(graph), MOMENTUM, options)) {
            Batch batch = Samples.batch(graph, 0, 6);
            assertThat(part.gradients(batch).loss())
                    .isCloseTo(whole.gradients(batch).loss(), within(1e-6));
            Weights all = whole.gradientsByName(), some = part.gradientsByName();
            assertThat(some.tensors().keySet()).containsExactlyElementsOf(learning(graph, options));
            some.tensors()
                    .forEach((name, t) ->
                            assertNear(name, t.toArray(), all.get(name).toArray(), 1e-5, 1e-6));
            assertNear(
                    "running",
                    part.weights().get("right_bn.running_var").toArray(),
                    whole.weights().get("right_bn.running_var").toArray(),
                    1e-6);
        }
    }

    @Test
    void gradientsOfFrozenParametersAreZerosAndAreNotTaken() {
        Graph graph = Samples.everything();
        LearnerOptions options = frozen(graph, "stem", "unit*", "hidden.bias");
        try (Learner learner = engine.learner(graph, Samples.weights(graph), PLAIN_SGD, options)) {
            learner.gradients(Samples.batch(graph, 0, 4));
            Weights named = learner.gradientsByName();
            assertPlaces(graph, learner, named, 1);
            FloatBuffer all = Batch.buffer(graph.parameterCount());
            learner.readGradients(all);
            for (int i = 0; i < all.limit(); i++) all.put(i, 2 * all.get(i) + 0f);
            int from = 0;
            for (var e : graph.parameters().entrySet()) {
                if (!e.getValue().trainable()) continue;
                int to = from + (int) e.getValue().shape().elements();
                if (frozen(options).contains(e.getKey())) for (int i = from; i < to; i++) all.put(i, 7);
                from = to;
            }
            learner.writeGradients(all);
            assertPlaces(graph, learner, named, 2);
            learner.update(0.1);
            for (String name : frozen(options))
                assertThat(learner.weights().get(name).toArray())
                        .as(name)
                        .containsExactly(Samples.weights(graph).get(name).toArray());
        }
    }

    private static void assertPlaces(Graph graph, Learner learner, Weights named, float factor) {
        FloatBuffer all = Batch.buffer(graph.parameterCount());
        learner.readGradients(all);
        graph.parameters().forEach((name, p) -> {
            if (!p.trainable()) return;
            float[] part = new float[(int) p.shape().elements()], right = part.clone();
            all.get(part);
            if (named.tensors().containsKey(name))
                for (int i = 0; i < right.length; i++)
                    right[i] = factor * named.get(name).toArray()[i];
            assertThat(part).as(name).containsExactly(right);
        });
    }

    @Test
    void frozenPartsHaveNoSlotsAndAreTheirOwnAverages() {
        Graph graph = Samples.everything();
        LearnerOptions options = frozen(graph, "stem", "left*", "unit_bn.running_*");
        for (Optimizer optimizer : OPTIMIZERS) {
            try (Learner learner = engine.learner(graph, Samples.weights(graph), optimizer, options)) {
                train(learner, graph, 0, 3);
                Set<String> slots = learner.slots().tensors().keySet();
                Set<String> frozen = frozen(options);
                assertThat(slots).noneMatch(s -> frozen.contains(s.substring(s.indexOf('/') + 1)));
                assertThat(slots)
                        .hasSize(optimizer.slots().size()
                                        * learning(graph, options).size()
                                + graph.parameters().size()
                                - frozen.size());
                Weights averages = learner.averages();
                assertThat(averages.tensors().keySet())
                        .containsExactlyElementsOf(graph.parameters().keySet());
                for (String name : frozen)
                    assertThat(averages.get(name).toArray())
                            .as(name)
                            .containsExactly(Samples.weights(graph).get(name).toArray());
            }
        }
    }

    @Test
    void continuesBitForBit() {
        Graph graph = Samples.everything();
        Set<String> frozen = ParameterGroup.matching(graph, "stem");
        LearnerOptions options = LearnerOptions.DEFAULTS
                .withSeed(5)
                .withGroups(List.of(
                        ParameterGroup.frozen(frozen),
                        ParameterGroup.frozen(ParameterGroup.matching(graph, "right_bn")),
                        ParameterGroup.learning(ParameterGroup.matching(graph, "unit*"), 0.3, 2),
                        ParameterGroup.learning(ParameterGroup.matching(graph, "hidden"), 0.7, 0)));
        for (Optimizer optimizer : OPTIMIZERS) {
            try (Learner through = engine.learner(graph, Samples.weights(graph), optimizer, options)) {
                train(through, graph, 0, 2);
                Weights weights = through.weights(), slots = through.slots();
                List<Double> losses = train(through, graph, 2, 5);
                try (Learner resumed = engine.learner(graph, Weights.initial(graph, 99), optimizer, options)) {
                    resumed.gradients(Samples.batch(graph, 40, 4)); // is forgotten
                    resumed.restore(weights, slots, 2);
                    assertThat(train(resumed, graph, 2, 5)).isEqualTo(losses);
                    assertSameBits(resumed.weights(), through.weights());
                    assertSameBits(resumed.slots(), through.slots());
                    assertSameBits(resumed.averages(), through.averages());
                }
            }
        }
    }

    @Test
    void clipsToTheNormOfWhatLearns() {
        Graph graph = Samples.plain();
        LearnerOptions options = frozen(graph, "conv");
        Weights start = Samples.weights(graph);
        try (Learner learner = engine.learner(graph, start, PLAIN_SGD.clip(1e-3), options)) {
            learner.gradients(Samples.batch(graph, 0, 4));
            learner.update(1);
            Weights after = learner.weights();
            double sum = 0;
            for (String name : after.tensors().keySet()) {
                float[] a = after.get(name).toArray(), b = start.get(name).toArray();
                for (int i = 0; i < a.length; i++) sum += Math.pow((double) a[i] - b[i], 2);
            }
            assertThat(Math.sqrt(sum)).isCloseTo(1e-3, within(2e-5));
        }
    }

    @Test
    void refusesGroupsThatDoNotFit() {
        Graph graph = Samples.plain();
        for (List<ParameterGroup> groups : List.of(
                List.of(ParameterGroup.frozen(List.of("conv.weigth"))),
                List.of(
                        ParameterGroup.frozen(List.of("conv.weight")),
                        ParameterGroup.learning(List.of("conv.weight"), 1, 1)))) {
            LearnerOptions options = PLAIN.withGroups(groups);
            assertThatThrownBy(() -> engine.learner(graph, Samples.weights(graph), PLAIN_SGD, options))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("conv.weig");
            assertThatThrownBy(() -> engine.exactLearner(graph, Samples.weights(graph), PLAIN_SGD, options))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    /** The learner for comparisons has another way through batch norms and products. */
    @Test
    void frozenPartsOfAnExactLearner() {
        Graph graph = Samples.everything();
        LearnerOptions options = frozen(graph, "stem", "left", "right_bn", "unit_bn.running_*");
        Weights start = Samples.weights(graph);
        try (Learner learner = engine.exactLearner(graph, start, MOMENTUM, options);
                Learner right = new PlainEngine().learner(graph, start, MOMENTUM, options)) {
            Batch batch = Samples.batch(graph, 0, 5);
            assertNear(
                    "logits",
                    learner.gradients(batch).logits(),
                    right.gradients(batch).logits(),
                    1e-5);
            assertNear("gradient of", learner.gradientsByName(), right.gradientsByName(), 1e-3);
            learner.update(0.1);
            for (String name : frozen(options))
                assertThat(learner.weights().get(name).toArray())
                        .as(name)
                        .containsExactly(start.get(name).toArray());
        }
    }
}
