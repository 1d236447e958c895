package org.convzoo.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
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
import org.convzoo.verify.Finding;
import org.convzoo.weights.Weights;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;

/**
 * What every engine must do, in three suites, which an engine's module extends: {@link OperatorConformance}, {@link
 * LearnerConformance} and {@link PredictorConformance}; {@link EngineEndurance} is for what takes long. Here is what they
 * share: the engine, opened once a suite, which holds no memory between tests, and how results are compared.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class EngineConformance {
    static final Sgd MOMENTUM = new Sgd(0.9, false, new Decay(1e-3, true));
    static final Sgd PLAIN_SGD = new Sgd(0, false, Decay.NONE);

    /** Each rule with all that a step does: momentum, decay, a clipped norm and averages. */
    static final List<Optimizer> OPTIMIZERS = Stream.of(
                    MOMENTUM,
                    new Sgd(0.9, true, new Decay(1e-3, false)),
                    // Where g is nearly -decay p, a smaller eps makes much of how float32 rounds the sum.
                    new Adam(0.9, 0.999, 1e-6, new Decay(1e-3, true)),
                    AdamW.of(0.05),
                    new RmsProp(0.9, 0.9, 1e-3, RmsProp.Form.PYTORCH, new Decay(1e-3, true)),
                    new RmsProp(0.9, 0.9, 1e-3, RmsProp.Form.TENSORFLOW, new Decay(1e-3, true)),
                    new RmsProp(0.9, 0, 1e-3, RmsProp.Form.TENSORFLOW, Decay.NONE),
                    Lamb.of(0.05),
                    Lion.of(0.1))
            .map(o -> o.clip(0.1).ema(0.9))
            .toList();

    Engine engine;

    /** Opens the engine under test. */
    protected abstract Engine open();

    @BeforeAll
    void openEngine() {
        engine = open();
    }

    @AfterEach
    void nothingIsHeld() {
        assertThat(engine.nativeBytes()).as("native bytes once all is closed").isZero();
    }

    @AfterAll
    void closeEngine() {
        engine.close();
        engine.close();
    }

    static void assertOk(List<Finding> findings) {
        assertThat(findings).isNotEmpty();
        for (Finding f : findings) assertThat(f.ok()).as(f.text()).isTrue();
    }

    /** The largest difference against the largest magnitude; a gradient that is zero but for rounding may be that. */
    static void assertNear(String what, float[] got, float[] expected, double tolerance) {
        assertNear(what, got, expected, tolerance, 0);
    }

    static void assertNear(String what, float[] got, float[] expected, double tolerance, double floor) {
        assertThat(got).as(what).hasSameSizeAs(expected);
        double magnitude = floor, worst = 0;
        for (int i = 0; i < got.length; i++) {
            magnitude = Math.max(magnitude, Math.abs(expected[i]));
            double d = Math.abs((double) got[i] - expected[i]);
            worst = Double.isNaN(d) ? Double.POSITIVE_INFINITY : Math.max(worst, d);
        }
        assertThat(worst).as(what + " departs; magnitude " + magnitude).isLessThanOrEqualTo(tolerance * magnitude);
    }

    /** Tensor by tensor; what the expected ones lack must be absent or zero. */
    static void assertNear(String what, Weights got, Weights expected, double tolerance) {
        double largest = 0;
        for (Weights.Tensor t : expected.tensors().values())
            for (float v : t.toArray()) largest = Math.max(largest, Math.abs(v));
        assertThat(got.tensors().keySet()).containsAll(expected.tensors().keySet());
        for (String name : got.tensors().keySet()) {
            float[] values = got.get(name).toArray();
            float[] right =
                    expected.tensors().containsKey(name) ? expected.get(name).toArray() : new float[values.length];
            assertNear(what + " " + name, values, right, tolerance, 0.01 * largest);
        }
    }

    static void assertSameBits(Weights got, Weights expected) {
        assertThat(got.tensors().keySet()).isEqualTo(expected.tensors().keySet());
        expected.tensors()
                .forEach((name, t) ->
                        assertThat(bits(got.get(name).toArray())).as(name).containsExactly(bits(t.toArray())));
    }

    private static int[] bits(float[] values) {
        return IntStream.range(0, values.length)
                .map(i -> Float.floatToRawIntBits(values[i]))
                .toArray();
    }

    static List<Double> train(Learner learner, Graph graph, int from, int to) {
        List<Double> losses = new ArrayList<>();
        for (int i = from; i < to; i++) {
            losses.add(learner.gradients(Samples.batch(graph, 4 * i, 4)).loss());
            learner.update(0.01);
        }
        return losses;
    }

    @FunctionalInterface
    interface Work {
        Object in(int thread) throws Exception;
    }

    static void inThreads(int threads, Work work) throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            List<Callable<Object>> tasks = new ArrayList<>();
            for (int t = 0; t < threads; t++) {
                int thread = t;
                tasks.add(() -> work.in(thread));
            }
            for (Future<Object> f : pool.invokeAll(tasks)) f.get();
        } finally {
            pool.shutdown();
        }
    }
}
