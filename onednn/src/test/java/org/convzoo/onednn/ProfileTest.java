package org.convzoo.onednn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.FloatBuffer;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.convzoo.engine.Batch;
import org.convzoo.engine.Engine;
import org.convzoo.engine.LayerTime;
import org.convzoo.engine.Learner;
import org.convzoo.engine.LearnerOptions;
import org.convzoo.engine.Optimizer;
import org.convzoo.engine.Peak;
import org.convzoo.engine.Precision;
import org.convzoo.engine.Predictor;
import org.convzoo.engine.PredictorOptions;
import org.convzoo.engine.Untuned;
import org.convzoo.failure.WrongUseException;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Node;
import org.convzoo.graph.Shape;
import org.convzoo.weights.Weights;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A profile accounts for all the work of a network, and the work goes on as before. */
class ProfileTest {
    private static final int BATCH = 3;
    private static final Graph GRAPH = Graph.of("small", new Shape(3, 16, 16), x -> x.conv("first", 16, 3)
            .bn("norm")
            .relu()
            .in("block", b -> b.add(b.depthwise(3, 1).bn().relu()))
            .avgPoolTo(1)
            .flatten()
            .linear("head", 10));
    private static final Optimizer SGD = new Optimizer.Sgd(0.9, false, Optimizer.Decay.NONE);

    @Test
    void prediction() {
        FloatBuffer images = images();
        try (Engine engine = Engine.named("onednn", Untuned.OPTIONS);
                Predictor predictor = engine.predictor(GRAPH, Weights.initial(GRAPH, 1))) {
            float[] before = predictor.logits(images.duplicate(), BATCH);
            List<LayerTime> steps = engine.measuring().orElseThrow().profile(predictor, images.duplicate(), BATCH, 2);
            assertThat(steps.stream().mapToLong(LayerTime::macs).sum()).isEqualTo(BATCH * GRAPH.macs());
            assertThat(steps).allMatch(s -> s.pass().equals("forward") && s.milliseconds() > 0 && s.bytes() > 0);
            assertThat(paths()).containsAll(layers(steps));
            LayerTime first = step(steps, "first", "convolution");
            long weights = 16 * 3 * 9 + 16; // the batch norm's shift is its bias
            assertThat(first.bytes()).isEqualTo(4 * (BATCH * (3 + 16) * 256 + weights));
            assertThat(predictor.logits(images, BATCH)).isEqualTo(before);
            assertThatThrownBy(() -> engine.measuring().orElseThrow().profile(predictor, images(), BATCH, 0))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("one run");
        }
    }

    @Test
    void training() {
        try (Engine engine = Engine.named("onednn", Untuned.OPTIONS);
                Learner learner =
                        engine.learner(GRAPH, Weights.initial(GRAPH, 1), SGD, LearnerOptions.DEFAULTS.withSeed(1))) {
            Batch batch = Batch.labelled(images(), 10, 0, 1, 2);
            List<LayerTime> steps = engine.measuring().orElseThrow().profile(learner, batch, 2);
            long first = GRAPH.nodes().get(1).macs(); // nothing asks for the images' gradient
            assertThat(steps.stream().mapToLong(LayerTime::macs).sum()).isEqualTo(BATCH * (3 * GRAPH.macs() - first));
            List<String> passes = List.of("forward", "backward", "update");
            assertThat(steps.stream().map(LayerTime::pass).distinct()).containsExactlyElementsOf(passes);
            assertThat(steps.stream().map(s -> passes.indexOf(s.pass()))).isSorted();
            Set<String> layers = layers(steps);
            layers.removeAll(Set.of("loss", "running statistics", "parameters"));
            assertThat(paths()).containsAll(layers);
            assertThat(layers(steps.stream().filter(s -> s.macs() > 0).toList()))
                    .contains("first", "head");
            assertThat(steps.get(steps.size() - 1).bytes()).isGreaterThanOrEqualTo(4 * 5 * GRAPH.parameterCount());
            Weights before = Weights.initial(GRAPH, 1);
            assertThat(learner.weights().get("head.weight").toArray())
                    .as("a learning rate of 0")
                    .isEqualTo(before.get("head.weight").toArray());
            assertThat(learner.steps()).isEqualTo(2);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aPrecisionThatTheEngineLacksIsRefused(Precision precision) {
        Weights weights = Weights.initial(GRAPH, 1);
        try (Engine engine = Engine.named("onednn", Untuned.OPTIONS)) {
            assertThat(engine.precisions()).contains(Precision.F32);
            if (engine.precisions().contains(precision)) {
                engine.predictor(GRAPH, weights, PredictorOptions.DEFAULTS.withPrecision(precision))
                        .close();
                engine.learner(
                                GRAPH,
                                weights,
                                SGD,
                                LearnerOptions.DEFAULTS.withSeed(1).withPrecision(precision))
                        .close();
            } else {
                assertThatThrownBy(() ->
                                engine.predictor(GRAPH, weights, PredictorOptions.DEFAULTS.withPrecision(precision)))
                        .isInstanceOf(WrongUseException.class)
                        .hasMessageContaining(precision + "; use f32");
                assertThatThrownBy(() -> engine.learner(
                                GRAPH,
                                weights,
                                SGD,
                                LearnerOptions.DEFAULTS.withSeed(1).withPrecision(precision)))
                        .isInstanceOf(WrongUseException.class)
                        .hasMessageContaining(precision + "; use f32");
            }
        }
    }

    @Test
    void thePeakIsAboveWhatANetworkReaches() {
        Graph large = Graph.of("large", new Shape(64, 56, 56), x -> x.conv(64, 3));
        try (Engine engine = Engine.named("onednn", Untuned.OPTIONS);
                Predictor predictor = engine.predictor(large, Weights.initial(large, 1))) {
            List<LayerTime> steps =
                    engine.measuring().orElseThrow().profile(predictor, Batch.buffer(64 * 56 * 56), 1, 5);
            LayerTime conv = step(steps, large.nodes().get(1).path(), "convolution");
            long held = engine.nativeBytes();
            Peak peak = engine.measuring().orElseThrow().peak(Precision.F32);
            // a wide berth on a busy machine: a wrong unit is wrong by a thousand
            assertThat(peak.flops()).isBetween(20 * conv.macs() / conv.milliseconds(), 1e14);
            assertThat(peak.bytes()).isBetween(1e8, 1e13);
            assertThat(peak.ridge()).isEqualTo(peak.flops() / peak.bytes());
            assertThat(engine.nativeBytes()).isEqualTo(held);
        }
    }

    @Test
    void onlyWhatAnEngineMadeIsMeasured() {
        try (Engine engine = Engine.named("onednn", Untuned.OPTIONS);
                Engine other = Engine.named("onednn", Untuned.OPTIONS);
                Predictor predictor = engine.predictor(GRAPH, Weights.initial(GRAPH, 1))) {
            assertThatThrownBy(() -> other.measuring().orElseThrow().profile(predictor, images(), BATCH, 1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("did not make the predictor");
        }
    }

    private static FloatBuffer images() {
        FloatBuffer images = Batch.buffer(BATCH * 3 * 256);
        for (int i = 0; i < images.limit(); i++) images.put(i, i % 17 / 17f);
        return images;
    }

    private static Set<String> paths() {
        return GRAPH.nodes().stream().map(Node::path).collect(Collectors.toSet());
    }

    private static Set<String> layers(List<LayerTime> steps) {
        return steps.stream().map(LayerTime::layer).collect(Collectors.toSet());
    }

    private static LayerTime step(List<LayerTime> steps, String layer, String kernel) {
        return steps.stream()
                .filter(s -> s.layer().equals(layer) && s.kernel().startsWith(kernel))
                .findFirst()
                .orElseThrow();
    }
}
