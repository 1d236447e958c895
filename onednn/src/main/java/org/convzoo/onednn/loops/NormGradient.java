package org.convzoo.onednn.loops;

import java.nio.FloatBuffer;
import org.convzoo.onednn.program.Tensor;

/**
 * The way back through a {@link Norm}, after its way forward: {@link #parameters} or {@link #ofProduct} first, then
 * {@link #data}. With z the norm's own result and {@code dz} the gradient with respect to it, that of shift is the sum of
 * {@code dz}, that of scale is the sum of {@code dz (x - mean) / sqrt(variance + eps)}, and that of {@code x} follows from both sums.
 */
public final class NormGradient {
    private final Norm norm;
    private final FusedActivation between;
    private final Rows rows;
    /** The gradient with respect to {@code x} is {@code dz forGradient + (x - centre) forValue + constant}. */
    private final float[] forGradient, forValue, constant;

    /**
     * @param between the activation whose result {@code dy} is the gradient with respect to: that of the norm, or none
     *     where {@code dy} is already the gradient with respect to the norm's own result
     */
    public NormGradient(Norm norm, FusedActivation between) {
        this.norm = norm;
        this.between = between;
        rows = norm.rows;
        forGradient = new float[rows.channels()];
        forValue = new float[rows.channels()];
        constant = new float[rows.channels()];
    }

    /** Fills the gradients with respect to scale and shift. */
    public void parameters(Tensor x, Tensor dy, FloatBuffer dScale, FloatBuffer dShift) {
        ChannelSums sums = new ChannelSums(rows);
        rows.parallel(i -> {
            Blocks blocks = new Blocks();
            ChannelSums.Piece piece = sums.new Piece(i);
            rows.piece(i, (at, count, channel) -> {
                FloatBuffer in = x.floats(at, count), gradient = dy.floats(at, count);
                piece.start(channel);
                while (in.hasRemaining()) {
                    int n = blocks.read(in, gradient, channel);
                    addProducts(blocks.dz, blocks.x, blocks.centre.from(channel), piece.first, piece.second, n);
                    piece.added();
                }
            });
            piece.endRun();
        });
        BatchStatistics statistics = norm.statistics;
        for (int k = 0; k < statistics.mean.length; k++) {
            double inverse = 1 / statistics.deviation(k), a = norm.factor[k];
            double away = norm.centre[k] - statistics.mean[k];
            double s = sums.first(k), q = sums.second(k) + away * s;
            dShift.put(k, (float) s);
            dScale.put(k, (float) (q * inverse));
            double perValue = statistics.measured() ? -a * inverse * inverse * q / rows.each() : 0;
            forGradient[k] = (float) a;
            forValue[k] = (float) perValue;
            constant[k] = (float) ((statistics.measured() ? -a * s / rows.each() : 0) + perValue * away);
        }
    }

    /** Says that neither scale nor shift learns and the statistics are given: the norm is a product with a sum. */
    public void ofProduct() {
        System.arraycopy(norm.factor, 0, forGradient, 0, forGradient.length);
    }

    /** Fills the gradient with respect to x; dx may be dy. */
    public void data(Tensor x, Tensor dy, Tensor dx) {
        rows.parallel(i -> {
            Blocks blocks = new Blocks();
            ChannelValues g = new ChannelValues(rows, forGradient), u = new ChannelValues(rows, forValue);
            ChannelValues c = new ChannelValues(rows, constant);
            rows.piece(i, (at, count, channel) -> {
                FloatBuffer in = x.floats(at, count), gradient = dy.floats(at, count), out = dx.floats(at, count);
                while (in.hasRemaining()) {
                    int n = blocks.read(in, gradient, channel);
                    float[] centre = blocks.centre.from(channel);
                    combine(blocks.dz, blocks.x, centre, g.from(channel), u.from(channel), c.from(channel), n);
                    out.put(blocks.dz, 0, n);
                }
            });
        });
    }

    /** Blocks of x and of the gradient with respect to the norm's own result, for one thread. */
    private final class Blocks {
        final float[] x = new float[rows.block()], dz = new float[x.length];
        final ChannelValues centre = new ChannelValues(rows, norm.centre);
        private final ChannelValues factor = new ChannelValues(rows, norm.factor);
        private final ChannelValues offset = new ChannelValues(rows, norm.offset);
        private final float[] z = new float[x.length];

        /** Reads the next block of both; its length. */
        int read(FloatBuffer from, FloatBuffer gradient, int channel) {
            int n = Math.min(x.length, from.remaining());
            from.get(x, 0, n);
            gradient.get(dz, 0, n);
            if (between != FusedActivation.NONE) {
                System.arraycopy(x, 0, z, 0, n);
                Norm.normalise(z, centre.from(channel), factor.from(channel), offset.from(channel), n);
                between.multiplyBySlope(z, dz, n);
            }
            return n;
        }
    }

    // Methods of their own with one index for all arrays, which compilers turn into vector instructions.

    private static void addProducts(float[] d, float[] x, float[] centre, float[] sum, float[] products, int n) {
        for (int k = 0; k < n; k++) {
            sum[k] += d[k];
            products[k] += d[k] * (x[k] - centre[k]);
        }
    }

    private static void combine(
            float[] d, float[] x, float[] centre, float[] forGradient, float[] forValue, float[] constant, int n) {
        for (int k = 0; k < n; k++) d[k] = d[k] * forGradient[k] + (x[k] - centre[k]) * forValue[k] + constant[k];
    }
}
