package org.convzoo.view;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.util.List;
import org.convzoo.images.Dataset;
import org.convzoo.images.Picture;
import org.convzoo.train.Evaluation;
import org.convzoo.train.Evaluation.Prediction;

/** Wrong answers as an image: the pictures of which the network was surest, what they are and what it says. */
final class MistakesImage {
    private static final int PICTURES = 24, COLUMNS = 6;
    private static final int SIDE = Thumbnails.SIDE, GAP = 12, LETTERS = 13, LINE = 17, CAPTION = 3 * LINE;
    private static final Color TEXT = new Color(0x1b2330), SOFT = new Color(0x5d6878), WRONG = new Color(0xc02626);
    private static final Color FRAME = new Color(0xf0f2f6);

    private final List<String> labels;
    private final List<Prediction> mistakes;
    private final Dataset pictures;

    /** @param pictures those of the evaluation */
    MistakesImage(Evaluation evaluation, Dataset pictures) {
        labels = evaluation.labels();
        mistakes = evaluation.worst(PICTURES);
        this.pictures = pictures;
    }

    /** Whether all answers are right. */
    boolean isEmpty() {
        return mistakes.isEmpty();
    }

    BufferedImage image() {
        int columns = Math.min(COLUMNS, mistakes.size()), rows = (mistakes.size() + COLUMNS - 1) / COLUMNS;
        Canvas canvas = new Canvas(GAP + columns * (SIDE + GAP), GAP + rows * (SIDE + CAPTION + GAP), LETTERS);
        for (int i = 0; i < mistakes.size(); i++)
            mistake(
                    canvas,
                    mistakes.get(i),
                    GAP + i % COLUMNS * (SIDE + GAP),
                    GAP + i / COLUMNS * (SIDE + CAPTION + GAP));
        return canvas.image();
    }

    private void mistake(Canvas canvas, Prediction p, int x, int y) {
        canvas.rectangle(x, y, SIDE, SIDE, FRAME);
        try {
            draw(canvas, Thumbnails.small(pictures.picture(p.index())), x, y);
        } catch (RuntimeException e) {
            canvas.text("cannot be read", x + 8, y + SIDE / 2, SIDE - 16, SOFT);
        }
        int line = y + SIDE + LINE / 2 + 2;
        canvas.text("is " + labels.get(p.label()), x, line, SIDE, TEXT);
        canvas.text("said " + labels.get(p.predicted()), x, line + LINE, SIDE, WRONG);
        canvas.text(Numbers.percent(p.probability()) + " sure", x, line + 2 * LINE, SIDE, SOFT);
    }

    /** As large as it fits, each pixel of a tiny one a square. */
    private static void draw(Canvas canvas, Picture picture, int x, int y) {
        double scale = SIDE / (double) Math.max(picture.width(), picture.height());
        int width = (int) Math.max(1, scale * picture.width()), height = (int) Math.max(1, scale * picture.height());
        canvas.picture(Html.image(picture), x + (SIDE - width) / 2, y + (SIDE - height) / 2, width, height);
    }
}
