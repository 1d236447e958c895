package org.convzoo.engine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The processor as Linux describes it. */
public final class Machine {
    private Machine() {}

    /** Its name and the vector instructions that speed depends on: {@code AMD EPYC, avx2 avx512f}; else empty. */
    public static String processor() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
            List<String> known = lines.takeWhile(l -> !l.isBlank()).toList();
            List<String> flags = List.of(value(known, "flags").split(" "));
            Stream<String> vector = Stream.of("avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_bf16")
                    .filter(flags::contains);
            return (value(known, "model name") + ", " + vector.collect(Collectors.joining(" ")))
                    .replaceAll("^, |, $", "");
        } catch (IOException e) {
            return "";
        }
    }

    private static String value(List<String> lines, String key) {
        return lines.stream()
                .filter(l -> l.startsWith(key))
                .map(l -> l.substring(l.indexOf(':') + 1).trim())
                .findFirst()
                .orElse("");
    }
}
