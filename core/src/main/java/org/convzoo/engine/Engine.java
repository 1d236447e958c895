package org.convzoo.engine;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.stream.Collectors;
import org.convzoo.failure.WrongUseException;
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

    /** What this engine computes with at full speed on this machine; {@link Precision#F32} always. */
    Set<Precision> precisions();

    /** Throws {@link WrongUseException} with one line unless {@code precision} is one of {@link #precisions}. */
    default void check(Precision precision) {
        if (!precisions().contains(precision))
            throw new WrongUseException("this processor or engine does not compute in " + precision
                    + "; use f32, or a machine that has it");
    }

    /** {@link #predictor(Graph, Weights, PredictorOptions)} with {@link PredictorOptions#DEFAULTS}. */
    default Predictor predictor(Graph graph, Weights weights) {
        return predictor(graph, weights, PredictorOptions.DEFAULTS);
    }

    /**
     * Compiles {@code graph} for prediction. Throws {@link IllegalArgumentException} when the weights do not fit, and
     * {@link WrongUseException} for a precision that is not one of {@link #precisions} and for a mode that this machine
     * cannot run.
     */
    Predictor predictor(Graph graph, Weights weights, PredictorOptions options);

    /** Compiles {@code graph} for training. Throws as {@code predictor} and {@link LearnerOptions#check} do. */
    Learner learner(Graph graph, Weights weights, Optimizer optimizer, LearnerOptions options);

    /**
     * A learner to compare with other implementations. Where this engine can, it adds products in float32 as if in
     * float64, so that each value is off by its own rounding alone and not by the order of a sum; that takes two to
     * three times as long. Otherwise it is the usual one.
     */
    default Learner exactLearner(Graph graph, Weights weights, Optimizer optimizer, LearnerOptions options) {
        return learner(graph, weights, optimizer, options);
    }

    /** Compiles {@code graph} so that every activation and gradient can be looked at; dropout and drop path are off. */
    Probe probe(Graph graph, Weights weights);

    /** How its own speed is measured, if it can tell. */
    default Optional<Measuring> measuring() {
        return Optional.empty();
    }

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

        /** Among several engines that work, the one with the highest is opened. */
        int priority();

        /** Opens the engine. Throws {@link WrongUseException} with one line when this machine cannot run it so. */
        Engine open(EngineOptions options);
    }

    /** {@link #open(EngineOptions)} with {@link EngineOptions#DEFAULTS}. */
    static Engine open() {
        return open(EngineOptions.DEFAULTS);
    }

    /**
     * Opens the engine of the highest priority of those on the class path that work on this machine. Throws
     * {@link WrongUseException} with what each says when none does.
     */
    static Engine open(EngineOptions options) {
        return first(providers(), options);
    }

    /** Opens the engine of that name. Throws {@link WrongUseException} when there is none or it does not work. */
    static Engine named(String name, EngineOptions options) {
        List<Provider> all = providers();
        List<Provider> named = all.stream().filter(p -> p.name().equals(name)).toList();
        if (named.isEmpty() && !all.isEmpty())
            throw new WrongUseException("no engine is named " + name + "; there is "
                    + all.stream().map(Provider::name).collect(Collectors.joining(", ")));
        return first(named, options);
    }

    private static Engine first(List<Provider> providers, EngineOptions options) {
        if (providers.isEmpty())
            throw new WrongUseException("no engine is on the class path; add the module convzoo-onednn");
        options.threadsOrCores(); // a number that is wrong is refused before a library reads it
        List<String> refusals = new ArrayList<>();
        for (Provider p : providers) {
            try {
                return p.open(options);
            } catch (WrongUseException e) {
                refusals.add(p.name() + ": " + e.getMessage());
            }
        }
        throw new WrongUseException(
                "no engine that was asked for works on this machine: " + String.join("; ", refusals));
    }

    private static List<Provider> providers() {
        return ServiceLoader.load(Provider.class).stream()
                .map(ServiceLoader.Provider::get)
                .sorted(Comparator.comparingInt(Provider::priority).reversed().thenComparing(Provider::name))
                .toList();
    }
}
