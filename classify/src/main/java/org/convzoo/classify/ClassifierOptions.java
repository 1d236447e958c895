package org.convzoo.classify;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.time.Duration;
import org.convzoo.engine.EngineOptions;
import org.convzoo.engine.PredictorOptions;

/**
 * How a classifier works; a change is made from {@link #DEFAULTS}.
 *
 * @param engine the name of the engine; empty for the best that works on this machine
 * @param engineOptions how the engine is opened
 * @param predictor precision and mode of the predictions
 * @param batch images that are predicted together, at most
 * @param gathering how long a picture of {@link Classifier#classifyAsync} waits for others to be predicted with
 * @param deadline how long a call waits for the answer to a picture, and closing for what is under way
 */
@RecordBuilder
public record ClassifierOptions(
        String engine,
        EngineOptions engineOptions,
        PredictorOptions predictor,
        int batch,
        Duration gathering,
        Duration deadline)
        implements ClassifierOptionsBuilder.With {
    private static final Duration LONGEST = Duration.ofDays(365);

    /** The best engine, float32, batches of up to 16 that are gathered for 2 ms, 5 minutes. */
    public static final ClassifierOptions DEFAULTS = new ClassifierOptions(
            "", EngineOptions.DEFAULTS, PredictorOptions.DEFAULTS, 16, Duration.ofMillis(2), Duration.ofMinutes(5));

    /** Throws {@link IllegalArgumentException} for a batch under 1 and for times that are negative or over a year. */
    public ClassifierOptions {
        if (batch < 1) throw new IllegalArgumentException("a batch has at least 1 image, got " + batch);
        if (gathering.isNegative())
            throw new IllegalArgumentException("pictures are gathered for at least no time, got " + gathering);
        if (deadline.isNegative() || deadline.isZero())
            throw new IllegalArgumentException("a deadline is over 0, got " + deadline);
        if (gathering.compareTo(LONGEST) > 0 || deadline.compareTo(LONGEST) > 0)
            throw new IllegalArgumentException("nobody waits longer than " + LONGEST.toDays() + " days");
    }
}
