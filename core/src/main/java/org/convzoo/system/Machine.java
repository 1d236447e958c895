package org.convzoo.system;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The processor as Linux describes it. */
public final class Machine {
    private Machine() {}

    /** The name and the vector instructions that speed depends on: {@code AMD EPYC, avx2 avx512f}; else empty. */
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

    /**
     * The physical cores that affinity and control group grant to this process, at least 1: two threads that share a
     * core compute no faster than one. Where the system does not tell, the processors that Java counts.
     */
    public static int cores() {
        int granted = Runtime.getRuntime().availableProcessors();
        Set<String> cores = new HashSet<>();
        try {
            for (int cpu : allowed(value(Files.readAllLines(Path.of("/proc/self/status")), "Cpus_allowed_list")))
                cores.add(Files.readString(
                        Path.of("/sys/devices/system/cpu/cpu" + cpu + "/topology/thread_siblings_list")));
        } catch (IOException | NumberFormatException e) {
            return granted;
        }
        return cores.isEmpty() ? granted : Math.min(granted, cores.size());
    }

    /**
     * The bytes that this process may still take, by what the machine has free and what its control group grants; as
     * many as can be counted where the system does not tell.
     */
    public static long availableMemory() {
        long machine = Long.MAX_VALUE;
        try {
            String free = value(Files.readAllLines(Path.of("/proc/meminfo")), "MemAvailable");
            machine = Long.parseLong(free.replace(" kB", "")) << 10;
        } catch (IOException | NumberFormatException e) {
            // no Linux: only the group, if there is one
        }
        Path groups = Path.of("/sys/fs/cgroup");
        long two = granted(groups, "memory.max", "memory.current", "inactive_file"),
                one =
                        granted(
                                groups.resolve("memory"),
                                "memory.limit_in_bytes",
                                "memory.usage_in_bytes",
                                "total_inactive_file");
        return Math.min(machine, Math.min(one, two));
    }

    /**
     * A control group's limit less what its processes hold; what it merely keeps of files is given back when needed.
     */
    static long granted(Path group, String limit, String usage, String files) {
        try {
            long most = Long.parseLong(Files.readString(group.resolve(limit)).trim());
            long held = Long.parseLong(Files.readString(group.resolve(usage)).trim());
            long kept = Long.parseLong(value(Files.readAllLines(group.resolve("memory.stat")), files + " "));
            return Math.max(0, most - held + kept);
        } catch (IOException | NumberFormatException e) {
            return Long.MAX_VALUE; // another version's group, or no limit
        }
    }

    /**
     * The folder for what this user's programs can make again: {@code convzoo} in {@code $XDG_CACHE_HOME}, where that is
     * an absolute path as its specification demands, or else in {@code ~/.cache}. It need not be there yet.
     */
    public static Path cache() {
        Path given = Path.of(System.getenv().getOrDefault("XDG_CACHE_HOME", ""));
        return (given.isAbsolute() ? given : Path.of(System.getProperty("user.home"), ".cache")).resolve("convzoo");
    }

    /** The numbers of a list like {@code 0-3,8}. */
    static List<Integer> allowed(String list) {
        return Stream.of(list.split(","))
                .filter(range -> !range.isBlank())
                .flatMap(range -> {
                    String[] ends = range.trim().split("-");
                    return IntStream.rangeClosed(Integer.parseInt(ends[0]), Integer.parseInt(ends[ends.length - 1]))
                            .boxed();
                })
                .toList();
    }

    /** What stands behind a key, and behind a colon if there is one. */
    private static String value(List<String> lines, String key) {
        return lines.stream()
                .filter(l -> l.startsWith(key))
                .map(l ->
                        l.substring(Math.max(key.length(), l.indexOf(':') + 1)).trim())
                .findFirst()
                .orElse("");
    }
}
