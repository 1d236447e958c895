package org.convzoo.engine;

import io.soabase.recordbuilder.core.RecordBuilder;

/**
 * How a network is trained; a change is made from {@link #DEFAULTS}.
 *
 * @param seed what dropout and drop path draw from, together with the number of the step
 * @param precision what the steps compute in
 * @param regularised whether dropout and drop path act
 * @param checkpointing whether the outputs of cheap layers are computed once more on the way back, which takes less
 *     memory and more time; the results are the same
 */
@RecordBuilder
public record LearnerOptions(long seed, Precision precision, boolean regularised, boolean checkpointing)
        implements LearnerOptionsBuilder.With {
    /** Seed 0, float32, regularised, all kept that is needed again. */
    public static final LearnerOptions DEFAULTS = new LearnerOptions(0, Precision.F32, true, false);
}
