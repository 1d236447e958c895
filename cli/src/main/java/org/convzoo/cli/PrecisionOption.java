package org.convzoo.cli;

import org.convzoo.engine.Precision;
import org.convzoo.engine.PredictorOptions;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What a trained network computes in; whatever that is, its weights are kept in float32. */
final class PrecisionOption {
    @Option(
            names = "--precision",
            paramLabel = "f32|bf16",
            completionCandidates = Precisions.class,
            converter = Precisions.class,
            description =
                    "What to compute in, by default f32. bf16 is up to twice as fast and needs a processor that has"
                            + " it; weights stay f32.")
    private @Nullable Precision precision;

    boolean given() {
        return precision != null;
    }

    /** A predictor that computes in it. */
    PredictorOptions predictor() {
        return PredictorOptions.DEFAULTS.withPrecision(precision());
    }

    /** The one that was asked for, or float32. */
    Precision precision() {
        return precision == null ? Precision.F32 : precision;
    }
}
