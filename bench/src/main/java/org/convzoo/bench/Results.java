package org.convzoo.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * What a comparison left behind in a folder, each file as the scripts wrote it; files that are missing count as empty.
 *
 * @param inference {@code infer.jsonl}: predictions, by network
 * @param training {@code train.jsonl}: training steps, by case
 * @param peaks {@code roof.txt}: GFLOP/s or GB/s by the words before them: {@code threads 2 FMA peak}, {@code sgemm 4096}
 * @param starts {@code first.txt}: from the start of a process to the end after one prediction, by program
 * @param memory {@code memory.txt}: KiB resident at most in a training of resnet50, batch 16, by program
 * @param versions {@code versions.txt}: a line for each library
 * @param commands {@code commands.txt}: how the files were made
 */
record Results(
        Map<String, Network> inference,
        Map<String, Network> training,
        Map<String, Double> peaks,
        Map<String, Start> starts,
        Map<String, Double> memory,
        List<String> versions,
        String commands) {
    private static final ObjectMapper JSON = new ObjectMapper();

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

    /** Throws {@link IOException} that names the file and line which it cannot read. */
    static Results read(Path folder) throws IOException {
        Path commands = folder.resolve("commands.txt");
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
                networks(folder.resolve("infer.jsonl")),
                networks(folder.resolve("train.jsonl")),
                peaks,
                starts,
                memory,
                lines(folder.resolve("versions.txt"), ".+").stream()
                        .map(MatchResult::group)
                        .toList(),
                Files.exists(commands) ? Files.readString(commands) : "");
    }

    /** A later line of a network adds to an earlier one, and replaces the variants that both have. */
    private static Map<String, Network> networks(Path file) throws IOException {
        Map<String, Network> all = new LinkedHashMap<>();
        for (MatchResult m : lines(file, ".+")) {
            JsonNode line;
            try {
                line = JSON.readTree(m.group());
            } catch (IOException e) {
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
        List<MatchResult> found = new java.util.ArrayList<>();
        for (String line : Files.readAllLines(file)) {
            if (line.isBlank()) continue;
            var m = pattern.matcher(line.strip());
            if (!m.matches()) throw new IOException(file + ": cannot read '" + line + "'");
            found.add(m.toMatchResult());
        }
        return found;
    }
}
