package org.convzoo.onednn.loops;

import java.nio.FloatBuffer;
import org.convzoo.engine.Loss;
import org.convzoo.engine.Loss.BinaryCrossEntropy;
import org.convzoo.engine.Loss.CrossEntropy;
import org.convzoo.engine.Loss.Focal;

/** Losses of rows of logits, and their gradients: each method gives the loss of one row and leaves its gradient in d. */
public final class LossGradient implements Loss.Visitor<Double> {
    private final double[] z, t, e, d;

    private LossGradient(int classes) {
        z = new double[classes];
        t = new double[classes];
        e = new double[classes];
        d = new double[classes];
    }

    /** The mean over rows, times {@code weight}; puts its gradient into {@code gradient}, and the logits into {@code kept}. */
    public static double of(
            Loss loss,
            FloatBuffer logits,
            FloatBuffer targets,
            FloatBuffer gradient,
            float[] kept,
            int rows,
            double weight) {
        int classes = kept.length / rows;
        logits.get(0, kept);
        LossGradient row = new LossGradient(classes);
        double sum = 0;
        for (int n = 0; n < rows; n++) {
            int at = n * classes;
            for (int k = 0; k < classes; k++) {
                row.z[k] = kept[at + k];
                row.t[k] = targets.get(at + k);
            }
            sum += loss.accept(row);
            for (int k = 0; k < classes; k++) gradient.put(at + k, (float) (weight / rows * row.d[k]));
        }
        return weight * sum / rows;
    }

    /** The gradient is (sum t) p - t. */
    @Override
    public Double crossEntropy(CrossEntropy loss) {
        double max = z[largest()], sum = 0, mass = 0, value = 0;
        for (int k = 0; k < z.length; k++) sum += e[k] = Math.exp(z[k] - max);
        double log = Math.log(sum);
        for (int k = 0; k < z.length; k++) {
            mass += t[k];
            if (t[k] != 0) value -= t[k] * (z[k] - max - log);
        }
        for (int k = 0; k < z.length; k++) d[k] = mass * e[k] / sum - t[k];
        return value;
    }

    /**
     * The gradient is g - (sum g) p, where g[k] = t[k] (1 - p[k])^gamma (gamma p[k] log p[k] / (1 - p[k]) - 1). For the
     * largest p, 1 - p is the sum of the others', which are all that is left of it near 1; there log p / (1 - p) is -1.
     */
    @Override
    public Double focal(Focal loss) {
        int top = largest();
        double others = 0, value = 0, mass = 0;
        for (int k = 0; k < z.length; k++) {
            e[k] = Math.exp(z[k] - z[top]);
            if (k != top) others += e[k];
        }
        double sum = 1 + others, log = Math.log1p(others);
        for (int k = 0; k < z.length; k++) {
            double p = e[k] / sum, q = k == top ? others / sum : 1 - p, logP = z[k] - z[top] - log;
            double power = Math.pow(q, loss.gamma());
            if (t[k] != 0) value -= t[k] * power * logP;
            d[k] = t[k] == 0 ? 0 : t[k] * power * (loss.gamma() * p * (q == 0 ? -1 : logP / q) - 1);
            mass += d[k];
        }
        for (int k = 0; k < z.length; k++) d[k] -= mass * e[k] / sum;
        return value;
    }

    /** A class's loss is log(1 + exp(z)) - t z, with the gradient sigmoid(z) - t. */
    @Override
    public Double binaryCrossEntropy(BinaryCrossEntropy loss) {
        double value = 0;
        for (int k = 0; k < z.length; k++) {
            double small = Math.exp(-Math.abs(z[k]));
            value += Math.max(z[k], 0) + Math.log1p(small) - t[k] * z[k];
            d[k] = ((z[k] > 0 ? 1 : small) / (1 + small) - t[k]) / z.length;
        }
        return value / z.length;
    }

    /** The place of the largest logit. */
    private int largest() {
        int top = 0;
        for (int k = 1; k < z.length; k++) if (z[k] > z[top]) top = k;
        return top;
    }
}
