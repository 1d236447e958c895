package org.convzoo.view;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Node;
import org.convzoo.graph.Shape;
import org.convzoo.view.Blocks.Unit;
import org.convzoo.view.Drawn.Form;

/**
 * A network as a figure: an overview in which blocks are single boxes and equal neighbours are folded into one with
 * their count, and a panel for each kind of block that shows it in detail. {@link #svg()} draws it.
 *
 * @param title the network's name, a colon, and its size
 * @param panels the overview, then the kinds of blocks in the order of their appearance
 */
public record Diagram(String title, List<Panel> panels) {
    private static final double PAGE = 900, TELEPHONE = 340;

    /**
     * One framed part of the figure.
     *
     * @param mark the letter of a kind of block; empty for the overview
     * @param name what such a block is called; empty for the overview
     * @param places where blocks of this kind stand, neighbours by the first and the last
     * @param strides which of them have which stride, where they differ
     * @param excitations for each squeeze-and-excitation its boxes, by their numbers
     */
    record Panel(
            String mark,
            String name,
            List<String> places,
            List<String> strides,
            List<Box> boxes,
            List<Edge> edges,
            List<List<Integer>> excitations) {}

    /**
     * A box of one or two lines.
     *
     * @param mark the letter of the panel that shows it in detail; empty for a layer
     * @param times how many such boxes follow each other here
     */
    record Box(Form form, String text, String small, String mark, int times) {}

    /** An arrow from box to box, by their numbers in the panel. */
    record Edge(int from, int to) {}

    public Diagram {
        panels = List.copyOf(panels);
    }

    /** The figure of what prediction runs; auxiliary heads are not drawn. */
    public static Diagram of(Graph graph) {
        List<Node> nodes = graph.inferenceNodes();
        List<Unit> units = Blocks.of(nodes);
        Map<String, List<Unit>> kinds = units.stream()
                .filter(Unit::block)
                .collect(Collectors.groupingBy(Unit::kind, LinkedHashMap::new, Collectors.toList()));
        Map<String, String> marks = new HashMap<>();
        for (String kind : kinds.keySet()) marks.put(kind, String.valueOf((char) ('A' + marks.size())));

        List<Panel> panels = new ArrayList<>();
        PanelSketch overview = new PanelSketch(nodes, Drawn::of, true);
        units.forEach(u -> overview.unit(
                u, u.block() ? marks.getOrDefault(u.kind(), "") : "", u.block() ? differs(u, kinds) : ""));
        overview.output(graph.output());
        panels.add(overview.panel("", "", List.of(), List.of(), List.of()));
        kinds.forEach((kind, all) -> {
            Unit first = all.get(0);
            Map<Node, Drawn> drawn = new HashMap<>();
            for (int i = 0; i < first.nodes().size(); i++) {
                int at = i;
                Drawn one = all.stream()
                        .map(u -> Drawn.of(u.nodes().get(at)))
                        .reduce(Drawn::and)
                        .orElseThrow();
                drawn.put(first.nodes().get(i), one);
            }
            PanelSketch detail = new PanelSketch(nodes, drawn::get, false);
            first.sources().forEach(detail::source);
            first.nodes().forEach(n -> detail.unit(new Unit(n.path(), List.of(n)), "", ""));
            detail.output(first.last());
            panels.add(detail.panel(
                    marks.getOrDefault(kind, ""),
                    BlockName.of(first.nodes()),
                    runs(all),
                    strides(all),
                    BlockName.excitations(first.nodes())));
        });
        String title = "%s: %s to %s classes, %s parameters, %s multiply-accumulates"
                .formatted(
                        graph.name(),
                        cross(graph.input().shape()),
                        graph.classes(),
                        Numbers.counted(graph.parameterCount()),
                        Numbers.counted(graph.macs()));
        return new Diagram(title, panels);
    }

    /** {@code stride 2 in layer2.0, layer3.0, else 1}, for each way in which blocks of a kind differ in strides. */
    private static List<String> strides(List<Unit> units) {
        Set<String> differences = new LinkedHashSet<>();
        for (int i = 0; i < units.get(0).nodes().size(); i++) {
            int at = i;
            Map<String, List<Unit>> by = units.stream()
                    .collect(Collectors.groupingBy(
                            u -> String.join("", Drawn.of(u.nodes().get(at)).strides()),
                            TreeMap::new,
                            Collectors.toList()));
            if (by.size() < 2) continue;
            String most = by.entrySet().stream()
                    .max(Comparator.comparingInt((Map.Entry<String, List<Unit>> e) ->
                                    e.getValue().size())
                            .thenComparing(Map.Entry.comparingByKey(Comparator.reverseOrder())))
                    .orElseThrow()
                    .getKey();
            String others = by.entrySet().stream()
                    .filter(e -> !e.getKey().equals(most))
                    .map(e -> "stride " + e.getKey() + " in " + String.join(", ", runs(e.getValue())))
                    .collect(Collectors.joining(", "));
            differences.add(others + ", else " + most);
        }
        return List.copyOf(differences);
    }

    /** {@code layer1.1–2} and so on. */
    private static List<String> runs(List<Unit> units) {
        List<String> runs = new ArrayList<>();
        for (int i = 0; i < units.size(); ) {
            int end = i + 1;
            while (end < units.size()
                    && follows(units.get(end - 1).path(), units.get(end).path())) end++;
            runs.add(range(units.get(i).path(), units.get(end - 1).path()));
            i = end;
        }
        return runs;
    }

    static String range(String first, String last) {
        String name = first.replaceFirst("^features\\.(?=\\D)", "");
        return first.equals(last)
                ? name
                : name + "–" + last.substring(stem(last).length());
    }

    /** A name without the number at its end, or without the letter after one: {@code layer1.}, {@code Mixed_5}. */
    private static String stem(String name) {
        return name.replaceFirst("(\\d+|(?<=\\d)[a-z])$", "");
    }

    /** Whether {@code b} is {@code a} with the next number or letter at its end. */
    private static boolean follows(String a, String b) {
        String stem = stem(a), end = a.substring(stem.length());
        if (end.isEmpty() || end.length() > 8) return false;
        char first = end.charAt(0);
        return b.equals(Character.isDigit(first) ? stem + (Integer.parseInt(end) + 1) : stem + (char) (first + 1));
    }

    /** The kernel that tells this block from others of its kind. */
    private static String differs(Unit unit, Map<String, List<Unit>> kinds) {
        List<Unit> all = kinds.getOrDefault(unit.kind(), List.of());
        for (int i = 0; i < unit.nodes().size(); i++) {
            int at = i;
            List<String> kernels = Drawn.of(unit.nodes().get(i)).kernels();
            if (all.stream()
                    .anyMatch(u -> !Drawn.of(u.nodes().get(at)).kernels().equals(kernels))) return kernels.get(0);
        }
        return "";
    }

    static String cross(Shape shape) {
        return shape.toString().replace('x', '×');
    }

    /** The figure as an SVG document that is legible on light and on dark ground, at most 900 pixels wide. */
    public String svg() {
        return DiagramSvg.of(this, PAGE, 0);
    }

    /** This figure for a telephone, with its parts below each other. */
    String narrowSvg() {
        return DiagramSvg.of(this, TELEPHONE, 0.85);
    }

    /** The figure as a graph for Graphviz, a cluster for each panel. */
    public String dot() {
        return DiagramDot.of(this);
    }
}
