package org.convzoo.onednn.loops;

import java.nio.FloatBuffer;
import java.util.BitSet;
import org.convzoo.onednn.binding.Team;
import org.convzoo.onednn.program.Tensor;

/**
 * Mean and variance of each channel, by which a batch norm normalises: measured on a batch, or given. The library's own
 * statistics add tens of thousands of float32 numbers one after the other, which leaves five times the rounding error
 * of everything else in a layer; these add as {@link ChannelSums} does.
 */
public final class BatchStatistics {
    /** Sums below which the threads cost more than they save. */
    private static final int SERIAL = 1 << 14;

    /** How many times the variance the mean's square may be for the variance to follow from float32 sums of squares. */
    private static final double FAR = 8;

    final Rows rows;
    final double[] mean;
    /** Biased: the mean of the squared distances. */
    private final double[] variance;

    private final double eps;
    private boolean measured;

    /**
     * @param channels without padding
     * @param eps what is added to each variance before its root is taken
     */
    public BatchStatistics(Rows rows, int channels, double eps) {
        this.rows = rows;
        this.eps = eps;
        mean = new double[channels];
        variance = new double[channels];
    }

    /** The root of a channel's variance and {@code eps}. */
    double deviation(int channel) {
        return Math.sqrt(variance[channel] + eps);
    }

    /** Whether the statistics were measured, so that they depend on the map that is normalised. */
    boolean measured() {
        return measured;
    }

    /** Measures all channels of {@code x}. */
    public void measure(Tensor x) {
        BitSet all = new BitSet();
        all.set(0, rows.channels() / rows.across());
        measure(x, all);
    }

    /** Measures all channels of {@code x}, by its {@code moments} where these suffice. */
    public void measure(Tensor x, Moments moments) {
        BitSet far = measure(moments);
        if (!far.isEmpty()) measure(x, far);
    }

    /**
     * Measures by {@code moments} alone.
     *
     * @return the blocks of channels with a mean so far from 0 that the moments leave too little of the variance
     */
    public BitSet measure(Moments moments) {
        measured = true;
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

    /** Measures the given blocks of channels of {@code x}, with distances to a number near each mean. */
    private void measure(Tensor x, BitSet blocks) {
        measured = true;
        float[] near = firstMeans(x);
        ChannelSums sums = new ChannelSums(rows);
        rows.parallel(i -> {
            float[] block = new float[rows.block()];
            ChannelSums.Piece piece = sums.new Piece(i);
            ChannelValues shift = new ChannelValues(rows, near);
            rows.piece(i, (at, count, channel) -> {
                if (!blocks.get(channel / rows.across())) return;
                FloatBuffer in = x.floats(at, count);
                float[] shifts = shift.from(channel);
                piece.start(channel);
                while (in.hasRemaining()) {
                    int n = Math.min(block.length, in.remaining());
                    in.get(block, 0, n);
                    addMoments(block, shifts, piece.first, piece.second, n);
                    piece.added();
                }
            });
            piece.endRun();
        });
        for (int k = 0; k < mean.length; k++) {
            if (!blocks.get(k / rows.across())) continue;
            double away = sums.first(k) / rows.each();
            mean[k] = near[k] + away;
            variance[k] = Math.max(0, sums.second(k) / rows.each() - away * away);
        }
    }

    /** Each channel's mean over the first few pixels: sums of squared distances to it do not cancel. */
    private float[] firstMeans(Tensor x) {
        int count = (int) Math.min(ChannelSums.LONGEST, rows.across() == rows.channels() ? rows.each() : rows.pixels());
        float[] first = new float[count * rows.across()], means = new float[rows.channels()];
        for (int channel = 0; channel < rows.channels(); channel += rows.across()) {
            x.floats((long) channel * rows.pixels(), first.length).get(first);
            for (int i = 0; i < first.length; i++) means[channel + i % rows.across()] += first[i] / count;
        }
        return means;
    }

    /** Takes given statistics, such as the running ones in evaluation. */
    public void take(FloatBuffer means, FloatBuffer variances) {
        measured = false;
        for (int k = 0; k < mean.length; k++) {
            mean[k] = means.get(k);
            variance[k] = variances.get(k);
        }
    }

    /** Moves running statistics towards these; the variance is the unbiased one. */
    public void moveRunning(FloatBuffer runningMean, FloatBuffer runningVariance, double momentum) {
        double unbiased = (double) rows.each() / Math.max(1, rows.each() - 1);
        for (int k = 0; k < mean.length; k++) {
            runningMean.put(k, (float) (runningMean.get(k) * (1 - momentum) + momentum * mean[k]));
            runningVariance.put(
                    k, (float) (runningVariance.get(k) * (1 - momentum) + momentum * unbiased * variance[k]));
        }
    }

    /** Writes the statistics where kernels of the library read them. */
    public void copyTo(FloatBuffer means, FloatBuffer variances) {
        for (int k = 0; k < mean.length; k++) {
            means.put(k, (float) mean[k]);
            variances.put(k, (float) variance[k]);
        }
    }

    /** Whether all means and variances are finite: an activation behind the norm may make a number of what is none. */
    public boolean finite() {
        double sum = 0;
        for (int k = 0; k < mean.length; k++) sum += mean[k] + variance[k];
        return Double.isFinite(sum);
    }

    /** A method of its own with one index for all arrays, which compilers turn into vector instructions. */
    private static void addMoments(float[] x, float[] shift, float[] sum, float[] squares, int n) {
        for (int k = 0; k < n; k++) {
            float d = x[k] - shift[k];
            sum[k] += d;
            squares[k] += d * d;
        }
    }
}
