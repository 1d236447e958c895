package org.convzoo.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.convzoo.view.RunsComparison;
import org.convzoo.view.RunsPage;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

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

    @Option(names = "--html", paramLabel = "FILE", description = "Write a page to look at; - prints it alone.")
    private @Nullable Path html;

    @Mixin
    private JsonOption json = new JsonOption();

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        if (html != null) Drawing.requirePlace(html);
        RunsComparison comparison = RunsComparison.of(runs);
        if (html == null || !html.toString().equals("-")) json.print(comparison::json, comparison::text);
        if (html != null) Drawing.write(html, new RunsPage(comparison).html(), spec);
        return 0;
    }
}
