package org.convzoo.view;

import java.util.List;
import org.convzoo.train.Evaluation;

/**
 * The reliability diagram of Guo et al. 2017 (1706.04599), figure 1, as an SVG picture that the page's style sheet
 * colours: images in bins by how sure the network is, and of each bin the share that is right. A network that knows how
 * sure it may be has its bars end at the diagonal. Below, how many images each bin holds.
 */
final class Reliability {
    private static final int BINS = Evaluation.BINS;
    private static final int WIDTH = 380, HEIGHT = 300, LEFT = 46, TOP = 12, PLOT = 300, UP = 190, COUNTS = 40;
    private final List<Evaluation.Bin> bins;

    Reliability(List<Evaluation.Bin> bins) {
        this.bins = bins;
    }

    Svg svg() {
        Svg svg = Svg.inPage(WIDTH, HEIGHT, "Share of images right by how sure the network is");
        grid(svg);
        int most = bins.stream().mapToInt(Evaluation.Bin::images).max().orElse(1);
        double width = PLOT / (double) BINS;
        for (int b = 0; b < BINS; b++) {
            Evaluation.Bin bin = bins.get(b);
            if (bin.images() == 0) continue;
            double x = LEFT + b * width + 1, share = bin.right(), mean = bin.probability();
            String title = "%s images, %s sure on average, %s right"
                    .formatted(Numbers.grouped(bin.images()), Numbers.percent(mean), Numbers.percent(share));
            double level = TOP + UP * (1 - mean), count = Math.max(1, COUNTS * (double) bin.images() / most);
            svg.add(bar("right", x, width - 2, TOP + UP, UP * share).titled(title));
            svg.add(Svg.line("mean", x, level, x + width - 2, level));
            svg.add(bar("count", x, width - 2, HEIGHT - 22, count).titled(title));
        }
        return svg.add(Svg.line("diagonal", LEFT, TOP + UP, LEFT + PLOT, TOP))
                .add(Svg.text("tick end", LEFT - 6, HEIGHT - 22, "images"))
                .add(Svg.text("tick middle", LEFT + PLOT / 2, HEIGHT - 6, "how sure the network is"));
    }

    private static void grid(Svg svg) {
        for (int i = 0; i <= 4; i++) {
            double x = LEFT + PLOT * i / 4.0, y = TOP + UP * (1 - i / 4.0);
            String percent = 25 * i + " %";
            svg.add(Svg.line("grid", LEFT, y, LEFT + PLOT, y));
            svg.add(Svg.text("tick end", LEFT - 6, y + 4, percent));
            svg.add(Svg.text("tick middle", x, TOP + UP + 17, percent));
        }
    }

    private static Svg bar(String style, double x, double width, double bottom, double height) {
        return Svg.rect(style, x, bottom - height, width, height);
    }
}
