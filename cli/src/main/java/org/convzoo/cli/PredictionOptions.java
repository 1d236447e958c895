package org.convzoo.cli;

import java.time.Duration;
import org.convzoo.classify.ClassifierOptions;
import picocli.CommandLine.Mixin;

/** How a trained network computes what it says of pictures. */
final class PredictionOptions {
    /** Pictures from which on it pays to measure which way is the fastest. */
    private static final int MANY = 1000;

    @Mixin
    private PrecisionOption precision = new PrecisionOption();

    @Mixin
    private TuningOption tuning = new TuningOption();

    /** What a classifier for so many pictures is opened with. */
    ClassifierOptions classifier(int pictures) {
        return pictures < MANY ? classifier().withEngineOptions(TuningOption.USUAL) : classifier();
    }

    /** What a classifier is opened with. An answer may take a day: whoever is in a hurry interrupts the command. */
    ClassifierOptions classifier() {
        return ClassifierOptions.DEFAULTS
                .withEngineOptions(tuning.engine())
                .withPredictor(precision.predictor())
                .withDeadline(Duration.ofDays(1));
    }
}
