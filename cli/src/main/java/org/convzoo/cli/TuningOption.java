package org.convzoo.cli;

import picocli.CommandLine.Option;

/** Whether engines may measure which way of running a network is faster. */
final class TuningOption {
    @Option(
            names = "--no-tune",
            description = "Neither measure nor remember which way to run the network is the fastest on this machine;"
                    + " take the usual one.")
    void noTune(boolean off) {
        if (off) off();
    }

    /** For engines that are opened from now on. */
    static void off() {
        System.setProperty("convzoo.tune", "false");
    }

    /** The same, unless something else is asked for: a few predictions are over sooner than measurements. */
    static void offUnlessAsked() {
        if (System.getProperty("convzoo.tune") == null) off();
    }
}
