package org.convzoo.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.convzoo.system.AtomicFile;

/**
 * docs/performance.md: our times beside those of others on each machine, against the goals that we set ourselves, also
 * where we are behind. A ratio is their time by ours. {@code docs/performance/update} runs it.
 */
public final class PerformancePage {
    private static final String HEAD = """
            How long a training step or a prediction takes with convzoo, and with PyTorch, ONNX Runtime, OpenVINO and
            others on the same machine. The programs that are compared take turns with one network; a time is the median.
            A ratio is the time of the best of the others divided by ours: above 1 convzoo is faster.
            """;

    private PerformancePage() {}

    /** Writes the page and the README's table. Arguments: the folder of the machines' folders, the page, the README. */
    public static void main(String... args) throws IOException {
        List<Results> machines = Results.readAll(Path.of(args[0]));
        AtomicFile.write(Path.of(args[1]), of(machines));
        Path readme = Path.of(args[2]);
        AtomicFile.write(readme, ReadmeTable.replacedIn(Files.readString(readme), machines.get(0)));
    }

    /** A page about these machines, in this order. Throws {@link IllegalArgumentException} if one measured nothing. */
    static String of(List<Results> machines) {
        for (Results m : machines)
            if (m.inference().isEmpty() && m.training().isEmpty())
                throw new IllegalArgumentException("nothing is measured; infer.jsonl or train.jsonl is needed");
        List<MachineSection> sections =
                machines.stream().map(MachineSection::of).toList();
        Markdown page = new Markdown();
        page.heading(1, "Performance");
        page.paragraph("<!-- written by docs/performance/update from the files in docs/performance; do not edit -->");
        page.paragraph(HEAD.strip());
        page.heading(2, "In short");
        page.paragraph("The geometric mean of the ratios; in brackets of how many networks, and the lowest ratio.");
        overview(page, machines);
        for (MachineSection s : sections) page.paragraph("**" + s.title() + ".** " + s.summary());
        return page
                + String.join("", sections.stream().map(MachineSection::text).toList());
    }

    private static void overview(Markdown page, List<Results> machines) {
        page.head(Stream.concat(Stream.of(""), machines.stream().map(Results::title))
                .toArray(String[]::new));
        for (Contest contest : Contest.ALL)
            page.row(Stream.concat(Stream.of(contest.title()), machines.stream().map(m -> mean(contest, m)))
                    .toArray(String[]::new));
        page.end();
    }

    private static String mean(Contest contest, Results machine) {
        List<Double> ratios = Comparison.ratios(contest.comparisons(machine));
        if (ratios.isEmpty()) return "not measured";
        double lowest = ratios.stream().min(Double::compare).orElseThrow();
        return "%s (%s, %s)"
                .formatted(Markdown.number(Comparison.geometricMean(ratios)), ratios.size(), Markdown.number(lowest));
    }
}
