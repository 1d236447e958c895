package org.convzoo.onednn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.convzoo.engine.Batch;
import org.convzoo.engine.Engine;
import org.convzoo.engine.Learner;
import org.convzoo.engine.LearnerOptions;
import org.convzoo.engine.Optimizer;
import org.convzoo.engine.Predictor;
import org.convzoo.engine.Probe;
import org.convzoo.failure.OutOfMemoryException;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Shape;
import org.convzoo.onednn.binding.Memory;
import org.convzoo.onednn.binding.Natives;
import org.convzoo.onednn.tuning.Tuner;
import org.convzoo.weights.Weights;
import org.junit.jupiter.api.Test;

/** Compiling for a batch whose activations are 96 TiB fails and leaves nothing behind. */
class FailureTest {
    private static final int HIDDEN = 1 << 22, MANY = 3 << 21;
    private static final Graph GRAPH =
            Graph.of("wide", new Shape(1), x -> x.linear("fc", HIDDEN).linear("classes", 2));
    private static final Weights WEIGHTS = new Weights(Map.of(
            "fc.weight", zeros(HIDDEN, 1),
            "fc.bias", zeros(HIDDEN),
            "classes.weight", zeros(2, HIDDEN),
            "classes.bias", zeros(2)));

    private static Weights.Tensor zeros(int... dims) {
        Shape shape = new Shape(dims);
        return new Weights.Tensor(shape, new float[(int) shape.elements()]);
    }

    private static void refused(String what, ThrowingCallable call) {
        assertThatExceptionOfType(OutOfMemoryException.class)
                .isThrownBy(call)
                .withMessage(
                        what + " of wide with 6,291,456 images of 1 at once: what fc (linear) gives would be an array"
                                + " of 26,388,279,066,624 numbers, and 2^31 are too many; take fewer or smaller images at a time");
    }

    /** Arrays that the library takes, and more of them than any machine has memory for. */
    @Test
    void ofMemory() {
        assertThatExceptionOfType(OutOfMemoryException.class)
                .isThrownBy(() -> new Memory().block(1L << 50))
                .withMessageMatching("1,073,741,824 MiB of memory at once are needed, and [\\d,]+ MiB are free");
    }

    @Test
    void ofAPrediction() {
        try (Engine engine = new OneDnnEngine(Tuner.fixed(1));
                Predictor predictor = engine.predictor(GRAPH, WEIGHTS)) {
            int before = Natives.open();
            refused("a prediction", () -> predictor.logits(Batch.buffer(MANY), MANY));
            assertThat(Natives.open()).isEqualTo(before);
            assertThat(predictor.logits(Batch.buffer(1), 1)).containsExactly(0, 0);
            assertThat(Natives.open()).isEqualTo(before + 1);
        }
    }

    @Test
    void ofAProbe() {
        try (Engine engine = new OneDnnEngine(Tuner.fixed(1));
                Probe probe = engine.probe(GRAPH, WEIGHTS)) {
            int before = Natives.open();
            refused("a look into the layers", () -> probe.forward(Batch.buffer(MANY), MANY, Probe.Statistics.RUNNING));
            assertThat(Natives.open()).isEqualTo(before);
        }
    }

    @Test
    void ofAStep() {
        var sgd = new Optimizer.Sgd(0, false, Optimizer.Decay.NONE);
        int before = Natives.open();
        try (Engine engine = new OneDnnEngine(Tuner.fixed(1))) {
            try (Learner learner = engine.learner(GRAPH, WEIGHTS, sgd, LearnerOptions.DEFAULTS.withSeed(1))) {
                Batch many = new Batch(MANY, Batch.buffer(MANY), Batch.buffer(2 * MANY));
                refused("a training step", () -> learner.gradients(many));
                assertThat(learner.gradients(Batch.labelled(Batch.buffer(1), 2, 0))
                                .loss())
                        .isEqualTo(Math.log(2));
            }
            assertThat(engine.nativeBytes()).isZero();
        }
        assertThat(Natives.open()).isEqualTo(before);
    }
}
