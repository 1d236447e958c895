package org.convzoo.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.stream.Stream;

/** The most memory that this process, Java's included, has held at a time; where Linux tells (man 5 proc). */
final class ResidentPeak {
    private static final String KEY = "VmHWM:";

    private ResidentPeak() {}

    /** Counts from now on, where that is allowed. */
    static void restart() {
        try {
            Files.writeString(Path.of("/proc/self/clear_refs"), "5");
        } catch (IOException e) {
            // then the peak is that of the whole process so far
        }
    }

    static OptionalLong bytes() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/status"))) {
            return lines.filter(l -> l.startsWith(KEY))
                    .mapToLong(l -> 1024 * Long.parseLong(l.replaceAll("\\D", "")))
                    .findFirst();
        } catch (IOException e) {
            return OptionalLong.empty();
        }
    }
}
