package org.convzoo.train;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Iterator;
import org.convzoo.recipe.Recipe;

/**
 * The linear layer that tells classes apart best: it minimises the mean cross-entropy of the rows, their labels smoothed,
 * plus half of {@code penalty} times the squared norm of the weights, the biases left out. For that the features are
 * shifted to a mean of 0 and scaled, all by one factor, to a mean square of 1, so that a penalty means the same in every
 * network. The minimum is unique; it is found by L-BFGS (Liu, Nocedal 1989), in plain loops, so that the same rows lead to
 * the same bits on every machine.
 */
final class LogisticRegression {
    private static final int MEMORY = 10, STEPS = 300, HALVINGS = 20, BLOCK = 512;
    private static final double ENOUGH = 1e-4, ARMIJO = 1e-4, LEAST = 1e-6;

    /**
     * A linear layer, for features as they came.
     *
     * @param weight classes x features
     * @param loss mean cross-entropy of the rows
     * @param top1 share of the rows that are right
     */
    record Layer(float[] weight, float[] bias, double loss, double top1) {}

    private final int rows, features, classes;
    private final int[] labels;
    private final double penalty, smoothing;
    private final float[] byRow, byFeature; // shifted and scaled, in both orders
    private final float[] mean;
    private final float scale;
    private final float[] logits; // classes x rows, then their gradients
    private double loss;
    private int right;

    private LogisticRegression(float[] x, int[] labels, int classes, double penalty, double smoothing) {
        this.labels = labels;
        this.classes = classes;
        this.penalty = penalty;
        this.smoothing = smoothing;
        rows = labels.length;
        features = x.length / rows;
        mean = mean(x);
        byRow = x.clone();
        double square = 0;
        for (int n = 0, i = 0; n < rows; n++) {
            double own = 0;
            for (int d = 0; d < features; d++, i++) {
                byRow[i] -= mean[d];
                own += (double) byRow[i] * byRow[i];
            }
            square += own;
        }
        scale = square == 0 ? 1 : (float) (1 / Math.sqrt(square / byRow.length));
        byFeature = new float[byRow.length];
        for (int n = 0, i = 0; n < rows; n++)
            for (int d = 0; d < features; d++, i++) byFeature[d * rows + n] = byRow[i] *= scale;
        logits = new float[classes * rows];
    }

    private float[] mean(float[] x) {
        double[] sums = new double[features];
        for (int n = 0, i = 0; n < rows; n++) for (int d = 0; d < features; d++) sums[d] += x[i++];
        float[] mean = new float[features];
        for (int d = 0; d < features; d++) mean[d] = (float) (sums[d] / rows);
        return mean;
    }

    /**
     * Fits a layer.
     *
     * @param x rows x features
     * @param labels the class of each row
     * @param smoothing which part of a row's probability goes to all classes alike: {@link Recipe#smoothing}
     */
    static Layer fit(float[] x, int[] labels, int classes, double penalty, double smoothing) {
        var regression = new LogisticRegression(x, labels, classes, penalty, smoothing);
        double[] w = regression.minimum();
        regression.gradient(w, new double[w.length]);
        return regression.layer(w);
    }

    private Layer layer(double[] w) {
        float[] weight = new float[classes * features], bias = new float[classes];
        for (int k = 0, i = 0; k < classes; k++) {
            double b = w[classes * features + k];
            for (int d = 0; d < features; d++, i++) {
                weight[i] = (float) (w[i] * scale);
                b -= w[i] * scale * mean[d];
            }
            bias[k] = (float) b;
        }
        return new Layer(weight, bias, loss, right / (double) rows);
    }

    private double[] minimum() {
        int size = classes * features + classes;
        double[] at = new double[size], slope = new double[size];
        double value = gradient(at, slope);
        Deque<double[][]> memory = new ArrayDeque<>(); // the last moves and changes of slope, the latest first
        for (int step = 0; step < STEPS && largest(slope) > ENOUGH; step++) {
            double[] direction = direction(slope, memory);
            double along = dot(direction, slope), length = memory.isEmpty() ? 1 / Math.sqrt(dot(slope, slope)) : 1;
            double[] next = at, nextSlope = new double[size];
            double nextValue = value;
            for (int halving = 0; halving < HALVINGS; halving++, length /= 2) {
                next = added(at, direction, length);
                nextValue = gradient(next, nextSlope);
                if (nextValue <= value + ARMIJO * length * along) break;
            }
            if (!(nextValue < value - LEAST * value)) break; // as exact as the sums are
            double[] move = added(next, at, -1), change = added(nextSlope, slope, -1);
            if (dot(move, change) > 0) memory.addFirst(new double[][] {move, change});
            if (memory.size() > MEMORY) memory.removeLast();
            at = next;
            slope = nextSlope;
            value = nextValue;
        }
        return at;
    }

    /** Minus the slope times the approximate inverse of the Hessian: Nocedal, Wright, algorithm 7.4. */
    private static double[] direction(double[] slope, Deque<double[][]> memory) {
        double[] q = new double[slope.length];
        for (int i = 0; i < q.length; i++) q[i] = -slope[i];
        double[] share = new double[memory.size()];
        int m = 0;
        for (double[][] s : memory) {
            share[m] = dot(s[0], q) / dot(s[0], s[1]);
            add(q, s[1], -share[m++]);
        }
        if (!memory.isEmpty()) {
            double[][] last = memory.getFirst();
            double h = dot(last[0], last[1]) / dot(last[1], last[1]);
            for (int i = 0; i < q.length; i++) q[i] *= h;
        }
        for (Iterator<double[][]> s = memory.descendingIterator(); s.hasNext(); ) {
            double[][] pair = s.next();
            add(q, pair[0], share[--m] - dot(pair[1], q) / dot(pair[0], pair[1]));
        }
        return q;
    }

    /** What is minimised at {@code w}, the weights by class, then the biases; writes its slope to {@code slope}. */
    private double gradient(double[] w, double[] slope) {
        for (int k = 0; k < classes; k++)
            Arrays.fill(logits, k * rows, (k + 1) * rows, (float) w[classes * features + k]);
        float[] weights = new float[classes * features];
        for (int i = 0; i < weights.length; i++) weights[i] = (float) w[i];
        addProduct(weights, byFeature, features, rows, logits);
        loss = 0;
        right = 0;
        double[] biases = new double[classes];
        for (int n = 0; n < rows; n++) crossEntropy(n, biases);
        loss /= rows;
        float[] sums = new float[classes * features];
        addProduct(logits, byRow, rows, features, sums);
        double square = 0;
        for (int i = 0; i < sums.length; i++) {
            slope[i] = sums[i] + penalty * w[i];
            square += w[i] * w[i];
        }
        System.arraycopy(biases, 0, slope, sums.length, classes);
        return loss + penalty / 2 * square;
    }

    /** Adds a row's loss, and puts the gradient of its logits in their place. */
    private void crossEntropy(int n, double[] biases) {
        int best = 0;
        for (int k = 1; k < classes; k++) if (logits[k * rows + n] > logits[best * rows + n]) best = k;
        double most = logits[best * rows + n], sum = 0;
        for (int k = 0; k < classes; k++) sum += Math.exp(logits[k * rows + n] - most);
        loss += Math.log(sum) + most;
        if (best == labels[n]) right++;
        for (int k = 0; k < classes; k++) {
            double target = smoothing / classes + (k == labels[n] ? 1 - smoothing : 0);
            loss -= target * logits[k * rows + n];
            double p = Math.exp(logits[k * rows + n] - most) / sum - target;
            logits[k * rows + n] = (float) (p / rows);
            biases[k] += p / rows;
        }
    }

    /**
     * Adds a product of matrices to {@code c}, classes x n: that of {@code a}, classes x m, and {@code b}, m x n. Blocks of
     * {@code c} stay in the nearest cache, and four rows of {@code b} are added at a time.
     */
    private void addProduct(float[] a, float[] b, int m, int n, float[] c) {
        for (int from = 0; from < n; from += BLOCK) {
            int width = Math.min(BLOCK, n - from), j = 0;
            for (; j + 3 < m; j += 4)
                for (int k = 0; k < classes; k++) {
                    int at = k * m + j;
                    addRows(a[at], a[at + 1], a[at + 2], a[at + 3], b, j * n + from, n, c, k * n + from, width);
                }
            for (; j < m; j++)
                for (int k = 0; k < classes; k++) addRow(a[k * m + j], b, j * n + from, c, k * n + from, width);
        }
    }

    private static void addRows(
            float p, float q, float r, float s, float[] b, int from, int stride, float[] c, int to, int width) {
        int one = from + stride, two = one + stride, three = two + stride;
        for (int i = 0; i < width; i++)
            c[to + i] += p * b[from + i] + q * b[one + i] + r * b[two + i] + s * b[three + i];
    }

    private static void addRow(float p, float[] b, int from, float[] c, int to, int width) {
        for (int i = 0; i < width; i++) c[to + i] += p * b[from + i];
    }

    private static void add(double[] to, double[] x, double factor) {
        for (int i = 0; i < to.length; i++) to[i] += factor * x[i];
    }

    private static double[] added(double[] a, double[] b, double factor) {
        double[] sum = a.clone();
        add(sum, b, factor);
        return sum;
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) sum += a[i] * b[i];
        return sum;
    }

    private static double largest(double[] x) {
        double largest = 0;
        for (double v : x) largest = Math.max(largest, Math.abs(v));
        return largest;
    }
}
