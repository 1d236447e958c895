package org.convzoo.bench;

import static java.util.stream.Collectors.joining;

import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.convzoo.bench.Results.Network;

/** What one machine measured, and the verdict on it in words. */
record MachineSection(String title, String summary, String text) {
    static MachineSection of(Results results) {
        Verdicts verdicts = new Verdicts();
        Markdown page = new Markdown();
        page.heading(2, results.title());
        if (!results.explanation().isEmpty()) page.paragraph(results.explanation());
        page.paragraph(environment(results));
        new SpeedTables(results, verdicts, page).write();
        new ResourceTables(results, verdicts, page).write();
        new AllTimes(results, page).write();
        if (!results.commands().isEmpty()) {
            page.heading(3, "How it was measured");
            page.paragraph("```\n" + results.commands().strip() + "\n```");
        }
        return new MachineSection(results.title(), verdicts.summary(), page.toString());
    }

    private static String environment(Results results) {
        List<Network> all = Stream.concat(results.training().values().stream(), results.inference().values().stream())
                .toList();
        String peaks = results.peaks().isEmpty()
                ? "its peaks not recorded"
                : results.peaks().entrySet().stream()
                        .map(e -> e.getKey() + " " + Markdown.number(e.getValue()))
                        .collect(joining(", "));
        return """
                - machine: %s, %s
                - convzoo: %s; Java %s
                - others: %s
                - measured: %s""".formatted(
                        recorded(all, "machine"),
                        peaks,
                        recorded(all, "ours"),
                        recorded(all, "java"),
                        results.versions().isEmpty() ? "versions not recorded" : String.join(", ", results.versions()),
                        joined(all.stream().map(n -> n.when().replaceAll(" .*", ""))));
    }

    private static String recorded(List<Network> networks, String key) {
        return joined(networks.stream().map(n -> n.info().path(key).asText()));
    }

    private static String joined(Stream<String> words) {
        String all = words.filter(w -> !w.isEmpty()).collect(Collectors.toCollection(TreeSet::new)).stream()
                .collect(joining("; "));
        return all.isEmpty() ? "not recorded" : all;
    }
}
