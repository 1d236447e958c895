package org.convzoo.view;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Node;
import org.convzoo.graph.Op;
import org.convzoo.train.LayerStatistics;

/**
 * What the layers of a network did while it learned, as curves from the first layer to the last. Auxiliary heads are left
 * out.
 */
final class ReportLayers {
    private static final int MOST_EPOCHS = 5;

    private final List<LayerStatistics> shown;
    private final List<String> weighted, rectified;

    private ReportLayers(List<LayerStatistics> watched, Graph graph) {
        int count = Math.min(MOST_EPOCHS, watched.size());
        shown = IntStream.range(0, count)
                .mapToObj(i -> watched.get(count == 1 ? 0 : Math.round(i * (watched.size() - 1f) / (count - 1))))
                .toList();
        weighted = paths(graph, Set.of("conv", "linear"));
        rectified = paths(graph, Set.of(Op.Activation.RELU.kind(), Op.Activation.RELU6.kind()));
    }

    /** None of a run that was not watched. */
    static Optional<ReportLayers> of(List<LayerStatistics> watched, Graph graph) {
        return watched.isEmpty() ? Optional.empty() : Optional.of(new ReportLayers(watched, graph));
    }

    private static List<String> paths(Graph graph, Set<String> kinds) {
        return graph.inferenceNodes().stream()
                .filter(n -> kinds.contains(n.op().kind()))
                .map(Node::path)
                .toList();
    }

    /**
     * An entry of the key.
     *
     * @param strength of its lines
     */
    record Epoch(int number, double strength) {}

    List<Epoch> epochs() {
        return IntStream.range(0, shown.size())
                .mapToObj(i -> new Epoch(shown.get(i).epoch(), LayerCurves.strength(i, shown.size())))
                .toList();
    }

    Svg signal() {
        return curves(
                "Deviation of what convolutions and linear layers give",
                weighted,
                LayerCurves.Scale.POWERS_OF_TEN,
                e -> outputs(e, LayerStatistics.Output::deviation));
    }

    Svg gradients() {
        return curves(
                "Gradient of each weight for its norm",
                weighted,
                LayerCurves.Scale.POWERS_OF_TEN,
                ReportLayers::relativeGradients);
    }

    /** None of a network without ReLUs. */
    Optional<Svg> dead() {
        return rectified.isEmpty()
                ? Optional.empty()
                : Optional.of(curves(
                        "Share of channels of each ReLU that give nothing but zeros",
                        rectified,
                        LayerCurves.Scale.SHARE,
                        e -> outputs(e, LayerStatistics.Output::dead)));
    }

    private Svg curves(
            String title,
            List<String> layers,
            LayerCurves.Scale scale,
            Function<LayerStatistics, Map<String, Double>> of) {
        List<LayerCurves.Line> lines = new ArrayList<>();
        for (LayerStatistics e : shown) {
            Map<String, Double> values = of.apply(e);
            lines.add(new LayerCurves.Line(
                    e.epoch(),
                    layers.stream()
                            .mapToDouble(l -> values.getOrDefault(l, Double.NaN))
                            .toArray()));
        }
        return new LayerCurves(title, layers, lines, scale).svg();
    }

    private static Map<String, Double> outputs(LayerStatistics e, Function<LayerStatistics.Output, Double> of) {
        return e.outputs().stream().collect(Collectors.toMap(LayerStatistics.Output::layer, of));
    }

    /** By the layer, of its weight. */
    private static Map<String, Double> relativeGradients(LayerStatistics e) {
        String weight = ".weight";
        return e.gradients().stream()
                .filter(g -> g.parameter().endsWith(weight) && g.weight() > 0)
                .collect(Collectors.toMap(
                        g -> g.parameter().substring(0, g.parameter().length() - weight.length()),
                        g -> g.norm() / g.weight()));
    }

    /** What the last epoch's numbers come to. */
    String words() {
        LayerStatistics last = shown.get(shown.size() - 1);
        List<String> parts = new ArrayList<>();
        Map<String, Double> gradients = relativeGradients(last), dead = outputs(last, LayerStatistics.Output::dead);
        List<String> learning = weighted.stream().filter(gradients::containsKey).toList();
        if (learning.size() > 1) {
            String first = learning.get(0), end = learning.get(learning.size() - 1);
            parts.add("a step's gradient is " + Numbers.decimals(gradients.getOrDefault(first, 0.0))
                    + " of the weight of " + first + " and " + Numbers.decimals(gradients.getOrDefault(end, 0.0))
                    + " of that of " + end);
        }
        rectified.stream()
                .filter(dead::containsKey)
                .max(Comparator.comparingDouble(l -> dead.getOrDefault(l, 0.0)))
                .map(worst -> {
                    double share = dead.getOrDefault(worst, 0.0);
                    return share == 0
                            ? "no channel of a ReLU is dead"
                            : "the ReLU with the most dead channels is " + worst + ", with "
                                    + Numbers.shortPercent(share) + " of them";
                })
                .ifPresent(parts::add);
        return parts.isEmpty() ? "" : "In epoch " + last.epoch() + " " + String.join("; ", parts) + ".";
    }
}
