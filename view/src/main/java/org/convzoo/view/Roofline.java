package org.convzoo.view;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.convzoo.engine.LayerTime;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Node;
import org.convzoo.graph.Op;
import org.convzoo.view.Profile.Sum;

/**
 * A roofline plot (Williams, Waterman and Patterson 2009, CACM 52(4)): each step that multiplies is a disk at its
 * operations a byte and its operations a second, both logarithmic, as large as the time it takes; the roof over them is
 * what memory and arithmetic allow.
 */
final class Roofline {
    private static final double WIDTH = 960, LEFT = 76, TOP = 88, PLOT = 600, HEIGHT = 470, SIDE = LEFT + PLOT + 26;

    /** The area of all disks together, in square pixels. */
    private static final double AREA = 16000;

    private static final double SMALLEST = 2.5;
    private static final int NAMED = 8;
    private static final String STYLE = """
            svg{--ground:#fff;--line:#e2e5ea;--ink:#1d2330;--soft:#5b6472;--roof:#1d2330;
            --k0:#d55e00;--k1:#0072b2;--k2:#009e73;--k3:#b5588c;--k4:#8a6d1a;
            font-family:'Helvetica Neue',Helvetica,Arial,'Liberation Sans',sans-serif}
            @media(prefers-color-scheme:dark){svg{--ground:#14171c;--line:#2b313b;--ink:#e8ebf0;--soft:#a2abb9;
            --roof:#e8ebf0;--k0:#f58a42;--k1:#56b4e9;--k2:#35cf9f;--k3:#e79cc4;--k4:#d9c35a}}
            text{fill:var(--ink);font-size:12px}.s{fill:var(--soft);font-size:11px}.t{font-size:17px;font-weight:600}
            .h{font-weight:600}.m{text-anchor:middle}.r{text-anchor:end}.g{stroke:var(--line)}
            .roof{fill:none;stroke:var(--roof);stroke-width:1.6}.ridge{stroke:var(--soft);stroke-dasharray:3 4}
            .d{fill-opacity:.55;stroke-width:1}.back{fill-opacity:.12;stroke-width:1.6}.n{font-size:11px;font-weight:700;text-anchor:middle}
            .n,.o{stroke:var(--ground);stroke-width:4;stroke-linejoin:round;paint-order:stroke}
            """;

    /** What multiplies; each has a colour (Okabe and Ito's, which the colour-blind tell apart, too). */
    private enum Kind {
        DEPTHWISE("depthwise convolution"),
        POINTWISE("1×1 convolution"),
        WINDOW("k×k convolution"),
        LINEAR("linear"),
        OTHER("other products");

        private final String text;

        Kind(String text) {
            this.text = text;
        }
    }

    private final Profile profile;
    private final String title;
    private final Map<String, Node> nodes;
    private final List<LayerTime> steps;
    private final double milliseconds;
    private final double left, right, bottom, top; // decades
    private final Svg svg;

    Roofline(Profile profile, Graph graph, String title) {
        this.profile = profile;
        this.title = title;
        svg = Svg.document(WIDTH, TOP + HEIGHT + 62, title, STYLE);
        nodes = graph.nodes().stream().collect(Collectors.toMap(Node::path, n -> n));
        milliseconds = profile.all().milliseconds();
        steps = profile.steps().stream()
                .filter(t -> t.macs() > 0)
                .sorted(Comparator.comparingDouble((LayerTime t) -> -t.milliseconds()))
                .toList();
        double[] x = {profile.peak().ridge() / 30, profile.peak().ridge() * 10},
                y = {profile.peak().flops() / 30, 0};
        for (LayerTime t : steps) {
            x[0] = Math.min(x[0], sum(t).intensity());
            x[1] = Math.max(x[1], sum(t).intensity() * 1.3);
            y[0] = Math.min(y[0], sum(t).flops());
            y[1] = Math.max(y[1], sum(t).flops());
        }
        left = Math.floor(Math.log10(x[0]));
        right = Math.ceil(Math.log10(x[1]));
        bottom = Math.floor(Math.log10(y[0]));
        top = Math.log10(Math.max(y[1], profile.peak().flops())) + 0.35;
    }

    private static Sum sum(LayerTime t) {
        return Sum.of(List.of(t));
    }

    private Kind kind(LayerTime t) {
        Node n = nodes.get(t.layer());
        if (n == null) return Kind.OTHER;
        if (n.op() instanceof Op.Linear) return Kind.LINEAR;
        if (!(n.op() instanceof Op.Conv conv)) return Kind.OTHER;
        if (conv.isDepthwise(n.input().shape())) return Kind.DEPTHWISE;
        return conv.w().kh() * conv.w().kw() == 1 ? Kind.POINTWISE : Kind.WINDOW;
    }

    private static boolean forward(LayerTime t) {
        return t.pass().equals("forward");
    }

    String svg() {
        int colon = title.indexOf(": ");
        text("t", 22, 30, colon < 0 ? title : title.substring(0, colon));
        if (colon >= 0) text("s", 22, 50, title.substring(colon + 2));
        grid();
        steps.forEach(this::disk);
        roofs();
        List<LayerTime> named = steps.subList(0, Math.min(NAMED, steps.size()));
        List<double[]> taken = new ArrayList<>();
        for (int i = 0; i < named.size(); i++) {
            double[] at = free(named.get(i), taken);
            taken.add(at);
            text("n", at[0], at[1] + 4, Integer.toString(i + 1));
        }
        legend(named);
        return svg.toString();
    }

    private void grid() {
        for (int d = (int) left; d <= right; d++) {
            double x = x(Math.pow(10, d));
            line("g", x, TOP, x, TOP + HEIGHT);
            text("s m", x, TOP + HEIGHT + 18, plain(Math.pow(10, d)));
        }
        for (int d = (int) bottom; d <= top; d++) {
            double y = y(Math.pow(10, d));
            line("g", LEFT, y, LEFT + PLOT, y);
            text("s r", LEFT - 8, y + 4, rate(Math.pow(10, d)));
        }
        text(
                "s m",
                LEFT + PLOT / 2,
                TOP + HEIGHT + 40,
                "operations a byte, of the sizes of the tensors read and written");
        text("s r", LEFT - 8, TOP - 6, "FLOP/s");
    }

    private void roofs() {
        double flops = profile.peak().flops(),
                bytes = profile.peak().bytes(),
                ridge = profile.peak().ridge();
        double from = Math.max(Math.pow(10, left), Math.pow(10, bottom) / bytes);
        String corners = "%s,%s %s,%s %s,%s"
                .formatted(n(x(from)), n(y(from * bytes)), n(x(ridge)), n(y(flops)), n(LEFT + PLOT), n(y(flops)));
        svg.add(Svg.of("polyline").style("roof").set("points", corners));
        line("ridge", x(ridge), y(flops), x(ridge), TOP + HEIGHT);
        text("", LEFT + 8, TOP + 16, "the flat roof: product of large matrices " + rate(flops) + "FLOP/s");
        double slope = Math.toDegrees(Math.atan2(HEIGHT / (top - bottom), PLOT / (right - left)));
        double middle = Math.sqrt(from * ridge);
        svg.add(Svg.of("text")
                .style("m o")
                .set("transform", Svg.moved(x(middle), y(middle * bytes)) + " rotate(" + n(-slope) + ")")
                .set("y", -8)
                .text("copy " + rate(bytes) + "B/s"));
        text("s m", (LEFT + x(ridge)) / 2, TOP + HEIGHT - 8, "bound by memory");
        text("s m", (LEFT + PLOT + x(ridge)) / 2, TOP + HEIGHT - 8, "bound by arithmetic");
    }

    private double radius(LayerTime t) {
        return Math.max(SMALLEST, Math.sqrt(AREA / Math.PI * t.milliseconds() / milliseconds));
    }

    private void disk(LayerTime t) {
        Sum s = sum(t);
        String more = ms(s) + ", " + rate(s.flops()) + "FLOP/s, " + rate(s.bytesPerSecond()) + "B/s";
        svg.add(disk(kind(t), forward(t) ? "d" : "d back", x(s.intensity()), y(s.flops()), radius(t))
                .titled(t.layer() + ", " + t.pass() + ", " + t.kernel() + ": " + more));
    }

    private static Svg disk(Kind kind, String style, double x, double y, double radius) {
        String colour = "var(--k" + kind.ordinal() + ")";
        return Svg.circle(style, x, y, radius).set("fill", colour).set("stroke", colour);
    }

    /** The middle of a large disk, or the next place above it where no other number stands. */
    private double[] free(LayerTime t, List<double[]> taken) {
        double[] at = {x(sum(t).intensity()), y(sum(t).flops()) - (radius(t) < 8 ? radius(t) + 7 : 0)};
        while (taken.stream().anyMatch(o -> Math.abs(o[0] - at[0]) < 10 && Math.abs(o[1] - at[1]) < 12)) at[1] -= 13;
        return at;
    }

    private void legend(List<LayerTime> named) {
        double y = TOP + 12;
        text("h", SIDE, y, "what is computed");
        for (Kind kind : Kind.values()) {
            List<LayerTime> all = steps.stream().filter(t -> kind(t) == kind).toList();
            if (all.isEmpty()) continue;
            svg.add(disk(kind, "d", SIDE + 6, y + 16, 6));
            text("s", SIDE + 20, y += 20, kind.text + " " + share(Sum.of(all)));
        }
        if (!steps.stream().allMatch(Roofline::forward)) text("s", SIDE, y += 20, "filled: forward; rings: gradients");
        text("h", SIDE, y += 34, "the longest");
        for (int i = 0; i < named.size(); i++) {
            LayerTime t = named.get(i);
            text("s h", SIDE, y += 18, Integer.toString(i + 1));
            text("s", SIDE + 20, y, tail(t.layer()) + (forward(t) ? "" : ", " + t.pass()) + " " + ms(sum(t)));
        }
        Sum rest = Sum.of(profile.steps().stream().filter(t -> t.macs() == 0).toList());
        List<String> notes = new ArrayList<>(List.of("A disk's area is its time, together " + ms(profile.all()) + "."));
        if (rest.steps() > 0) {
            notes.add("Not drawn: steps without products,");
            notes.add(share(rest) + " of the time, at " + rate(rest.bytesPerSecond()) + "B/s.");
        }
        notes.add("Above the slope: read from a cache.");
        y += 16;
        for (String note : notes) text("s", SIDE, y += 16, note);
    }

    private static String tail(String layer) {
        return layer.length() <= 26 ? layer : "…" + layer.substring(layer.length() - 25);
    }

    private String share(Sum s) {
        return String.format(Locale.ROOT, "%.0f %%", 100 * s.milliseconds() / milliseconds);
    }

    private static String ms(Sum s) {
        return String.format(Locale.ROOT, s.milliseconds() < 10 ? "%.2f ms" : "%.0f ms", s.milliseconds());
    }

    private static String rate(double perSecond) {
        String counted = Numbers.counted(Math.round(perSecond)).replaceAll("\\.0+ ", " ");
        return counted.indexOf(' ') < 0 ? counted + " " : counted;
    }

    private static String plain(double power) {
        return power < 1
                ? String.format(Locale.ROOT, "%.3f", power).replaceAll("0+$", "")
                : Numbers.grouped(Math.round(power));
    }

    private double x(double intensity) {
        return LEFT + PLOT * (Math.log10(intensity) - left) / (right - left);
    }

    private double y(double flops) {
        return TOP + HEIGHT * (top - Math.log10(flops)) / (top - bottom);
    }

    private void line(String style, double x1, double y1, double x2, double y2) {
        svg.add(Svg.line(style, x1, y1, x2, y2));
    }

    private void text(String style, double x, double y, String text) {
        svg.add(Svg.text(style, x, y, text));
    }

    private static String n(double d) {
        return Svg.number(d);
    }
}
