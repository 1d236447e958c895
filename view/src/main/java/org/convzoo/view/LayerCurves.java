package org.convzoo.view;

import java.util.ArrayList;
import java.util.List;

/**
 * A value of each layer, the first layer at the left, as a line for each of some epochs: an SVG picture that the page's
 * style sheet colours. The later the epoch, the stronger its line.
 */
final class LayerCurves {
    private static final int WIDTH = 380, HEIGHT = 240, LEFT = 46, RIGHT = 20, TOP = 12, BOTTOM = 30;
    /** More powers of ten under the largest value say nothing more. */
    private static final int POWERS = 12;
    /** Of so many layers the last line has dots that tell their values. */
    private static final int DOTTED = 200;

    private static final int LONGEST_NAME = 24;

    /** How values become heights. */
    enum Scale {
        /** By their logarithm; what is 0 lies at the bottom. */
        POWERS_OF_TEN,
        /** From 0 to 25, 50 or 100 %. */
        SHARE
    }

    /**
     * The line of an epoch.
     *
     * @param values one a layer, 0 or more; {@code NaN} where there is none
     */
    record Line(int epoch, double[] values) {}

    private final String title;
    private final List<String> layers;
    private final List<Line> lines;
    private final Scale scale;
    private final double low, high, step;

    LayerCurves(String title, List<String> layers, List<Line> lines, Scale scale) {
        this.title = title;
        this.layers = layers;
        this.lines = lines;
        this.scale = scale;
        double least = Double.POSITIVE_INFINITY, most = 0;
        for (Line line : lines) {
            for (double v : line.values) {
                if (v > 0) least = Math.min(least, v);
                most = Math.max(most, Double.isNaN(v) ? 0 : v);
            }
        }
        if (scale == Scale.SHARE) {
            low = 0;
            high = most <= 0.25 ? 0.25 : most <= 0.5 ? 0.5 : 1;
            step = high / 5;
        } else {
            double top = most == 0 ? 0 : Math.ceil(Math.log10(most) - 1e-9);
            double bottom = most == 0 ? top : Math.floor(Math.log10(least) + 1e-9);
            high = top;
            low = Math.max(top - POWERS, Math.min(top - 1, bottom));
            step = Math.ceil((high - low) / 5);
        }
    }

    /** How strong the line of one of {@code count} epochs is, from the first, 0, on. */
    static double strength(int line, int count) {
        return count == 1 ? 1 : 0.25 + 0.75 * line / (count - 1);
    }

    Svg svg() {
        Svg svg = Svg.inPage(WIDTH, HEIGHT, title);
        for (int i = 0; high - i * step >= low - step / 2; i++) { // no sum of steps, whose last would not be 0
            double at = high - i * step;
            double y = TOP + (HEIGHT - TOP - BOTTOM) * (high - at) / (high - low);
            svg.add(Svg.line("grid", LEFT, y, WIDTH - RIGHT, y));
            svg.add(Svg.text("tick end", LEFT - 6, y + 4, words(scale == Scale.SHARE ? at : Math.pow(10, at))));
        }
        int under = HEIGHT - BOTTOM + 18;
        svg.add(Svg.text("tick", LEFT, under, shortened(layers.get(0))));
        if (layers.size() > 1)
            svg.add(Svg.text("tick end", WIDTH - RIGHT, under, shortened(layers.get(layers.size() - 1))));
        for (int i = 0; i < lines.size(); i++) draw(svg, lines.get(i), strength(i, lines.size()));
        return svg;
    }

    private void draw(Svg svg, Line line, double strength) {
        List<String> points = new ArrayList<>();
        List<Svg> dots = new ArrayList<>();
        for (int i = 0; i < layers.size(); i++) {
            double v = line.values[i];
            if (Double.isNaN(v)) continue;
            double x = x(i), y = y(v);
            points.add(Svg.number(x) + "," + Svg.number(y));
            dots.add(Svg.circle("dot", x, y, 3).titled(layers.get(i) + ", epoch " + line.epoch + ": " + words(v)));
        }
        svg.add(Svg.of("polyline")
                .style("line layers")
                .set("style", "--v:" + strength)
                .set("points", String.join(" ", points)));
        if (strength == 1 && layers.size() <= DOTTED) dots.forEach(svg::add);
    }

    private String words(double value) {
        return scale == Scale.SHARE ? Numbers.shortPercent(value) : Numbers.decimals(value);
    }

    /** The end of a long path tells more than its beginning. */
    private static String shortened(String path) {
        return path.length() <= LONGEST_NAME ? path : "…" + path.substring(path.length() - LONGEST_NAME + 1);
    }

    private double x(int layer) {
        int steps = Math.max(1, layers.size() - 1);
        return LEFT + 4 + (WIDTH - LEFT - RIGHT - 8) * (double) layer / steps;
    }

    private double y(double value) {
        double at = scale == Scale.SHARE ? value : value == 0 ? low : Math.log10(value);
        double clipped = Math.min(high, Math.max(low, at));
        return TOP + (HEIGHT - TOP - BOTTOM) * (high - clipped) / (high - low);
    }
}
