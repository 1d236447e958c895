package org.convzoo.onednn.loops;

import java.nio.FloatBuffer;

/** Softmax and cross-entropy with rows of target probabilities. */
public final class Loss {
    private Loss() {}

    /**
     * The mean over rows of -sum t log p, times {@code weight}; puts its gradient into {@code gradient}, and the
     * logits into {@code kept}. A row's targets need not sum to 1: the gradient is (sum t) p - t.
     */
    public static double crossEntropy(
            FloatBuffer logits, FloatBuffer targets, FloatBuffer gradient, float[] kept, int rows, double weight) {
        int classes = kept.length / rows;
        logits.get(0, kept);
        double loss = 0;
        double[] p = new double[classes];
        for (int n = 0; n < rows; n++) {
            int at = n * classes;
            double max = Double.NEGATIVE_INFINITY, sum = 0, mass = 0;
            for (int k = 0; k < classes; k++) max = Math.max(max, kept[at + k]);
            for (int k = 0; k < classes; k++) sum += p[k] = Math.exp(kept[at + k] - max);
            double log = Math.log(sum);
            for (int k = 0; k < classes; k++) {
                double t = targets.get(at + k);
                mass += t;
                if (t != 0) loss -= t * (kept[at + k] - max - log);
            }
            for (int k = 0; k < classes; k++)
                gradient.put(at + k, (float) (weight / rows * (mass * p[k] / sum - targets.get(at + k))));
        }
        return weight * loss / rows;
    }
}
