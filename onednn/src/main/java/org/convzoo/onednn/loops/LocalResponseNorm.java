package org.convzoo.onednn.loops;

import java.nio.FloatBuffer;
import org.convzoo.graph.Op;
import org.convzoo.onednn.binding.Team;
import org.convzoo.onednn.program.Tensor;

/**
 * Local response normalisation across the channels of each pixel: {@code y = x scale^-beta}, where a channel's scale is
 * {@code k + alpha / size} times the sum of squares over a window of channels around it. Maps are channels last. The
 * library has kernels for it, but the backward one for channels last breaks the process for some numbers of channels.
 */
public final class LocalResponseNorm {
    private LocalResponseNorm() {}

    /** {@code y} from {@code x}, of {@code c} channels. */
    public static void forward(Tensor x, Tensor y, int pixels, int c, Op.LocalResponseNorm op) {
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

    /** The gradient of {@link #forward}. */
    public static void backward(Tensor x, Tensor dy, Tensor dx, int pixels, int c, Op.LocalResponseNorm op) {
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
}
