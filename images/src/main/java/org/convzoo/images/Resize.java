package org.convzoo.images;

import java.util.Arrays;

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

    /** Throws {@link IllegalArgumentException} for a size under 1. */
    public static Picture resize(Picture picture, int width, int height, Filter filter) {
        if (width < 1 || height < 1)
            throw new IllegalArgumentException("cannot resize to " + width + "x" + height + ", sizes start at 1");
        int narrower = picture.width() - width, lower = picture.height() - height;
        if (narrower == 0 && lower == 0) return picture;
        if (filter == Filter.NEAREST) return nearest(picture, width, height);
        // The order shows in the bytes. This one is Pillow's since its version 13; before it was rows, then columns.
        return lower > 0 && lower > 2 * narrower
                ? rows(columns(picture, height, filter), width, filter)
                : columns(rows(picture, width, filter), height, filter);
    }

    /** So that the shorter side is {@code size}, the longer in proportion, rounded down, as torchvision does. */
    public static Picture shorterSide(Picture picture, int size, Filter filter) {
        int w = picture.width(), h = picture.height();
        return w <= h
                ? resize(picture, size, Math.toIntExact((long) size * h / w), filter)
                : resize(picture, Math.toIntExact((long) size * w / h), size, filter);
    }

    /** Which old pixels make each new one along one axis, and with what weights. */
    private static final class Taps {
        final int[] first;
        final int[] count;
        final int[] weights;
        final int most; // weights a new pixel, used or not

        Taps(int oldSize, int newSize, Filter filter) {
            double scale = (double) oldSize / newSize;
            double stretch = Math.max(1, scale), shrink = 1 / stretch;
            double radius = filter.radius() * stretch;
            most = (int) Math.ceil(radius) * 2 + 1;
            first = new int[newSize];
            count = new int[newSize];
            weights = new int[newSize * most];
            double[] exact = new double[most];
            for (int i = 0; i < newSize; i++) {
                double centre = (i + 0.5) * scale;
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
        }
    }

    private static Picture rows(Picture picture, int width, Filter filter) {
        if (width == picture.width()) return picture;
        Taps taps = new Taps(picture.width(), width, filter);
        int channels = picture.channels(), height = picture.height();
        byte[] in = picture.pixels(), out = new byte[height * width * channels];
        int[] weights = taps.weights;
        for (int y = 0, to = 0; y < height; y++) {
            int row = y * picture.width();
            for (int x = 0; x < width; x++) {
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
                    out[to] = clip(r);
                    out[to + 1] = clip(g);
                    out[to + 2] = clip(b);
                    to += 3;
                } else {
                    int grey = HALF;
                    for (; n > 1; n -= 2, w += 2, from += 2)
                        grey += (in[from] & 255) * weights[w] + (in[from + 1] & 255) * weights[w + 1];
                    if (n == 1) grey += (in[from] & 255) * weights[w];
                    out[to++] = clip(grey);
                }
            }
        }
        return new Picture(width, height, channels, out);
    }

    private static Picture columns(Picture picture, int height, Filter filter) {
        if (height == picture.height()) return picture;
        Taps taps = new Taps(picture.height(), height, filter);
        int stride = picture.width() * picture.channels();
        byte[] in = picture.pixels(), out = new byte[height * stride];
        int[] sums = new int[stride];
        for (int y = 0; y < height; y++) {
            Arrays.fill(sums, HALF);
            for (int k = 0; k < taps.count[y]; k++) {
                int weight = taps.weights[y * taps.most + k], row = (taps.first[y] + k) * stride;
                for (int i = 0; i < stride; i++) sums[i] += (in[row + i] & 255) * weight;
            }
            for (int i = 0, to = y * stride; i < stride; i++, to++) out[to] = clip(sums[i]);
        }
        return new Picture(picture.width(), height, picture.channels(), out);
    }

    private static byte clip(int sum) {
        return (byte) Math.max(0, Math.min(255, sum >> PRECISION));
    }

    private static Picture nearest(Picture picture, int width, int height) {
        int[] columns = centres(picture.width(), width), rows = centres(picture.height(), height);
        int channels = picture.channels();
        byte[] in = picture.pixels(), out = new byte[width * height * channels];
        int to = 0;
        for (int row : rows)
            for (int column : columns)
                for (int c = 0, from = (row * picture.width() + column) * channels; c < channels; c++)
                    out[to++] = in[from + c];
        return new Picture(width, height, channels, out);
    }

    /** The old pixels under the new ones' centres, which are found by adding up, as in Pillow: it shows in ties. */
    private static int[] centres(int oldSize, int newSize) {
        double scale = (double) oldSize / newSize, at = scale * 0.5;
        int[] centres = new int[newSize];
        for (int i = 0; i < newSize; i++, at += scale) centres[i] = (int) at;
        return centres;
    }
}
