package org.convzoo.cli;

import java.util.List;
import org.convzoo.graph.Graph;
import org.convzoo.models.Architecture;
import org.convzoo.models.Models;
import org.convzoo.models.Options;
import org.convzoo.view.Comparison;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Networks side by side. */
@Command(
        name = "compare",
        description = "Compares networks: what they cost, and each figure as a multiple of the first network's.",
        mixinStandardHelpOptions = true,
        footer = {"", "Example:  convzoo compare resnet50 resnext50_32x4d seresnet50"})
final class CompareCommand implements Runnable {
    @Parameters(
            arity = "2..*",
            paramLabel = "NAME",
            completionCandidates = NetworkNames.class,
            description = "Networks of the catalogue.")
    private List<String> names;

    @Option(
            names = "--image",
            paramLabel = "CxHxW",
            description = "The images they see; if absent, those each was published for.")
    private @Nullable String image;

    @Mixin
    private JsonOption json = new JsonOption();

    @Override
    public void run() {
        Comparison comparison =
                Comparison.of(names.stream().map(Models::named).map(this::graph).toList());
        json.print(comparison::json, comparison::text);
    }

    private Graph graph(Architecture a) {
        return a.graph(FormOptions.task(a, image), Options.NONE);
    }
}
