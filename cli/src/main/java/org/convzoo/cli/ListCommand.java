package org.convzoo.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.convzoo.graph.Graph;
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
        List<Architecture> found = Models.all().stream().filter(this::matches).toList();
        if (found.isEmpty()) throw new NoSuchElementException("no network matches '" + pattern + "'; see convzoo list");
        var out = spec.commandLine().getOut();
        if (json) out.println(json(found).toPrettyString());
        else if (markdown) out.print(markdown(found));
        else out.print(text(found));
    }

    private boolean matches(Architecture a) {
        if (!pattern.contains("*") && !pattern.contains("?")) {
            var part = Pattern.compile(Pattern.quote(pattern), Pattern.CASE_INSENSITIVE);
            return part.matcher(a.name()).find() || part.matcher(a.family()).find();
        }
        String glob = Pattern.quote(pattern).replace("*", "\\E.*\\Q").replace("?", "\\E.\\Q");
        return Pattern.compile(glob, Pattern.CASE_INSENSITIVE).matcher(a.name()).matches();
    }

    private static String text(List<Architecture> networks) {
        var table = new TextTable("name", "family", "year>", "parameters>", "MACs>", "input", "paper");
        for (Architecture a : networks) {
            Graph g = a.graph();
            table.row(
                    a.name(),
                    a.family(),
                    Integer.toString(a.year()),
                    Numbers.counted(g.parameterCount()),
                    Numbers.counted(g.macs()),
                    g.input().shape().toString(),
                    a.paper());
        }
        return table.toString();
    }

    static String markdown(List<Architecture> networks) {
        var text = new StringBuilder("| name | family | year | parameters | MACs | input | paper |\n"
                + "| --- | --- | ---: | ---: | ---: | --- | --- |\n");
        for (Architecture a : networks) {
            Graph g = a.graph();
            text.append("| `%s` | %s | %d | %s | %s | %s | %s |%n"
                    .formatted(
                            a.name(),
                            a.family(),
                            a.year(),
                            Numbers.counted(g.parameterCount()),
                            Numbers.counted(g.macs()),
                            g.input().shape(),
                            paper(a.paper())));
        }
        return text.toString();
    }

    private static String paper(String paper) {
        return paper.matches("\\d{4}\\.\\d{4,5}") ? "[" + paper + "](https://arxiv.org/abs/" + paper + ")" : paper;
    }

    private static ArrayNode json(List<Architecture> networks) {
        ArrayNode all = JsonNodeFactory.instance.arrayNode();
        for (Architecture a : networks) {
            Graph g = a.graph();
            ObjectNode o = all.addObject();
            o.put("model", a.name())
                    .put("family", a.family())
                    .put("year", a.year())
                    .put("paper", a.paper());
            for (int d : g.input().shape().dims()) o.withArray("input").add(d);
            o.put("classes", g.classes()).put("parameters", g.parameterCount()).put("macs", g.macs());
            ObjectNode options = o.putObject("options");
            new TreeMap<>(a.options()).forEach(options::put);
        }
        return all;
    }
}
