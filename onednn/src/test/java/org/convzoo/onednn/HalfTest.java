package org.convzoo.onednn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.FloatBuffer;
import java.util.EnumMap;
import java.util.Map;
import org.convzoo.engine.Batch;
import org.convzoo.engine.Engine;
import org.convzoo.engine.Learner;
import org.convzoo.engine.LearnerOptions;
import org.convzoo.engine.Optimizer;
import org.convzoo.engine.Precision;
import org.convzoo.engine.Predictor;
import org.convzoo.engine.PredictorOptions;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Shape;
import org.convzoo.graph.Window;
import org.convzoo.models.Models;
import org.convzoo.models.Options;
import org.convzoo.models.Task;
import org.convzoo.onednn.binding.Layout;
import org.convzoo.onednn.tuning.Tuner;
import org.convzoo.verify.ValueRule;
import org.convzoo.weights.Weights;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** bfloat16 against float32: eight bits of mantissa leave some thousandths, and training goes the same way. */
class HalfTest {
    private static final int IMAGES = 8, STEPS = 20;

    @ParameterizedTest(name = "{0} {1}")
    @CsvSource({
        "resnet18, CHANNELS_LAST",
        "mobilenet_v2, BLOCKED",
        "googlenet, BLOCKED",
        "efficientnet_b0, CHANNELS_LAST",
        "alexnet, BLOCKED"
    })
    @Tag("thorough")
    void moreNetworksComeNearFloat(String name, Layout layout) {
        comesNearFloat(name, layout);
    }

    @ParameterizedTest(name = "{0} {1}")
    @CsvSource({"resnet18, BLOCKED", "shufflenet_v2_x1_0, CHANNELS_LAST"})
    void comesNearFloat(String name, Layout layout) {
        int side = 64;
        Graph graph = Models.named(name).graph(new Task(new Shape(3, side, side), 10), Options.NONE);
        Weights weights = Weights.initial(graph, 1);
        FloatBuffer images = ValueRule.images(graph.input().shape(), IMAGES);
        Batch batch = Batch.labelled(images, 10, 0, 1, 2, 3, 4, 5, 6, 7);
        var sgd = new Optimizer.Sgd(0.9, false, new Optimizer.Decay(1e-4, true));
        try (Engine engine = new OneDnnEngine(Tuner.forced(layout))) {
            assumeThat(engine.precisions()).contains(Precision.BF16);
            float[][] logits = new float[2][];
            double[] first = new double[2];
            for (Precision p : new Precision[] {Precision.F32, Precision.BF16}) {
                int i = p == Precision.F32 ? 0 : 1;
                try (Learner learner = engine.learner(
                        graph,
                        weights,
                        sgd,
                        LearnerOptions.DEFAULTS.withSeed(1).withPrecision(p).withRegularised(false))) {
                    first[i] = learner.gradients(batch).loss();
                    learner.weights().tensors().forEach((tensor, t) -> assertFinite(tensor, t.toArray()));
                    learner.gradientsByName().tensors().forEach((tensor, t) -> assertFinite(tensor, t.toArray()));
                    learner.update(1e-3);
                }
                try (Predictor predictor =
                        engine.predictor(graph, weights, PredictorOptions.DEFAULTS.withPrecision(p))) {
                    logits[i] = predictor.logits(images.duplicate(), IMAGES);
                }
            }
            assertThat(first[1]).isCloseTo(first[0], org.assertj.core.data.Percentage.withPercentage(3));
            double largest = 0, departure = 0;
            for (int k = 0; k < logits[0].length; k++) {
                largest = Math.max(largest, Math.abs(logits[0][k]));
                departure = Math.max(departure, Math.abs(logits[0][k] - logits[1][k]));
            }
            assertThat(departure / largest).isLessThan(0.1);
            assertThat(engine.nativeBytes()).isZero();
        }
    }

    /**
     * Twenty steps on one batch, by which float32's loss falls to a hundredth. Each value rounds by up to 2^-9, so that
     * losses are off by some hundredths of the first (measured: by 0.058 of it at most, in the third step); a rounding
     * with a bias or a gradient that gets lost would add up and leave the curve behind.
     */
    @ParameterizedTest
    @EnumSource
    void learnsAsFloatDoes(Layout layout) {
        Graph graph = Models.named("resnet18").graph(new Task(new Shape(3, 64, 64), 10), Options.NONE);
        Weights weights = Weights.initial(graph, 1);
        Batch batch = Batch.labelled(ValueRule.images(graph.input().shape(), IMAGES), 10, 0, 1, 2, 3, 4, 5, 6, 7);
        var sgd = new Optimizer.Sgd(0.9, false, new Optimizer.Decay(1e-4, true));
        try (Engine engine = new OneDnnEngine(Tuner.forced(layout))) {
            assumeThat(engine.precisions()).contains(Precision.BF16);
            double[] whole = losses(engine, graph, weights, sgd, batch, Precision.F32),
                    half = losses(engine, graph, weights, sgd, batch, Precision.BF16);
            assertThat(whole[STEPS - 1]).as("learns").isLessThan(whole[0] / 10);
            for (int i = 0; i < STEPS; i++)
                assertThat(half[i]).as("loss of step " + i).isCloseTo(whole[i], within(0.1 * whole[0]));
        }
    }

    private static double[] losses(
            Engine engine, Graph graph, Weights weights, Optimizer optimizer, Batch batch, Precision precision) {
        double[] losses = new double[STEPS];
        try (Learner learner = engine.learner(
                graph,
                weights,
                optimizer,
                LearnerOptions.DEFAULTS.withSeed(1).withPrecision(precision).withRegularised(false))) {
            for (int i = 0; i < STEPS; i++) {
                losses[i] = learner.gradients(batch).loss();
                learner.update(2e-3);
            }
        }
        return losses;
    }

    /**
     * All numbers that depthwise convolutions read are bfloat16, and sums are float32: gradients are off by no more than
     * the rounding of what they are made of.
     */
    @ParameterizedTest
    @EnumSource
    void gradientsOfDepthwiseConvolutionsComeNearFloat(Layout layout) {
        Graph graph = Graph.of("depthwise", new Shape(3, 31, 29), x -> x.conv("expand", 40, 1)
                .conv("five", 40, Window.k(5).groups(40))
                .conv("stride", 40, Window.k(5).stride(2).groups(40))
                .conv("seven", 40, Window.k(7).groups(40))
                .conv("three", 40, Window.k(3).stride(2).groups(40))
                .avgPoolTo(1)
                .flatten()
                .linear("classes", 10));
        Batch batch = Batch.labelled(ValueRule.images(graph.input().shape(), IMAGES), 10, 0, 1, 2, 3, 4, 5, 6, 7);
        try (Engine engine = new OneDnnEngine(Tuner.forced(layout))) {
            assumeThat(engine.precisions()).contains(Precision.BF16);
            Map<Precision, Weights> gradients = new EnumMap<>(Precision.class);
            for (Precision p : Precision.values()) {
                try (Learner learner = engine.learner(
                        graph,
                        ValueRule.state(graph, 1),
                        new Optimizer.Sgd(0, false, Optimizer.Decay.NONE),
                        LearnerOptions.DEFAULTS.withPrecision(p))) {
                    learner.gradients(batch);
                    gradients.put(p, learner.gradientsByName());
                }
            }
            gradients.get(Precision.F32).tensors().forEach((name, t) -> {
                float[] right = t.toArray(),
                        half = gradients.get(Precision.BF16).get(name).toArray();
                double square = 0, away = 0;
                for (int i = 0; i < right.length; i++) {
                    square += right[i] * right[i];
                    away += Math.pow(right[i] - half[i], 2);
                }
                assertThat(Math.sqrt(away / square)).as(name).isLessThan(0.03);
            });
        }
    }

    private static void assertFinite(String name, float[] values) {
        for (float v : values) assertThat(v).as(name).isFinite();
    }
}
