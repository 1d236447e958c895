package org.convzoo.view;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.util.List;
import java.util.stream.IntStream;
import org.convzoo.train.Evaluation;

/** The confusion matrix as an image: what is right in blue, what is wrong in red; of many classes without numbers and names. */
final class ConfusionImage {
    /** The most pixels of a side of the matrix, and of a square in it. */
    private static final int SIDE = 2400, LARGEST = 40;
    /** The least pixels of a square that has room for a name beside it, and for a number in it. */
    private static final int NAMED = 10, NUMBERED = 24;

    private static final int MARGIN = 12, LONGEST_NAME = 160;
    private static final Color TEXT = new Color(0x1b2330), EMPTY = new Color(0xf0f2f6);
    private static final Color RIGHT = new Color(0x2563eb), WRONG = new Color(0xdc2626);

    private final List<String> labels;
    private final int[][] counts;
    private final int square;

    ConfusionImage(Evaluation evaluation) {
        labels = evaluation.labels();
        counts = evaluation.confusion();
        square = Math.max(1, Math.min(LARGEST, SIDE / labels.size()));
    }

    BufferedImage image() {
        int letters = Math.min(13, square - 1);
        boolean named = square >= NAMED;
        int names = named ? Math.min(LONGEST_NAME, widest(letters)) + 6 : 0;
        int left = MARGIN + names, top = MARGIN + 24 + names, side = square * labels.size();
        String caption = "Rows: what test images are. Columns: what the network says.";
        int width = Math.max(left + side, Canvas.wide(caption, 13) + MARGIN) + MARGIN;

        Canvas canvas = new Canvas(width, top + side + MARGIN, named ? letters : 13);
        canvas.text(caption, MARGIN, MARGIN + 6, width, TEXT);
        for (int i = 0; i < labels.size(); i++) {
            int at = i * square + square / 2;
            if (named) {
                canvas.textBefore(labels.get(i), left - 6, top + at, LONGEST_NAME, TEXT);
                canvas.textUpwards(labels.get(i), left + at, top - 6, LONGEST_NAME, TEXT);
            }
            int support = IntStream.of(counts[i]).sum();
            for (int j = 0; j < labels.size(); j++) square(canvas, i, j, support, left + j * square, top + i * square);
        }
        return canvas.image();
    }

    private int widest(int letters) {
        return labels.stream().mapToInt(l -> Canvas.wide(l, letters)).max().orElse(0);
    }

    /** @param support the images of the label */
    private void square(Canvas canvas, int label, int said, int support, int x, int y) {
        int count = counts[label][said], gap = square >= NAMED ? 1 : 0;
        double depth = count == 0 ? 0 : Confusion.depth(label == said, count / (double) support);
        Color colour = count == 0 ? EMPTY : mixed(label == said ? RIGHT : WRONG, depth);
        canvas.rectangle(x, y, square - gap, square - gap, colour);
        if (count > 0 && square >= NUMBERED)
            canvas.textAround(
                    Integer.toString(count), x + square / 2, y + square / 2, square, depth > 0.6 ? Color.WHITE : TEXT);
    }

    /** A colour on white. */
    private static Color mixed(Color colour, double depth) {
        return new Color(
                (int) Math.round(255 + depth * (colour.getRed() - 255)),
                (int) Math.round(255 + depth * (colour.getGreen() - 255)),
                (int) Math.round(255 + depth * (colour.getBlue() - 255)));
    }
}
