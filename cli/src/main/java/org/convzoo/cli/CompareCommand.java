package org.convzoo.cli;

import java.util.List;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Shape;
import org.convzoo.models.Architecture;
import org.convzoo.models.Models;
import org.convzoo.models.Options;
import org.convzoo.view.Comparison;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

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

    @Option(names = "--json", description = "Print as JSON.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        Comparison comparison =
                Comparison.of(names.stream().map(Models::named).map(this::graph).toList());
        var out = spec.commandLine().getOut();
        if (json) out.println(comparison.json().toPrettyString());
        else out.print(comparison.text());
    }

    private Graph graph(Architecture a) {
        return a.graph(image == null ? a.usual() : a.usual().image(Shape.parse(image)), Options.NONE);
    }
}
