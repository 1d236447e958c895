package org.convzoo.engine;

import java.nio.FloatBuffer;

/**
 * Target rows: what a batch should be taken for. Engines compute the {@link Loss} and its exact gradient for any rows;
 * smoothing and weights are made here.
 */
public final class Targets {
    private Targets() {}

    /** The whole probability of each image on its label. */
    public static FloatBuffer rows(int[] labels, int classes) {
        return rows(labels, classes, 0, new float[0]);
    }

    /**
     * Rows {@code [N, classes]} that make {@link Loss.CrossEntropy} equal PyTorch's {@code cross_entropy} with class weights w and label
     * smoothing s, mean reduction: {@code t[n,k] = N / W * ((1 - s) w[y] [k = y] + s / K w[k])} where y is n's label
     * and W the sum of the labels' weights. With weights a row need not add up to 1.
     *
     * @param classWeights a weight a class; empty for equal weights
     * @throws IllegalArgumentException for a label that is no class, a smoothing outside [0, 1], another number of
     *     weights, or weights of the batch's labels that do not add up to more than 0
     */
    public static FloatBuffer rows(int[] labels, int classes, double smoothing, float[] classWeights) {
        if (!(smoothing >= 0 && smoothing <= 1))
            throw new IllegalArgumentException("label smoothing is from 0 to 1, got " + smoothing);
        if (classWeights.length != 0 && classWeights.length != classes)
            throw new IllegalArgumentException(classes + " classes need as many weights, got " + classWeights.length);
        double sum = 0;
        for (int y : labels) {
            if (y < 0 || y >= classes)
                throw new IllegalArgumentException("label " + y + " is not one of " + classes + " classes");
            sum += weight(classWeights, y);
        }
        if (!(sum > 0)) throw new IllegalArgumentException("the labels' class weights add up to " + sum);
        double scale = labels.length / sum;
        FloatBuffer rows = Batch.buffer((long) labels.length * classes);
        for (int n = 0; n < labels.length; n++) {
            for (int k = 0; k < classes; k++) {
                double t = smoothing / classes * weight(classWeights, k);
                if (k == labels[n]) t += (1 - smoothing) * weight(classWeights, k);
                rows.put(n * classes + k, (float) (scale * t));
            }
        }
        return rows;
    }

    private static double weight(float[] classWeights, int k) {
        return classWeights.length == 0 ? 1 : classWeights[k];
    }
}
