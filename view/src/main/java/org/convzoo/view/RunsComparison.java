package org.convzoo.view;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.convzoo.failure.BrokenFileException;
import org.convzoo.failure.WrongUseException;
import org.convzoo.recipe.EpochMetrics;

/** Runs side by side: how each did, what it took, and in what they differ. Runs need not have ended. */
public record RunsComparison(List<ComparedRun> runs) {
    private static final int MOST = 20, DEEPEST = 6;
    /** The most runs whose settings fit side by side into a terminal, and the letters of a setting. */
    private static final int ABREAST = 6, LETTERS = 32;

    public RunsComparison {
        runs = List.copyOf(runs);
    }

    /**
     * Reads 2 to {@value #MOST} runs. Throws {@link WrongUseException} for others and for folders that hold no run, and
     * {@link BrokenFileException} or {@link IOException} where their files cannot be read.
     */
    public static RunsComparison of(List<Path> paths) throws IOException {
        if (paths.size() < 2 || paths.size() > MOST)
            throw new WrongUseException("2 to " + MOST + " runs can be compared, got " + paths.size());
        List<ComparedRun> runs = new ArrayList<>();
        for (Path path : paths) runs.add(ComparedRun.read(path));
        return new RunsComparison(runs);
    }

    /** What the runs are called: as their folders, with those around them where that is needed to tell them apart. */
    List<String> names() {
        for (int parts = 1; parts < DEEPEST; parts++) {
            int last = parts;
            List<String> names = runs.stream().map(r -> r.name(last)).toList();
            if (names.stream().distinct().count() == runs.size()) return names;
        }
        return runs.stream().map(r -> r.path().toString()).toList();
    }

    /** One row a run. */
    List<List<String>> rows() {
        List<List<String>> rows = new ArrayList<>();
        List<String> names = names();
        for (int i = 0; i < runs.size(); i++) {
            ComparedRun r = runs.get(i);
            rows.add(List.of(
                    names.get(i),
                    r.model().graph().name(),
                    r.model().graph().input().shape().toString(),
                    r.epochs(),
                    r.top1().map(Numbers::percent).orElse("-"),
                    r.best()
                            .map(b -> Numbers.percent(b.top1()) + " (" + b.epoch() + ")")
                            .orElse("-"),
                    r.history().isEmpty() ? "-" : Numbers.duration(r.seconds()),
                    r.history().isEmpty() ? "-" : Numbers.grouped(Math.round(r.speed())),
                    Numbers.counted(r.model().graph().parameterCount()),
                    Numbers.counted(r.model().graph().macs())));
        }
        return rows;
    }

    /** The headings of {@link #rows}; one that ends in {@code >} is flush right. */
    static List<String> headings() {
        return List.of(
                "run",
                "network",
                "image",
                "epochs>",
                "top-1>",
                "best (epoch)>",
                "time>",
                "images/s>",
                "parameters>",
                "MACs>");
    }

    /** Settings that are not the same in all runs: a value a run, {@code -} where it has no such setting. */
    Map<String, List<String>> differences() {
        List<Map<String, String>> settings =
                runs.stream().map(ComparedRun::settings).toList();
        Map<String, List<String>> different = new LinkedHashMap<>();
        var keys = new TreeSet<String>();
        settings.forEach(s -> keys.addAll(s.keySet()));
        List<String> first = List.of("network", "image", "data");
        Stream.concat(first.stream(), keys.stream().filter(k -> !first.contains(k)))
                .forEach(key -> {
                    List<String> values =
                            settings.stream().map(s -> s.getOrDefault(key, "-")).toList();
                    if (values.stream().distinct().count() > 1) different.put(key, values);
                });
        return different;
    }

    public String text() {
        var table = new TextTable(headings().toArray(String[]::new));
        for (List<String> row : rows()) table.row(row.toArray(String[]::new));
        List<String> names = names();
        String going = IntStream.range(0, runs.size())
                .filter(i -> !runs.get(i).ended())
                .mapToObj(names::get)
                .collect(Collectors.joining(", "));
        return table + (going.isEmpty() ? "" : "not ended: " + going + "\n") + "\n" + settings(names);
    }

    private String settings(List<String> names) {
        Map<String, List<String>> different = differences();
        if (different.isEmpty()) return "All have the same settings.\n";
        if (names.size() > ABREAST) return "In what so many differ is told on the page.\n";
        var table = new TextTable(
                Stream.concat(Stream.of("what differs"), names.stream()).toArray(String[]::new));
        different.forEach((key, values) ->
                table.row(Stream.concat(Stream.of(key), values.stream().map(RunsComparison::shortened))
                        .toArray(String[]::new)));
        return table.toString();
    }

    private static String shortened(String value) {
        return value.length() <= LETTERS ? value : "…" + value.substring(value.length() - LETTERS + 1);
    }

    public ArrayNode json() {
        ArrayNode all = JsonNodeFactory.instance.arrayNode();
        for (ComparedRun r : runs) {
            ObjectNode o = all.addObject()
                    .put("run", r.path().toString())
                    .put("network", r.model().graph().name())
                    .put("image", r.model().graph().input().shape().toString())
                    .put("data", r.model().provenance().data())
                    .put("ended", r.ended())
                    .put("epochs", r.history().size());
            r.top1().ifPresent(t -> o.put("top1", t));
            r.best().ifPresent(b -> o.put("best_top1", b.top1()).put("best_epoch", b.epoch()));
            o.put("seconds", r.seconds())
                    .put("images_per_second", r.speed())
                    .put("parameters", r.model().graph().parameterCount())
                    .put("macs", r.model().graph().macs());
            o.set("recipe", r.model().provenance().recipe());
            ArrayNode curve = o.putArray("history");
            for (EpochMetrics e : r.history())
                curve.addObject()
                        .put("epoch", e.epoch())
                        .put("seconds", e.seconds())
                        .put("train_loss", e.trainLoss())
                        .put("train_top1", e.trainTop1())
                        .put("loss", e.loss())
                        .put("top1", e.top1());
        }
        return all;
    }
}
