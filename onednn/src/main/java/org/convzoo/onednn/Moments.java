package org.convzoo.onednn;

import java.nio.FloatBuffer;
import java.util.stream.IntStream;

/**
 * Mean and variance of each channel over images and pixels, in one pass. The library's own statistics add tens of
 * thousands of float32 numbers one after the other, which leaves five times the rounding error of everything else in a
 * layer; here short blocks are added in float32 and the blocks in float64.
 */
final class Moments {
    /** Pieces that may run in parallel; their number is fixed, so that the sums do not depend on the threads. */
    private static final int PIECES = 16;

    /** Floats in a block: with its sums it stays in the first-level cache. */
    private static final int BLOCK = 8192;

    private static final int LONGEST = 32, SERIAL = 1 << 15;

    private Moments() {}

    /** Fills {@code mean} and the biased {@code variance} of {@code x}, {@code [pixels, channels]}. */
    static void of(Tensor x, int channels, Tensor mean, Tensor variance) {
        long pixels = x.desc.bytes() / Float.BYTES / channels;
        int rows = Math.max(1, Math.min(LONGEST, BLOCK / channels));
        float[] shift = firstMean(x, channels, (int) Math.min(rows, pixels));
        double[][] sums = new double[PIECES][], squares = new double[PIECES][];
        IntStream pieces = IntStream.range(0, PIECES);
        (pixels * channels < SERIAL ? pieces : pieces.parallel()).forEach(i -> {
            long from = pixels * i / PIECES, to = pixels * (i + 1) / PIECES;
            add(x, from, to, rows, shift, sums[i] = new double[channels], squares[i] = new double[channels]);
        });
        FloatBuffer m = mean.floats(), v = variance.floats();
        for (int k = 0; k < channels; k++) {
            double sum = 0, square = 0;
            for (int i = 0; i < PIECES; i++) {
                sum += sums[i][k];
                square += squares[i][k];
            }
            double offset = sum / pixels;
            m.put(k, (float) (shift[k] + offset));
            v.put(k, (float) Math.max(0, square / pixels - offset * offset));
        }
    }

    /** A value near the mean; sums of squares around it do not cancel. */
    private static float[] firstMean(Tensor x, int channels, int rows) {
        float[] block = new float[rows * channels], mean = new float[channels];
        x.floats(0, block.length).get(block);
        for (int r = 0; r < rows; r++) for (int k = 0; k < channels; k++) mean[k] += block[r * channels + k] / rows;
        return mean;
    }

    private static void add(Tensor x, long from, long to, int rows, float[] shift, double[] sums, double[] squares) {
        int c = shift.length;
        FloatBuffer values = x.floats(from * c, (int) ((to - from) * c));
        float[] block = new float[rows * c], s = new float[c], q = new float[c];
        while (values.hasRemaining()) {
            int n = Math.min(block.length, values.remaining());
            values.get(block, 0, n);
            java.util.Arrays.fill(s, 0);
            java.util.Arrays.fill(q, 0);
            for (int at = 0; at < n; at += c) row(block, at, shift, s, q);
            for (int k = 0; k < c; k++) {
                sums[k] += s[k];
                squares[k] += q[k];
            }
        }
    }

    /** A method of its own, so that the compiler makes vector instructions of it. */
    private static void row(float[] x, int at, float[] shift, float[] s, float[] q) {
        for (int k = 0; k < s.length; k++) {
            float d = x[at + k] - shift[k];
            s[k] += d;
            q[k] += d * d;
        }
    }
}
