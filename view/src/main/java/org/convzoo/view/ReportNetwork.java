package org.convzoo.view;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.convzoo.graph.Graph;

/**
 * A network as a figure and layer by layer. The figure is a picture of its own, so that its styles and the page's stay
 * apart; a telephone gets one with all parts in a column.
 *
 * @param wide the figure inside a URL
 * @param open whether the layers are shown without being asked for
 * @param auxiliary whether some layers serve in training only
 */
record ReportNetwork(
        String title,
        String wide,
        String narrow,
        boolean open,
        List<Layer> layers,
        String parameters,
        String macs,
        boolean auxiliary) {
    /** The layers that are shown without being asked for. */
    private static final int SHOWN = 40;

    /** A layer; what it has none of is left blank. */
    record Layer(String path, boolean training, String op, String output, String parameters, String macs) {}

    static ReportNetwork of(Graph graph) {
        Diagram diagram = Diagram.of(graph);
        ShapeTable table = ShapeTable.of(graph);
        List<Layer> layers = table.rows().stream()
                .map(r -> new Layer(
                        r.path(),
                        r.training(),
                        r.op(),
                        r.output().toString(),
                        counted(r.parameters()),
                        counted(r.macs())))
                .toList();
        return new ReportNetwork(
                diagram.title(),
                url(diagram.svg()),
                url(diagram.narrowSvg()),
                layers.size() <= SHOWN,
                layers,
                Numbers.grouped(table.parameters()),
                Numbers.grouped(table.macs()),
                layers.stream().anyMatch(Layer::training));
    }

    private static String counted(long n) {
        return n == 0 ? "" : Numbers.grouped(n);
    }

    private static String url(String svg) {
        return Html.dataUri("image/svg+xml", svg.getBytes(StandardCharsets.UTF_8));
    }
}
