package org.convzoo.view;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import org.convzoo.graph.Node;
import org.convzoo.graph.Op;
import org.convzoo.view.Blocks.Unit;
import org.convzoo.view.Diagram.Box;
import org.convzoo.view.Diagram.Edge;
import org.convzoo.view.Diagram.Panel;
import org.convzoo.view.Drawn.Form;

/** A panel in the making: layers that only follow another share its box. */
final class PanelSketch {
    private final Map<Node, Integer> consumers = new HashMap<>();
    private final Function<Node, Drawn> drawn;
    private final boolean shapes; // whether boxes tell the shape that leaves them
    private final List<Box> boxes = new ArrayList<>();
    private final List<String> folds = new ArrayList<>(); // boxes with equal ones are the same
    private final List<Boolean> op = new ArrayList<>(); // whether a layer may share the box
    private final Set<Edge> edges = new LinkedHashSet<>();
    private final Map<Node, Integer> box = new HashMap<>();

    PanelSketch(List<Node> all, Function<Node, Drawn> drawn, boolean shapes) {
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

    private int boxOf(Node n) {
        return Objects.requireNonNull(box.get(n), "a node is drawn after those that it reads");
    }

    void source(Node n) {
        box.put(n, add(new Box(Form.INPUT, "in", "", "", 1), "in", false));
    }

    void output(Node n) {
        boolean whole = n.shape().rank() == 1;
        int out = add(new Box(Form.INPUT, whole ? "classes" : "out", "", "", 1), "out", false);
        edges.add(new Edge(boxOf(n), out));
    }

    void unit(Unit unit, String mark, String differs) {
        Node n = unit.last();
        int at;
        if (unit.block()) {
            String fold = unit.wiring(x -> Drawn.of(x).text());
            at = add(new Box(Form.BLOCK, Diagram.range(unit.path(), unit.path()), differs, mark, 1), fold, false);
        } else {
            Drawn d = drawn.apply(n);
            int before = n.inputs().size() == 1 ? boxOf(n.input()) : -1;
            boolean shares = d.form() == Form.LIGHT
                    && before >= 0
                    && (op.get(before) && Objects.equals(consumers.get(n.input()), 1)
                            || d.name().isEmpty());
            if (shares) {
                box.put(n, before);
                append(before, d.name());
                return;
            }
            at = add(new Box(d.form(), d.text(), "", "", 1), d.text(), !(n.op() instanceof Op.Input));
        }
        for (Node in : unit.block() ? unit.sources() : n.inputs()) edges.add(new Edge(boxOf(in), at));
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
        String small = b.small() + (b.small().isEmpty() ? "" : " · ") + Diagram.cross(last.shape());
        return new Box(b.form(), b.text(), small, b.mark(), b.times());
    }

    /** The panel; equal boxes in a row become one. */
    Panel panel(String mark, String name, List<String> places, List<String> strides, List<List<Node>> excitations) {
        List<Box> kept = new ArrayList<>();
        int[] to = new int[boxes.size()];
        for (int i = 0; i < boxes.size(); i++) {
            int at = i;
            List<Edge> in = edges.stream().filter(e -> e.to() == at).toList();
            boolean chain = in.size() == 1
                    && in.get(0).from() == i - 1
                    && edges.stream().filter(e -> e.from() == at - 1).count() == 1
                    && folds.get(i).equals(folds.get(i - 1));
            Box b = withShape(i);
            if (chain) {
                Box first = kept.remove(kept.size() - 1);
                String text = b.mark().isEmpty()
                        ? first.text()
                        : Diagram.range(first.text().replaceAll("–.*", ""), b.text());
                b = new Box(b.form(), text, b.small(), b.mark(), first.times() + 1);
            }
            kept.add(b);
            to[i] = kept.size() - 1;
        }
        Set<Edge> arrows = new LinkedHashSet<>();
        for (Edge e : edges) if (to[e.from()] != to[e.to()]) arrows.add(new Edge(to[e.from()], to[e.to()]));
        List<List<Integer>> framed = excitations.stream()
                .map(path -> path.stream().map(n -> to[boxOf(n)]).distinct().toList())
                .toList();
        return new Panel(mark, name, places, strides, kept, List.copyOf(arrows), framed);
    }
}
