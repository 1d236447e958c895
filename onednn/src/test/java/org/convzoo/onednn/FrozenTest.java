package org.convzoo.onednn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.util.List;
import java.util.Set;
import org.convzoo.engine.Batch;
import org.convzoo.engine.LayerTime;
import org.convzoo.engine.Learner;
import org.convzoo.engine.LearnerOptions;
import org.convzoo.engine.Optimizer;
import org.convzoo.engine.ParameterGroup;
import org.convzoo.engine.Precision;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Op;
import org.convzoo.graph.Shape;
import org.convzoo.models.Models;
import org.convzoo.models.Options;
import org.convzoo.models.Task;
import org.convzoo.onednn.binding.Layout;
import org.convzoo.onednn.tuning.Tuner;
import org.convzoo.verify.ValueRule;
import org.convzoo.weights.Weights;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Frozen parts cost neither steps nor memory. */
class FrozenTest {
    private static final Optimizer SGD = new Optimizer.Sgd(0.9, false, new Optimizer.Decay(1e-4, true));
    private static final int IMAGES = 4;

    private static LearnerOptions frozen(Graph graph, Precision precision, String... patterns) {
        Set<String> names = ParameterGroup.matchingAny(graph, List.of(patterns));
        return LearnerOptions.DEFAULTS
                .withRegularised(false)
                .withPrecision(precision)
                .withGroups(names.isEmpty() ? List.of() : List.of(ParameterGroup.frozen(names)));
    }

    private record Trained(List<LayerTime> steps, long bytes, double loss, Weights weights) {
        /** The layers that a pass has steps of. */
        List<String> layers(String pass) {
            return steps.stream()
                    .filter(s -> s.pass().equals(pass))
                    .map(LayerTime::layer)
                    .toList();
        }
    }

    private static Trained train(Graph graph, Layout layout, LearnerOptions options) {
        try (OneDnnEngine engine = new OneDnnEngine(Tuner.forced(layout))) {
            assumeThat(engine.precisions()).contains(options.precision());
            Batch batch = ValueRule.batch(graph.input().shape(), graph.classes(), IMAGES);
            try (Learner learner = engine.learner(graph, Weights.initial(graph, 1), SGD, options)) {
                double loss = learner.gradients(batch).loss();
                learner.update(0.01);
                return new Trained(engine.profile(learner, batch, 1), engine.nativeBytes(), loss, learner.weights());
            }
        }
    }

    private static Graph graph(String name) {
        return Models.named(name).graph(new Task(new Shape(3, 64, 64), 10), Options.NONE);
    }

    @ParameterizedTest(name = "{0} {1} {2}")
    @CsvSource({"F32, BLOCKED", "F32, CHANNELS_LAST", "BF16, BLOCKED", "BF16, CHANNELS_LAST"})
    void aFrozenStemIsAPredictionAndHasNoWayBack(Precision precision, Layout layout) {
        Graph graph = graph("resnet18");
        Trained all = train(graph, layout, frozen(graph, precision));
        Trained last = train(graph, layout, frozen(graph, precision, "conv1", "bn1", "layer1", "layer2", "layer3"));
        Trained head = train(graph, layout, frozen(graph, precision, "conv1", "bn1", "layer?"));
        assertThat(all.layers("backward")).contains("conv1", "layer1.0.conv1", "layer4.0.conv1", "fc");
        assertThat(last.layers("backward"))
                .contains("layer4.0.conv1", "fc")
                .allMatch(l -> l.startsWith("layer4")
                        || List.of("avgpool", "flatten", "fc").stream().anyMatch(l::contains)
                        || l.matches("\\d+"));
        assertThat(last.layers("forward").stream().filter(l -> l.startsWith("layer1")))
                .as("folded and fused")
                .hasSizeLessThan(all.layers("forward").stream()
                                        .filter(l -> l.startsWith("layer1"))
                                        .toList()
                                        .size()
                                / 2
                        + 1);
        assertThat(head.layers("backward")).noneMatch(l -> l.startsWith("layer"));
        assertThat(last.bytes).isLessThan((long) (0.9 * all.bytes));
        assertThat(head.bytes).isLessThan((long) (0.4 * all.bytes));
    }

    /** Units whose concatenation and shuffle are made at once, frozen and not. */
    @ParameterizedTest
    @EnumSource
    void frozenShuffledUnitsGiveTheSame(Layout layout) {
        Graph graph = graph("shufflenet_v2_x1_0");
        Trained part = train(graph, layout, frozen(graph, Precision.F32, "conv1", "stage2", "stage3.0"));
        Trained right = train(graph, Layout.BLOCKED, frozen(graph, Precision.F32, "conv1", "stage2", "stage3.0"));
        assertThat(part.loss).isCloseTo(right.loss, within(1e-4));
        assertThat(part.layers("backward"))
                .noneMatch(l -> l.startsWith("stage2"))
                .anyMatch(l -> l.startsWith("stage3"));
    }

    /** Where a block's batch norms are frozen alone, a layer behind them passes its gradient on as before. */
    @ParameterizedTest(name = "{0} {1} {2}")
    @CsvSource({
        "mobilenet_v2, F32, BLOCKED",
        "mobilenet_v2, BF16, BLOCKED",
        "resnet18, F32, CHANNELS_LAST",
        "resnet18, BF16, CHANNELS_LAST"
    })
    void frozenBatchNormsAreThoseOfPrediction(String name, Precision precision, Layout layout) {
        Graph graph = graph(name);
        String[] norms = graph.nodes().stream()
                .filter(n -> n.op() instanceof Op.BatchNorm)
                .map(n -> n.path())
                .toArray(String[]::new);
        Trained frozen = train(graph, layout, frozen(graph, precision, norms));
        Weights start = Weights.initial(graph, 1);
        for (String norm : norms)
            for (String parameter : ParameterGroup.matching(graph, norm))
                assertThat(frozen.weights.get(parameter).toArray())
                        .as(parameter)
                        .containsExactly(start.get(parameter).toArray());
        Trained right = train(graph, Layout.CHANNELS_LAST, frozen(graph, Precision.F32, norms));
        assertThat(frozen.loss).isCloseTo(right.loss, within(0.02 * right.loss));
        assertThat(frozen.bytes).isLessThanOrEqualTo(train(graph, layout, frozen(graph, precision)).bytes);
    }
}
