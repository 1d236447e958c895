package org.convzoo.onednn.loops;

import java.nio.FloatBuffer;
import org.convzoo.onednn.program.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Batch norm in training with what follows it, in one pass over memory:
 * {@code y = f(scale (x - mean) / sqrt(variance + eps) + shift [+ residual])}. The way back is {@link NormGradient}.
 */
public final class Norm {
    final Rows rows;
    final BatchStatistics statistics;
    final FusedActivation activation;
    /** The argument of {@code f} is {@code (x - centre) factor + offset}. */
    final float[] centre, factor, offset;

    public Norm(BatchStatistics statistics, FusedActivation activation) {
        this.statistics = statistics;
        this.activation = activation;
        rows = statistics.rows;
        centre = new float[rows.channels()];
        factor = new float[rows.channels()];
        offset = new float[rows.channels()];
    }

    /** {@code y} from {@code x}, by the statistics as they are now. */
    public void forward(Tensor x, @Nullable Tensor residual, Tensor y, FloatBuffer scale, FloatBuffer shift) {
        forward(x, residual, y, scale, shift, false);
    }

    /** As {@link #forward}, but computed in float64: a result is rounded once, at the end. */
    public void forwardExactly(Tensor x, @Nullable Tensor residual, Tensor y, FloatBuffer scale, FloatBuffer shift) {
        forward(x, residual, y, scale, shift, true);
    }

    private void forward(
            Tensor x, @Nullable Tensor residual, Tensor y, FloatBuffer scale, FloatBuffer shift, boolean exactly) {
        prepare(scale, shift);
        int width = rows.block();
        rows.parallel(i -> {
            float[] block = new float[width], other = new float[residual == null ? 0 : width];
            ChannelValues m = new ChannelValues(rows, centre), a = new ChannelValues(rows, factor);
            ChannelValues b = new ChannelValues(rows, offset);
            rows.piece(i, (at, count, channel) -> {
                FloatBuffer in = x.floats(at, count), out = y.floats(at, count);
                FloatBuffer more = residual == null ? null : residual.floats(at, count);
                while (in.hasRemaining()) {
                    int n = Math.min(width, in.remaining());
                    in.get(block, 0, n);
                    if (more != null) more.get(other, 0, n);
                    if (exactly) {
                        normaliseExactly(block, channel, scale, shift, more == null ? null : other, n);
                    } else {
                        normalise(block, m.from(channel), a.from(channel), b.from(channel), n);
                        if (more != null) add(block, other, n);
                    }
                    activation.apply(block, n);
                    out.put(block, 0, n);
                }
            });
        });
    }

    /** Computes {@link #centre}, {@link #factor} and {@link #offset} of each channel. */
    private void prepare(FloatBuffer scale, FloatBuffer shift) {
        double[] mean = statistics.mean;
        for (int k = 0; k < mean.length; k++) {
            centre[k] = (float) mean[k];
            factor[k] = (float) (scale.get(k) / statistics.deviation(k));
            offset[k] = (float) (shift.get(k) + (centre[k] - mean[k]) * factor[k]);
        }
    }

    private void normaliseExactly(
            float[] x, int channel, FloatBuffer scale, FloatBuffer shift, float @Nullable [] residual, int n) {
        for (int k = 0; k < n; k++) {
            int c = channel + k % rows.across();
            if (c >= statistics.mean.length) continue; // padding
            double z = (x[k] - statistics.mean[c]) * (scale.get(c) / statistics.deviation(c)) + shift.get(c);
            x[k] = (float) (residual == null ? z : z + residual[k]);
        }
    }

    // Methods of their own with one index for all arrays, which compilers turn into vector instructions.

    /** {@code x = (x - centre) factor + offset}. */
    static void normalise(float[] x, float[] centre, float[] factor, float[] offset, int n) {
        for (int k = 0; k < n; k++) x[k] = (x[k] - centre[k]) * factor[k] + offset[k];
    }

    private static void add(float[] x, float[] more, int n) {
        for (int k = 0; k < n; k++) x[k] += more[k];
    }
}
