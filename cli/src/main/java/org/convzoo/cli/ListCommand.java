package org.convzoo.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.NoSuchElementException;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.Pattern;
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
import picocli.CommandLine.Parameters;

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

    @Parameters(
            arity = "0..1",
            paramLabel = "PATTERN",
            description = "Part of a name or family, or a whole name with * and ? as wildcards.")
    private String pattern = "";

    @Option(
            names = "--family",
            paramLabel = "NAME",
            completionCandidates = Families.class,
            description = "Only this family: ResNet, MobileNet, ...")
    private @Nullable String family;

    @Option(names = "--year", paramLabel = "YEAR[-YEAR]", description = "Only these years: 2015, 2015-2017.")
    private @Nullable String year;

    @Option(names = "--max-params", paramLabel = "N", description = "At most so many parameters: 5M.")
    private @Nullable String maxParameters;

    @Option(names = "--max-macs", paramLabel = "N", description = "At most so many multiply-accumulates: 600M, 4.1G.")
    private @Nullable String maxMacs;

    @Option(names = "--size", paramLabel = "N", description = "Only those made for images of this size: 32, 224.")
    private @Nullable Integer size;

    @Option(
            names = "--sort",
            paramLabel = "KEY",
            description = "Sort by ${COMPLETION-CANDIDATES}; if absent, by paper.")
    private @Nullable Key sort;

    /** The families' names, for shells to complete. */
    static final class Families implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return Models.all().stream().map(Architecture::family).distinct().iterator();
        }
    }

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
        long parameters = count("--max-params", maxParameters), macs = count("--max-macs", maxMacs);
        List<Row> found = Models.all().parallelStream()
                .filter(this::matches)
                .filter(chosen())
                .map(Row::of)
                .filter(r -> r.parameters <= parameters && r.macs <= macs)
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

    private Predicate<Architecture> chosen() {
        var years = Pattern.compile("(\\d{4})(?:-(\\d{4}))?").matcher(year == null ? "0000-9999" : year);
        if (!years.matches())
            throw new IllegalArgumentException("--year takes a year or a range, 2015 or 2015-2017, not '" + year + "'");
        int from = Integer.parseInt(years.group(1)),
                to = years.group(2) == null ? from : Integer.parseInt(years.group(2));
        if (family != null && Models.all().stream().noneMatch(a -> a.family().equalsIgnoreCase(family)))
            throw new NoSuchElementException(
                    "there is no family '" + family + "'; there are " + String.join(", ", new Families()));
        return a -> (family == null || a.family().equalsIgnoreCase(family))
                && a.year() >= from
                && a.year() <= to
                && (size == null || a.usual().image().height() == size);
    }

    /** Reads {@code 5M}; any number if absent. */
    private static long count(String option, @Nullable String text) {
        if (text == null) return Long.MAX_VALUE;
        var m = Pattern.compile("(\\d+(?:\\.\\d+)?) ?([kKmMgG]?)").matcher(text.trim());
        if (!m.matches())
            throw new IllegalArgumentException(option + " takes a number like 300k, 5M or 4.1G, not '" + text + "'");
        double scale =
                switch (m.group(2).toLowerCase(Locale.ROOT)) {
                    case "k" -> 1e3;
                    case "m" -> 1e6;
                    case "g" -> 1e9;
                    default -> 1;
                };
        return Math.round(Double.parseDouble(m.group(1)) * scale);
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

    /** As much as fits; all of it is in the other forms. */
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
