package org.convzoo.view;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.convzoo.cost.Cost;
import org.convzoo.cost.Guideline;
import org.convzoo.cost.Hint;
import org.convzoo.cost.ReceptiveField;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Node;

/**
 * What each layer of a network costs: parameters, multiply-accumulates, the memory of its output, the bytes it moves,
 * what one place of its output sees, and the guidelines that it breaks.
 */
public record CostTable(Cost cost, List<Hint> hints) {
    private static final int WIDTH = 120;
    private static final String[] HEADINGS = {
        "layer", "op", "output", "params>", "MACs>", "memory>", "traffic>", "sees>", "hints"
    };

    public CostTable {
        hints = List.copyOf(hints);
    }

    public static CostTable of(Graph graph) {
        Cost cost = Cost.of(graph);
        return new CostTable(cost, Hint.of(cost));
    }

    /** Aligned columns, a line a layer, then the totals, what the columns mean, and the hints. */
    public String text() {
        Map<String, String> broken = hints.stream()
                .collect(Collectors.groupingBy(
                        Hint::path, Collectors.mapping(h -> h.guideline().name(), Collectors.joining(" "))));
        List<String[]> rows = new ArrayList<>();
        for (Cost.Layer l : cost.layers()) {
            Node n = l.node();
            rows.add(new String[] {
                n.path() + (l.training() ? " *" : ""),
                OpText.brief(n),
                n.shape().toString(),
                count(l.parameters()),
                count(l.macs()),
                Numbers.bytes(l.activationBytes()),
                l.traffic() == 0 ? "" : Numbers.bytes(l.traffic()),
                l.field().toString(),
                broken.getOrDefault(n.path(), "")
            });
        }
        String[] total = {
            "total",
            "",
            "",
            count(cost.parameters()),
            count(cost.macs()),
            Numbers.bytes(Cost.ELEMENT * cost.activations()),
            Numbers.bytes(cost.traffic()),
            cost.field().toString(),
            ""
        };
        int room = WIDTH - HEADINGS.length * 2 + 2;
        for (int i = 1; i < HEADINGS.length; i++) {
            int column = i;
            room -= Stream.concat(Stream.of(HEADINGS, total), rows.stream())
                    .mapToInt(row -> row[column].replace(">", "").length())
                    .max()
                    .orElseThrow();
        }
        var table = new TextTable(HEADINGS);
        for (String[] row : rows) {
            row[0] = tail(row[0], room);
            table.row(row);
        }
        table.line().row(total);
        String training = cost.layers().stream().anyMatch(Cost.Layer::training)
                ? "* in training only: counts towards the parameters, not towards the other totals\n"
                : "";
        return cost.graph() + "\n\n" + table + training
                + "memory: of the output. traffic: bytes read and written by the layer on its own. Both an image,"
                + " float32.\nsees: pixels of the image that one place depends on / how far apart neighbours are.\n"
                + "op: p padding, d dilation, g groups.\n"
                + hintText();
    }

    private static String count(long n) {
        return n == 0 ? "" : Numbers.counted(n);
    }

    private static String tail(String path, int room) {
        return path.length() <= room ? path : "…" + path.substring(path.length() - room + 1);
    }

    private String hintText() {
        if (hints.isEmpty()) return "";
        var text = new StringBuilder("\nHints: the guidelines of ShuffleNetV2 (1807.11164, section 2) it breaks\n");
        Map<Guideline, List<Hint>> by =
                hints.stream().collect(Collectors.groupingBy(Hint::guideline, TreeMap::new, Collectors.toList()));
        by.forEach((guideline, all) -> {
            Hint first = all.get(0);
            text.append(guideline).append("  ").append(guideline.text());
            if (all.size() > 1) text.append("; ").append(all.size()).append(" layers, the first");
            text.append("\n    ");
            if (!first.path().isEmpty()) text.append(first.path()).append(": ");
            text.append(first.text()).append('\n');
        });
        return text.toString();
    }

    /** The table as data, counts exact, in the words of the reference files. */
    public ObjectNode json() {
        ObjectNode o = JsonNodeFactory.instance.objectNode();
        o.put("parameters", cost.parameters())
                .put("macs", cost.macs())
                .put("activations", cost.activations())
                .put("bytes_read", cost.read())
                .put("bytes_written", cost.written());
        sizes(o, cost.field());
        ArrayNode all = o.putArray("hints");
        for (Hint h : hints) {
            all.addObject()
                    .put("guideline", h.guideline().name())
                    .put("layer", h.path())
                    .put("text", h.text());
        }
        ArrayNode layers = o.putArray("layers");
        for (Cost.Layer l : cost.layers()) {
            ObjectNode layer = layers.addObject().put("name", l.node().path()).put("op", OpText.of(l.node()));
            for (int d : l.node().shape().dims()) layer.withArray("output").add(d);
            layer.put("parameters", l.parameters())
                    .put("macs", l.macs())
                    .put("activations", l.activations())
                    .put("bytes_read", l.read())
                    .put("bytes_written", l.written());
            sizes(layer, l.field());
            if (l.training()) layer.put("training", true);
        }
        return o;
    }

    private static void sizes(ObjectNode o, ReceptiveField f) {
        o.putArray("receptive_field").add(f.height()).add(f.width());
        o.putArray("stride").add(f.strideHeight()).add(f.strideWidth());
    }
}
