package org.convzoo.images;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * What is kept of a picture to compare it with others: little, so that those of very many fit into memory. The hash is
 * pHash (Zauner 2010, "Implementation and benchmarking of perceptual image hash functions"): the picture in grey,
 * 32x32, through a cosine transform, of which the 64 lowest frequencies are compared with their median.
 *
 * @param pixels a hash of all pixels in colour, and of the size
 * @param hash a bit for each low frequency; of copies that were resized or compressed again few bits differ
 * @param mirrored the hash of the picture with left and right changed
 * @param small the picture in grey, {@value #SMALL}x{@value #SMALL}
 * @param mean of each channel, 0 to 1; one channel for grey
 * @param square the mean of the squares of each channel
 */
record Sight(long pixels, long hash, long mirrored, byte[] small, double[] mean, double[] square) {
    /** Copies differ in at most so many bits of the hash ... */
    private static final int BITS = 10;
    /** ... and small they are this much alike: Pearson's correlation. */
    private static final double ALIKE = 0.98;

    /** A picture of one colour deviates by less in every channel: what compression makes of one colour. */
    private static final double PLAIN = 3 / 255.0;

    private static final int SMALL = 16, HASHED = 32, LOW = 8;
    private static final double[][] COSINES = cosines();
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    static Sight of(Picture picture) {
        Picture grey = picture.grey();
        int channels = picture.channels(), values = picture.pixels().length / channels;
        long[] sum = new long[channels], squares = new long[channels];
        byte[] bytes = picture.pixels();
        for (int i = 0; i < bytes.length; )
            for (int c = 0; c < channels; c++, i++) {
                int v = bytes[i] & 255;
                sum[c] += v;
                squares[c] += v * v;
            }
        double[] mean = new double[channels], square = new double[channels];
        for (int c = 0; c < channels; c++) {
            mean[c] = sum[c] / 255.0 / values;
            square[c] = squares[c] / (255.0 * 255.0) / values;
        }
        Picture hashed = Resize.resize(grey, HASHED, HASHED, Filter.BILINEAR);
        return new Sight(
                pixels(picture.rgb()),
                hash(hashed.pixels()),
                hash(hashed.mirrored().pixels()),
                Resize.resize(grey, SMALL, SMALL, Filter.BILINEAR).pixels(),
                mean,
                square);
    }

    private static long pixels(Picture picture) {
        byte[] bytes = picture.pixels();
        long hash = mixed((long) picture.width() << 32 | picture.height());
        int i = 0;
        for (; i + Long.BYTES <= bytes.length; i += Long.BYTES) hash = mixed(hash ^ (long) LONGS.get(bytes, i));
        for (; i < bytes.length; i++) hash = mixed(hash ^ bytes[i]);
        return hash;
    }

    private static long mixed(long z) {
        z *= 0x9E3779B97F4A7C15L;
        return z ^ z >>> 32;
    }

    private static long hash(byte[] grey) {
        double[] rows = new double[HASHED * LOW], low = new double[LOW * LOW];
        for (int y = 0; y < HASHED; y++)
            for (int u = 0; u < LOW; u++)
                for (int x = 0; x < HASHED; x++) rows[y * LOW + u] += (grey[y * HASHED + x] & 255) * COSINES[u][x];
        for (int v = 0; v < LOW; v++)
            for (int u = 0; u < LOW; u++)
                for (int y = 0; y < HASHED; y++) low[v * LOW + u] += rows[y * LOW + u] * COSINES[v][y];
        double[] sorted = Arrays.copyOfRange(low, 1, low.length); // the first is the brightness
        Arrays.sort(sorted);
        long hash = 0;
        for (int i = 0; i < low.length; i++) if (low[i] > sorted[sorted.length / 2]) hash |= 1L << i;
        return hash;
    }

    private static double[][] cosines() {
        double[][] cosines = new double[LOW][HASHED];
        for (int u = 0; u < LOW; u++)
            for (int x = 0; x < HASHED; x++) cosines[u][x] = Math.cos(Math.PI * u * (2 * x + 1) / (2 * HASHED));
        return cosines;
    }

    /** Whether the picture is of one colour. */
    boolean plain() {
        for (int c = 0; c < mean.length; c++) if (square[c] - mean[c] * mean[c] > PLAIN * PLAIN) return false;
        return true;
    }

    /** Whether both are of one picture, perhaps in another size, in grey, brighter, compressed again or mirrored. */
    boolean isAlike(Sight other) {
        return Long.bitCount(hash ^ other.hash) <= BITS && correlation(small, other.small) >= ALIKE
                || Long.bitCount(mirrored ^ other.hash) <= BITS
                        && correlation(
                                        new Picture(SMALL, SMALL, 1, small)
                                                .mirrored()
                                                .pixels(),
                                        other.small)
                                >= ALIKE;
    }

    private static double correlation(byte[] one, byte[] other) {
        double a = 0, b = 0, aa = 0, bb = 0, ab = 0;
        for (int i = 0; i < one.length; i++) {
            int x = one[i] & 255, y = other[i] & 255;
            a += x;
            b += y;
            aa += x * x;
            bb += y * y;
            ab += x * y;
        }
        int n = one.length;
        double spread = Math.sqrt((aa - a * a / n) * (bb - b * b / n));
        return spread == 0 ? 0 : (ab - a * b / n) / spread;
    }
}
