package org.convzoo.view;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.convzoo.engine.LayerTime;
import org.convzoo.engine.Peak;
import org.convzoo.graph.Graph;

/**
 * Where the time of a network goes: each step, and sums by layer and by kernel, with the rates reached and what bounds
 * them. Work of few operations a byte, left of the roofline's ridge, is bound by memory, the rest by arithmetic.
 */
public record Profile(List<LayerTime> steps, Peak peak) {
    public Profile {
        steps = List.copyOf(steps);
    }

    /** Steps that are looked at together. */
    record Sum(int steps, double milliseconds, long macs, long bytes) {
        static Sum of(List<LayerTime> steps) {
            return new Sum(
                    steps.size(),
                    steps.stream().mapToDouble(LayerTime::milliseconds).sum(),
                    steps.stream().mapToLong(LayerTime::macs).sum(),
                    steps.stream().mapToLong(LayerTime::bytes).sum());
        }

        /** Operations a second; a multiply-accumulate is two. */
        double flops() {
            return milliseconds == 0 ? 0 : 2e3 * macs / milliseconds;
        }

        double bytesPerSecond() {
            return milliseconds == 0 ? 0 : 1e3 * bytes / milliseconds;
        }

        /** Operations a byte. */
        double intensity() {
            return 2.0 * macs / bytes;
        }
    }

    Sum all() {
        return Sum.of(steps);
    }

    /** {@code memory} or {@code compute}. */
    String bound(Sum s) {
        return s.macs == 0 || s.intensity() < peak.ridge() ? "memory" : "compute";
    }

    /** Each step in order, then the sums by layer in order, if any has several steps, and by kernel, the longest first. */
    public String text() {
        var each = new TextTable("layer", "pass", "kernel", "ms>", "share>", "GFLOP/s>", "GB/s>", "bound by");
        for (LayerTime t : steps) {
            String[] rates = rates(Sum.of(List.of(t)));
            each.row(t.layer(), t.pass(), t.kernel(), rates[0], rates[1], rates[2], rates[3], rates[4]);
        }
        long layers = steps.stream().map(LayerTime::layer).distinct().count();
        return each + "\n" + (layers == steps.size() ? "" : sums("layer", LayerTime::layer, false) + "\n")
                + sums("kernel", LayerTime::kernel, true)
                + "\nbound by memory: fewer than "
                + String.format(Locale.ROOT, "%.0f", peak.ridge())
                + " operations a byte. Rates over the tensors' sizes; above the peak of a copy, caches helped.\n";
    }

    private TextTable sums(String heading, Function<LayerTime, String> of, boolean longestFirst) {
        Map<String, List<LayerTime>> groups =
                steps.stream().collect(Collectors.groupingBy(of, LinkedHashMap::new, Collectors.toList()));
        List<Map.Entry<String, Sum>> sums = new ArrayList<>();
        groups.forEach((name, group) -> sums.add(Map.entry(name, Sum.of(group))));
        if (longestFirst)
            sums.sort(Comparator.comparingDouble((Map.Entry<String, Sum> e) -> -e.getValue().milliseconds));
        var table = new TextTable(heading, "steps>", "ms>", "share>", "GFLOP/s>", "GB/s>", "bound by");
        for (var e : sums) {
            String[] rates = rates(e.getValue());
            String count = Integer.toString(e.getValue().steps);
            table.row(e.getKey(), count, rates[0], rates[1], rates[2], rates[3], rates[4]);
        }
        String[] rates = rates(all());
        return table.line()
                .row("total", Integer.toString(steps.size()), rates[0], rates[1], rates[2], rates[3], rates[4]);
    }

    private String[] rates(Sum s) {
        return new String[] {
            String.format(Locale.ROOT, "%.3f", s.milliseconds),
            Numbers.percent(s.milliseconds / all().milliseconds),
            s.macs == 0 ? "" : String.format(Locale.ROOT, "%.1f", s.flops() / 1e9),
            String.format(Locale.ROOT, "%.1f", s.bytesPerSecond() / 1e9),
            bound(s)
        };
    }

    /** The steps as data. */
    public List<ObjectNode> json() {
        return steps.stream()
                .map(t -> JsonNodeFactory.instance
                        .objectNode()
                        .put("layer", t.layer())
                        .put("pass", t.pass())
                        .put("kernel", t.kernel())
                        .put("milliseconds", t.milliseconds())
                        .put("macs", t.macs())
                        .put("bytes", t.bytes())
                        .put("bound_by", bound(Sum.of(List.of(t)))))
                .toList();
    }

    /**
     * The steps that multiply, in a roofline plot.
     *
     * @param graph what was measured, which tells kinds of convolutions apart
     * @param title says how it was measured, {@code part: more}
     */
    public String svg(Graph graph, String title) {
        return new Roofline(this, graph, title).svg();
    }
}
