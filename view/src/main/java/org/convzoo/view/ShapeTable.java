package org.convzoo.view;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Node;
import org.convzoo.graph.Param;
import org.convzoo.graph.Shape;

/**
 * A network layer by layer: where it stands, what it does, the shape it gives, its parameters and multiply-accumulates.
 * The last line has the totals, counted as the literature does: running statistics are no parameters, and auxiliary
 * heads count as parameters but not as work.
 */
public record ShapeTable(String title, List<Row> rows, long parameters, long macs, long activations) {
    /**
     * A layer.
     *
     * @param path its dotted path, the stem of its parameters' names
     * @param op what it does, in a few words
     * @param output the shape it gives, without the batch axis
     * @param parameters trainable scalars
     * @param macs multiply-accumulates for one image
     * @param training whether it belongs to an auxiliary head, which prediction leaves out
     */
    public record Row(String path, String op, Shape output, long parameters, long macs, boolean training) {}

    public ShapeTable {
        rows = List.copyOf(rows);
    }

    public static ShapeTable of(Graph graph) {
        Set<Node> predicting = new HashSet<>(graph.inferenceNodes());
        List<Row> rows = graph.nodes().stream()
                .map(n -> new Row(n.path(), OpText.of(n), n.shape(), parameters(n), n.macs(), !predicting.contains(n)))
                .toList();
        long activations = graph.inferenceNodes().stream()
                .mapToLong(n -> n.shape().elements())
                .sum();
        return new ShapeTable(graph.toString(), rows, graph.parameterCount(), graph.macs(), activations);
    }

    private static long parameters(Node n) {
        return n.params().stream()
                .filter(Param::trainable)
                .mapToLong(p -> p.shape().elements())
                .sum();
    }

    /** Aligned columns, a line a layer, then the totals. */
    public String text() {
        var table = new TextTable("layer", "op", "output", "parameters>", "MACs>");
        for (Row r : rows) {
            table.row(
                    r.path() + (r.training ? " *" : ""),
                    r.op(),
                    r.output().toString(),
                    r.parameters() == 0 ? "" : Numbers.grouped(r.parameters()),
                    r.macs() == 0 ? "" : Numbers.grouped(r.macs()));
        }
        table.line().row("total", "", "", Numbers.grouped(parameters), Numbers.grouped(macs));
        String note = rows.stream().anyMatch(Row::training)
                ? "* in training only: its parameters count, its MACs do not\n"
                : "";
        return title + "\n\n" + table + note + Numbers.bytes(4 * parameters) + " of parameters, "
                + Numbers.bytes(4 * activations) + " of activations an image (float32)\n";
    }
}
