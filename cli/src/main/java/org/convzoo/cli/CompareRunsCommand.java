package org.convzoo.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.convzoo.view.RunsComparison;
import org.convzoo.view.RunsPage;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Trainings side by side. */
@Command(
        name = "compare-runs",
        description = "Compares runs, which need not have ended: how they did, what they took, in what they differ, and"
                + " as a page also their curves over each other.",
        mixinStandardHelpOptions = true,
        footer = {"", "Example:  convzoo compare-runs runs/* --html runs.html"})
final class CompareRunsCommand implements Callable<Integer> {
    @Parameters(arity = "2..*", paramLabel = "RUN", description = "Run directories.")
    private List<Path> runs = List.of();

    @Mixin
    private PageOption page = new PageOption();

    @Override
    public Integer call() throws IOException {
        page.requirePlace();
        RunsComparison comparison = RunsComparison.of(runs);
        page.print(comparison::json, comparison::text, () -> new RunsPage(comparison).html());
        return 0;
    }
}
