package org.convzoo.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Shape;
import org.convzoo.models.Architecture;
import org.convzoo.models.Models;
import org.convzoo.view.Numbers;
import org.convzoo.view.TextTable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The catalogue, each network in its published form. */
@Command(
        name = "list",
        description = "Lists the networks: name, family, year, parameters, MACs, input, paper.",
        mixinStandardHelpOptions = true,
        footer = {"", "Example:  convzoo list 'resne*t50*'"})
final class ListCommand implements Runnable {
    @Parameters(
            arity = "0..1",
            paramLabel = "PATTERN",
            description = "Part of a name or family, or a whole name with * and ? as wildcards.")
    private String pattern = "";

    @Option(names = "--json", description = "Print as JSON.")
    private boolean json;

    @Option(names = "--markdown", description = "Print as a Markdown table.")
    private boolean markdown;

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        List<Row> found =
                Models.all().parallelStream().filter(this::matches).map(Row::of).toList();
        if (found.isEmpty()) throw new NoSuchElementException("no network matches '" + pattern + "'; see convzoo list");
        var out = spec.commandLine().getOut();
        if (json) out.println(json(found).toPrettyString());
        else if (markdown) out.print(markdown(found));
        else out.print(text(found));
    }

    /** A network of the catalogue and what its published form costs. */
    private record Row(Architecture network, long parameters, long macs) {
        static Row of(Architecture network) {
            Graph graph = network.graph();
            return new Row(network, graph.parameterCount(), graph.macs());
        }

        Shape input() {
            return network.usual().image();
        }
    }

    private boolean matches(Architecture a) {
        if (!pattern.contains("*") && !pattern.contains("?")) {
            var part = Pattern.compile(Pattern.quote(pattern), Pattern.CASE_INSENSITIVE);
            return part.matcher(a.name()).find() || part.matcher(a.family()).find();
        }
        String glob = Pattern.quote(pattern).replace("*", "\\E.*\\Q").replace("?", "\\E.\\Q");
        return Pattern.compile(glob, Pattern.CASE_INSENSITIVE).matcher(a.name()).matches();
    }

    private static String text(List<Row> rows) {
        var table = new TextTable("name", "family", "year>", "parameters>", "MACs>", "input", "paper");
        for (Row r : rows) {
            table.row(
                    r.network.name(),
                    r.network.family(),
                    Integer.toString(r.network.year()),
                    Numbers.counted(r.parameters),
                    Numbers.counted(r.macs),
                    r.input().toString(),
                    r.network.paper());
        }
        return table.toString();
    }

    private static String markdown(List<Row> rows) {
        var text = new StringBuilder("| name | family | year | parameters | MACs | input | paper |\n"
                + "| --- | --- | ---: | ---: | ---: | --- | --- |\n");
        for (Row r : rows) {
            text.append("| `%s` | %s | %d | %s | %s | %s | %s |%n"
                    .formatted(
                            r.network.name(),
                            r.network.family(),
                            r.network.year(),
                            Numbers.counted(r.parameters),
                            Numbers.counted(r.macs),
                            r.input(),
                            paper(r.network.paper())));
        }
        return text.toString();
    }

    private static String paper(String paper) {
        return paper.matches("\\d{4}\\.\\d{4,5}") ? "[" + paper + "](https://arxiv.org/abs/" + paper + ")" : paper;
    }

    private static ArrayNode json(List<Row> rows) {
        ArrayNode all = JsonNodeFactory.instance.arrayNode();
        for (Row r : rows) {
            ObjectNode o = all.addObject()
                    .put("model", r.network.name())
                    .put("family", r.network.family())
                    .put("year", r.network.year())
                    .put("paper", r.network.paper());
            for (int d : r.input().dims()) o.withArray("input").add(d);
            o.put("classes", r.network.usual().classes());
            o.put("parameters", r.parameters).put("macs", r.macs);
            ObjectNode options = o.putObject("options");
            new TreeMap<>(r.network.options()).forEach(options::put);
        }
        return all;
    }
}
