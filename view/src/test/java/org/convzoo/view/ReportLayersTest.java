package org.convzoo.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.convzoo.graph.Window.k;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Node;
import org.convzoo.graph.Op;
import org.convzoo.graph.Shape;
import org.convzoo.models.Models;
import org.convzoo.train.LayerLog;
import org.convzoo.train.LayerStatistics;
import org.convzoo.train.RunReport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportLayersTest {
    private static final Graph GRAPH = Graph.of("small", new Shape(1, 8, 8), x -> x.conv("conv1", 4, k(3))
            .relu()
            .conv("conv2", 4, k(3))
            .relu()
            .aux("side", 0.3, a -> a.avgPoolTo(1).flatten().linear("fc", 2))
            .avgPoolTo(1)
            .flatten()
            .linear("fc", 2));

    @TempDir
    Path directory;

    @Test
    void aWatchedRunShowsItsLayersAndAnotherDoesNot() throws Exception {
        RunReport.Ended run = Sample.run(directory, "resnet18", List.of("a", "b"), 32, 3, 4);
        assertThat(new ReportPage(run).html()).doesNotContain("What its layers did");
        for (int e = 1; e <= 4; e++)
            new LayerLog(directory).add(statistics(run.model().graph(), e, 1));
        String html = new ReportPage(run).html();
        assertThat(html)
                .contains("What its layers did", "Dead channels of ReLUs", "In epoch 4 a step&#39;s gradient is ")
                .contains("<span class=\"layers\" style=\"--v:1.0\">epoch 4</span>")
                .doesNotContain("NaN");
        assertThat(html.split("<svg", -1)).hasSize(1 + 3 + 1 + 3);
        assertThat(html.indexOf("What its layers did"))
                .isBetween(html.indexOf("How it learned"), html.indexOf("What is taken for what"));
    }

    @Test
    void aLineALaterEpochFromTheFirstLayerToTheLast() {
        ReportLayers layers = layers(GRAPH, 9);
        assertThat(layers.epochs()).extracting(ReportLayers.Epoch::number).containsExactly(1, 3, 5, 7, 9);
        String signal = layers.signal().toString();
        assertThat(all(signal, "<polyline")).hasSize(5);
        assertThat(all(signal, "<title>([^<]*)</title>"))
                .containsExactly("conv1, epoch 9: 1", "conv2, epoch 9: 0.1", "fc, epoch 9: 0.01");
        double[] heights = Pattern.compile(" ")
                .splitAsStream(last(all(signal, "points=\"([^\"]*)\"")))
                .mapToDouble(p -> Double.parseDouble(p.split(",")[1]))
                .toArray();
        assertThat(heights[1] - heights[0])
                .as("a power of ten is as high anywhere")
                .isPositive()
                .isEqualTo(heights[2] - heights[1]);
        assertThat(signal).contains(">conv1</text>", ">fc</text>").doesNotContain("side");
    }

    @Test
    void theLastEpochIsPutIntoWords() {
        assertThat(layers(GRAPH, 2).words())
                .isEqualTo(
                        "In epoch 2 a step's gradient is 1 of the weight of conv1 and 0.01 of that of fc; the ReLU with"
                                + " the most dead channels is 3, with 40 % of them.");
        Graph sigmoids = Models.named("lenet").graph();
        assertThat(layers(sigmoids, 2).dead()).isEmpty();
        assertThat(layers(sigmoids, 2).words()).doesNotContain("ReLU");
    }

    @Test
    void zerosLieAtTheBottomAndWhatIsMissingLeavesAGap() {
        List<String> names = List.of("a", "b", "c");
        double[] values = {0.5, 0, Double.NaN};
        String svg = new LayerCurves(
                        "title", names, List.of(new LayerCurves.Line(1, values)), LayerCurves.Scale.POWERS_OF_TEN)
                .svg()
                .toString();
        assertThat(all(svg, "<title>([^<]*)</title>")).containsExactly("a, epoch 1: 0.5", "b, epoch 1: 0");
        assertThat(all(svg, "<circle[^>]*cy=\"([^\"]*)\"").get(1))
                .isEqualTo(last(all(svg, "<line[^>]*y1=\"([^\"]*)\"")));
        for (double v : new double[] {0, 1, 1e-30, 1e30})
            assertThat(new LayerCurves(
                                    "title",
                                    List.of("one"),
                                    List.of(new LayerCurves.Line(1, new double[] {v})),
                                    LayerCurves.Scale.POWERS_OF_TEN)
                            .svg()
                            .toString())
                    .as("one layer of " + v)
                    .doesNotContain("NaN", "Infinity");
    }

    @Test
    void sharesHaveRoundTicks() {
        for (double most : new double[] {0, 0.2, 0.4, 0.9}) {
            String svg = new LayerCurves(
                            "title",
                            List.of("one"),
                            List.of(new LayerCurves.Line(1, new double[] {most})),
                            LayerCurves.Scale.SHARE)
                    .svg()
                    .toString();
            assertThat(all(svg, ">(\\d[^<]*) %</text>"))
                    .allMatch(tick -> tick.matches("\\d+"))
                    .hasSize(6)
                    .endsWith("0");
        }
    }

    private static ReportLayers layers(Graph graph, int epochs) {
        return ReportLayers.of(
                        IntStream.rangeClosed(1, epochs)
                                .mapToObj(e -> statistics(graph, e, 0))
                                .toList(),
                        graph)
                .orElseThrow();
    }

    /** Each weighted layer gives a tenth of the one before, and has a tenth of its gradient. */
    private static LayerStatistics statistics(Graph graph, int epoch, int dead) {
        List<LayerStatistics.Output> outputs = new ArrayList<>();
        List<LayerStatistics.Gradient> gradients = new ArrayList<>();
        double size = 1, share = dead;
        for (Node n : graph.nodes()) {
            boolean weighted = n.op() instanceof Op.Conv || n.op() instanceof Op.Linear;
            if (n.op() instanceof Op.Activation) share = Math.min(1, share + 0.2);
            if (weighted || n.op() instanceof Op.Activation)
                outputs.add(new LayerStatistics.Output(n.path(), n.op().kind(), 0, size, 0, share));
            if (!weighted) continue;
            gradients.add(new LayerStatistics.Gradient(n.path() + ".weight", 2 * size, 2));
            gradients.add(new LayerStatistics.Gradient(n.path() + ".bias", 1, 0));
            if (!n.path().startsWith("side")) size /= 10;
        }
        return new LayerStatistics(epoch, outputs, gradients);
    }

    private static List<String> all(String svg, String pattern) {
        return Pattern.compile(pattern)
                .matcher(svg)
                .results()
                .map(m -> m.groupCount() == 0 ? m.group() : m.group(1))
                .toList();
    }

    private static String last(List<String> all) {
        return all.get(all.size() - 1);
    }
}
