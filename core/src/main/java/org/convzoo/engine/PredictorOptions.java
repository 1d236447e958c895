package org.convzoo.engine;

import io.soabase.recordbuilder.core.RecordBuilder;

/**
 * How a network predicts; a change is made from {@link #DEFAULTS}.
 *
 * @param precision what predictions compute in
 * @param mode what happens when several callers come at once
 */
@RecordBuilder
public record PredictorOptions(Precision precision, Mode mode) implements PredictorOptionsBuilder.With {
    /** Float32, one prediction at a time. */
    public static final PredictorOptions DEFAULTS = new PredictorOptions(Precision.F32, Mode.LATENCY);
}
