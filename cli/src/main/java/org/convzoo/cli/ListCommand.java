package org.convzoo.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Comparator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.TreeMap;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Shape;
import org.convzoo.models.Architecture;
import org.convzoo.models.Models;
import org.convzoo.view.Numbers;
import org.convzoo.view.TextTable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The catalogue, each network in its published form. */
@Command(
        name = "list",
        description = "Lists the networks: name, family, year, parameters, MACs, input, paper.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:  convzoo list 'resne*t50*'",
            "           convzoo list --max-params 5M --max-macs 600M --sort macs"
        })
final class ListCommand implements Runnable {
    /** The columns of all but the paper. */
    private static final int OTHERS = 68;

    @Mixin
    private CatalogueFilter filter = new CatalogueFilter();

    @Option(
            names = "--sort",
            paramLabel = "KEY",
            description = "Sort by ${COMPLETION-CANDIDATES}; if absent, by paper.")
    private @Nullable Key sort;

    /** What the list can be sorted by. */
    enum Key {
        name(Comparator.comparing(r -> r.network.name())),
        family(Comparator.comparing(r -> r.network.family())),
        year(Comparator.comparing(r -> r.network.year())),
        params(Comparator.comparing(r -> r.parameters)),
        macs(Comparator.comparing(r -> r.macs));

        private final Comparator<Row> order;

        Key(Comparator<Row> order) {
            this.order = order;
        }
    }

    @Mixin
    private JsonOption json = new JsonOption();

    @Option(names = "--markdown", description = "Print as a Markdown table.")
    private boolean markdown;

    @Override
    public void run() {
        if (json.asked() && markdown) throw new IllegalArgumentException("--json or --markdown, not both");
        CatalogueFilter.Limits limits = filter.limits();
        List<Row> found = Models.all().parallelStream()
                .filter(filter.networks())
                .map(Row::of)
                .filter(r -> limits.hold(r.parameters, r.macs))
                .sorted(sort == null ? (a, b) -> 0 : sort.order)
                .toList();
        if (found.isEmpty()) throw new NoSuchElementException("no network matches; convzoo list shows them all");
        json.print(() -> json(found), () -> markdown ? markdown(found) : text(found));
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

    private static String text(List<Row> rows) {
        var table = new TextTable("name", "family", "year>", "params>", "MACs>", "input", "paper");
        for (Row r : rows) {
            table.row(
                    r.network.name(),
                    r.network.family(),
                    Integer.toString(r.network.year()),
                    Numbers.counted(r.parameters),
                    Numbers.counted(r.macs),
                    r.input().toString(),
                    cut(r.network.paper(), Terminal.width() - OTHERS));
        }
        return table.toString();
    }

    /** As much of a text as fits; {@code --json} and {@code --markdown} have all of it. */
    private static String cut(String text, int columns) {
        return text.length() <= columns ? text : text.substring(0, Math.max(0, columns - 1)) + "…";
    }

    private static String markdown(List<Row> rows) {
        var text = new StringBuilder("| name | family | year | parameters | MACs | input | paper |\n"
                + "| --- | --- | ---: | ---: | ---: | --- | --- |\n");
        for (Row r : rows) {
            text.append("| `%s` | %s | %s | %s | %s | %s | %s |%n"
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
