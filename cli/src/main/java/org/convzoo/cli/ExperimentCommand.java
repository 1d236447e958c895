package org.convzoo.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.convzoo.engine.Engine;
import org.convzoo.experiment.Experiment;
import org.convzoo.experiment.Experimenter;
import org.convzoo.experiment.Experiments;
import org.convzoo.experiment.Result;
import org.convzoo.failure.StoppedException;
import org.convzoo.view.ExperimentPage;
import org.convzoo.view.ExperimentResults;
import org.convzoo.view.TextTable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The papers' figures on one's own machine. */
@Command(
        name = "experiment",
        description =
                "Repeats a figure of a paper on data that one has: trains what the paper compares, with several seeds, and"
                        + " leaves a page that puts the results beside the paper's and says what shows and what does"
                        + " not. The same command goes on with one that was stopped. Without a name, lists them.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:  convzoo experiment degradation --quick",
            "           convzoo experiment activation --data PHOTOS --out mine"
        })
final class ExperimentCommand implements Callable<Integer> {
    @Parameters(
            arity = "0..1",
            paramLabel = "NAME",
            completionCandidates = ExperimentNames.class,
            description = "An experiment of the list.")
    private @Nullable String name;

    @Option(
            names = "--quick",
            description = "With few images, epochs and seeds: less than four minutes on two processor cores. Without it"
                    + " it takes hours.")
    private boolean quick;

    @Option(
            names = "--data",
            paramLabel = "SPEC",
            description = "The pictures, as train takes them: digits, fashion (the default), cifar10:DIR, a folder ...")
    private String data = "fashion";

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Where the runs and the page go; by default runs/experiment-NAME, with -quick.")
    private @Nullable Path out;

    @Mixin
    private TuningOption engine = new TuningOption();

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        if (name == null) list();
        else run(Experiments.named(name));
        return 0;
    }

    private void list() {
        if (quick || out != null)
            throw new ParameterException(spec.commandLine(), "which experiment? without a name they are listed");
        var table = new TextTable("name", "what the paper shows", "paper");
        for (Experiment e : Experiments.all())
            table.row(e.name(), e.title(), e.paper().cited());
        spec.commandLine().getOut().print(table);
    }

    private void run(Experiment experiment) throws IOException {
        Path directory =
                out == null ? Path.of("runs", "experiment-" + experiment.name() + (quick ? "-quick" : "")) : out;
        Experiment.Size size = quick ? experiment.quick() : experiment.full();
        PrintWriter printed = spec.commandLine().getOut();
        try (Engine opened = Engine.open(engine.engine());
                ExperimentLines lines = new ExperimentLines(spec.commandLine().getErr(), directory, results -> {
                    new ExperimentPage(new ExperimentResults(experiment, size, data, results)).write(directory);
                })) {
            List<Result> results = new Experimenter(opened, lines).run(experiment, size, data, directory);
            printed.print("\n" + new ExperimentResults(experiment, size, data, results).text());
            printed.println("\nLook at   " + directory.resolve(ExperimentPage.FILE));
        } catch (StoppedException e) {
            throw new Remedied(e, "; the same command goes on");
        }
    }
}
