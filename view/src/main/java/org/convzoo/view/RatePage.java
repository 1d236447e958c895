package org.convzoo.view;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.convzoo.train.LearningRateSearch;
import org.convzoo.train.LearningRateSearch.Point;
import org.convzoo.train.TrainRequest;

/**
 * The loss by the learning rate, as one HTML page that loads nothing from elsewhere and runs no script. {@code rate.html}
 * is its template.
 *
 * @param request what was to be trained
 */
public record RatePage(TrainRequest request, LearningRateSearch search) {
    private static final int WIDTH = 460, HEIGHT = 260, LEFT = 52, RIGHT = 20, TOP = 24, BOTTOM = 44;

    /** The axis of the losses ends at this multiple of the first, where they rise without end. */
    private static final double TALLEST = 1.5;

    public String html() {
        return Template.filled("rate.html", this);
    }

    String style() {
        return Template.text("report.css");
    }

    String title() {
        return ReportPage.title(request.graph(), request.splits().spec());
    }

    String recipe() {
        return request.recipe().toString();
    }

    String suggested() {
        return number(search.suggested());
    }

    String least() {
        return number(search.least().rate());
    }

    private static String number(double rate) {
        return String.format(Locale.ROOT, "%.1e", rate);
    }

    /** The curve: each step's loss as a dot, the smoothed ones as a line. */
    Svg curve() {
        List<Point> points = search.points();
        double from = Math.log10(points.get(0).rate()),
                to = Math.log10(points.get(points.size() - 1).rate());
        double high = TALLEST * points.get(0).loss();
        Axes axes = new Axes(from, Math.max(to, from + 1), high);
        Svg svg = Svg.inPage(WIDTH, HEIGHT, "Loss by learning rate");
        for (int decade = (int) Math.ceil(from); decade <= to; decade++) {
            double x = axes.x(decade);
            svg.add(Svg.line("grid", x, TOP, x, HEIGHT - BOTTOM));
            svg.add(Svg.text("tick middle", x, HEIGHT - BOTTOM + 18, String.format(Locale.ROOT, "1e%d", decade)));
        }
        for (int i = 0; i <= 4; i++) {
            double y = axes.y(high * i / 4);
            svg.add(Svg.line("grid", LEFT, y, WIDTH - RIGHT, y));
            svg.add(Svg.text("tick end", LEFT - 6, y + 4, Numbers.decimals(high * i / 4)));
        }
        svg.add(Svg.text("tick middle", (LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 6, "learning rate"));
        List<String> line = new ArrayList<>();
        for (Point p : points) {
            double x = axes.x(Math.log10(p.rate()));
            svg.add(Svg.circle("dot training shown", x, axes.y(p.loss()), 2)
                    .titled(number(p.rate()) + ": " + Numbers.decimals(p.loss())));
            line.add(Svg.number(x) + "," + Svg.number(axes.y(p.smoothed())));
        }
        svg.add(Svg.of("polyline").style("line validation").set("points", String.join(" ", line)));
        double x = axes.x(Math.log10(search.suggested()));
        if (x >= LEFT) {
            svg.add(Svg.line("best", x, TOP, x, HEIGHT - BOTTOM));
            svg.add(Svg.text("tick best middle", x, TOP - 8, "try " + suggested()));
        }
        return svg;
    }

    /** Where the logarithm of a rate and a loss are. */
    private record Axes(double from, double to, double high) {
        double x(double logarithm) {
            return LEFT + (WIDTH - LEFT - RIGHT) * (logarithm - from) / (to - from);
        }

        double y(double loss) {
            return TOP + (HEIGHT - TOP - BOTTOM) * (1 - Math.min(loss, high) / high);
        }
    }
}
