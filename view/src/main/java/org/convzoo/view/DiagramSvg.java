package org.convzoo.view;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.convzoo.view.Diagram.Box;
import org.convzoo.view.Diagram.Edge;
import org.convzoo.view.Diagram.Panel;
import org.convzoo.view.Drawn.Form;
import org.eclipse.elk.alg.layered.options.LayeredMetaDataProvider;
import org.eclipse.elk.alg.layered.options.LayeredOptions;
import org.eclipse.elk.alg.layered.options.NodePlacementStrategy;
import org.eclipse.elk.alg.layered.options.OrderingStrategy;
import org.eclipse.elk.core.RecursiveGraphLayoutEngine;
import org.eclipse.elk.core.data.LayoutMetaDataService;
import org.eclipse.elk.core.math.ElkPadding;
import org.eclipse.elk.core.math.KVector;
import org.eclipse.elk.core.options.CoreOptions;
import org.eclipse.elk.core.options.Direction;
import org.eclipse.elk.core.options.EdgeRouting;
import org.eclipse.elk.core.options.HierarchyHandling;
import org.eclipse.elk.core.options.SizeConstraint;
import org.eclipse.elk.core.util.BasicProgressMonitor;
import org.eclipse.elk.graph.ElkBendPoint;
import org.eclipse.elk.graph.ElkEdge;
import org.eclipse.elk.graph.ElkEdgeSection;
import org.eclipse.elk.graph.ElkNode;
import org.eclipse.elk.graph.util.ElkGraphUtil;

/**
 * A {@link Diagram} as SVG. ELK lays each panel out; the panels stand in rows to the right of the overview. Text is
 * measured by a table of widths, so that the file is the same on every machine.
 */
final class DiagramSvg {
    private static final double FONT = 13, SMALL = 11, PAD = 14, GAP = 22, TITLE = 66, LEGEND = 44;
    /** How wide the lines of a box may be, one after the other until a panel is narrow enough. */
    private static final double[] LINES = {Double.MAX_VALUE, 170, 110};

    private static final String EXCITATION = "squeeze-and-excite";
    private static final String STYLE = """
            svg{--ground:#fff;--panel:#f7f8fa;--line:#c9ced6;--ink:#1d2330;--soft:#5b6472;--arrow:#6b7482;
            --in:#fff;--conv:#cfe1fb;--depthwise:#d5f0f4;--linear:#f7d3e3;--pool:#d5efd6;--join:#fdeeba;--gate:#e6dafa;
            --light:#e9ebef;--move:#f9e1cd;--block:#fff;--mark:#2f5fb3;--onmark:#fff;
            font-family:'Helvetica Neue',Helvetica,Arial,'Liberation Sans',sans-serif}
            @media(prefers-color-scheme:dark){svg{--ground:#14171c;--panel:#1b1f26;--line:#3a414d;--ink:#e8ebf0;
            --soft:#a2abb9;--arrow:#8d97a6;--in:#14171c;--conv:#23436f;--depthwise:#1d4d57;--linear:#64304a;
            --pool:#275030;--join:#5c4d17;--gate:#46356b;--light:#343a45;--move:#5f4029;--block:#232830;
            --mark:#7fa7f0;--onmark:#10141b}}
            text{fill:var(--ink);font-size:13px;text-anchor:middle}.s{fill:var(--soft);font-size:11px}
            .l{text-anchor:start}.t{font-size:17px;font-weight:600;text-anchor:start}.h{font-weight:600;text-anchor:start}
            .p{fill:var(--panel);stroke:var(--line)}.b{stroke:var(--arrow);stroke-width:.8}
            .e{fill:none;stroke:var(--arrow);stroke-width:1.2}.m{fill:var(--mark)}.mt{fill:var(--onmark);font-weight:700}
            .f{fill:none;stroke:var(--mark);stroke-width:1.2;stroke-dasharray:4 3}
            .x{fill:var(--mark);font-weight:700;text-anchor:start}
            """;

    private final StringBuilder svg = new StringBuilder();
    private double legendHeight;

    private DiagramSvg() {}

    /**
     * At most {@code width} pixels wide, unless a block would have to be drawn smaller than {@code smallest} for that;
     * that is a factor of up to 1.
     */
    static String of(Diagram diagram, double width, double smallest) {
        return new DiagramSvg().draw(diagram, width, smallest);
    }

    /** A box's text and small text in lines. */
    private record Lines(List<String> text, List<String> small) {
        static Lines of(Box box, double room) {
            String between = room < 150 ? " " : ", ";
            return new Lines(
                    words(List.of(box.text().split(between)), between, FONT, room),
                    words(List.of(box.small().split(between)), between, SMALL, room));
        }

        double height() {
            return 27 + 16 * (text.size() - 1) + 14 * small.size();
        }
    }

    /** A panel with its layout: the positions are ELK's, relative to the panel's inside. */
    private record Placed(
            Panel panel,
            List<String> name,
            List<String> heading,
            double line,
            ElkNode layout,
            List<ElkNode> nodes,
            double scale,
            double width,
            double height) {
        Placed shrunk(double room, double smallest) {
            double by = Math.max(smallest, Math.min(1, room / width));
            return new Placed(panel, name, heading, line, layout, nodes, by, by * width, by * height);
        }

        double top() {
            return PAD + (panel.mark().isEmpty() ? 0 : 12 + 16 * name.size() + 14 * heading.size());
        }
    }

    private String draw(Diagram diagram, double width, double smallest) {
        List<Placed> placed = place(diagram.panels(), width - 2 * GAP).stream()
                .map(p -> p.shrunk(width - 2 * GAP, smallest))
                .toList();
        List<double[]> at = arrange(placed, width - 2 * GAP);
        double[] size = extent(placed, at);
        Set<Form> forms = EnumSet.noneOf(Form.class);
        diagram.panels().forEach(p -> p.boxes().forEach(b -> forms.add(b.form())));
        String legend = legend(forms, notes(diagram.panels()), size[0]);
        int colon = diagram.title().indexOf(": ");
        List<String> subtitle =
                words(List.of(diagram.title().substring(colon + 2).split(", ")), Math.max(size[0], width - 2 * GAP));
        double top = TITLE + 15 * (subtitle.size() - 1);
        double w = Math.max(size[0], widest(subtitle)) + 2 * GAP;
        double h = size[1] + top + GAP + legendHeight;
        svg.append("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %s %s\" width=\"%s\" height=\"%s\">"
                .formatted(n(w), n(h), n(w), n(h)));
        svg.append("<title>")
                .append(Html.escape(diagram.title()))
                .append("</title>\n<style>")
                .append(STYLE);
        svg.append(
                "</style>\n<defs><marker id=\"a\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"7\""
                        + " markerHeight=\"7\" orient=\"auto\"><path d=\"M0 .8 7 4 0 7.2z\" fill=\"var(--arrow)\"/></marker></defs>\n");
        svg.append("<rect width=\"100%\" height=\"100%\" fill=\"var(--ground)\"/>\n");
        text("t", GAP, 30, diagram.title().substring(0, colon));
        for (int i = 0; i < subtitle.size(); i++) text("s l", GAP, 50 + 15 * i, subtitle.get(i));
        for (int i = 0; i < placed.size(); i++) panel(placed.get(i), GAP + at.get(i)[0], top + at.get(i)[1]);
        svg.append("<g transform=\"translate(%s %s)\">".formatted(n(GAP), n(top + size[1] + GAP)));
        return svg.append(legend).append("</g>\n</svg>\n").toString();
    }

    /**
     * Where panels stand in a width of at most {@code room}, or of the widest panel: of all widths the one that wastes
     * least and comes near to a square, which fits pages and screens.
     */
    private static List<double[]> arrange(List<Placed> panels, double room) {
        double widest = panels.stream().mapToDouble(Placed::width).max().orElse(0);
        List<double[]> best = stand(panels, widest);
        double least = Double.MAX_VALUE;
        for (double width = widest; width <= room + 1e-9; width += (room - widest) / 24 + 1e-6) {
            List<double[]> at = stand(panels, width);
            double[] size = extent(panels, at);
            double off = Math.abs(Math.log(size[0] / size[1])) + Math.log(size[0] * size[1]) / 2;
            if (off > least - 1e-9) continue;
            least = off;
            best = at;
        }
        return best;
    }

    /** The overview in the left upper corner, each other panel as high as it fits in that width, then as far left. */
    private static List<double[]> stand(List<Placed> panels, double width) {
        List<double[]> at = new ArrayList<>();
        at.add(new double[] {0, 0});
        for (Placed p : panels.subList(1, panels.size())) {
            List<Double> xs = new ArrayList<>(List.of(0.0)), ys = new ArrayList<>(List.of(0.0));
            for (int i = 0; i < at.size(); i++) {
                xs.add(at.get(i)[0] + panels.get(i).width + GAP);
                ys.add(at.get(i)[1] + panels.get(i).height + GAP);
            }
            double[] found = {0, Double.MAX_VALUE};
            for (double y : ys) {
                for (double x : xs) {
                    boolean earlier = y < found[1] || y == found[1] && x < found[0];
                    if (earlier && x + p.width <= width + 1e-9 && free(panels, at, p, x, y))
                        found = new double[] {x, y};
                }
            }
            at.add(found);
        }
        return at;
    }

    private static boolean free(List<Placed> panels, List<double[]> at, Placed p, double x, double y) {
        for (int i = 0; i < at.size(); i++) {
            Placed q = panels.get(i);
            double[] o = at.get(i);
            if (x < o[0] + q.width + GAP - 1e-9
                    && o[0] < x + p.width + GAP - 1e-9
                    && y < o[1] + q.height + GAP - 1e-9
                    && o[1] < y + p.height + GAP - 1e-9) return false;
        }
        return true;
    }

    private static double[] extent(List<Placed> panels, List<double[]> at) {
        double[] size = {0, 0};
        for (int i = 0; i < at.size(); i++) {
            size[0] = Math.max(size[0], at.get(i)[0] + panels.get(i).width);
            size[1] = Math.max(size[1], at.get(i)[1] + panels.get(i).height);
        }
        return size;
    }

    // -- layout -----------------------------------------------------------------------------------

    /** All panels, the first as it is, the others narrow enough to stand beside it, or else in {@code room}. */
    private static List<Placed> place(List<Panel> panels, double room) {
        List<Placed> placed = new ArrayList<>();
        for (Panel panel : panels) {
            double beside = placed.isEmpty() ? room : room - placed.get(0).width - GAP;
            List<Placed> forms = new ArrayList<>();
            for (double line : LINES) {
                forms.add(place(panel, room, line));
                if (forms.get(forms.size() - 1).width <= beside) break;
            }
            Placed last = forms.get(forms.size() - 1);
            placed.add(
                    last.width <= beside
                            ? last
                            : forms.stream()
                                    .filter(p -> p.width <= room)
                                    .findFirst()
                                    .orElse(last));
        }
        return placed;
    }

    private static Placed place(Panel panel, double space, double line) {
        LayoutMetaDataService.getInstance().registerLayoutMetaDataProviders(new LayeredMetaDataProvider());
        ElkNode root = ElkGraphUtil.createGraph();
        root.setProperty(CoreOptions.ALGORITHM, LayeredOptions.ALGORITHM_ID);
        settings(root);
        root.setProperty(CoreOptions.HIERARCHY_HANDLING, HierarchyHandling.INCLUDE_CHILDREN);
        Map<Integer, ElkNode> frames = new HashMap<>();
        for (List<Integer> excitation : panel.excitations()) {
            ElkNode frame = ElkGraphUtil.createNode(root);
            frame.setProperty(CoreOptions.PADDING, new ElkPadding(10, 28, 10, 10));
            frame.setProperty(CoreOptions.NODE_SIZE_CONSTRAINTS, EnumSet.of(SizeConstraint.MINIMUM_SIZE));
            frame.setProperty(CoreOptions.NODE_SIZE_MINIMUM, new KVector(0, wide(EXCITATION, SMALL) + 16));
            settings(frame);
            excitation.forEach(b -> frames.put(b, frame));
        }
        List<ElkNode> nodes = new ArrayList<>();
        for (int b = 0; b < panel.boxes().size(); b++) {
            Box box = panel.boxes().get(b);
            ElkNode node = ElkGraphUtil.createNode(frames.getOrDefault(b, root));
            Lines lines = Lines.of(box, line);
            double text =
                    lines.text.stream().mapToDouble(t -> wide(t, FONT)).max().orElse(0)
                            + (box.mark().isEmpty() ? 0 : 28);
            node.setWidth(
                    Math.max(Math.max(text, widest(lines.small)) + 22, 46) + (box.times() > 1 ? 2 * times(box) : 0));
            node.setHeight(lines.height());
            nodes.add(node);
        }
        for (Edge e : panel.edges()) ElkGraphUtil.createSimpleEdge(nodes.get(e.from()), nodes.get(e.to()));
        new RecursiveGraphLayoutEngine().layout(root, new BasicProgressMonitor());
        double room = Math.min(Math.max(root.getWidth(), 230), space - 2 * PAD);
        List<String> name = panel.name().isEmpty()
                ? List.of()
                : words(List.of(panel.name().split(" ")), " ", 1.08 * FONT, room - 26);
        List<String> heading = new ArrayList<>(words(panel.places(), room));
        panel.strides().forEach(s -> heading.addAll(words(List.of(s.split(", ")), room)));
        double words = Math.max(
                widest(heading),
                name.stream().mapToDouble(l -> 1.08 * wide(l, FONT) + 26).max().orElse(0));
        Placed bare =
                new Placed(panel, name, heading, line, root, nodes, 1, Math.max(root.getWidth(), words) + 2 * PAD, 0);
        return new Placed(panel, name, heading, line, root, nodes, 1, bare.width, bare.top() + root.getHeight() + PAD);
    }

    private static void settings(ElkNode root) {
        root.setProperty(LayeredOptions.DIRECTION, Direction.DOWN);
        root.setProperty(LayeredOptions.EDGE_ROUTING, EdgeRouting.ORTHOGONAL);
        root.setProperty(LayeredOptions.NODE_PLACEMENT_STRATEGY, NodePlacementStrategy.NETWORK_SIMPLEX);
        root.setProperty(LayeredOptions.CONSIDER_MODEL_ORDER_STRATEGY, OrderingStrategy.NODES_AND_EDGES);
        root.setProperty(LayeredOptions.SPACING_NODE_NODE, 18.0);
        root.setProperty(LayeredOptions.SPACING_NODE_NODE_BETWEEN_LAYERS, 20.0);
        root.setProperty(LayeredOptions.SPACING_EDGE_NODE, 12.0);
        root.setProperty(LayeredOptions.SPACING_EDGE_NODE_BETWEEN_LAYERS, 10.0);
        root.setProperty(LayeredOptions.SPACING_EDGE_EDGE_BETWEEN_LAYERS, 8.0);
    }

    /** The space for the count, beside a box on both sides so that the box stays in the middle. */
    private static double times(Box box) {
        return wide("×" + box.times(), FONT) + 8;
    }

    private static List<String> words(List<String> words, double room) {
        return words(words, ", ", SMALL, room);
    }

    /** Words in lines of at most {@code room}. */
    private static List<String> words(List<String> words, String between, double size, double room) {
        List<String> lines = new ArrayList<>();
        String line = "";
        for (String word : words) {
            if (!line.isEmpty() && wide(line + between + word, size) > room) {
                lines.add((line + between).stripTrailing());
                line = word;
            } else line += (line.isEmpty() ? "" : between) + word;
        }
        if (!line.isEmpty()) lines.add(line);
        return lines;
    }

    private static double widest(List<String> lines) {
        return lines.stream().mapToDouble(l -> wide(l, SMALL)).max().orElse(0);
    }

    // -- drawing ----------------------------------------------------------------------------------

    private void panel(Placed p, double x, double y) {
        String scale = p.scale == 1 ? "" : String.format(Locale.ROOT, " scale(%.3f)", p.scale);
        double width = p.width / p.scale, height = p.height / p.scale;
        svg.append("<g transform=\"translate(%s %s)%s\">".formatted(n(x), n(y), scale));
        svg.append("<rect class=\"p\" width=\"%s\" height=\"%s\" rx=\"8\"/>\n".formatted(n(width), n(height)));
        if (!p.panel.mark().isEmpty()) {
            mark(p.panel.mark(), PAD + 9, PAD + 8);
            for (int i = 0; i < p.name.size(); i++) text("h", PAD + 26, PAD + 12.5 + 16 * i, p.name.get(i));
            double below = PAD + 18 + 16 * p.name.size();
            for (int i = 0; i < p.heading.size(); i++) text("s l", PAD, below + 14 * i, p.heading.get(i));
        }
        double left = (width - p.layout.getWidth()) / 2;
        svg.append("<g transform=\"translate(%s %s)\">\n".formatted(n(left), n(p.top())));
        List<ElkNode> frames = p.layout.getChildren().stream()
                .filter(n -> !n.getChildren().isEmpty())
                .toList();
        frames.forEach(this::frame);
        edges(p.layout, 0, 0);
        frames.forEach(f -> edges(f, f.getX(), f.getY()));
        for (int i = 0; i < p.panel.boxes().size(); i++) box(p.panel.boxes().get(i), p.nodes.get(i), p.line);
        svg.append("</g></g>\n");
    }

    /** A dashed line around a squeeze-and-excitation. */
    private void frame(ElkNode f) {
        svg.append("<rect class=\"f\" x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\" rx=\"7\"/>\n"
                .formatted(n(f.getX()), n(f.getY()), n(f.getWidth()), n(f.getHeight())));
        double x = f.getX() + f.getWidth() - 17, y = f.getY() + f.getHeight() / 2;
        svg.append("<text class=\"s\" transform=\"translate(%s %s) rotate(90)\">%s</text>\n"
                .formatted(n(x), n(y), EXCITATION));
    }

    /** The arrows that {@code parent} holds, whose corner is at that place. */
    private void edges(ElkNode parent, double x, double y) {
        for (ElkEdge e : parent.getContainedEdges()) e.getSections().forEach(s -> edge(s, x, y));
    }

    private void edge(ElkEdgeSection s, double x, double y) {
        List<double[]> points = new ArrayList<>();
        points.add(new double[] {x + s.getStartX(), y + s.getStartY()});
        for (ElkBendPoint b : s.getBendPoints()) points.add(new double[] {x + b.getX(), y + b.getY()});
        points.add(new double[] {x + s.getEndX(), y + s.getEndY()});
        var path = new StringBuilder("M" + n(points.get(0)[0]) + " " + n(points.get(0)[1]));
        for (int i = 1; i < points.size() - 1; i++) {
            double[] a = points.get(i - 1), b = points.get(i), c = points.get(i + 1);
            double in = Math.min(6, length(a, b) / 2), out = Math.min(6, length(b, c) / 2);
            path.append("L")
                    .append(toward(b, a, in))
                    .append("Q")
                    .append(n(b[0]))
                    .append(' ')
                    .append(n(b[1]));
            path.append(' ').append(toward(b, c, out));
        }
        double[] end = points.get(points.size() - 1);
        path.append("L").append(n(end[0])).append(' ').append(n(end[1]));
        svg.append("<path class=\"e\" d=\"").append(path).append("\" marker-end=\"url(#a)\"/>\n");
    }

    private static double length(double[] a, double[] b) {
        return Math.hypot(a[0] - b[0], a[1] - b[1]);
    }

    private static String toward(double[] from, double[] to, double by) {
        double l = Math.max(length(from, to), 1e-9);
        return n(from[0] + (to[0] - from[0]) / l * by) + " " + n(from[1] + (to[1] - from[1]) / l * by);
    }

    private void box(Box box, ElkNode at, double room) {
        Lines lines = Lines.of(box, room);
        double side = box.times() > 1 ? times(box) : 0, w = at.getWidth() - 2 * side, h = at.getHeight();
        boolean framed = at.getParent().getParent() != null;
        double x = at.getX() + side + (framed ? at.getParent().getX() : 0);
        double y = at.getY() + (framed ? at.getParent().getY() : 0), middle = x + w / 2;
        if (box.times() > 1) {
            rect(box.form(), x + 3, y + 3, w, h);
            text("x", x + w + 8, y + h / 2 + 5, "×" + box.times());
        }
        rect(box.form(), x, y, w, h);
        double line = y + (box.small().isEmpty() ? 18 : 17);
        if (!box.mark().isEmpty()) mark(box.mark(), middle - (wide(lines.text.get(0), FONT) + 26) / 2 + 9, line - 4.5);
        for (int i = 0; i < lines.text.size(); i++, line += 16)
            text("", middle + (box.mark().isEmpty() || i > 0 ? 0 : 13), line, lines.text.get(i));
        for (int i = 0; i < lines.small.size(); i++, line += 14) text("s", middle, line, lines.small.get(i));
    }

    private void rect(Form form, double x, double y, double w, double h) {
        svg.append("<rect class=\"b\" x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\" rx=\"%s\" fill=\"var(--%s)\"/>"
                .formatted(n(x), n(y), n(w), n(h), form == Form.INPUT ? n(h / 2) : "5", color(form)));
    }

    private static String color(Form form) {
        return form == Form.INPUT ? "in" : form.name().toLowerCase(Locale.ROOT);
    }

    private void mark(String letter, double x, double y) {
        svg.append("<circle class=\"m\" cx=\"%s\" cy=\"%s\" r=\"9\"/>".formatted(n(x), n(y)));
        text("mt", x, y + 4.5, letter);
    }

    private void text(String style, double x, double y, String text) {
        svg.append("<text%s x=\"%s\" y=\"%s\">%s</text>\n"
                .formatted(style.isEmpty() ? "" : " class=\"" + style + "\"", n(x), n(y), Html.escape(text)));
    }

    /** What the signs mean that occur. */
    private static List<String> notes(List<Panel> panels) {
        List<String> notes = new ArrayList<>();
        if (any(panels, b -> b.times() > 1)) notes.add("×N: N in a row");
        if (any(panels, b -> b.text().contains(" / "))) notes.add("64 / 128: not the same in all of these blocks");
        if (any(panels, b -> b.mark().isEmpty() && b.text().matches(".*\\d–\\d.*")))
            notes.add("16–96: from 16 to 96, more than four numbers");
        if (panels.stream().anyMatch(p -> p.places().stream().anyMatch(r -> r.contains("–"))))
            notes.add("layer1.1–3: from layer1.1 to layer1.3");
        return notes;
    }

    private static boolean any(List<Panel> panels, Predicate<Box> of) {
        return panels.stream().anyMatch(p -> p.boxes().stream().anyMatch(of));
    }

    private String legend(Set<Form> forms, List<String> notes, double room) {
        int start = svg.length();
        double x = 0, y = 0;
        for (Form form : forms) {
            if (form == Form.INPUT) continue;
            double w = wide(form.text(), SMALL) + 44;
            if (x > 0 && x + w > room) {
                x = 0;
                y += 22;
            }
            rect(form, x, y, 22, 14);
            text("s l", x + 28, y + 11, form.text());
            x += w;
        }
        for (String note : notes) {
            double w = wide(note, SMALL) + 16;
            if (x > 0 && x + w > room) {
                x = 0;
                y += 22;
            }
            text("s l", x, y + 11, note);
            x += w;
        }
        legendHeight = y + LEGEND - 8;
        String legend = svg.substring(start);
        svg.setLength(start);
        return legend;
    }

    /** The width of a text in a sans-serif font, a little generous. */
    private static double wide(String text, double size) {
        double em = 0;
        for (char c : text.toCharArray()) {
            em += "iljt.,:;|' ()/".indexOf(c) >= 0
                    ? 0.31
                    : "mwMW×–".indexOf(c) >= 0 ? 0.8 : Character.isUpperCase(c) ? 0.69 : 0.57;
        }
        return 1.04 * em * size;
    }

    private static String n(double d) {
        return String.format(Locale.ROOT, "%.1f", d).replaceAll("\\.0$", "");
    }
}
