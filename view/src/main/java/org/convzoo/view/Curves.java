package org.convzoo.view;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.DoubleFunction;

/**
 * Lines over epochs as an SVG picture without a fixed colour: the page's style sheet colours it, light or dark. Written
 * out here since Java's own text drawing, and so every plotting library on it, needs fonts that a server may lack.
 */
final class Curves {
    private static final int WIDTH = 380, HEIGHT = 230, LEFT = 46, RIGHT = 14, TOP = 12, BOTTOM = 30;

    /** A line: its style class ({@code test}, {@code training}) and its value at epoch 1, 2, ... */
    record Line(String style, String name, double[] values) {}

    private final String title;
    private final List<Line> lines;
    private final DoubleFunction<String> tick;
    private final double low;
    private final double high;
    private final double step;

    /**
     * Curves of some quantity.
     *
     * @param tick how a value is written at the axis
     * @param ceiling what the axis ends at, {@code NaN} to fit the values; values that are not finite are left out
     * @param fromZero whether the axis starts at 0
     */
    Curves(String title, DoubleFunction<String> tick, boolean fromZero, double ceiling, Line... lines) {
        this.title = title;
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

    String svg() {
        int epochs = lines.stream().mapToInt(l -> l.values().length).max().orElse(0);
        StringBuilder svg = new StringBuilder("<svg class=\"curves\" viewBox=\"0 0 " + WIDTH + " " + HEIGHT
                + "\" role=\"img\" aria-label=\"" + Html.escape(title) + "\">\n");
        for (int i = 0; low + i * step <= high + step / 2; i++) {
            double value = low + i * step, y = y(value);
            svg.append(format(
                    "<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>", LEFT, WIDTH - RIGHT, y, y));
            svg.append(format("<text class=\"tick end\" x=\"%d\" y=\"%.1f\">", LEFT - 6, y + 4))
                    .append(Html.escape(tick.apply(value)))
                    .append("</text>\n");
        }
        int every = (int) Math.max(1, niceStep(epochs / 7.0));
        for (int e = every == 1 ? 1 : every; e <= epochs; e += every) {
            svg.append(format(
                    "<text class=\"tick middle\" x=\"%.1f\" y=\"%d\">%d</text>\n",
                    x(e, epochs), HEIGHT - BOTTOM + 18, e));
        }
        for (Line line : lines) draw(svg, line, epochs);
        return svg.append("</svg>").toString();
    }

    private void draw(StringBuilder svg, Line line, int epochs) {
        List<String> points = new ArrayList<>();
        StringBuilder dots = new StringBuilder();
        for (int i = 0; i < line.values().length; i++) {
            double v = line.values()[i];
            if (!Double.isFinite(v)) continue;
            double x = x(i + 1, epochs), y = y(v);
            points.add(format("%.1f,%.1f", x, y));
            dots.append(format(
                            "<circle class=\"dot %s%s\" cx=\"%.1f\" cy=\"%.1f\" r=\"%s\"><title>",
                            line.style(), i == line.values().length - 1 ? " last" : "", x, y, epochs <= 40 ? "3" : "2"))
                    .append(Html.escape(line.name() + ", epoch " + (i + 1) + ": " + tick.apply(v)))
                    .append("</title></circle>\n");
        }
        svg.append("<polyline class=\"line ").append(line.style()).append("\" points=\"");
        svg.append(String.join(" ", points)).append("\"/>\n").append(dots);
    }

    private static double x(int epoch, int epochs) {
        double width = WIDTH - LEFT - RIGHT - 12;
        return LEFT + 6 + (epochs < 2 ? width / 2 : (epoch - 1) * width / (epochs - 1));
    }

    private double y(double value) {
        double clipped = Math.min(high, Math.max(low, value));
        return TOP + (HEIGHT - TOP - BOTTOM) * (high - clipped) / (high - low);
    }

    private static String format(String text, Object... values) {
        return String.format(Locale.ROOT, text, values);
    }
}
