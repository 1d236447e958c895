package org.convzoo.images;

import java.util.Arrays;
import org.convzoo.failure.OutOfMemoryException;

/**
 * Resizes pictures to the very bytes that Pillow's {@code Image.resize} gives.
 *
 * <p>A new pixel is the weighted mean of the old ones within the filter's radius of its centre; when shrinking, the
 * radius grows by the same factor, so that every old pixel counts (antialiasing). Rows and columns are done one after
 * the other, with bytes in between. Weights are fixed-point numbers of 22 bits, which leaves 8 bits for the pixel and 2
 * for overshoot in an int. All of it shows in the bytes; Pillow describes it in "Concepts: filters" and Resample.c.
 */
public final class Resize {
    private static final int PRECISION = 32 - 8 - 2;
    private static final int HALF = 1 << PRECISION - 1;

    private Resize() {}

    /**
     * Throws {@link IllegalArgumentException} for a size under 1, and {@link OutOfMemoryException}, with one line that
     * does not name the picture, when the result would take more memory than there is for pictures.
     */
    public static Picture resize(Picture picture, int width, int height, Filter filter) {
        if (width < 1 || height < 1)
            throw new IllegalArgumentException("cannot resize to " + width + "x" + height + ", sizes start at 1");
        return part(picture, width, height, filter, 0, 0, width, height);
    }

    /**
     * The picture with a shorter side of {@code size}, the longer in proportion, rounded down, as torchvision does. Throws
     * what {@link #resize} throws.
     */
    public static Picture shorterSide(Picture picture, int size, Filter filter) {
        long shorter = Math.min(picture.width(), picture.height());
        long width = size * (long) picture.width() / shorter, height = size * (long) picture.height() / shorter;
        return part(picture, width, height, filter, 0, 0, width, height);
    }

    /**
     * A part of the resized picture, of which the rest is never made: a thin picture can be very long when its shorter
     * side is resized.
     *
     * @param width of the whole resized picture
     * @param left where the part begins
     */
    static Picture part(
            Picture picture,
            long width,
            long height,
            Filter filter,
            long left,
            long top,
            long partWidth,
            long partHeight) {
        Room.check(partWidth, partHeight, picture.channels());
        int w = (int) partWidth, h = (int) partHeight;
        long narrower = picture.width() - width, lower = picture.height() - height;
        if (narrower == 0 && lower == 0) return picture.crop((int) left, (int) top, w, h);
        if (filter == Filter.NEAREST)
            return nearest(
                    picture, centres(picture.width(), width, left, w), centres(picture.height(), height, top, h));
        Taps across = new Taps(picture.width(), width, filter, left, w);
        Taps down = new Taps(picture.height(), height, filter, top, h);
        Picture needed = picture.crop(across.start, down.start, across.end - across.start, down.end - down.start);
        // The order shows in the bytes. This one is Pillow's since its version 13; before it was rows, then columns.
        return lower > 0 && lower > 2 * narrower
                ? rows(columns(needed, Taps.none(needed.width()), down), across)
                : down.same ? rows(needed, across) : columns(needed, across, down);
    }

    /** Which old pixels make each new one along one axis, and with what weights. */
    private static final class Taps {
        final boolean same; // nothing changes along this axis
        final int start; // the first old pixel that is needed
        final int end; // after the last one
        final int[] first; // counted from start
        final int[] count;
        final int[] weights;
        final int most; // weights a new pixel, used or not

        /** All pixels stay as they are. */
        static Taps none(int size) {
            return new Taps(size, size, Filter.BILINEAR, 0, size);
        }

        /** For {@code part} of the new pixels, those {@code from} a place on. */
        Taps(int oldSize, long newSize, Filter filter, long from, int part) {
            double scale = (double) oldSize / newSize;
            double stretch = Math.max(1, scale), shrink = 1 / stretch;
            double radius = filter.radius() * stretch;
            same = oldSize == newSize;
            most = same ? 0 : (int) Math.ceil(radius) * 2 + 1;
            first = new int[part];
            count = new int[part];
            weights = new int[Math.multiplyExact(part, most)];
            if (same) {
                start = (int) from;
                end = start + part;
                return;
            }
            double[] exact = new double[most];
            for (int i = 0; i < part; i++) {
                double centre = (from + i + 0.5) * scale;
                int start = Math.max(0, (int) (centre - radius + 0.5));
                int end = Math.min(oldSize, (int) (centre + radius + 0.5));
                double sum = 0;
                for (int k = start; k < end; k++) sum += exact[k - start] = filter.weight((k - centre + 0.5) * shrink);
                first[i] = start;
                count[i] = end - start;
                for (int k = 0; k < end - start; k++) {
                    double w = (sum == 0 ? exact[k] : exact[k] / sum) * (1 << PRECISION);
                    weights[i * most + k] = (int) (w < 0 ? w - 0.5 : w + 0.5);
                }
            }
            start = first[0];
            end = first[part - 1] + count[part - 1];
            for (int i = 0; i < part; i++) first[i] -= start;
        }
    }

    private static Picture rows(Picture picture, Taps taps) {
        if (taps.same) return picture;
        int channels = picture.channels(), width = taps.first.length, height = picture.height();
        byte[] out = Room.bytes(width, height, channels);
        int[] row = new int[width * channels];
        for (int y = 0, to = 0; y < height; y++) {
            row(picture, y, taps, row);
            for (int value : row) out[to++] = (byte) value;
        }
        return new Picture(width, height, channels, out);
    }

    /** Row {@code y} with its new width, values from 0 to 255. */
    private static void row(Picture picture, int y, Taps taps, int[] out) {
        int channels = picture.channels(), width = out.length / channels, row = y * picture.width();
        byte[] in = picture.pixels();
        if (taps.same) {
            for (int i = 0, from = row * channels; i < out.length; i++) out[i] = in[from + i] & 255;
            return;
        }
        int[] weights = taps.weights;
        for (int x = 0, to = 0; x < width; x++) {
            int w = x * taps.most, n = taps.count[x];
            int from = (row + taps.first[x]) * channels;
            // Two weights a turn: there are few of them, so that the turns themselves count.
            if (channels == 3) {
                int r = HALF, g = HALF, b = HALF;
                for (; n > 1; n -= 2, w += 2, from += 6) {
                    int one = weights[w], two = weights[w + 1];
                    r += (in[from] & 255) * one + (in[from + 3] & 255) * two;
                    g += (in[from + 1] & 255) * one + (in[from + 4] & 255) * two;
                    b += (in[from + 2] & 255) * one + (in[from + 5] & 255) * two;
                }
                if (n == 1) {
                    int weight = weights[w];
                    r += (in[from] & 255) * weight;
                    g += (in[from + 1] & 255) * weight;
                    b += (in[from + 2] & 255) * weight;
                }
                out[to] = clipped(r);
                out[to + 1] = clipped(g);
                out[to + 2] = clipped(b);
                to += 3;
            } else {
                int grey = HALF;
                for (; n > 1; n -= 2, w += 2, from += 2)
                    grey += (in[from] & 255) * weights[w] + (in[from + 1] & 255) * weights[w + 1];
                if (n == 1) grey += (in[from] & 255) * weights[w];
                out[to++] = clipped(grey);
            }
        }
    }

    /**
     * Rows, then columns. Of the rows in between only those are kept that the next new row is made of, as ints: processors
     * add up several of these at once, where the compiler would have them take bytes one by one.
     */
    private static Picture columns(Picture picture, Taps across, Taps down) {
        int channels = picture.channels(), width = across.first.length, height = down.first.length;
        Room.check(width, down.most, Integer.BYTES * channels);
        byte[] out = Room.bytes(width, height, channels);
        int[][] rows = new int[down.most][];
        int[] sums = new int[width * channels];
        for (int y = 0, made = 0, to = 0; y < height; y++) {
            int first = down.first[y], end = first + down.count[y];
            for (; made < end; made++) {
                int at = made % rows.length;
                if (rows[at] == null) rows[at] = new int[sums.length];
                row(picture, made, across, rows[at]);
            }
            Arrays.fill(sums, HALF);
            int w = y * down.most, k = first;
            for (; k + 1 < end; k += 2, w += 2)
                add(rows[k % rows.length], down.weights[w], rows[(k + 1) % rows.length], down.weights[w + 1], sums);
            if (k < end) add(rows[k % rows.length], down.weights[w], sums);
            for (int sum : sums) out[to++] = (byte) clipped(sum);
        }
        return new Picture(width, height, channels, out);
    }

    private static void add(int[] one, int first, int[] two, int second, int[] sums) {
        for (int i = 0; i < sums.length; i++) sums[i] += one[i] * first + two[i] * second;
    }

    private static void add(int[] values, int weight, int[] sums) {
        for (int i = 0; i < sums.length; i++) sums[i] += values[i] * weight;
    }

    private static int clipped(int sum) {
        return Math.max(0, Math.min(255, sum >> PRECISION));
    }

    private static Picture nearest(Picture picture, int[] columns, int[] rows) {
        int channels = picture.channels();
        byte[] in = picture.pixels(), out = Room.bytes(columns.length, rows.length, channels);
        int to = 0;
        for (int row : rows)
            for (int column : columns)
                for (int c = 0, from = (row * picture.width() + column) * channels; c < channels; c++)
                    out[to++] = in[from + c];
        return new Picture(columns.length, rows.length, channels, out);
    }

    /** The old pixels under the new ones' centres, which are found by adding up, as in Pillow: it shows in ties. */
    private static int[] centres(int oldSize, long newSize, long from, int part) {
        double scale = (double) oldSize / newSize, at = scale * 0.5;
        for (long i = 0; i < from; i++) at += scale;
        int[] centres = new int[part];
        for (int i = 0; i < part; i++, at += scale) centres[i] = (int) at;
        return centres;
    }
}
