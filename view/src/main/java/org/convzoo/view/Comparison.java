package org.convzoo.view;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.DoubleFunction;
import java.util.function.ToDoubleFunction;
import org.convzoo.cost.Cost;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Node;
import org.convzoo.graph.Op;

/** Networks side by side: what each costs, and how that compares with the first of them. */
public record Comparison(List<Cost> networks) {
    /** A figure: its name, its name in data, how it is counted and how it is written. */
    private record Figure(String name, String key, ToDoubleFunction<Cost> count, DoubleFunction<String> text) {}

    private static final List<Figure> FIGURES = List.of(
            new Figure("parameters", "parameters", Cost::parameters, n -> Numbers.counted((long) n)),
            new Figure("MACs", "macs", Cost::macs, n -> Numbers.counted((long) n)),
            new Figure("activations", "activations", Cost::activations, n -> Numbers.counted((long) n)),
            new Figure("bytes moved", "bytes_moved", Cost::traffic, n -> Numbers.bytes((long) n)),
            new Figure(
                    "MACs a byte moved",
                    "macs_per_byte",
                    c -> (double) c.macs() / c.traffic(),
                    n -> String.format(Locale.ROOT, "%.1f", n)),
            new Figure("layers with weights", "weight_layers", Comparison::layers, n -> Long.toString((long) n)),
            new Figure("sees (pixels)", "receptive_field", c -> c.field().height(), n -> Long.toString((long) n)));

    public Comparison {
        networks = List.copyOf(networks);
    }

    public static Comparison of(List<Graph> graphs) {
        return new Comparison(graphs.stream().map(Cost::of).toList());
    }

    private static double layers(Cost cost) {
        return cost.layers().stream()
                .filter(l -> !l.training())
                .map(Cost.Layer::node)
                .map(Node::op)
                .filter(op -> op instanceof Op.Conv || op instanceof Op.Linear)
                .count();
    }

    /** A column a network; beside each figure how many times the first network's it is. */
    public String text() {
        List<String> headings = new ArrayList<>(List.of(""));
        List<String> input = new ArrayList<>(List.of("input"));
        for (Cost c : networks) {
            headings.add(c.graph().name() + ">");
            input.add(c.graph().input().shape().toString());
            if (c == networks.get(0)) continue;
            headings.add(">");
            input.add("");
        }
        var table = new TextTable(headings.toArray(String[]::new)).row(input.toArray(String[]::new));
        for (Figure f : FIGURES) {
            List<String> row = new ArrayList<>(List.of(f.name));
            double first = f.count.applyAsDouble(networks.get(0));
            for (Cost c : networks) {
                double n = f.count.applyAsDouble(c);
                row.add(f.text.apply(n));
                if (c != networks.get(0)) row.add(times(n / first));
            }
            table.row(row.toArray(String[]::new));
        }
        return table.toString();
    }

    private static String times(double ratio) {
        if (ratio < 0.0995) return "x 1/" + Math.round(1 / ratio);
        return String.format(Locale.ROOT, ratio < 9.995 ? "x %.2f" : ratio < 99.95 ? "x %.1f" : "x %.0f", ratio);
    }

    /** The comparison as data: an object a network, the ratios under {@code ratios}. */
    public ArrayNode json() {
        ArrayNode all = JsonNodeFactory.instance.arrayNode();
        for (Cost c : networks) {
            var o = all.addObject().put("model", c.graph().name());
            for (int d : c.graph().input().shape().dims()) o.withArray("input").add(d);
            for (Figure f : FIGURES) {
                double n = f.count.applyAsDouble(c);
                if (n == Math.rint(n)) o.put(f.key, (long) n);
                else o.put(f.key, n);
            }
            var ratios = o.putObject("ratios");
            for (Figure f : FIGURES)
                ratios.put(f.key, f.count.applyAsDouble(c) / f.count.applyAsDouble(networks.get(0)));
        }
        return all;
    }
}
