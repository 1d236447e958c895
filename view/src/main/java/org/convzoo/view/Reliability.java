package org.convzoo.view;

import java.util.List;
import java.util.Locale;
import org.convzoo.train.Evaluation;
import org.convzoo.train.Evaluation.Prediction;

/**
 * The reliability diagram of Guo et al. 2017 (1706.04599), figure 1, as an SVG picture that the page's style sheet
 * colours: images in bins by how sure the network is, and of each bin the share that is right. A network that knows how
 * sure it may be has its bars end at the diagonal. Below, how many images each bin holds.
 */
final class Reliability {
    private static final int BINS = Evaluation.BINS;
    private static final int WIDTH = 380, HEIGHT = 300, LEFT = 46, TOP = 12, PLOT = 300, UP = 190, COUNTS = 40;
    private final int[] images = new int[BINS], right = new int[BINS];
    private final double[] sure = new double[BINS];

    Reliability(List<Prediction> predictions) {
        for (Prediction p : predictions) {
            int bin = p.bin();
            images[bin]++;
            sure[bin] += p.probability();
            if (p.right()) right[bin]++;
        }
    }

    String svg() {
        var svg = new StringBuilder("<svg class=\"curves\" viewBox=\"0 0 " + WIDTH + " " + HEIGHT
                + "\" role=\"img\" aria-label=\"Share of images right by how sure the network is\">\n");
        for (int i = 0; i <= 4; i++) {
            double y = TOP + UP * (1 - i / 4.0);
            svg.append(format(
                    "<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>", LEFT, LEFT + PLOT, y, y));
            svg.append(format("<text class=\"tick end\" x=\"%d\" y=\"%.1f\">%d %%</text>\n", LEFT - 6, y + 4, 25 * i));
            double x = LEFT + PLOT * i / 4.0;
            svg.append(
                    format("<text class=\"tick middle\" x=\"%.1f\" y=\"%d\">%d %%</text>\n", x, TOP + UP + 17, 25 * i));
        }
        int most = 1;
        for (int n : images) most = Math.max(most, n);
        double width = PLOT / (double) BINS;
        for (int b = 0; b < BINS; b++) {
            if (images[b] == 0) continue;
            double x = LEFT + b * width + 1, share = right[b] / (double) images[b], mean = sure[b] / images[b];
            String title = format(
                    "%s images, %s sure on average, %s right",
                    Numbers.grouped(images[b]), Numbers.percent(mean), Numbers.percent(share));
            bar(svg, "right", x, width - 2, TOP + UP, UP * share, title);
            svg.append(format(
                    "<line class=\"mean\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\"/>\n",
                    x, x + width - 2, TOP + UP * (1 - mean), TOP + UP * (1 - mean)));
            double height = Math.max(1, COUNTS * (double) images[b] / most);
            bar(svg, "count", x, width - 2, HEIGHT - 22, height, title);
        }
        svg.append(format(
                "<line class=\"diagonal\" x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\"/>\n",
                LEFT, TOP + UP, LEFT + PLOT, TOP));
        svg.append(format("<text class=\"tick end\" x=\"%d\" y=\"%d\">images</text>\n", LEFT - 6, HEIGHT - 22));
        return svg.append(format(
                        "<text class=\"tick middle\" x=\"%d\" y=\"%d\">how sure the network is</text>\n</svg>",
                        LEFT + PLOT / 2, HEIGHT - 6))
                .toString();
    }

    private static void bar(
            StringBuilder svg, String style, double x, double width, double bottom, double height, String title) {
        svg.append(format(
                "<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"><title>%s</title></rect>\n",
                style, x, bottom - height, width, height, title));
    }

    private static String format(String text, Object... values) {
        return String.format(Locale.ROOT, text, values);
    }
}
