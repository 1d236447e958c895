package org.convzoo.engine;

import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.stream.Collectors;
import org.convzoo.graph.Graph;
import org.convzoo.weights.Weights;

/**
 * Executes graphs. Everything it made must be closed before it; closing it twice does nothing. An engine may be shared
 * between threads; so may its predictors. A learner or a probe belongs to one thread at a time.
 */
public interface Engine extends AutoCloseable {
    /** The engine's name, {@code onednn}. */
    String name();

    /** One line: library, version, instruction set, threads. */
    String description();

    /** How many threads compute. */
    int threads();

    /** Measures, in about a second, what it reaches at best. Throws {@link IllegalArgumentException} as the others. */
    Peak peak(Precision precision);

    /** What this engine computes with at full speed on this machine; {@link Precision#F32} always. */
    Set<Precision> precisions();

    /** Throws {@link IllegalArgumentException} with one line unless {@code precision} is one of {@link #precisions}. */
    default void check(Precision precision) {
        if (!precisions().contains(precision))
            throw new IllegalArgumentException("this processor or engine does not compute in " + precision
                    + "; use f32, or a machine that has it");
    }

    /** {@link #predictor(Graph, Weights, Precision)} in float32. */
    default Predictor predictor(Graph graph, Weights weights) {
        return predictor(graph, weights, Precision.F32);
    }

    /** {@link #predictor(Graph, Weights, Precision, Mode)}, one prediction at a time. */
    default Predictor predictor(Graph graph, Weights weights, Precision precision) {
        return predictor(graph, weights, precision, Mode.LATENCY);
    }

    /**
     * Compiles {@code graph} for prediction. Throws {@link IllegalArgumentException} when the weights do not fit, and
     * for a precision that is not one of {@link #precisions}; {@link IllegalStateException} for a mode that this
     * machine cannot run.
     */
    Predictor predictor(Graph graph, Weights weights, Precision precision, Mode mode);

    /** {@link #learner(Graph, Weights, Optimizer, boolean, long, Precision)} in float32. */
    default Learner learner(Graph graph, Weights weights, Optimizer optimizer, boolean regularised, long seed) {
        return learner(graph, weights, optimizer, regularised, seed, Precision.F32);
    }

    /** {@link #learner(Graph, Weights, Optimizer, boolean, long, Precision, boolean)} that keeps all it needs again. */
    default Learner learner(
            Graph graph, Weights weights, Optimizer optimizer, boolean regularised, long seed, Precision precision) {
        return learner(graph, weights, optimizer, regularised, seed, precision, false);
    }

    /**
     * Compiles {@code graph} for training. Throws {@link IllegalArgumentException} as {@code predictor} does.
     *
     * @param regularised whether dropout and drop path act; they draw from {@code seed} and the number of the step
     * @param checkpointing whether the outputs of cheap layers are computed once more on the way back, which takes less
     *     memory and more time; the results are the same
     */
    Learner learner(
            Graph graph,
            Weights weights,
            Optimizer optimizer,
            boolean regularised,
            long seed,
            Precision precision,
            boolean checkpointing);

    /** Compiles {@code graph} so that every activation and gradient can be looked at; dropout and drop path are off. */
    Probe probe(Graph graph, Weights weights);

    /**
     * How this engine runs what it compiled wherever it had a choice, so far, in words of its own; a copy. Another
     * choice is as right, but other sums round differently.
     */
    default Map<String, String> plans() {
        return Map.of();
    }

    /** Decides from now on as {@code plans} say, which another engine gave, where they are of this machine. */
    default void adopt(Map<String, String> plans) {}

    /** Native bytes that what this engine made holds now; 0 once all of it is closed. */
    long nativeBytes();

    @Override
    void close();

    /** How an engine is found; registered as a service. */
    interface Provider {
        String name();

        /** Opens the engine. Throws {@link IllegalStateException} with one line when this machine cannot run it. */
        Engine open();
    }

    /** Opens the first engine on the class path. Throws {@link IllegalStateException} when there is none. */
    static Engine open() {
        return providers().stream()
                .findFirst()
                .orElseThrow(() ->
                        new IllegalStateException("no engine is on the class path; add the module convzoo-onednn"))
                .open();
    }

    /** Opens the engine of that name. Throws {@link IllegalArgumentException} when there is none. */
    static Engine named(String name) {
        return providers().stream()
                .filter(p -> p.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no engine is named " + name + "; there is "
                        + providers().stream().map(Provider::name).collect(Collectors.joining(", "))))
                .open();
    }

    private static List<Provider> providers() {
        return ServiceLoader.load(Provider.class).stream()
                .map(ServiceLoader.Provider::get)
                .toList();
    }
}
