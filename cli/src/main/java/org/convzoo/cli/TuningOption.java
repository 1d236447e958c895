package org.convzoo.cli;

import org.convzoo.engine.EngineOptions;
import org.convzoo.engine.Tuning;
import picocli.CommandLine.Option;

/** Whether the engine may measure which way of running a network is faster. */
final class TuningOption {
    /** For a few predictions, which are over sooner than measurements. */
    static final EngineOptions USUAL = EngineOptions.DEFAULTS.withTuning(Tuning.USUAL);

    @Option(
            names = "--no-tune",
            description = "Neither measure nor remember which way to run the network is the fastest on this machine;"
                    + " take the usual one.")
    private boolean off;

    /** The engine that was asked for. */
    EngineOptions engine() {
        return off ? USUAL : EngineOptions.DEFAULTS;
    }
}
