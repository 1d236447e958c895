package org.convzoo.view;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
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
import org.eclipse.elk.core.options.CoreOptions;
import org.eclipse.elk.core.options.Direction;
import org.eclipse.elk.core.options.EdgeRouting;
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
            .x{fill:var(--mark);font-weight:700;text-anchor:start}
            """;

    private final StringBuilder svg = new StringBuilder();
    private double legendHeight;

    private DiagramSvg() {}

    static String of(Diagram diagram) {
        return new DiagramSvg().draw(diagram);
    }

    /** A panel with its layout: the positions are ELK's, relative to the panel's inside. */
    private record Placed(Panel panel, List<String> heading, ElkNode layout, double width, double height) {
        double top() {
            return PAD + (panel.mark().isEmpty() ? 0 : 26 + 14 * (heading.size() - 1));
        }
    }

    private String draw(Diagram diagram) {
        List<Placed> placed = diagram.panels().stream().map(DiagramSvg::place).toList();
        List<double[]> at = arrange(placed);
        double[] size = extent(placed, at);
        Set<Form> forms = EnumSet.noneOf(Form.class);
        diagram.panels().forEach(p -> p.boxes().forEach(b -> forms.add(b.form())));
        String legend = legend(forms, notes(diagram.panels()), size[0]);
        double w = Math.max(size[0], wide(diagram.title(), SMALL)) + 2 * GAP;
        double h = size[1] + TITLE + GAP + legendHeight;
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
        int colon = diagram.title().indexOf(": ");
        text("t", GAP, 30, diagram.title().substring(0, colon));
        text("s l", GAP, 50, diagram.title().substring(colon + 2));
        for (int i = 0; i < placed.size(); i++) panel(placed.get(i), GAP + at.get(i)[0], TITLE + at.get(i)[1]);
        svg.append("<g transform=\"translate(%s %s)\">".formatted(n(GAP), n(TITLE + size[1] + GAP)));
        return svg.append(legend).append("</g>\n</svg>\n").toString();
    }

    /** Where panels stand: of all widths the one that wastes least and comes near to a square, which fits pages and screens. */
    private static List<double[]> arrange(List<Placed> panels) {
        double widest = panels.stream().skip(1).mapToDouble(Placed::width).max().orElse(0);
        List<double[]> best = List.of();
        double least = Double.MAX_VALUE;
        for (double room = panels.get(0).width + GAP + widest; best.isEmpty() || room < 5000; room += 40) {
            List<double[]> at = arrange(panels, room);
            double[] size = extent(panels, at);
            double off = Math.abs(Math.log(size[0] / size[1])) + Math.log(size[0] * size[1]) / 2;
            if (off > least - 1e-9) continue;
            least = off;
            best = at;
        }
        return best;
    }

    /** The overview at the left edge, each other panel as high as it fits, then as far left, in a width of {@code room}. */
    private static List<double[]> arrange(List<Placed> panels, double room) {
        List<double[]> at = new ArrayList<>();
        at.add(new double[] {0, 0});
        double left = panels.get(0).width + GAP;
        for (Placed p : panels.subList(1, panels.size())) {
            List<Double> xs = new ArrayList<>(List.of(left)), ys = new ArrayList<>(List.of(0.0));
            for (int i = 1; i < at.size(); i++) {
                xs.add(at.get(i)[0] + panels.get(i).width + GAP);
                ys.add(at.get(i)[1] + panels.get(i).height + GAP);
            }
            double[] found = {left, Double.MAX_VALUE};
            for (double y : ys) {
                for (double x : xs) {
                    boolean earlier = y < found[1] || y == found[1] && x < found[0];
                    if (earlier && x + p.width <= room + 1e-9 && free(panels, at, p, x, y)) found = new double[] {x, y};
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

    private static Placed place(Panel panel) {
        LayoutMetaDataService.getInstance().registerLayoutMetaDataProviders(new LayeredMetaDataProvider());
        ElkNode root = ElkGraphUtil.createGraph();
        root.setProperty(CoreOptions.ALGORITHM, LayeredOptions.ALGORITHM_ID);
        root.setProperty(LayeredOptions.DIRECTION, Direction.DOWN);
        root.setProperty(LayeredOptions.EDGE_ROUTING, EdgeRouting.ORTHOGONAL);
        root.setProperty(LayeredOptions.NODE_PLACEMENT_STRATEGY, NodePlacementStrategy.NETWORK_SIMPLEX);
        root.setProperty(LayeredOptions.CONSIDER_MODEL_ORDER_STRATEGY, OrderingStrategy.NODES_AND_EDGES);
        root.setProperty(LayeredOptions.SPACING_NODE_NODE, 18.0);
        root.setProperty(LayeredOptions.SPACING_NODE_NODE_BETWEEN_LAYERS, 20.0);
        root.setProperty(LayeredOptions.SPACING_EDGE_NODE, 12.0);
        root.setProperty(LayeredOptions.SPACING_EDGE_NODE_BETWEEN_LAYERS, 10.0);
        root.setProperty(LayeredOptions.SPACING_EDGE_EDGE_BETWEEN_LAYERS, 8.0);
        List<ElkNode> nodes = new ArrayList<>();
        for (Box box : panel.boxes()) {
            ElkNode node = ElkGraphUtil.createNode(root);
            double line = wide(box.text(), FONT) + (box.mark().isEmpty() ? 0 : 28);
            node.setWidth(Math.max(Math.max(line, wide(box.small(), SMALL)) + 22, 46)
                    + (box.times() > 1 ? 2 * times(box) : 0));
            node.setHeight(box.small().isEmpty() ? 27 : 41);
            nodes.add(node);
        }
        for (Edge e : panel.edges()) ElkGraphUtil.createSimpleEdge(nodes.get(e.from()), nodes.get(e.to()));
        new RecursiveGraphLayoutEngine().layout(root, new BasicProgressMonitor());
        List<String> heading = heading(panel.places(), Math.max(root.getWidth() - 30, 190));
        double words = heading.stream().mapToDouble(l -> wide(l, SMALL)).max().orElse(0) + 34;
        Placed bare = new Placed(panel, heading, root, Math.max(root.getWidth(), words) + 2 * PAD, 0);
        return new Placed(panel, heading, root, bare.width, bare.top() + root.getHeight() + PAD);
    }

    /** The space for the count, beside a box on both sides so that the box stays in the middle. */
    private static double times(Box box) {
        return wide("×" + box.times(), FONT) + 8;
    }

    /** Words in lines of at most {@code room}. */
    private static List<String> heading(List<String> runs, double room) {
        List<String> lines = new ArrayList<>();
        String line = "";
        for (String run : runs) {
            if (!line.isEmpty() && wide(line + ", " + run, SMALL) > room) {
                lines.add(line + ",");
                line = run;
            } else line += (line.isEmpty() ? "" : ", ") + run;
        }
        if (!line.isEmpty()) lines.add(line);
        return lines;
    }

    // -- drawing ----------------------------------------------------------------------------------

    private void panel(Placed p, double x, double y) {
        svg.append("<g transform=\"translate(%s %s)\">".formatted(n(x), n(y)));
        svg.append("<rect class=\"p\" width=\"%s\" height=\"%s\" rx=\"8\"/>\n".formatted(n(p.width), n(p.height)));
        if (!p.panel.mark().isEmpty()) {
            mark(p.panel.mark(), PAD + 9, PAD + 8);
            for (int i = 0; i < p.heading.size(); i++) text("s l", PAD + 26, PAD + 12 + 14 * i, p.heading.get(i));
        }
        double left = (p.width - p.layout.getWidth()) / 2;
        svg.append("<g transform=\"translate(%s %s)\">\n".formatted(n(left), n(p.top())));
        for (ElkEdge e : p.layout.getContainedEdges()) e.getSections().forEach(this::edge);
        for (int i = 0; i < p.panel.boxes().size(); i++)
            box(p.panel.boxes().get(i), p.layout.getChildren().get(i));
        svg.append("</g></g>\n");
    }

    private void edge(ElkEdgeSection s) {
        List<double[]> points = new ArrayList<>();
        points.add(new double[] {s.getStartX(), s.getStartY()});
        for (ElkBendPoint b : s.getBendPoints()) points.add(new double[] {b.getX(), b.getY()});
        points.add(new double[] {s.getEndX(), s.getEndY()});
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

    private void box(Box box, ElkNode at) {
        double side = box.times() > 1 ? times(box) : 0, w = at.getWidth() - 2 * side, h = at.getHeight();
        double x = at.getX() + side, y = at.getY(), middle = x + w / 2;
        if (box.times() > 1) {
            rect(box.form(), x + 3, y + 3, w, h);
            text("x", x + w + 8, y + h / 2 + 5, "×" + box.times());
        }
        rect(box.form(), x, y, w, h);
        double line = y + (box.small().isEmpty() ? h / 2 + 4.5 : 17);
        if (box.mark().isEmpty()) text("", middle, line, box.text());
        else {
            double half = (wide(box.text(), FONT) + 26) / 2;
            mark(box.mark(), middle - half + 9, line - 4.5);
            text("l", middle - half + 26, line, box.text());
        }
        if (!box.small().isEmpty()) text("s", middle, y + 33, box.small());
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
        if (panels.stream().anyMatch(p -> p.boxes().stream().anyMatch(b -> b.times() > 1))) notes.add("×N: N in a row");
        if (panels.stream()
                .anyMatch(p -> p.boxes().stream().anyMatch(b -> b.text().contains(" / "))))
            notes.add("64 / 128: not the same in all of these blocks");
        return notes;
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
