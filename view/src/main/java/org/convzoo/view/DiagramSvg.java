package org.convzoo.view;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.convzoo.view.Diagram.Box;
import org.convzoo.view.Drawn.Form;
import org.eclipse.elk.graph.ElkBendPoint;
import org.eclipse.elk.graph.ElkEdgeSection;
import org.eclipse.elk.graph.ElkNode;

/**
 * A {@link Diagram} as SVG: its {@link PanelLayout panels} in the {@link Arrangement} that fits, a title above, and what
 * colours and signs mean below.
 */
final class DiagramSvg {
    /** The space between panels and around the figure. */
    static final double GAP = 22;

    private static final double PAD = PanelLayout.PAD, TITLE = 66;

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

    private DiagramSvg() {}

    /**
     * At most {@code width} pixels wide, unless a block would have to be drawn smaller than {@code smallest} for that;
     * that is a factor of up to 1.
     */
    static String of(Diagram diagram, double width, double smallest) {
        double room = width - 2 * GAP;
        List<PanelLayout> panels = PanelLayout.of(diagram.panels(), room, smallest);
        Arrangement at = Arrangement.of(panels, room);
        DiagramLegend legend = DiagramLegend.of(diagram.panels(), at.width());
        int colon = diagram.title().indexOf(": ");
        List<String> subtitle =
                Lettering.lines(List.of(diagram.title().substring(colon + 2).split(", ")), Math.max(at.width(), room));
        double top = TITLE + 15 * (subtitle.size() - 1);
        Svg svg = Svg.document(
                Math.max(at.width(), Lettering.widest(subtitle)) + 2 * GAP,
                at.height() + top + GAP + legend.height(),
                diagram.title(),
                STYLE);
        svg.add(Svg.of("defs").add(arrowHead()));
        svg.add(Svg.text("t", GAP, 30, diagram.title().substring(0, colon)));
        for (int i = 0; i < subtitle.size(); i++) svg.add(Svg.text("s l", GAP, 50 + 15 * i, subtitle.get(i)));
        for (int i = 0; i < panels.size(); i++) {
            Arrangement.Place place = at.places().get(i);
            svg.add(panel(panels.get(i), GAP + place.x(), top + place.y()));
        }
        return svg.add(legend.svg(GAP, top + at.height() + GAP)).toString();
    }

    private static Svg arrowHead() {
        return Svg.of("marker")
                .set("id", "a")
                .set("viewBox", "0 0 8 8")
                .set("refX", 7)
                .set("refY", 4)
                .set("markerWidth", 7)
                .set("markerHeight", 7)
                .set("orient", "auto")
                .add(Svg.of("path").set("d", "M0 .8 7 4 0 7.2z").set("fill", "var(--arrow)"));
    }

    private static Svg panel(PanelLayout p, double x, double y) {
        String scale = p.scale() == 1 ? "" : String.format(Locale.ROOT, " scale(%.3f)", p.scale());
        double width = p.width() / p.scale(), height = p.height() / p.scale();
        Svg panel = Svg.of("g").set("transform", Svg.moved(x, y) + scale);
        panel.add(Svg.of("rect")
                .style("p")
                .set("width", width)
                .set("height", height)
                .set("rx", 8));
        if (!p.panel().mark().isEmpty()) {
            mark(panel, p.panel().mark(), PAD + 9, PAD + 8);
            for (int i = 0; i < p.name().size(); i++)
                panel.add(Svg.text("h", PAD + 26, PAD + 12.5 + 16 * i, p.name().get(i)));
            double below = PAD + 18 + 16 * p.name().size();
            for (int i = 0; i < p.heading().size(); i++)
                panel.add(Svg.text("s l", PAD, below + 14 * i, p.heading().get(i)));
        }
        Svg inside = Svg.group((width - p.boxes().getWidth()) / 2, p.top());
        List<ElkNode> frames = p.boxes().getChildren().stream()
                .filter(n -> !n.getChildren().isEmpty())
                .toList();
        frames.forEach(f -> frame(inside, f));
        edges(inside, p.boxes(), 0, 0);
        frames.forEach(f -> edges(inside, f, f.getX(), f.getY()));
        for (int i = 0; i < p.nodes().size(); i++)
            box(
                    inside,
                    BoxText.of(p.panel().boxes().get(i), p.line()),
                    p.nodes().get(i));
        return panel.add(inside);
    }

    /** A dashed line around a squeeze-and-excitation. */
    private static void frame(Svg panel, ElkNode f) {
        panel.add(Svg.rect("f", f.getX(), f.getY(), f.getWidth(), f.getHeight()).set("rx", 7));
        double x = f.getX() + f.getWidth() - 17, y = f.getY() + f.getHeight() / 2;
        panel.add(Svg.of("text")
                .style("s")
                .set("transform", Svg.moved(x, y) + " rotate(90)")
                .text(PanelLayout.EXCITATION));
    }

    /** The arrows that {@code parent} holds, whose corner is at that place. */
    private static void edges(Svg panel, ElkNode parent, double x, double y) {
        parent.getContainedEdges().forEach(e -> e.getSections().forEach(s -> panel.add(edge(s, x, y))));
    }

    private static Svg edge(ElkEdgeSection s, double x, double y) {
        List<double[]> points = new ArrayList<>();
        points.add(new double[] {x + s.getStartX(), y + s.getStartY()});
        for (ElkBendPoint b : s.getBendPoints()) points.add(new double[] {x + b.getX(), y + b.getY()});
        points.add(new double[] {x + s.getEndX(), y + s.getEndY()});
        var path = new StringBuilder("M" + place(points.get(0)));
        for (int i = 1; i < points.size() - 1; i++) {
            double[] a = points.get(i - 1), b = points.get(i), c = points.get(i + 1);
            double in = Math.min(6, length(a, b) / 2), out = Math.min(6, length(b, c) / 2);
            path.append("L" + place(toward(b, a, in)) + "Q" + place(b) + " " + place(toward(b, c, out)));
        }
        path.append("L" + place(points.get(points.size() - 1)));
        return Svg.of("path").style("e").set("d", path.toString()).set("marker-end", "url(#a)");
    }

    private static String place(double[] at) {
        return Svg.number(at[0]) + " " + Svg.number(at[1]);
    }

    private static double length(double[] a, double[] b) {
        return Math.hypot(a[0] - b[0], a[1] - b[1]);
    }

    private static double[] toward(double[] from, double[] to, double by) {
        double l = Math.max(length(from, to), 1e-9);
        return new double[] {from[0] + (to[0] - from[0]) / l * by, from[1] + (to[1] - from[1]) / l * by};
    }

    private static void box(Svg panel, BoxText lines, ElkNode at) {
        Box box = lines.box();
        double side = lines.side(), w = at.getWidth() - 2 * side, h = at.getHeight();
        boolean framed = at.getParent().getParent() != null;
        double x = at.getX() + side + (framed ? at.getParent().getX() : 0);
        double y = at.getY() + (framed ? at.getParent().getY() : 0), middle = x + w / 2;
        if (box.times() > 1) {
            panel.add(rect(box.form(), x + 3, y + 3, w, h));
            panel.add(Svg.text("x", x + w + 8, y + h / 2 + 5, "×" + box.times()));
        }
        panel.add(rect(box.form(), x, y, w, h));
        double line = y + (box.small().isEmpty() ? 18 : 17);
        boolean marked = !box.mark().isEmpty();
        if (marked) {
            double wide = Lettering.wide(lines.text().get(0), Lettering.FONT) + 26;
            mark(panel, box.mark(), middle - wide / 2 + 9, line - 4.5);
        }
        for (int i = 0; i < lines.text().size(); i++, line += 16)
            panel.add(Svg.text(
                    "", middle + (marked && i == 0 ? 13 : 0), line, lines.text().get(i)));
        for (String small : lines.small()) {
            panel.add(Svg.text("s", middle, line, small));
            line += 14;
        }
    }

    /** A box in the colour of its form; what goes in and comes out has round ends. */
    static Svg rect(Form form, double x, double y, double width, double height) {
        String colour = form == Form.INPUT ? "in" : form.name().toLowerCase(Locale.ROOT);
        return Svg.rect("b", x, y, width, height)
                .set("rx", form == Form.INPUT ? height / 2 : 5)
                .set("fill", "var(--" + colour + ")");
    }

    private static void mark(Svg panel, String letter, double x, double y) {
        panel.add(Svg.circle("m", x, y, 9)).add(Svg.text("mt", x, y + 4.5, letter));
    }
}
