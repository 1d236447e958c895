package org.convzoo.onednn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32;
import org.convzoo.engine.Learner;
import org.convzoo.engine.LearnerOptions;
import org.convzoo.engine.Optimizer;
import org.convzoo.engine.Precision;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Shape;
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

class RecomputationTest {
    private static final Optimizer SGD = new Optimizer.Sgd(0.9, false, new Optimizer.Decay(1e-4, true));

    @ParameterizedTest(name = "{0} {1} {2}")
    @CsvSource({
        "resnet50, BLOCKED, F32, 0.75, 0.9",
        "resnet50, CHANNELS_LAST, F32, 0.75, 0.9",
        "densenet121, BLOCKED, BF16, 0.65, 0.65",
        "efficientnet_b0, BLOCKED, BF16, 0.8, 0.8",
        "vgg11, BLOCKED, F32, 1, 1"
    })
    @Tag("thorough")
    void ofMoreNetworks(String name, Layout layout, Precision precision, double wide, double narrow) {
        takesLessMemoryForTheSameBits(name, layout, precision, wide, narrow);
    }

    /** The last limit is for processors without AVX-512, where kernels need more working memory of their own. */
    @ParameterizedTest(name = "{0} {1} {2}")
    @CsvSource({
        "resnet18, BLOCKED, BF16, 0.9, 0.9",
        "resnet20, CHANNELS_LAST, F32, 0.65, 0.65",
        "mobilenet_v2, BLOCKED, F32, 0.7, 0.7",
        "densenet121, CHANNELS_LAST, F32, 0.6, 0.6",
        "efficientnet_b0, CHANNELS_LAST, F32, 0.65, 0.65",
        "googlenet, BLOCKED, F32, 0.8, 0.95",
        "shufflenet_v2_x1_0, CHANNELS_LAST, F32, 0.76, 0.75"
    })
    void takesLessMemoryForTheSameBits(String name, Layout layout, Precision precision, double wide, double narrow) {
        double atMost = Layout.BLOCK == 16 ? wide : narrow;
        Graph graph = Models.named(name).graph(new Task(new Shape(3, 64, 64), 10), Options.NONE);
        Trained usual = train(graph, layout, precision, false), less = train(graph, layout, precision, true);
        assertThat(less.bits).containsExactlyEntriesOf(usual.bits);
        long parameters = 12 * graph.parameterCount(); // with gradients and momentum
        assertThat(less.bytes - parameters).isLessThanOrEqualTo((long) (atMost * (usual.bytes - parameters)));
    }

    private static long bits(float[] values) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * Float.BYTES);
        bytes.asFloatBuffer().put(values);
        CRC32 crc = new CRC32();
        crc.update(bytes);
        return crc.getValue();
    }

    /** What a few steps leave, as a checksum of each tensor, and the native memory that they took. */
    private record Trained(Map<String, Long> bits, long bytes) {}

    private static Trained train(Graph graph, Layout layout, Precision precision, boolean checkpointing) {
        try (OneDnnEngine engine = new OneDnnEngine(Tuner.forced(layout))) {
            assumeThat(engine.precisions()).contains(precision);
            Learner learner = engine.learner(
                    graph,
                    Weights.initial(graph, 1),
                    SGD,
                    LearnerOptions.DEFAULTS.withSeed(3).withPrecision(precision).withCheckpointing(checkpointing));
            Map<String, Long> bits = new LinkedHashMap<>();
            for (int step = 0; step < 3; step++) {
                var batch = ValueRule.batch(graph.input().shape(), graph.classes(), 6 + step % 2);
                bits.put("logits " + step, bits(learner.gradients(batch).logits()));
                learner.gradientsByName()
                        .tensors()
                        .forEach((name, t) -> bits.put("gradient " + name, bits(t.toArray())));
                learner.update(0.01);
            }
            learner.weights().tensors().forEach((name, t) -> bits.put(name, bits(t.toArray())));
            return new Trained(bits, engine.nativeBytes());
        }
    }
}
