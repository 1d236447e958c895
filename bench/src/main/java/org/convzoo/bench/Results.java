package org.convzoo.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.convzoo.json.Json;

/**
 * What a comparison on one machine left behind in a folder, each file as the scripts wrote it; files that are missing
 * count as empty.
 *
 * @param about {@code about.txt}: a title for the machine, and in further lines what a reader has to know of it
 * @param inference {@code infer.jsonl}: predictions, by network
 * @param training {@code train.jsonl}: training steps, by case
 * @param peaks {@code roof.txt}: GFLOP/s or GB/s by the words before them: {@code threads 2 FMA peak}, {@code sgemm 4096}
 * @param starts {@code first.txt}: from the start of a process to the end after one prediction, by program
 * @param memory {@code memory.txt}: KiB resident at most in a training of resnet50, batch 16, by program
 * @param versions {@code versions.txt}: a line for each library
 * @param commands {@code commands.txt}: how the files were made
 */
record Results(
        String about,
        Map<String, Network> inference,
        Map<String, Network> training,
        Map<String, Double> peaks,
        Map<String, Start> starts,
        Map<String, Double> memory,
        List<String> versions,
        String commands) {
    /** The numbers of images that are predicted at once. */
    static final List<Integer> BATCHES = List.of(1, 16);

    /** Variants of one network that took turns: {@code "ours@16"} to median milliseconds, and what the workers told. */
    record Network(Map<String, Double> milliseconds, ObjectNode info, String when) {
        /** A variant's median at that batch; in training the scripts write 0 for the case's own. */
        OptionalDouble time(String variant, int batch) {
            Double ms = milliseconds.getOrDefault(variant + "@" + batch, milliseconds.get(variant + "@0"));
            return ms == null ? OptionalDouble.empty() : OptionalDouble.of(ms);
        }

        /** The names of the variants in the order of the workers. */
        List<String> variants() {
            return milliseconds.keySet().stream()
                    .map(k -> k.substring(0, k.indexOf('@')))
                    .distinct()
                    .toList();
        }
    }

    /** Median seconds of one program, and MiB resident at most. */
    record Start(double seconds, int mebibytes) {}

    /** The machines of a folder, each in a folder of its own, that which was measured last first. */
    static List<Results> readAll(Path folder) throws IOException {
        List<Results> machines = new ArrayList<>();
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(folder, Files::isDirectory)) {
            for (Path machine : folders) machines.add(read(machine));
        }
        machines.sort(Comparator.comparing(Results::measured).reversed());
        return machines;
    }

    /** The latest date. */
    private String measured() {
        return Stream.concat(training.values().stream(), inference.values().stream())
                .map(Network::when)
                .max(Comparator.naturalOrder())
                .orElse("");
    }

    /** What to call the machine. */
    String title() {
        return about.isEmpty() ? "A machine" : about.lines().findFirst().orElseThrow();
    }

    /** What to know of it, without the title. */
    String explanation() {
        return about.lines().skip(1).collect(Collectors.joining("\n"));
    }

    /** Throws {@link IOException} that names the file and line which it cannot read. */
    static Results read(Path folder) throws IOException {
        Map<String, Double> peaks = new LinkedHashMap<>(), memory = new LinkedHashMap<>();
        for (MatchResult m : lines(folder.resolve("roof.txt"), "(.*?) ([\\d.]+)(?: GFLOP/s)?"))
            peaks.put(m.group(1), Double.valueOf(m.group(2)));
        for (MatchResult m : lines(folder.resolve("memory.txt"), "(.+) (\\d+)"))
            memory.put(m.group(1), Double.valueOf(m.group(2)));
        Map<String, Start> starts = new LinkedHashMap<>();
        for (MatchResult m :
                lines(folder.resolve("first.txt"), "(.+): median ([\\d.]+) s \\(min [\\d.]+\\), peak RSS (\\d+) MiB"))
            starts.put(m.group(1), new Start(Double.parseDouble(m.group(2)), Integer.parseInt(m.group(3))));
        return new Results(
                text(folder.resolve("about.txt")),
                networks(folder.resolve("infer.jsonl")),
                networks(folder.resolve("train.jsonl")),
                peaks,
                starts,
                memory,
                lines(folder.resolve("versions.txt"), ".+").stream()
                        .map(MatchResult::group)
                        .toList(),
                text(folder.resolve("commands.txt")));
    }

    private static String text(Path file) throws IOException {
        return Files.exists(file) ? Files.readString(file) : "";
    }

    /** A later line of a network adds to an earlier one, and replaces the variants that both have. */
    private static Map<String, Network> networks(Path file) throws IOException {
        Map<String, Network> all = new LinkedHashMap<>();
        for (MatchResult m : lines(file, ".+")) {
            JsonNode line;
            try {
                line = Json.parse(m.group());
            } catch (IllegalArgumentException e) {
                throw new IOException(file + ": no JSON: " + m.group(), e);
            }
            if (!line.path("net").isTextual() || !line.path("ms").isObject())
                throw new IOException(file + ": no 'net' and 'ms' in " + m.group());
            Network n = all.computeIfAbsent(
                    line.path("net").asText(),
                    k -> new Network(
                            new LinkedHashMap<>(),
                            JsonNodeFactory.instance.objectNode(),
                            line.path("when").asText()));
            line.path("ms")
                    .properties()
                    .forEach(e -> n.milliseconds.put(
                            e.getKey(), e.getValue().path("median").asDouble()));
            line.path("info").properties().forEach(e -> n.info.set(e.getKey(), e.getValue()));
        }
        return all;
    }

    private static List<MatchResult> lines(Path file, String form) throws IOException {
        if (Files.notExists(file)) return List.of();
        Pattern pattern = Pattern.compile(form);
        List<MatchResult> found = new ArrayList<>();
        for (String line : Files.readAllLines(file)) {
            if (line.isBlank()) continue;
            var m = pattern.matcher(line.strip());
            if (!m.matches()) throw new IOException(file + ": cannot read '" + line + "'");
            found.add(m.toMatchResult());
        }
        return found;
    }
}
