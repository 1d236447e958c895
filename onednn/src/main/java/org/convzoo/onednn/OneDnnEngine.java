package org.convzoo.onednn;

import static org.bytedeco.dnnl.global.dnnl.dnnl_bf16;
import static org.bytedeco.dnnl.global.dnnl.dnnl_f32;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.convzoo.engine.Engine;
import org.convzoo.engine.Learner;
import org.convzoo.engine.Mode;
import org.convzoo.engine.Optimizer;
import org.convzoo.engine.Peak;
import org.convzoo.engine.Precision;
import org.convzoo.engine.Predictor;
import org.convzoo.engine.Probe;
import org.convzoo.graph.Graph;
import org.convzoo.weights.Weights;

/**
 * The CPU engine, on oneDNN. The number of threads is OMP_NUM_THREADS, or what the process may run on. The first time
 * that a network is compiled on a machine, two ways to lay out its maps are measured, each with and without convolutions
 * by {@link Winograd}, and of predictions of many images whether each thread takes {@link Parts} of them; the fastest is
 * remembered in {@code convzoo/plans.properties} in the user's cache folder. The system property {@code
 * convzoo.tune=false} leaves that out, for a few predictions and for runs that must not depend on a measurement: then
 * nothing goes Winograd's way or in parts.
 * Closing it closes what it made.
 */
public final class OneDnnEngine implements Engine {
    private final Memory memory = new Memory();
    private final Set<AutoCloseable> made = ConcurrentHashMap.newKeySet();
    private final Tuner tuner;

    OneDnnEngine() {
        tuner = Tuner.usual(threads());
    }

    OneDnnEngine(Tuner tuner) {
        this.tuner = tuner;
    }

    Tuner tuner() {
        return tuner;
    }

    @Override
    public String name() {
        return "onednn";
    }

    @Override
    public String description() {
        return "oneDNN " + Dnnl.version() + ", " + Dnnl.instructionSet() + ", " + threads() + " threads";
    }

    @Override
    public int threads() {
        String given = System.getenv("OMP_NUM_THREADS");
        return given == null
                ? Runtime.getRuntime().availableProcessors()
                : Integer.parseInt(given.split(",")[0].trim());
    }

    @Override
    public Peak peak(Precision precision) {
        check(precision);
        return Peaks.measure(memory, type(precision));
    }

    @Override
    public Set<Precision> precisions() {
        return computesHalf()
                ? Set.of(Precision.F32, Precision.EXACT, Precision.BF16)
                : Set.of(Precision.F32, Precision.EXACT);
    }

    /** Whether the processor multiplies bfloat16 itself; elsewhere the library emulates it, slower than float32. */
    private static boolean computesHalf() {
        String isa = Dnnl.instructionSet();
        return isa.contains("bf16") || isa.contains("fp16") || isa.contains("amx") || isa.startsWith("avx10");
    }

    /** The library's type of maps. */
    static int type(Precision precision) {
        return precision == Precision.BF16 ? dnnl_bf16 : dnnl_f32;
    }

    @Override
    public Predictor predictor(Graph graph, Weights weights, Precision precision, Mode mode) {
        check(precision);
        weights.check(graph);
        return register(new OneDnnPredictor(this, graph, weights, precision, mode));
    }

    @Override
    public Learner learner(
            Graph graph,
            Weights weights,
            Optimizer optimizer,
            boolean regularised,
            long seed,
            Precision precision,
            boolean checkpointing) {
        check(precision);
        weights.check(graph);
        return register(
                new OneDnnLearner(this, graph, weights, optimizer, regularised, seed, precision, checkpointing));
    }

    @Override
    public Probe probe(Graph graph, Weights weights) {
        weights.check(graph);
        return register(new OneDnnProbe(this, graph, weights));
    }

    private <T extends AutoCloseable> T register(T t) {
        made.add(t);
        return t;
    }

    void forget(AutoCloseable closed) {
        made.remove(closed);
    }

    Memory memory() {
        return memory;
    }

    @Override
    public Map<String, String> plans() {
        return tuner.plans();
    }

    @Override
    public void adopt(Map<String, String> plans) {
        tuner.adopt(plans);
    }

    @Override
    public long nativeBytes() {
        return memory.bytes();
    }

    @Override
    public void close() {
        for (AutoCloseable c : Set.copyOf(made)) {
            try {
                c.close();
            } catch (RuntimeException e) {
                throw e;
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
        Team.end();
    }
}
