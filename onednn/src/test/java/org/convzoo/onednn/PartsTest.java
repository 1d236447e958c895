package org.convzoo.onednn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.convzoo.engine.Batch;
import org.convzoo.engine.LearnerOptions;
import org.convzoo.engine.Optimizer;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Shape;
import org.convzoo.models.Models;
import org.convzoo.models.Options;
import org.convzoo.models.Task;
import org.convzoo.onednn.binding.Layout;
import org.convzoo.onednn.binding.Natives;
import org.convzoo.onednn.compile.Plan;
import org.convzoo.onednn.tuning.Tuner;
import org.convzoo.onednn.winograd.WinogradUse;
import org.convzoo.verify.ValueRule;
import org.convzoo.weights.Weights;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class PartsTest {
    private static final Graph GRAPH = Models.named("resnet18").graph(new Task(new Shape(3, 40, 40), 10), Options.NONE);

    private final Weights weights = Weights.initial(GRAPH, 1);

    private static OneDnnEngine engine(Plan plan) {
        return new OneDnnEngine(Tuner.forced(plan));
    }

    /** Two networks, in both layouts, with and without Winograd. */
    static Stream<Arguments> plans() {
        return Stream.of("resnet18", "shufflenet_v2_x1_0").flatMap(PartsTest::plansOf);
    }

    /** Networks that with those have all ways of joining maps. */
    static Stream<Arguments> morePlans() {
        return Stream.of("densenet121", "googlenet_bn", "mobilenet_v3_small", "skresnet18")
                .flatMap(PartsTest::plansOf);
    }

    private static Stream<Arguments> plansOf(String name) {
        return Stream.of(Layout.values()).flatMap(layout -> Stream.of(WinogradUse.NEVER, WinogradUse.EVERYWHERE)
                .map(winograd -> arguments(name, new Plan(layout, winograd))));
    }

    @ParameterizedTest
    @MethodSource("morePlans")
    @Tag("thorough")
    void anyNumberOfImagesOfMoreNetworks(String name, Plan plan) {
        anyNumberOfImagesIsPredictedAsTogether(name, plan);
    }

    @ParameterizedTest
    @MethodSource("plans")
    void anyNumberOfImagesIsPredictedAsTogether(String name, Plan plan) {
        Graph graph = Models.named(name).graph(new Task(new Shape(3, 40, 40), 10), Options.NONE);
        int elements = (int) graph.input().shape().elements();
        Weights weights = Weights.initial(graph, 1);
        try (OneDnnEngine apart = engine(plan.inParts());
                OneDnnEngine together = engine(plan);
                var predictor = apart.predictor(graph, weights);
                var expected = together.predictor(graph, weights)) {
            for (int count : new int[] {1, 4, 35}) {
                FloatBuffer images = ValueRule.images(graph.input().shape(), count);
                float[] right = expected.logits(images.duplicate(), count);
                FloatBuffer later = Batch.buffer((count + 1L) * elements).position(elements);
                later.duplicate().put(images.duplicate());
                for (FloatBuffer given : List.of(images.duplicate(), later)) {
                    float[] z = predictor.logits(given, count);
                    assertThat(z).hasSameSizeAs(right);
                    for (int i = 0; i < z.length; i++)
                        assertThat(z[i]).as("%d images, logit %d", count, i).isCloseTo(right[i], within(1e-4f));
                }
            }
        }
    }

    @Test
    void callersAtOnceAndOtherWeights() {
        Weights others = Weights.initial(GRAPH, 2);
        FloatBuffer images = ValueRule.images(GRAPH.input().shape(), 9);
        try (OneDnnEngine engine = engine(new Plan(Layout.BLOCKED, WinogradUse.EVERYWHERE).inParts())) {
            try (var predictor = engine.predictor(GRAPH, weights);
                    var other = engine.predictor(GRAPH, others)) {
                float[] before = predictor.logits(images.duplicate(), 9), after = other.logits(images.duplicate(), 9);
                IntStream.range(0, 6).parallel().forEach(i -> assertThat(predictor.logits(images.duplicate(), 9))
                        .isEqualTo(before));
                predictor.load(others);
                assertThat(predictor.logits(images.duplicate(), 9))
                        .isEqualTo(after)
                        .isNotEqualTo(before);
            }
            assertThat(engine.nativeBytes()).isZero();
        }
    }

    /** The race as users have it, all the ways compiled. */
    @Test
    void aRaceLeavesNothingBehind(@TempDir Path directory) {
        int before = Natives.open();
        try (var engine = new OneDnnEngine(Tuner.measuring(directory.resolve("plans.properties"), 2))) {
            FloatBuffer images = ValueRule.images(GRAPH.input().shape(), 8);
            Batch batch = Batch.labelled(images.duplicate(), 10, 0, 1, 2, 3, 4, 5, 6, 7);
            var sgd = new Optimizer.Sgd(0.9, false, Optimizer.Decay.NONE);
            try (var predictor = engine.predictor(GRAPH, weights);
                    var learner = engine.learner(
                            GRAPH,
                            weights,
                            sgd,
                            LearnerOptions.DEFAULTS.withSeed(1).withRegularised(false))) {
                assertThat(predictor.logits(images.duplicate(), 8)).hasSize(80).doesNotContain(Float.NaN);
                assertThat(learner.gradients(batch).loss()).isPositive();
                assertThat(engine.plans()).hasSize(2);
            }
            assertThat(engine.nativeBytes()).isZero();
            assertThat(Natives.open()).isEqualTo(before);
        }
    }
}
