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
import java.util.function.Function;
import java.util.stream.Collectors;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Node;
import org.convzoo.graph.Op;
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
        Sketch overview = new Sketch(nodes, Drawn::of, true);
        units.forEach(u -> overview.unit(u, u.block() ? marks.get(u.kind()) : "", u.block() ? differs(u, kinds) : ""));
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
            Sketch detail = new Sketch(nodes, drawn::get, false);
            first.sources().forEach(detail::source);
            first.nodes().forEach(n -> detail.unit(new Unit(n.path(), List.of(n)), "", ""));
            detail.output(first.last());
            panels.add(detail.panel(
                    marks.get(kind),
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
            String most = by.keySet().stream()
                    .max(Comparator.comparingInt((String s) -> by.get(s).size())
                            .thenComparing(Comparator.reverseOrder()))
                    .orElseThrow();
            String others = by.keySet().stream()
                    .filter(s -> !s.equals(most))
                    .map(s -> "stride " + s + " in " + String.join(", ", runs(by.get(s))))
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

    private static String range(String first, String last) {
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
        List<Unit> all = kinds.get(unit.kind());
        for (int i = 0; i < unit.nodes().size(); i++) {
            int at = i;
            List<String> kernels = Drawn.of(unit.nodes().get(i)).kernels();
            if (all.stream()
                    .anyMatch(u -> !Drawn.of(u.nodes().get(at)).kernels().equals(kernels))) return kernels.get(0);
        }
        return "";
    }

    private static String cross(Shape shape) {
        return shape.toString().replace('x', '×');
    }

    /** The figure as an SVG document that is legible on light and on dark ground, at most 900 pixels wide. */
    public String svg() {
        return DiagramSvg.of(this, PAGE, 0);
    }

    /** The same figure for a telephone, with its parts below each other. */
    String narrowSvg() {
        return DiagramSvg.of(this, TELEPHONE, 0.85);
    }

    /** The figure as a graph for Graphviz, a cluster for each panel. */
    public String dot() {
        var dot = new StringBuilder("digraph convzoo {\n  label=" + quoted(title) + "; labelloc=t; fontname=sans;\n"
                + "  node [shape=box, style=rounded, fontname=sans, fontsize=11]; edge [arrowsize=0.6];\n");
        for (int p = 0; p < panels.size(); p++) {
            Panel panel = panels.get(p);
            dot.append("  subgraph cluster_").append(p).append(" {\n    label=");
            dot.append(quoted(
                            p == 0
                                    ? ""
                                    : panel.mark() + ": " + panel.name() + "\n" + String.join(", ", panel.places())))
                    .append(";\n");
            for (int b = 0; b < panel.boxes().size(); b++) {
                Box box = panel.boxes().get(b);
                String label = (box.mark() + " " + box.text()).strip()
                        + (box.times() > 1 ? " (" + box.times() + " times)" : "")
                        + (box.small().isEmpty() ? "" : "\n" + box.small());
                dot.append("    n%s_%s [label=%s];\n".formatted(p, b, quoted(label)));
            }
            for (Edge e : panel.edges()) dot.append("    n%s_%s -> n%s_%s;\n".formatted(p, e.from, p, e.to));
            dot.append("  }\n");
        }
        return dot.append("}\n").toString();
    }

    private static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + '"';
    }

    /** A panel in the making: layers that only follow another share its box. */
    private static final class Sketch {
        private final Map<Node, Integer> consumers = new HashMap<>();
        private final Function<Node, Drawn> drawn;
        private final boolean shapes; // whether boxes tell the shape that leaves them
        private final List<Box> boxes = new ArrayList<>();
        private final List<String> folds = new ArrayList<>(); // boxes with equal ones are the same
        private final List<Boolean> op = new ArrayList<>(); // whether a layer may share the box
        private final Set<Edge> edges = new LinkedHashSet<>();
        private final Map<Node, Integer> box = new HashMap<>();

        Sketch(List<Node> all, Function<Node, Drawn> drawn, boolean shapes) {
            this.drawn = drawn;
            this.shapes = shapes;
            all.forEach(n -> n.inputs().forEach(in -> consumers.merge(in, 1, Integer::sum)));
        }

        private int add(Box b, String fold, boolean layer) {
            boxes.add(b);
            folds.add(fold);
            op.add(layer);
            return boxes.size() - 1;
        }

        void source(Node n) {
            box.put(n, add(new Box(Form.INPUT, "in", "", "", 1), "in", false));
        }

        void output(Node n) {
            boolean whole = n.shape().rank() == 1;
            int out = add(new Box(Form.INPUT, whole ? "classes" : "out", "", "", 1), "out", false);
            edges.add(new Edge(box.get(n), out));
        }

        void unit(Unit unit, String mark, String differs) {
            Node n = unit.last();
            int at;
            if (unit.block()) {
                String fold = unit.wiring(x -> Drawn.of(x).text());
                at = add(new Box(Form.BLOCK, range(unit.path(), unit.path()), differs, mark, 1), fold, false);
            } else {
                Drawn d = drawn.apply(n);
                int before = n.inputs().size() == 1 ? box.get(n.input()) : -1;
                boolean shares = d.form() == Form.LIGHT
                        && before >= 0
                        && (op.get(before) && consumers.get(n.input()) == 1
                                || d.name().isEmpty());
                if (shares) {
                    box.put(n, before);
                    append(before, d.name());
                    return;
                }
                at = add(new Box(d.form(), d.text(), "", "", 1), d.text(), !(n.op() instanceof Op.Input));
            }
            for (Node in : unit.block() ? unit.sources() : n.inputs()) edges.add(new Edge(box.get(in), at));
            unit.nodes().forEach(x -> box.put(x, at));
        }

        private void append(int at, String word) {
            if (word.isEmpty()) return;
            Box b = boxes.get(at);
            boxes.set(
                    at,
                    b.form() == Form.LIGHT
                            ? new Box(b.form(), b.text() + ", " + word, "", "", 1)
                            : new Box(b.form(), b.text(), b.small() + (b.small().isEmpty() ? "" : ", ") + word, "", 1));
            folds.set(at, folds.get(at) + ", " + word);
        }

        private Box withShape(int at) {
            Box b = boxes.get(at);
            Node last = null;
            for (Node n : box.keySet()) if (box.get(n) == at && (last == null || n.id() > last.id())) last = n;
            if (!shapes || last == null) return b;
            String small = b.small() + (b.small().isEmpty() ? "" : " · ") + cross(last.shape());
            return new Box(b.form(), b.text(), small, b.mark(), b.times());
        }

        /** The panel; equal boxes in a row become one. */
        Panel panel(String mark, String name, List<String> places, List<String> strides, List<List<Node>> excitations) {
            List<Box> kept = new ArrayList<>();
            int[] to = new int[boxes.size()];
            for (int i = 0; i < boxes.size(); i++) {
                int at = i;
                List<Edge> in = edges.stream().filter(e -> e.to == at).toList();
                boolean chain = in.size() == 1
                        && in.get(0).from == i - 1
                        && edges.stream().filter(e -> e.from == at - 1).count() == 1
                        && folds.get(i).equals(folds.get(i - 1));
                Box b = withShape(i);
                if (chain) {
                    Box first = kept.remove(kept.size() - 1);
                    String text = b.mark().isEmpty()
                            ? first.text()
                            : range(first.text().replaceAll("–.*", ""), b.text());
                    b = new Box(b.form(), text, b.small(), b.mark(), first.times() + 1);
                }
                kept.add(b);
                to[i] = kept.size() - 1;
            }
            Set<Edge> arrows = new LinkedHashSet<>();
            for (Edge e : edges) if (to[e.from] != to[e.to]) arrows.add(new Edge(to[e.from], to[e.to]));
            List<List<Integer>> framed = excitations.stream()
                    .map(path ->
                            path.stream().map(n -> to[box.get(n)]).distinct().toList())
                    .toList();
            return new Panel(mark, name, places, strides, kept, List.copyOf(arrows), framed);
        }
    }
}
