package org.convzoo.onednn;

import static org.bytedeco.dnnl.global.dnnl.dnnl_bf16;
import static org.bytedeco.dnnl.global.dnnl.dnnl_f32;

import java.nio.FloatBuffer;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.convzoo.engine.Batch;
import org.convzoo.engine.Engine;
import org.convzoo.engine.EngineOptions;
import org.convzoo.engine.LayerTime;
import org.convzoo.engine.Learner;
import org.convzoo.engine.LearnerOptions;
import org.convzoo.engine.Measuring;
import org.convzoo.engine.Optimizer;
import org.convzoo.engine.Peak;
import org.convzoo.engine.Precision;
import org.convzoo.engine.Predictor;
import org.convzoo.engine.PredictorOptions;
import org.convzoo.engine.Probe;
import org.convzoo.failure.OutOfMemoryException;
import org.convzoo.failure.WrongUseException;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Shape;
import org.convzoo.onednn.binding.Dnnl;
import org.convzoo.onednn.binding.Memory;
import org.convzoo.onednn.binding.Team;
import org.convzoo.onednn.binding.Threads;
import org.convzoo.onednn.tuning.Tuner;
import org.convzoo.onednn.winograd.WinogradConvolution;
import org.convzoo.weights.Weights;

/**
 * The CPU engine, on oneDNN. The first time that a network is compiled on a machine, two ways to lay out its maps are
 * measured, each with and without {@link WinogradConvolution}s, and for predictions of many images also whether each
 * thread takes {@link Parts} of them; the fastest is remembered in the file of plans. With {@link
 * org.convzoo.engine.Tuning#USUAL} nothing is measured, and no network runs with Winograd or in parts. Closing the
 * engine closes what it made.
 */
public final class OneDnnEngine implements Engine, Measuring {
    private final Memory memory = new Memory();
    private final Set<AutoCloseable> made = ConcurrentHashMap.newKeySet();
    private final int threads;
    private final Tuner tuner;

    OneDnnEngine(EngineOptions options) {
        threads = options.threadsOrCores();
        tuner = Tuner.of(options, threads);
        check();
    }

    OneDnnEngine(Tuner tuner) {
        threads = EngineOptions.DEFAULTS.threadsOrCores();
        this.tuner = tuner;
        check();
    }

    /** Throws {@link WrongUseException} if the library may use another number of threads, which cannot be set. */
    private void check() {
        if (!Threads.settable() && !Integer.toString(threads).equals(System.getenv("OMP_NUM_THREADS")))
            throw new WrongUseException("this machine's OpenMP does not let the number of threads be set; set the"
                    + " environment variable OMP_NUM_THREADS to " + threads + " before Java starts");
    }

    /** Does {@code work} on this engine's threads. */
    <T> T compute(Supplier<T> work) {
        return Threads.with(threads, work);
    }

    /** Does {@code work}, which has no result, on this engine's threads. */
    void computing(Runnable work) {
        compute(() -> {
            work.run();
            return this;
        });
    }

    /**
     * Does {@code work} for so many images of a network. Where memory does not suffice, throws
     * {@link OutOfMemoryException} with the network, the number of images and their size.
     */
    static <T> T explainingOutOfMemory(Graph graph, int images, Shape image, String purpose, Supplier<T> work) {
        try {
            return work.get();
        } catch (OutOfMemoryException | OutOfMemoryError e) {
            String why = e instanceof Error ? "Java's heap is full (" + e.getMessage() + ")" : e.getMessage();
            throw new OutOfMemoryException(
                    String.format(
                            Locale.ROOT,
                            "%s of %s with %,d images of %s at once: %s; take fewer or smaller images at a time",
                            purpose,
                            graph.name(),
                            images,
                            image,
                            why),
                    e);
        }
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
        return "oneDNN " + Dnnl.version() + ", " + Dnnl.instructionSet() + ", " + threads()
                + (threads() == 1 ? " thread" : " threads");
    }

    @Override
    public int threads() {
        return threads;
    }

    @Override
    public Optional<Measuring> measuring() {
        return Optional.of(this);
    }

    @Override
    public Peak peak(Precision precision) {
        check(precision);
        return compute(() -> Peaks.measure(memory, type(precision)));
    }

    @Override
    public List<LayerTime> profile(Predictor predictor, FloatBuffer images, int count, int runs) {
        if (predictor instanceof OneDnnPredictor own && made.contains(own)) return own.profile(images, count, runs);
        throw new IllegalArgumentException("this engine did not make the predictor, or it is closed");
    }

    @Override
    public List<LayerTime> profile(Learner learner, Batch batch, int runs) {
        if (learner instanceof OneDnnLearner own && made.contains(own)) return own.profile(batch, runs);
        throw new IllegalArgumentException("this engine did not make the learner, or it is closed");
    }

    @Override
    public double step(Graph graph, Weights weights, Batch batch, Precision precision) {
        check(precision);
        weights.check(graph);
        LearnerOptions options = LearnerOptions.DEFAULTS.withPrecision(precision);
        var sgd = new Optimizer.Sgd(0, false, Optimizer.Decay.NONE);
        try (var learner = new OneDnnLearner(this, graph, weights, sgd, options, OneDnnLearner.Sums.FAST)) {
            return learner.milliseconds(batch);
        }
    }

    @Override
    public Set<Precision> precisions() {
        return computesHalf() ? Set.of(Precision.F32, Precision.BF16) : Set.of(Precision.F32);
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
    public Predictor predictor(Graph graph, Weights weights, PredictorOptions options) {
        check(options.precision());
        weights.check(graph);
        return register(new OneDnnPredictor(this, graph, weights, options));
    }

    @Override
    public Learner learner(Graph graph, Weights weights, Optimizer optimizer, LearnerOptions options) {
        check(options.precision());
        options.check(graph);
        weights.check(graph);
        return register(new OneDnnLearner(this, graph, weights, optimizer, options, OneDnnLearner.Sums.FAST));
    }

    @Override
    public Learner exactLearner(Graph graph, Weights weights, Optimizer optimizer, LearnerOptions options) {
        if (options.precision() != Precision.F32) return learner(graph, weights, optimizer, options);
        options.check(graph);
        weights.check(graph);
        return register(new OneDnnLearner(this, graph, weights, optimizer, options, OneDnnLearner.Sums.EXACT));
    }

    @Override
    public Probe probe(Graph graph, Weights weights) {
        weights.check(graph);
        return register(compute(() -> new OneDnnProbe(this, graph, weights)));
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
