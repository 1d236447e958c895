package org.convzoo.cli;

import picocli.CommandLine.Option;

/** Whether engines may measure which way of running a network is faster. */
final class TuningOption {
    @Option(
            names = "--no-tune",
            description = "Do not measure at the start which memory layout is the fastest for the network on this"
                    + " machine; take the usual one.")
    void noTune(boolean off) {
        if (off) off();
    }

    /** For engines that are opened from now on. */
    static void off() {
        System.setProperty("convzoo.tune", "false");
    }
}
