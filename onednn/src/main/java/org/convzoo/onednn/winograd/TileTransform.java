package org.convzoo.onednn.winograd;

/**
 * What is done to one direction of a tile, for many tiles and channels at once: arrays hold the same place of each. The
 * matrices A, B and G are those of Lavin and Gray (arXiv 1509.09308, section 4). Polynomials are evaluated at 0, 2/3,
 * -2/3, 3/2, -3/2 and infinity: the error is then less than half that of the usual 0, 1, -1, 2, -2 (why points whose
 * products are 1 do well: Alam and others, arXiv 2201.10369), and about six times that of the sum itself.
 */
final class TileTransform {
    /** Results of a tile and numbers of a transformed tile, each way. */
    static final int OUT = 4, IN = 6, ALL = IN * IN;

    /** The points at which polynomials are evaluated, but for infinity. */
    static final double[] POINTS = {0, 2. / 3, -2. / 3, 3. / 2, -3. / 2};

    /** Floats of an array that the transforms work on at a time: a dozen such arrays stay in the second-level cache. */
    static final int LENGTH = 1024;

    private static final float P = 2f / 3, Q = 3f / 2, P2 = P * P, Q2 = Q * Q;

    private TileTransform() {}

    /** The transposed B: six numbers to six, for each of {@code n} columns. */
    static void evaluate(float[][] x, float[][] y, int n) {
        sum(y[0], 1, x[0], -P2 - Q2, x[2], 1, x[4], n); // the product of all squares is 1
        pair(x[1], x[2], x[3], x[4], P, Q2, y[1], y[2], n);
        pair(x[1], x[2], x[3], x[4], Q, P2, y[3], y[4], n);
        sum(y[5], 1, x[1], -P2 - Q2, x[3], 1, x[5], n);
    }

    /** The transposed A: six numbers to four. Loses {@code x}. */
    static void interpolate(float[][] x, float[][] y, int n) {
        sumAndDifference(x[1], x[2], n);
        sumAndDifference(x[3], x[4], n);
        sum(y[0], 1, x[0], 1, x[1], 1, x[3], n);
        sum(y[1], P, x[2], Q, x[4], n);
        sum(y[2], P2, x[1], Q2, x[3], n);
        sum(y[3], 1, x[5], P * P2, x[2], Q * Q2, x[4], n);
    }

    /** A: four numbers to six, the polynomials with these coefficients at each point. */
    static void polynomials(float[][] x, float[][] y, int n) {
        System.arraycopy(x[0], 0, y[0], 0, n);
        pair(x[3], x[2], x[1], x[0], P, -P2, y[1], y[2], n);
        pair(x[3], x[2], x[1], x[0], Q, -Q2, y[3], y[4], n);
        System.arraycopy(x[3], 0, y[5], 0, n);
    }

    // Methods of their own with one index and few arrays: those that compilers turn into vector instructions.

    private static void sum(float[] t, float a, float[] x, float b, float[] y, int n) {
        for (int k = 0; k < n; k++) t[k] = a * x[k] + b * y[k];
    }

    static void sum(float[] t, float a, float[] x, float b, float[] y, float c, float[] z, int n) {
        for (int k = 0; k < n; k++) t[k] = a * x[k] + b * y[k] + c * z[k];
    }

    private static void sumAndDifference(float[] x, float[] y, int n) {
        for (int k = 0; k < n; k++) {
            float p = x[k], q = y[k];
            x[k] = p + q;
            y[k] = p - q;
        }
    }

    /** The values at {@code p} and {@code -p}, which share their even and their odd part. */
    private static void pair(
            float[] x1, float[] x2, float[] x3, float[] x4, float p, float other, float[] plus, float[] minus, int n) {
        for (int k = 0; k < n; k++) {
            float even = x4[k] - other * x2[k], odd = p * (x3[k] - other * x1[k]);
            plus[k] = even + odd;
            minus[k] = even - odd;
        }
    }
}
