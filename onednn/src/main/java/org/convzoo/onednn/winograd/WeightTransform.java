package org.convzoo.onednn.winograd;

import static org.convzoo.onednn.winograd.TileTransform.ALL;
import static org.convzoo.onednn.winograd.TileTransform.IN;
import static org.convzoo.onednn.winograd.TileTransform.LENGTH;
import static org.convzoo.onednn.winograd.TileTransform.POINTS;
import static org.convzoo.onednn.winograd.TileTransform.sum;

import java.nio.FloatBuffer;
import java.util.Arrays;
import org.convzoo.onednn.binding.Team;

/** The transform of a kernel's 3x3 weights to 36 numbers for each pair of channels, and its gradient. */
public final class WeightTransform {
    private static final float[][] G = matrix();

    private WeightTransform() {}

    /**
     * The matrix G of Lavin and Gray: a kernel's polynomial at each of the {@link TileTransform#POINTS}, divided by the
     * product of the distances to the others, and at infinity.
     */
    private static float[][] matrix() {
        float[][] g = new float[IN][3];
        for (int i = 0; i < POINTS.length; i++) {
            double distances = 1;
            for (int j = 0; j < POINTS.length; j++) if (j != i) distances *= POINTS[i] - POINTS[j];
            for (int k = 0; k < 3; k++) g[i][k] = (float) (Math.pow(POINTS[i], k) / distances);
        }
        g[POINTS.length][2] = 1;
        return g;
    }

    /**
     * Transforms the weight of one of {@code parts} equal parts of the output channels.
     *
     * @param weight {@code [out, in, 3, 3]}
     * @param i the part's number
     * @param u {@code [36, in, out / parts]}
     */
    public static void part(FloatBuffer weight, int out, int i, int parts, FloatBuffer u) {
        int in = weight.remaining() / 9 / out, outOfPart = out / parts;
        float[] w = new float[in * 9];
        float[] taps = new float[9 * in * outOfPart];
        for (int k = 0; k < outOfPart; k++) {
            weight.get(weight.position() + (i * outOfPart + k) * w.length, w);
            for (int c = 0; c < in; c++) for (int t = 0; t < 9; t++) taps[(t * in + c) * outOfPart + k] = w[c * 9 + t];
        }
        forward(FloatBuffer.wrap(taps), u);
    }

    /**
     * Transforms a whole weight.
     *
     * @param taps {@code [3, 3, n]}: for each place of the kernel, n pairs of channels
     * @param u {@code [36, n]}
     */
    public static void forward(FloatBuffer taps, FloatBuffer u) {
        transform(taps, false, u);
    }

    /** As {@link #forward}, of the kernel turned by half a circle: for the gradient with respect to the data. */
    public static void turned(FloatBuffer taps, FloatBuffer u) {
        transform(taps, true, u);
    }

    private static void transform(FloatBuffer taps, boolean turned, FloatBuffer u) {
        int n = taps.limit() / 9;
        Team.each((n + LENGTH - 1) / LENGTH, piece -> {
            int from = piece * LENGTH, count = Math.min(LENGTH, n - from);
            float[][] g = new float[9][count], half = new float[3][count];
            float[] done = new float[count];
            for (int k = 0; k < 9; k++) taps.get((turned ? 8 - k : k) * n + from, g[k]);
            for (int i = 0; i < IN; i++) {
                float[] f = G[i];
                for (int s = 0; s < 3; s++) sum(half[s], f[0], g[s], f[1], g[3 + s], f[2], g[6 + s], count);
                for (int j = 0; j < IN; j++) {
                    float[] e = G[j];
                    sum(done, e[0], half[0], e[1], half[1], e[2], half[2], count);
                    u.put((i * IN + j) * n + from, done);
                }
            }
        });
    }

    /** The gradient with respect to the weight, {@code [3, 3, n]}, from that with respect to {@code u}. */
    static void backward(FloatBuffer du, FloatBuffer dTaps) {
        int n = du.limit() / ALL;
        Team.each((n + LENGTH - 1) / LENGTH, piece -> {
            int from = piece * LENGTH;
            backward(du, dTaps, from, Math.min(LENGTH, n - from), n);
        });
    }

    private static void backward(FloatBuffer du, FloatBuffer dTaps, int from, int count, int n) {
        float[] x = new float[count];
        float[][] half = new float[3][count], done = new float[9][count];
        for (int i = 0; i < IN; i++) {
            for (float[] h : half) Arrays.fill(h, 0);
            for (int s = 0; s < IN; s++) {
                du.get((i * IN + s) * n + from, x);
                for (int k = 0; k < 3; k++) addProduct(half[k], G[s][k], x, count);
            }
            for (int k = 0; k < 9; k++) addProduct(done[k], G[i][k / 3], half[k % 3], count);
        }
        for (int k = 0; k < 9; k++) dTaps.put(k * n + from, done[k]);
    }

    private static void addProduct(float[] sum, float a, float[] x, int n) {
        for (int k = 0; k < n; k++) sum[k] += a * x[k];
    }
}
