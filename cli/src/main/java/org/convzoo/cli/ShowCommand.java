package org.convzoo.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.TreeMap;
import org.convzoo.graph.Graph;
import org.convzoo.models.Architecture;
import org.convzoo.models.Models;
import org.convzoo.models.Task;
import org.convzoo.view.CostTable;
import org.convzoo.view.Diagram;
import org.convzoo.view.ShapeTable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** One network layer by layer. */
@Command(
        name = "show",
        description = "Shows a network layer by layer: output shape, parameters, MACs; and the totals.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:  convzoo show resnet18 --image 3x64x64 --classes 10",
            "           convzoo show googlenet --svg googlenet.svg",
            "           convzoo show googlenet --dot - | dot -Tpdf > googlenet.pdf"
        })
final class ShowCommand implements Runnable {
    @Parameters(
            paramLabel = "NAME",
            completionCandidates = NetworkNames.class,
            description = "A network of the catalogue.")
    private String name;

    @Mixin
    private FormOptions form = new FormOptions();

    @Option(names = "--classes", paramLabel = "K", description = "How many classes it tells apart.")
    private @Nullable Integer classes;

    @Option(
            names = "--cost",
            description =
                    "Show also each layer's memory, memory traffic and receptive field, and ShuffleNetV2's hints.")
    private boolean cost;

    @Option(
            names = "--svg",
            paramLabel = "FILE",
            description = "Draw the architecture into a picture for browsers; - prints it.")
    private @Nullable Path svg;

    @Option(
            names = "--dot",
            paramLabel = "FILE",
            description = "Write the same figure as a graph for Graphviz; - prints it.")
    private @Nullable Path dot;

    @Mixin
    private JsonOption json = new JsonOption();

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        Architecture a = Models.named(name);
        Task task = form.task(a);
        Graph graph = a.graph(classes == null ? task : task.classes(classes), form.options());
        if (svg != null || dot != null) {
            Diagram diagram = Diagram.of(graph);
            if (svg != null) Drawing.write(svg, diagram.svg(), spec);
            if (dot != null) Drawing.write(dot, diagram.dot(), spec);
            if (!json.asked() && !cost) return;
        }
        json.print(() -> json(a, graph), () -> text(a, graph));
    }

    private String text(Architecture a, Graph graph) {
        StringBuilder text = new StringBuilder(
                cost ? CostTable.of(graph).text() : ShapeTable.of(graph).text());
        text.append(a.family() + ", " + a.year() + ": " + a.paper() + "\n");
        new TreeMap<>(a.options())
                .forEach(
                        (key, help) -> text.append("-O " + key + "=" + help.replaceFirst("^(?!\\w+: )", "X: ") + "\n"));
        return text.toString();
    }

    private ObjectNode json(Architecture a, Graph graph) {
        ObjectNode o = JsonNodeFactory.instance.objectNode();
        o.put("model", a.name());
        for (int d : graph.input().shape().dims()) o.withArray("input").add(d);
        o.put("classes", graph.classes());
        ObjectNode options = o.putObject("options");
        form.options().values().forEach(options::put);
        o.setAll(CostTable.of(graph).json());
        return o;
    }
}
