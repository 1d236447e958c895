package org.convzoo.view;

import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleFunction;

/**
 * Lines over epochs or minutes as an SVG picture without a fixed colour: the page's style sheet colours it, light or dark. Written
 * out here since Java's own text drawing, and so every plotting library on it, needs fonts that a server may lack.
 */
final class Curves {
    private static final int WIDTH = 380, HEIGHT = 240, LEFT = 46, RIGHT = 20, TOP = 22, BOTTOM = 30;
    /** Lines of so many points are drawn without dots on them. */
    private static final int DOTTED = 100;

    /**
     * A line.
     *
     * @param style its style class: {@code validation}, {@code training}
     * @param x where its values are along the axis: epochs done since the start of the run, or its minutes
     */
    record Line(String style, String name, double[] x, double[] values) {}

    /**
     * What lies along the picture.
     *
     * @param name what its values are called, in short
     * @param end its last value; the first is 0
     */
    record Axis(String name, double end) {
        static Axis epochs(int count) {
            return new Axis("epoch", count);
        }
    }

    private final String title;
    private final List<Line> lines;
    private final Axis axis;
    private final int best;
    private final DoubleFunction<String> tick;
    private final double low;
    private final double high;
    private final double step;

    /**
     * Curves of some quantity over the whole run.
     *
     * @param best the epoch to be marked; 0 for none
     * @param tick how a value is written at the axis
     * @param fromZero whether the axis starts at 0
     * @param ceiling what the axis ends at, {@code NaN} to fit the values; values that are not finite are left out
     */
    Curves(
            String title,
            Axis axis,
            int best,
            DoubleFunction<String> tick,
            boolean fromZero,
            double ceiling,
            Line... lines) {
        this.title = title;
        this.axis = axis;
        this.best = best;
        this.tick = tick;
        this.lines = List.of(lines);
        double least = Double.POSITIVE_INFINITY, most = Double.NEGATIVE_INFINITY;
        for (Line line : lines) {
            for (double v : line.values()) {
                if (!Double.isFinite(v)) continue;
                least = Math.min(least, v);
                most = Math.max(most, v);
            }
        }
        if (least > most) least = most = 0;
        if (fromZero) least = Math.min(0, least);
        if (!Double.isNaN(ceiling)) most = ceiling;
        if (most <= least) most = least + (least == 0 ? 1 : Math.abs(least));
        step = niceStep((most - least) / 4);
        low = Math.floor(least / step + 1e-9) * step;
        high = Math.ceil(most / step - 1e-9) * step;
    }

    /** 1, 2 or 5 times a power of ten, at least {@code least}. */
    private static double niceStep(double least) {
        double power = Math.pow(10, Math.floor(Math.log10(least)));
        for (int m : new int[] {1, 2, 5}) if (m * power >= least * 0.999) return m * power;
        return 10 * power;
    }

    Svg svg() {
        Svg svg = Svg.inPage(WIDTH, HEIGHT, title);
        for (int i = 0; low + i * step <= high + step / 2; i++) {
            double value = low + i * step, y = y(value);
            svg.add(Svg.line("grid", LEFT, y, WIDTH - RIGHT, y));
            svg.add(Svg.text("tick end", LEFT - 6, y + 4, tick.apply(value)));
        }
        double every = niceStep(axis.end / 7);
        if (axis.end >= 1) every = Math.max(1, Math.rint(every));
        int under = HEIGHT - BOTTOM + 18;
        for (int i = 1; i * every <= axis.end * (1 + 1e-9); i++)
            svg.add(Svg.text("tick middle", x(i * every), under, Numbers.decimals(i * every)));
        svg.add(Svg.text("tick end", LEFT - 6, under, axis.name));
        for (Line line : lines) draw(svg, line);
        if (best > 0) mark(svg);
        return svg;
    }

    private void draw(Svg svg, Line line) {
        List<String> points = new ArrayList<>();
        List<Svg> dots = new ArrayList<>();
        int count = line.values().length;
        for (int i = 0; i < count; i++) {
            double v = line.values()[i];
            if (!Double.isFinite(v)) continue;
            double x = x(line.x()[i]), y = y(v);
            points.add(Svg.number(x) + "," + Svg.number(y));
            String style = "dot " + line.style() + (i == count - 1 ? " last" : "");
            dots.add(Svg.circle(style, x, y, count <= 40 ? 3 : 2)
                    .titled(line.name() + ", " + axis.name + " " + Numbers.decimals(line.x()[i]) + ": "
                            + tick.apply(v)));
        }
        if (points.isEmpty()) return;
        svg.add(Svg.of("polyline").style("line " + line.style()).set("points", String.join(" ", points)));
        if (count < DOTTED) dots.forEach(svg::add);
    }

    private void mark(Svg svg) {
        double x = x(best);
        boolean right = x > WIDTH - 60;
        svg.add(Svg.line("best", x, TOP, x, HEIGHT - BOTTOM));
        svg.add(Svg.text(
                right ? "tick best end" : "tick best middle", right ? WIDTH - 4 : x, TOP - 8, "kept: epoch " + best));
    }

    private double x(double value) {
        return LEFT + 4 + (WIDTH - LEFT - RIGHT - 8) * value / axis.end;
    }

    private double y(double value) {
        double clipped = Math.min(high, Math.max(low, value));
        return TOP + (HEIGHT - TOP - BOTTOM) * (high - clipped) / (high - low);
    }
}
