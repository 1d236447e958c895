package org.convzoo.onednn.loops;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.SplittableRandom;
import org.convzoo.graph.Op;
import org.convzoo.graph.Shape;
import org.convzoo.graph.Window;
import org.convzoo.onednn.binding.Team;
import org.convzoo.onednn.program.Tensor;

/** Plain loops for what the library has no kernel for. Feature maps are channels last, {@code [N, H, W, C]}. */
public final class Loops {
    private Loops() {}

    /** The rows (or columns) that one cell of an average covers, and by what the sum is divided. */
    public record Cells(int[] from, int[] to, double[] divisor) {
        /** Adaptive pooling: cell i of n covers floor(i size / n) to ceil((i + 1) size / n). */
        public static Cells adaptive(int size, int n) {
            Cells c = new Cells(new int[n], new int[n], new double[n]);
            for (int i = 0; i < n; i++) {
                c.from[i] = (int) ((long) i * size / n);
                c.to[i] = (int) (((i + 1L) * size + n - 1) / n);
                c.divisor[i] = c.to[i] - c.from[i];
            }
            return c;
        }

        /** Windows of which padding may count, but never what ceil mode adds beyond it. */
        static Cells windows(int size, int n, int k, int stride, int pad, boolean countPadding) {
            Cells c = new Cells(new int[n], new int[n], new double[n]);
            for (int i = 0; i < n; i++) {
                int start = i * stride - pad, stop = Math.min(start + k, size + pad);
                c.from[i] = Math.max(start, 0);
                c.to[i] = Math.min(stop, size);
                c.divisor[i] = countPadding ? stop - start : c.to[i] - c.from[i];
            }
            return c;
        }

        public static Cells rows(Op.AvgPool p, Shape in, Shape out) {
            Window w = p.w();
            return windows(in.height(), out.height(), w.kh(), w.sh(), w.ph(), p.countPadding());
        }

        public static Cells columns(Op.AvgPool p, Shape in, Shape out) {
            Window w = p.w();
            return windows(in.width(), out.width(), w.kw(), w.sw(), w.pw(), p.countPadding());
        }
    }

    /** The bits that both have. */
    public static void and(Tensor a, Tensor b, Tensor both) {
        ByteBuffer x = a.bytes(), y = b.bytes(), z = both.bytes();
        Flat.parallel(0, z.limit(), () -> {
            byte[] p = new byte[Flat.BLOCK], q = new byte[Flat.BLOCK];
            return (at, n) -> {
                x.get(at, p, 0, n);
                y.get(at, q, 0, n);
                and(p, q, n);
                z.put(at, p, 0, n);
            };
        });
    }

    private static void and(byte[] x, byte[] y, int n) {
        for (int k = 0; k < n; k++) x[k] &= y[k];
    }

    /** Averages cells. */
    public static void average(FloatBuffer x, FloatBuffer y, int n, Shape in, Cells rows, Cells columns) {
        int c = in.channels(), h = in.height(), w = in.width(), oh = rows.from.length, ow = columns.from.length;
        for (int b = 0; b < n; b++)
            for (int i = 0; i < oh; i++)
                for (int j = 0; j < ow; j++)
                    for (int k = 0; k < c; k++) {
                        double sum = 0;
                        for (int r = rows.from[i]; r < rows.to[i]; r++)
                            for (int s = columns.from[j]; s < columns.to[j]; s++)
                                sum += x.get(((b * h + r) * w + s) * c + k);
                        y.put(((b * oh + i) * ow + j) * c + k, (float) (sum / (rows.divisor[i] * columns.divisor[j])));
                    }
    }

    /** The gradient of {@link #average}. */
    public static void averageBackward(FloatBuffer dy, FloatBuffer dx, int n, Shape in, Cells rows, Cells columns) {
        int c = in.channels(), h = in.height(), w = in.width(), oh = rows.from.length, ow = columns.from.length;
        for (int i = 0; i < n * h * w * c; i++) dx.put(i, 0);
        for (int b = 0; b < n; b++)
            for (int i = 0; i < oh; i++)
                for (int j = 0; j < ow; j++)
                    for (int k = 0; k < c; k++) {
                        float share = (float)
                                (dy.get(((b * oh + i) * ow + j) * c + k) / (rows.divisor[i] * columns.divisor[j]));
                        for (int r = rows.from[i]; r < rows.to[i]; r++)
                            for (int s = columns.from[j]; s < columns.to[j]; s++) {
                                int at = ((b * h + r) * w + s) * c + k;
                                dx.put(at, dx.get(at) + share);
                            }
                    }
    }

    /**
     * Local response normalisation across {@code c} channels of each pixel. The library has kernels for it, but the
     * backward one for channels last breaks the process for some numbers of channels.
     */
    public static void lrn(Tensor x, Tensor y, int pixels, int c, Op.LocalResponseNorm op) {
        pieces(pixels, (from, count) -> {
            float[] row = new float[c];
            double[] scale = new double[c], prefix = new double[c + 1];
            FloatBuffer in = x.floats((long) from * c, count * c), out = y.floats((long) from * c, count * c);
            for (int p = 0; p < count; p++) {
                in.get(p * c, row);
                scale(row, scale, prefix, op);
                for (int k = 0; k < c; k++) row[k] *= (float) power(scale[k], op.beta());
                out.put(p * c, row);
            }
        });
    }

    /** The gradient of {@link #lrn}. */
    public static void lrnBackward(Tensor x, Tensor dy, Tensor dx, int pixels, int c, Op.LocalResponseNorm op) {
        int below = (op.size() - 1) / 2, above = op.size() / 2; // the windows that hold a channel
        double factor = 2 * op.alpha() * op.beta() / op.size();
        pieces(pixels, (from, count) -> {
            float[] row = new float[c], grad = new float[c];
            double[] scale = new double[c], prefix = new double[c + 1], powers = new double[c];
            FloatBuffer in = x.floats((long) from * c, count * c), given = dy.floats((long) from * c, count * c);
            FloatBuffer out = dx.floats((long) from * c, count * c);
            for (int p = 0; p < count; p++) {
                in.get(p * c, row);
                given.get(p * c, grad);
                scale(row, scale, prefix, op);
                for (int k = 0; k < c; k++) {
                    powers[k] = power(scale[k], op.beta());
                    prefix[k + 1] = prefix[k] + grad[k] * (double) row[k] * powers[k] / scale[k];
                }
                for (int k = 0; k < c; k++) {
                    double sum = prefix[Math.min(c, k + above + 1)] - prefix[Math.max(0, k - below)];
                    grad[k] = (float) (grad[k] * powers[k] - factor * row[k] * sum);
                }
                out.put(p * c, grad);
            }
        });
    }

    /** k + alpha / size times the sum of squares in each channel's window. */
    private static void scale(float[] row, double[] scale, double[] prefix, Op.LocalResponseNorm op) {
        int c = row.length, below = op.size() / 2, above = (op.size() - 1) / 2;
        for (int k = 0; k < c; k++) prefix[k + 1] = prefix[k] + (double) row[k] * row[k];
        for (int k = 0; k < c; k++) {
            double sum = prefix[Math.min(c, k + above + 1)] - prefix[Math.max(0, k - below)];
            scale[k] = op.k() + op.alpha() / op.size() * sum;
        }
    }

    /** {@code s} to the power of {@code -beta}; 0.75, the paper's, by two roots. */
    private static double power(double s, double beta) {
        if (beta != 0.75) return Math.pow(s, -beta);
        double root = Math.sqrt(s);
        return 1 / (root * Math.sqrt(root));
    }

    /** Something done to {@code count} pixels from {@code from} on. */
    private interface Piece {
        void run(int from, int count);
    }

    private static void pieces(int pixels, Piece body) {
        int each = 512;
        Team.each((pixels + each - 1) / each, i -> body.run(i * each, Math.min(each, pixels - i * each)));
    }

    /** 1 if the last 16 bits are below {@code limit}, else 0. */
    private static int fate(long bits, int limit) {
        return ((int) bits & 0xFFFF) - limit >>> 31;
    }

    /** Elements whose randomness comes from one seed. */
    private static final int DRAWN = 1 << 12;

    /**
     * Dropout: {@code y} is 0 with probability {@code p}, to 1 in 65,536, else {@code x / (1 - p)}.
     *
     * @param together elements that share their fate
     */
    public static void drop(Tensor x, Tensor y, double p, int together, long seed) {
        int size = x.floats().limit(), block = together == 1 ? DRAWN : together, blocks = (size + block - 1) / block;
        // looked up: a processor cannot foresee a branch that chance decides
        float[] factor = {(float) (1 / (1 - p)), 0};
        int limit = (int) Math.round(p * 65536);
        Team.each(blocks, b -> {
            // not a multiple of the generator's own step, with which each block would go through its neighbour's
            // numbers
            SplittableRandom random = new SplittableRandom(seed + b * 0xD1B54A32D192ED03L);
            float[] v = new float[Math.min(block, size - b * block)];
            x.floats((long) b * block, v.length).get(v);
            if (together > 1) {
                float all = factor[fate(random.nextLong(), limit)];
                for (int k = 0; k < v.length; k++) v[k] *= all;
            } else {
                for (int k = 0; k < v.length; k += 4) {
                    long bits = random.nextLong();
                    for (int j = k; j < Math.min(k + 4, v.length); j++, bits >>>= 16) v[j] *= factor[fate(bits, limit)];
                }
            }
            y.floats((long) b * block, v.length).put(v);
        });
    }
}
