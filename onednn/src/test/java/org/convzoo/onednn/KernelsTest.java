package org.convzoo.onednn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.util.Set;
import java.util.stream.Collectors;
import org.convzoo.engine.Batch;
import org.convzoo.engine.Engine;
import org.convzoo.engine.Learner;
import org.convzoo.engine.LearnerOptions;
import org.convzoo.engine.Optimizer;
import org.convzoo.engine.Precision;
import org.convzoo.engine.Untuned;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Node;
import org.convzoo.graph.Op;
import org.convzoo.graph.Shape;
import org.convzoo.models.Models;
import org.convzoo.models.Options;
import org.convzoo.models.Task;
import org.convzoo.onednn.binding.Layout;
import org.convzoo.onednn.tuning.Tuner;
import org.convzoo.verify.ValueRule;
import org.convzoo.weights.Weights;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The library falls back to a {@code ref} kernel, a hundred times slower, where a layout does not suit it. */
class KernelsTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "lenet",
                "alexnet",
                "nin",
                "vgg11_bn",
                "googlenet",
                "googlenet_bn",
                "inception_v3",
                "resnet18",
                "resnet50",
                "resnext50_32x4d",
                "densenet121",
                "squeezenet1_1",
                "mobilenet_v2",
                "mobilenet_v3_large",
                "shufflenet_v1_g3",
                "shufflenet_v2_x1_0",
                "seresnet18",
                "efficientnet_b0"
            })
    void noHotOpFallsBack(String name) {
        int side = name.equals("lenet") ? 28 : 128;
        var architecture = Models.named(name);
        Graph graph =
                architecture.graph(new Task(new Shape(name.equals("lenet") ? 1 : 3, side, side), 10), Options.NONE);
        Weights weights = Weights.initial(graph, 1);
        var sgd = new Optimizer.Sgd(0.9, false, Optimizer.Decay.NONE);
        try (Engine engine = Engine.named("onednn", Untuned.OPTIONS)) {
            var learner = (OneDnnLearner) engine.learner(graph, weights, sgd, LearnerOptions.DEFAULTS.withSeed(1));
            assertThat(learner.kernels(8)).noneMatch(k -> k.startsWith("ref"));
            learner.close();
            var predictor = (OneDnnPredictor) engine.predictor(graph, weights);
            assertThat(predictor.kernels(1)).noneMatch(k -> k.startsWith("ref"));
        }
    }

    /** The library's general kernels go back through a depthwise convolution of bfloat16 tens of times slower. */
    @ParameterizedTest(name = "{0} {1}")
    @CsvSource({
        "efficientnet_b0, BLOCKED",
        "efficientnet_b0, CHANNELS_LAST",
        "mobilenet_v3_large, BLOCKED",
        "mobilenet_v3_large, CHANNELS_LAST"
    })
    void noDepthwiseGradientOfHalvesFallsBack(String name, Layout layout) {
        Graph graph = Models.named(name).graph(new Task(new Shape(3, 128, 128), 10), Options.NONE);
        Set<String> depthwise = graph.nodes().stream()
                .filter(n ->
                        n.op() instanceof Op.Conv c && c.isDepthwise(n.input().shape()))
                .map(Node::path)
                .collect(Collectors.toSet());
        try (OneDnnEngine engine = new OneDnnEngine(Tuner.forced(layout))) {
            assumeThat(engine.precisions()).contains(Precision.BF16);
            try (Learner learner = engine.learner(
                    graph,
                    Weights.initial(graph, 1),
                    new Optimizer.Sgd(0.9, false, Optimizer.Decay.NONE),
                    LearnerOptions.DEFAULTS.withPrecision(Precision.BF16))) {
                Batch batch = ValueRule.batch(graph.input().shape(), graph.classes(), 4);
                assertThat(engine.profile(learner, batch, 1))
                        .filteredOn(s -> depthwise.contains(s.layer())
                                && s.pass().equals("backward")
                                && s.kernel().contains("gradient"))
                        .hasSize(2 * depthwise.size())
                        .allMatch(s -> s.kernel().contains("dw:"));
            }
        }
    }

    /** DenseNet's 58 concatenations lie in each other's place: only the beginnings of its four blocks are copied. */
    @Test
    void concatenationsOfConcatenationsAreNotCopied() {
        Graph graph = Models.named("densenet121").graph();
        try (Engine engine = new OneDnnEngine(Tuner.forced(Layout.BLOCKED));
                var predictor = (OneDnnPredictor) engine.predictor(graph, Weights.initial(graph, 1))) {
            assertThat(predictor.kernels(2)).noneMatch(k -> k.contains("concat"));
            assertThat(predictor.kernels(2))
                    .filteredOn(k -> Set.of("jit:uni", "jit:blk", "simple:any").contains(k))
                    .as("copies; other machines may need some for their convolutions")
                    .hasSizeBetween(4, 12);
        }
    }
}
