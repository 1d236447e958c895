package org.convzoo.onednn.loops;

import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.BitSet;
import org.convzoo.graph.Op;
import org.convzoo.onednn.binding.Team;
import org.convzoo.onednn.program.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Batch norm in training with what follows it, in loops that read and write memory as seldom as can be:
 * {@code y = f(scale (x - mean) / sqrt(variance + eps) + shift [+ residual])}. The batch's statistics and the sums of
 * the way back add short runs in float32 and the runs in float64; the library's own add tens of thousands of float32
 * numbers one after the other, which leaves five times the rounding error of everything else in a layer.
 */
public final class Norm {
    /** What can follow in the same pass: no function at all, or one whose slope costs a few instructions. */
    public enum After {
        NOTHING,
        RELU,
        RELU6,
        HARDSWISH;

        /** The function {@code a}; with {@code fromOutput}, only one whose slope its result tells. */
        public static @Nullable After of(Op.Activation a, boolean fromOutput) {
            return switch (a) {
                case RELU -> RELU;
                case RELU6 -> RELU6;
                case HARDSWISH -> fromOutput ? null : HARDSWISH;
                default -> null;
            };
        }
    }

    /** Floats of one tensor that a loop works on at a time: a few such blocks fit into the first-level cache. */
    private static final int BLOCK = 512;

    /** Numbers that are added in float32 before the sum goes on in float64. */
    private static final int LONGEST = 32;

    /** Sums below which the threads cost more than they save. */
    private static final int SERIAL = 1 << 14;

    /** How many times the variance the mean's square may be, so that float32 squares of the values tell the variance. */
    private static final double FAR = 8;

    private static final float HUGE = Float.MAX_VALUE;

    private final Rows rows;
    private final double eps;
    private final After after;
    private final boolean exact;
    private final int width;
    private final double[] mean, variance;
    private final float[] centre, factor, offset, forGradient, forValue, constant;

    /**
     * @param channels without padding
     * @param exact whether a result is rounded once, at the end
     */
    public Norm(Rows rows, int channels, double eps, After after, boolean exact) {
        this.exact = exact;
        this.rows = rows;
        this.eps = eps;
        this.after = after;
        int repeated = Math.max(1, BLOCK / rows.across());
        width = rows.across() * (repeated > 8 ? repeated / 8 * 8 : repeated);
        mean = new double[channels];
        variance = new double[channels];
        centre = new float[rows.channels()];
        factor = new float[rows.channels()];
        offset = new float[rows.channels()];
        forGradient = new float[rows.channels()];
        forValue = new float[rows.channels()];
        constant = new float[rows.channels()];
    }

    /** Two sums for each channel, of each piece for itself. */
    private static final class Sums {
        final double[][] first = new double[Rows.PIECES][], second = new double[Rows.PIECES][];

        double first(int channel) {
            return total(first, channel);
        }

        double second(int channel) {
            return total(second, channel);
        }

        private static double total(double[][] pieces, int channel) {
            double sum = 0;
            for (double[] p : pieces) sum += p[channel];
            return sum;
        }
    }

    /** The sums of one piece: runs in float32 that are added up in float64. */
    private final class Runs {
        final float[] first = new float[width], second = new float[width];
        private final double[] firsts, seconds;
        private int length, channel;

        Runs(Sums sums, int piece) {
            firsts = sums.first[piece] = new double[rows.channels()];
            seconds = sums.second[piece] = new double[rows.channels()];
        }

        void start(int at) {
            if (at != channel) flush();
            channel = at;
        }

        void added() {
            if (++length == LONGEST) flush();
        }

        void flush() {
            if (length == 0) return;
            for (int at = 0; at < width; at += rows.across()) {
                for (int k = 0; k < rows.across(); k++) {
                    firsts[channel + k] += first[at + k];
                    seconds[channel + k] += second[at + k];
                }
            }
            Arrays.fill(first, 0);
            Arrays.fill(second, 0);
            length = 0;
        }
    }

    /** A number for each channel, repeated over a block. */
    private final class Repeated {
        final float[] values = new float[width];
        private final float[] all;
        private int channel = -1;

        Repeated(float[] all) {
            this.all = all;
        }

        float[] from(int first) {
            if (first != channel) {
                System.arraycopy(all, first, values, 0, rows.across());
                for (int at = rows.across(); at < width; at += rows.across())
                    System.arraycopy(values, 0, values, at, rows.across());
                channel = first;
            }
            return values;
        }
    }

    /** Blocks of x and of the gradient with respect to the function's input, on the way back. */
    private final class Blocks {
        final float[] x = new float[width], d = new float[width];
        final Repeated m = new Repeated(centre);
        private final Repeated a = new Repeated(factor), b = new Repeated(offset);
        private final float[] z = new float[width];
        private final boolean bent;

        Blocks(boolean bent) {
            this.bent = bent;
        }

        /** Reads the next block of both and gives its length. */
        int read(FloatBuffer from, FloatBuffer gradient, int channel) {
            int n = Math.min(width, from.remaining());
            from.get(x, 0, n);
            gradient.get(d, 0, n);
            if (!bent && after != After.NOTHING) {
                System.arraycopy(x, 0, z, 0, n);
                normalise(z, m.from(channel), a.from(channel), b.from(channel), n);
                bend(z, d, n);
            }
            return n;
        }
    }

    /** The statistics of each channel, for kernels of the library. */
    public void tell(FloatBuffer means, FloatBuffer variances) {
        for (int k = 0; k < mean.length; k++) {
            means.put(k, (float) mean[k]);
            variances.put(k, (float) variance[k]);
        }
    }

    /**
     * Mean and biased variance of each channel of {@code x}.
     *
     * @param moments of {@code x}, if the library has made them
     */
    public void measure(Tensor x, @Nullable Moments moments) {
        BitSet wanted = new BitSet();
        if (moments == null) wanted.set(0, rows.channels() / rows.across());
        else wanted = measure(moments);
        if (!wanted.isEmpty()) measure(x, wanted);
    }

    /** Gives the blocks of channels with a mean so far from 0 that its square hides the variance, which x must tell. */
    public BitSet measure(Moments moments) {
        int across = rows.across(), blocks = rows.channels() / across;
        FloatBuffer sums = moments.sums().floats(), squares = moments.squares().floats();
        int each = sums.limit() / rows.images() / blocks;
        Team.each(blocks, sums.limit() >= SERIAL, b -> {
            double[] first = new double[across], second = new double[across];
            float[] one = new float[each], two = new float[each];
            for (int i = 0; i < rows.images(); i++) {
                sums.get((i * blocks + b) * each, one);
                squares.get((i * blocks + b) * each, two);
                for (int at = 0; at < each; at += across) {
                    for (int k = 0; k < across; k++) {
                        first[k] += one[at + k];
                        second[k] += two[at + k];
                    }
                }
            }
            for (int k = 0; k < across && b * across + k < mean.length; k++) {
                double m = first[k] / rows.each();
                mean[b * across + k] = m;
                variance[b * across + k] = Math.max(0, second[k] / rows.each() - m * m);
            }
        });
        BitSet far = new BitSet();
        for (int k = 0; k < mean.length; k++) if (mean[k] * mean[k] > FAR * (variance[k] + eps)) far.set(k / across);
        return far;
    }

    /** Whether all means and variances are numbers: a function behind the norm may make a number of what is none. */
    public boolean finite() {
        double sum = 0;
        for (int k = 0; k < mean.length; k++) sum += mean[k] + variance[k];
        return Double.isFinite(sum);
    }

    /** @param wanted the blocks of channels */
    private void measure(Tensor x, BitSet wanted) {
        firstMeans(x);
        Sums sums = new Sums();
        rows.parallel(i -> {
            float[] block = new float[width];
            Runs runs = new Runs(sums, i);
            Repeated shift = new Repeated(centre);
            rows.piece(i, (at, count, channel) -> {
                if (!wanted.get(channel / rows.across())) return;
                FloatBuffer in = x.floats(at, count);
                float[] near = shift.from(channel);
                runs.start(channel);
                while (in.hasRemaining()) {
                    int n = Math.min(width, in.remaining());
                    in.get(block, 0, n);
                    addMoments(block, near, runs.first, runs.second, n);
                    runs.added();
                }
            });
            runs.flush();
        });
        for (int k = 0; k < mean.length; k++) {
            if (!wanted.get(k / rows.across())) continue;
            double away = sums.first(k) / rows.each();
            mean[k] = centre[k] + away;
            variance[k] = Math.max(0, sums.second(k) / rows.each() - away * away);
        }
    }

    /** Centres near the means: sums of squares around them do not cancel. */
    private void firstMeans(Tensor x) {
        int count = (int) Math.min(LONGEST, rows.across() == rows.channels() ? rows.each() : rows.pixels());
        float[] first = new float[count * rows.across()];
        Arrays.fill(centre, 0);
        for (int channel = 0; channel < rows.channels(); channel += rows.across()) {
            x.floats((long) channel * rows.pixels(), first.length).get(first);
            for (int i = 0; i < first.length; i++) centre[channel + i % rows.across()] += first[i] / count;
        }
    }

    /** Takes given statistics, those of evaluation. */
    public void take(FloatBuffer means, FloatBuffer variances) {
        for (int k = 0; k < mean.length; k++) {
            mean[k] = means.get(k);
            variance[k] = variances.get(k);
        }
    }

    /** Moves running statistics towards the batch's; the variance is the unbiased one. */
    public void move(FloatBuffer runningMean, FloatBuffer runningVariance, double momentum) {
        double unbiased = (double) rows.each() / Math.max(1, rows.each() - 1);
        for (int k = 0; k < mean.length; k++) {
            runningMean.put(k, (float) (runningMean.get(k) * (1 - momentum) + momentum * mean[k]));
            runningVariance.put(
                    k, (float) (runningVariance.get(k) * (1 - momentum) + momentum * unbiased * variance[k]));
        }
    }

    /** {@code y} from {@code x}; the statistics are those measured or taken last. */
    public void forward(Tensor x, @Nullable Tensor residual, Tensor y, FloatBuffer scale, FloatBuffer shift) {
        for (int k = 0; k < mean.length; k++) {
            centre[k] = (float) mean[k];
            factor[k] = (float) (scale.get(k) / Math.sqrt(variance[k] + eps));
            offset[k] = (float) (shift.get(k) + (centre[k] - mean[k]) * factor[k]);
        }
        rows.parallel(i -> {
            float[] block = new float[width], other = new float[residual == null ? 0 : width];
            Repeated m = new Repeated(centre), a = new Repeated(factor), b = new Repeated(offset);
            rows.piece(i, (at, count, channel) -> {
                FloatBuffer in = x.floats(at, count), out = y.floats(at, count);
                FloatBuffer more = residual == null ? null : residual.floats(at, count);
                while (in.hasRemaining()) {
                    int n = Math.min(width, in.remaining());
                    in.get(block, 0, n);
                    if (more != null) more.get(other, 0, n);
                    if (exact) {
                        normaliseExactly(block, channel, scale, shift, more == null ? null : other, n);
                    } else {
                        normalise(block, m.from(channel), a.from(channel), b.from(channel), n);
                        if (more != null) add(block, other, n);
                    }
                    follow(after, block, n);
                    out.put(block, 0, n);
                }
            });
        });
    }

    /**
     * Fills the gradients of scale and shift and prepares {@link #backward}.
     *
     * @param bent whether {@code dy} is already the gradient with respect to the function's input
     * @param batch whether the statistics were those of the batch, which depend on {@code x}
     */
    public void sum(Tensor x, Tensor dy, boolean bent, boolean batch, FloatBuffer dScale, FloatBuffer dShift) {
        Sums sums = new Sums();
        rows.parallel(i -> {
            Blocks blocks = new Blocks(bent);
            Runs runs = new Runs(sums, i);
            rows.piece(i, (at, count, channel) -> {
                FloatBuffer in = x.floats(at, count), gradient = dy.floats(at, count);
                runs.start(channel);
                while (in.hasRemaining()) {
                    int n = blocks.read(in, gradient, channel);
                    addProducts(blocks.d, blocks.x, blocks.m.from(channel), runs.first, runs.second, n);
                    runs.added();
                }
            });
            runs.flush();
        });
        for (int k = 0; k < mean.length; k++) {
            double inverse = 1 / Math.sqrt(variance[k] + eps), a = factor[k];
            double s = sums.first(k), q = sums.second(k) + (centre[k] - mean[k]) * s;
            dShift.put(k, (float) s);
            dScale.put(k, (float) (q * inverse));
            double perValue = batch ? -a * inverse * inverse * q / rows.each() : 0;
            forGradient[k] = (float) a;
            forValue[k] = (float) perValue;
            constant[k] = (float) ((batch ? -a * s / rows.each() : 0) + perValue * (centre[k] - mean[k]));
        }
    }

    /** The gradient with respect to x, after {@link #sum} of the same arguments; {@code dx} may be {@code dy}. */
    public void backward(Tensor x, Tensor dy, boolean bent, Tensor dx) {
        rows.parallel(i -> {
            Blocks blocks = new Blocks(bent);
            Repeated g = new Repeated(forGradient), u = new Repeated(forValue), c = new Repeated(constant);
            rows.piece(i, (at, count, channel) -> {
                FloatBuffer in = x.floats(at, count), gradient = dy.floats(at, count), out = dx.floats(at, count);
                while (in.hasRemaining()) {
                    int n = blocks.read(in, gradient, channel);
                    combine(
                            blocks.d,
                            blocks.x,
                            blocks.m.from(channel),
                            g.from(channel),
                            u.from(channel),
                            c.from(channel),
                            n);
                    out.put(blocks.d, 0, n);
                }
            });
        });
    }

    private void normaliseExactly(
            float[] x, int channel, FloatBuffer scale, FloatBuffer shift, float @Nullable [] residual, int n) {
        for (int k = 0; k < n; k++) {
            int c = channel + k % rows.across();
            if (c >= mean.length) continue; // padding
            double z = (x[k] - mean[c]) * (scale.get(c) / Math.sqrt(variance[c] + eps)) + shift.get(c);
            x[k] = (float) (residual == null ? z : z + residual[k]);
        }
    }

    public static void follow(After after, float[] z, int n) {
        switch (after) {
            case NOTHING -> {}
            case RELU -> relu(z, n);
            case RELU6 -> relu6(z, n);
            case HARDSWISH -> hardswish(z, n);
        }
    }

    private void bend(float[] z, float[] d, int n) {
        switch (after) {
            case NOTHING -> {}
            case RELU -> bendRelu(z, d, n);
            case RELU6 -> bendRelu6(z, d, n);
            case HARDSWISH -> bendHardswish(z, d, n);
        }
    }

    // Methods of their own with one index for all arrays, which compilers turn into vector instructions.

    private static void addMoments(float[] x, float[] shift, float[] sum, float[] squares, int n) {
        for (int k = 0; k < n; k++) {
            float d = x[k] - shift[k];
            sum[k] += d;
            squares[k] += d * d;
        }
    }

    private static void normalise(float[] x, float[] mean, float[] factor, float[] shift, int n) {
        for (int k = 0; k < n; k++) x[k] = (x[k] - mean[k]) * factor[k] + shift[k];
    }

    public static void add(float[] x, float[] more, int n) {
        for (int k = 0; k < n; k++) x[k] += more[k];
    }

    private static void addProducts(float[] d, float[] x, float[] mean, float[] sum, float[] products, int n) {
        for (int k = 0; k < n; k++) {
            sum[k] += d[k];
            products[k] += d[k] * (x[k] - mean[k]);
        }
    }

    private static void combine(
            float[] d, float[] x, float[] mean, float[] forGradient, float[] forValue, float[] constant, int n) {
        for (int k = 0; k < n; k++) d[k] = d[k] * forGradient[k] + (x[k] - mean[k]) * forValue[k] + constant[k];
    }

    private static void relu(float[] z, int n) {
        for (int k = 0; k < n; k++) z[k] = Math.max(0f, z[k]);
    }

    private static void relu6(float[] z, int n) {
        for (int k = 0; k < n; k++) z[k] = Math.min(6f, Math.max(0f, z[k]));
    }

    private static void hardswish(float[] z, int n) {
        for (int k = 0; k < n; k++) z[k] = z[k] * Math.min(1f, Math.max(0f, z[k] * (1 / 6f) + 0.5f));
    }

    /** A product with {@link #HUGE} cut to 0 to 1 tells the sign without a branch. */
    private static void bendRelu(float[] z, float[] d, int n) {
        for (int k = 0; k < n; k++) d[k] *= Math.min(1f, Math.max(0f, z[k] * HUGE));
    }

    /** Between 0 and 6 is where the distance to 3 is under 3. */
    private static void bendRelu6(float[] z, float[] d, int n) {
        for (int k = 0; k < n; k++) d[k] *= Math.min(1f, Math.max(0f, (3f - Math.abs(z[k] - 3f)) * HUGE));
    }

    private static void bendHardswish(float[] z, float[] d, int n) {
        for (int k = 0; k < n; k++) {
            float rising = Math.min(1f, Math.max(0f, (3f - Math.abs(z[k])) * HUGE));
            d[k] *= Math.min(1f, Math.max(0f, z[k] * (1 / 6f) + 0.5f)) + rising * z[k] * (1 / 6f);
        }
    }
}
