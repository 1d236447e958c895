package org.convzoo.cli;

import java.time.Duration;
import org.convzoo.classify.ClassifierOptions;
import picocli.CommandLine.Mixin;

/** How a trained network computes what it says of pictures. */
final class PredictionOptions {
    @Mixin
    private PrecisionOption precision = new PrecisionOption();

    @Mixin
    private TuningOption tuning = new TuningOption();

    /**
     * What a classifier for so many pictures is opened with. An answer may take a day: whoever is in a hurry interrupts the
     * command.
     */
    ClassifierOptions classifier(int pictures) {
        return ClassifierOptions.DEFAULTS
                .withEngineOptions(tuning.engine())
                .withPredictor(precision.predictor().forImages(pictures))
                .withDeadline(Duration.ofDays(1));
    }
}
