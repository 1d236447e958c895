package org.convzoo.engine;

import io.soabase.recordbuilder.core.RecordBuilder;

/**
 * How a network predicts; a change is made from {@link #DEFAULTS}.
 *
 * @param precision what predictions compute in
 * @param mode what happens when several callers come at once
 * @param tuning whether ways to run the network are measured where the engine does that: {@link Tuning#USUAL} for so few
 *     predictions that measuring would take longer than it saves
 */
@RecordBuilder
public record PredictorOptions(Precision precision, Mode mode, Tuning tuning) implements PredictorOptionsBuilder.With {
    /** Measuring takes as long as some thousands of predictions, and what it finds saves a tenth or two of each. */
    private static final int WORTH_MEASURING = 10_000;

    /** Float32, one prediction at a time. */
    public static final PredictorOptions DEFAULTS = new PredictorOptions(Precision.F32, Mode.LATENCY, Tuning.MEASURED);

    /** These options for a predictor of so many images in all: with {@link Tuning#USUAL} unless they are many. */
    public PredictorOptions forImages(long images) {
        return images < WORTH_MEASURING ? withTuning(Tuning.USUAL) : this;
    }
}
