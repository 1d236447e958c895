package org.convzoo.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Node;
import org.convzoo.graph.Shape;
import org.convzoo.graph.Window;
import org.convzoo.verify.ValueRule;
import org.convzoo.weights.Weights;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How every engine's predictor and probe must answer, from many threads too, and what closing and misuse must do. */
public abstract class PredictorConformance extends EngineConformance {
    /** Folded batch norms, fused activations and shared memory must not show. */
    @Test
    void predictsWhatTheTrainedNetworkGivesInEvaluation() {
        Graph graph = Samples.everything();
        FloatBuffer images = Samples.images(graph, 0, 6);
        try (Learner learner =
                engine.learner(graph, Samples.weights(graph), MOMENTUM, LearnerOptions.DEFAULTS.withSeed(1))) {
            train(learner, graph, 0, 5);
            Weights trained = learner.weights();
            try (Predictor predictor = engine.predictor(graph, trained);
                    Probe probe = engine.probe(graph, trained)) {
                probe.forward(images.duplicate(), 6, Probe.Statistics.RUNNING);
                float[] logits = predictor.logits(images.duplicate(), 6);
                assertNear("logits", logits, probe.activation(graph.output()), 2e-5);
                assertSameBits(probe.weights(), trained);
            }
        }
    }

    /** In memory of Java's or of the system's, in whatever byte order, and from the buffer's position on. */
    @Test
    void readsImagesWhereverTheyLie() {
        Graph graph = Samples.plain();
        FloatBuffer all = Samples.images(graph, 0, 3);
        float[] before = new float[all.remaining()];
        all.get(0, before);
        int each = all.remaining() / 3;
        List<FloatBuffer> places = new ArrayList<>();
        places.add(FloatBuffer.allocate(3 * each + 5).position(5));
        for (ByteOrder order : List.of(ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN))
            for (int bytes : new int[] {0, 4, 1}) {
                ByteBuffer b = ByteBuffer.allocateDirect(12 * each + bytes + 12);
                places.add(
                        b.position(bytes).slice().order(order).asFloatBuffer().position(3));
            }
        try (Predictor predictor = engine.predictor(graph, Samples.weights(graph))) {
            float[] logits = predictor.logits(all.duplicate(), 3);
            assertThat(logits).hasSize(15);
            for (FloatBuffer images : places) {
                images.duplicate().put(all.duplicate());
                FloatBuffer given = images.asReadOnlyBuffer().limit(images.position() + 3 * each);
                assertThat(predictor.logits(given, 3)).as(given.toString()).containsExactly(logits);
            }
            FloatBuffer second = all.duplicate().position(each).limit(2 * each);
            assertNear("second", predictor.logits(second, 1), Arrays.copyOfRange(logits, 5, 10), 1e-5);
            assertThat(predictor.logits(all.duplicate(), 3)).containsExactly(logits);
            predictor.logits(FloatBuffer.allocate(3 * each), 3);
            float[] after = new float[before.length];
            all.get(0, after);
            assertThat(after).as("the images themselves").containsExactly(before);
        }
    }

    @Test
    void takesOtherWeights() {
        Graph graph = Samples.everything();
        Weights first = Samples.weights(graph), second = Weights.initial(graph, 3);
        FloatBuffer images = Samples.images(graph, 0, 2);
        try (Predictor predictor = engine.predictor(graph, first);
                Predictor other = engine.predictor(graph, second)) {
            float[] before = predictor.logits(images.duplicate(), 2);
            float[] expected = other.logits(images.duplicate(), 2);
            predictor.load(second);
            assertThat(predictor.logits(images.duplicate(), 2)).containsExactly(expected);
            assertThatThrownBy(() -> predictor.load(new Weights(Map.of())))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("the weights do not fit everything: ");
            assertThat(predictor.logits(images.duplicate(), 2)).as("still").containsExactly(expected);
            predictor.load(first);
            assertThat(predictor.logits(images.duplicate(), 2)).containsExactly(before);
        }
    }

    @ParameterizedTest
    @EnumSource
    void eightThreadsPredictTheSameBits(Mode mode) throws Exception {
        Graph graph = Samples.everything();
        Weights weights = Samples.weights(graph);
        try (Predictor predictor = engine.predictor(graph, weights, PredictorOptions.DEFAULTS.withMode(mode));
                Predictor usual = engine.predictor(graph, weights)) {
            Map<Integer, float[]> alone = new LinkedHashMap<>();
            for (int size = 1; size < 7; size++) {
                FloatBuffer images = Samples.images(graph, size, size);
                alone.put(size, predictor.logits(images, size));
                assertNear("in " + mode, alone.get(size), usual.logits(images, size), 1e-5);
            }
            inThreads(8, thread -> {
                for (int i = 0; i < 40; i++) {
                    int size = 1 + (thread + i) % 6;
                    assertThat(predictor.logits(Samples.images(graph, size, size), size))
                            .containsExactly(alone.get(size));
                }
                return null;
            });
        }
    }

    /** Each prediction is by the weights of before or of after, never by some of both. */
    @ParameterizedTest
    @EnumSource
    void takesOtherWeightsBetweenPredictions(Mode mode) throws Exception {
        Graph graph = Samples.everything();
        List<Weights> weights = List.of(Samples.weights(graph), Weights.initial(graph, 3));
        FloatBuffer images = Samples.images(graph, 0, 4);
        try (Predictor predictor = engine.predictor(graph, weights.get(0), PredictorOptions.DEFAULTS.withMode(mode))) {
            List<float[]> expected = new ArrayList<>();
            for (Weights w : weights) {
                predictor.load(w);
                expected.add(predictor.logits(images.duplicate(), 4));
            }
            inThreads(4, thread -> {
                for (int i = 0; i < 40; i++) {
                    if (thread == 0) predictor.load(weights.get(i % 2));
                    else assertThat(predictor.logits(images.duplicate(), 4)).isIn(expected);
                }
                return null;
            });
        }
    }

    @Test
    void predictsImagesOfOtherSizes() {
        Graph graph = Graph.of("any size", new Shape(3, 20, 12), image -> image.conv("first", 32, 3)
                .bn("norm")
                .relu()
                .maxPool(2, 2)
                .conv("second", 32, Window.k(3).groups(32))
                .conv("third", 40, 3)
                .relu6()
                .avgPoolTo(1)
                .flatten()
                .linear("classes", 5));
        Weights weights = Samples.weights(graph);
        try (Predictor predictor = engine.predictor(graph, weights);
                Predictor expected = new PlainEngine().predictor(graph, weights)) {
            for (Shape image : List.of(
                    new Shape(3, 33, 17),
                    new Shape(3, 12, 20),
                    graph.input().shape(),
                    new Shape(3, 8, 8),
                    new Shape(3, 64, 50),
                    new Shape(3, 33, 17))) {
                for (int count : new int[] {1, 5}) {
                    FloatBuffer images = ValueRule.images(image, count);
                    assertNear(
                            count + " of " + image,
                            predictor.logits(images.duplicate(), count, image),
                            expected.logits(images.duplicate(), count, image),
                            1e-5);
                }
            }
            Shape gray = new Shape(1, 20, 12), small = new Shape(3, 8, 8);
            assertThatThrownBy(() -> predictor.logits(ValueRule.images(gray, 1), 1, gray))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("first")
                    .hasMessageContaining("1x20x12");
            assertThatThrownBy(() -> predictor.logits(ValueRule.images(small, 2), 1, small))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("1 images of 3x8x8 are 192 floats, got 384");
        }
    }

    /** Working memory for the latest few batch sizes only. */
    @Test
    void forgetsBatchSizesOfLongAgo() {
        Graph graph = Samples.everything();
        try (Predictor predictor = engine.predictor(graph, Samples.weights(graph))) {
            predictor.logits(Samples.images(graph, 0, 1), 1);
            float[] expected = predictor.logits(Samples.images(graph, 0, 40), 40);
            long two = engine.nativeBytes();
            for (int size = 12; size > 0; size--) predictor.logits(Samples.images(graph, 0, size), size);
            assertThat(engine.nativeBytes()).isLessThanOrEqualTo(two);
            assertThat(predictor.logits(Samples.images(graph, 0, 40), 40)).containsExactly(expected);
        }
    }

    @Test
    void looksAtEveryNode() {
        Graph graph = Samples.everything();
        try (Probe probe = engine.probe(graph, Samples.weights(graph))) {
            probe.forward(Samples.images(graph, 0, 2), 2, Probe.Statistics.RUNNING);
            for (Node n : graph.nodes())
                assertThat(probe.activation(n)).as(n.toString()).hasSize((int)
                        (2 * n.shape().elements()));
            Node middle = graph.node("unit");
            float[] ones = new float[probe.activation(middle).length];
            Arrays.fill(ones, 1);
            probe.backward(Map.of(middle, ones));
            assertThat(probe.gradient(middle)).containsExactly(ones);
            assertThat(probe.gradient(graph.input())).hasSize(2 * 3 * 21 * 18);
            assertThatThrownBy(() -> probe.gradient(graph.output()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(graph.output().path());
        }
    }

    @Test
    void aNodeOfAnotherGraphIsRefused() {
        Graph graph = Samples.everything();
        Node other = Samples.everything().node("unit");
        try (Probe probe = engine.probe(graph, Samples.weights(graph))) {
            probe.forward(Samples.images(graph, 0, 2), 2, Probe.Statistics.RUNNING);
            float[] ones = new float[2 * (int) other.shape().elements()];
            for (ThrowingCallable wrong : List.<ThrowingCallable>of(
                    () -> probe.activation(other),
                    () -> probe.backward(Map.of(other, ones)),
                    () -> probe.gradient(other)))
                assertThatThrownBy(wrong)
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageMatching("unit \\(.*is a layer of another network than .*");
        }
    }

    /** From two places at once, as from a main and an auxiliary head: gradients add up. */
    @Test
    void gradientsFromTwoPlacesAddUp() {
        Graph graph = Samples.everything();
        Node side = graph.auxiliaries().get(0).output(), main = graph.output();
        float[] one = ValueRule.values("one", 10, 1, 0), two = ValueRule.values("two", 10, 1, 0);
        try (Probe probe = engine.probe(graph, Samples.weights(graph))) {
            probe.forward(Samples.images(graph, 0, 2), 2, Probe.Statistics.RUNNING);
            probe.backward(Map.of(main, one));
            float[] sum = probe.gradient(graph.input());
            probe.backward(Map.of(side, two));
            float[] other = probe.gradient(graph.input());
            for (int i = 0; i < sum.length; i++) sum[i] += other[i];
            probe.backward(Map.of(main, one, side, two));
            assertNear("gradient of the image", probe.gradient(graph.input()), sum, 1e-5);
        }
    }

    // -- closing and misuse -----------------------------------------------------------------------

    @Test
    void closingTwiceDoesNothing() {
        Graph graph = Samples.plain();
        Weights weights = Samples.weights(graph);
        Predictor predictor = engine.predictor(graph, weights);
        Learner learner = engine.learner(graph, weights, MOMENTUM, LearnerOptions.DEFAULTS.withRegularised(false));
        Probe probe = engine.probe(graph, weights);
        learner.gradients(Samples.batch(graph, 0, 2));
        for (int i = 0; i < 2; i++) {
            predictor.close();
            learner.close();
            probe.close();
        }
        assertThat(engine.nativeBytes()).isZero();
    }

    @Test
    void aClosedPredictorSaysSo() {
        Graph graph = Samples.plain();
        Predictor predictor = engine.predictor(graph, Samples.weights(graph));
        predictor.close();
        assertThatThrownBy(() -> predictor.logits(Samples.images(graph, 0, 1), 1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("closed");
    }

    @ParameterizedTest
    @EnumSource
    void closingWaitsForPredictionsUnderWay(Mode mode) throws Exception {
        Graph graph = Samples.everything();
        for (int round = 0; round < 10; round++) {
            Predictor predictor =
                    engine.predictor(graph, Samples.weights(graph), PredictorOptions.DEFAULTS.withMode(mode));
            FloatBuffer images = Samples.images(graph, 0, 16);
            float[] expected = predictor.logits(images.duplicate(), 16);
            CountDownLatch busy = new CountDownLatch(3);
            inThreads(4, thread -> {
                if (thread == 3) {
                    busy.await();
                    predictor.close();
                    assertThat(engine.nativeBytes()).as("once close returns").isZero();
                    return null;
                }
                for (boolean first = true; ; first = false) {
                    try {
                        float[] got = predictor.logits(images.duplicate(), 16);
                        assertThat(got).containsExactly(expected);
                    } catch (IllegalStateException e) {
                        return null;
                    }
                    if (first) busy.countDown();
                }
            });
        }
    }

    @Test
    void refusesBuffersOfAnotherSize() {
        Graph graph = Samples.plain();
        Weights weights = Samples.weights(graph);
        FloatBuffer two = Samples.images(graph, 0, 2);
        FloatBuffer targets = Targets.rows(new int[2], 5);
        try (Predictor predictor = engine.predictor(graph, weights);
                Learner learner =
                        engine.learner(graph, weights, MOMENTUM, LearnerOptions.DEFAULTS.withRegularised(false));
                Probe probe = engine.probe(graph, weights)) {
            for (int count : new int[] {-1, 0, 1, 3})
                assertThatThrownBy(() -> predictor.logits(two.duplicate(), count))
                        .as("%d of 2 images", count)
                        .isInstanceOf(IllegalArgumentException.class);
            for (int count : new int[] {0, 1, 3})
                assertThatThrownBy(() -> learner.gradients(new Batch(count, two, targets)))
                        .as("%d of 2 images", count)
                        .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> learner.gradients(new Batch(2, two, Targets.rows(new int[2], 4))))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("targets");
            assertThatThrownBy(() -> probe.forward(two.duplicate(), 3, Probe.Statistics.RUNNING))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThat(predictor.logits(two.duplicate(), 2)).as("works on").hasSize(10);
            assertThat(learner.gradients(new Batch(2, two, targets)).loss())
                    .as("works on")
                    .isPositive();
        }
    }

    @Test
    void refusesWeightsOfAnotherNetwork() {
        Graph graph = Samples.plain();
        Weights weights = Samples.weights(Samples.everything());
        List<ThrowingCallable> calls = List.of(
                () -> engine.predictor(graph, weights),
                () -> engine.learner(graph, weights, MOMENTUM, LearnerOptions.DEFAULTS.withRegularised(false)),
                () -> engine.probe(graph, weights));
        for (var call : calls)
            assertThatThrownBy(call)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("the weights do not fit plain: ")
                    .hasMessageContaining("missing")
                    .hasMessageContaining("not of this network");
    }

    @Test
    void describesItself() {
        assertThat(engine.name()).matches("[a-z]+");
        assertThat(engine.description()).isNotBlank().doesNotContain("\n");
    }
}
