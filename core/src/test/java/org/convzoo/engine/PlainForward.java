package org.convzoo.engine;

import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.convzoo.graph.Node;
import org.convzoo.graph.Op;
import org.convzoo.graph.Shape;
import org.convzoo.graph.Window;

/**
 * One run of a graph on a batch: what every node gave, and what its backward pass needs to know again. Sums are in
 * double.
 */
final class PlainForward implements Op.Visitor<double[]> {
    final Map<Node, double[]> values = new LinkedHashMap<>();
    final Map<Node, double[]> masks = new LinkedHashMap<>();
    final Map<Node, double[][]> statistics = new LinkedHashMap<>();
    final Map<String, float[]> state;
    final double[] images;
    final int count;
    final boolean training;
    /** Where dropout draws from; 0 when it is off. */
    final long dice;
    /** Running statistics by which batch norms normalise in training, too. */
    final Set<String> frozen;

    PlainForward(List<Node> nodes, Map<String, float[]> state, FloatBuffer images, int n, boolean training, long dice) {
        this(nodes, state, images, n, training, dice, Set.of());
    }

    PlainForward(
            List<Node> nodes,
            Map<String, float[]> state,
            FloatBuffer images,
            int n,
            boolean training,
            long dice,
            Set<String> frozen) {
        Batch.check(images, n, nodes.get(0).shape());
        this.state = state;
        this.images = doubles(images);
        this.count = n;
        this.training = training;
        this.dice = dice;
        this.frozen = frozen;
        for (Node node : nodes) values.put(node, node.op().accept(this, node));
    }

    double[] in(Node n) {
        return values.get(n.input());
    }

    private double[] out(Node n) {
        return new double[Math.toIntExact(count * n.shape().elements())];
    }

    float[] param(Node n, String name) {
        return state.get(n.path() + "." + name);
    }

    @Override
    public double[] input(Node n, Op.Input op) {
        return images;
    }

    @Override
    public double[] conv(Node n, Op.Conv op) {
        double[] x = in(n), y = out(n);
        float[] weight = param(n, "weight");
        Shape from = n.input().shape(), to = n.shape();
        int deep = from.channels() / op.groups(), wide = op.out() / op.groups();
        int taps = op.w().kh() * op.w().kw();
        for (int b = 0; b < count; b++) {
            for (int c = 0; c < op.out(); c++) {
                int at = (b * op.out() + c) * area(to);
                if (op.biased()) Arrays.fill(y, at, at + area(to), param(n, "bias")[c]);
                for (int d = 0; d < deep; d++) {
                    int source = (b * from.channels() + c / wide * deep + d) * area(from);
                    int kernel = (c * deep + d) * taps;
                    slide(op.w(), from, to, (o, i, k) -> y[at + o] += x[source + i] * weight[kernel + k]);
                }
            }
        }
        return y;
    }

    boolean measuresBatch(Node n) {
        return training && !frozen.contains(n.path() + ".running_mean");
    }

    @Override
    public double[] batchNorm(Node n, Op.BatchNorm op) {
        double[] x = in(n), y = out(n);
        int channels = n.shape().channels(), area = area(n.shape()), values = count * area;
        float[] weight = param(n, "weight"), bias = param(n, "bias");
        float[] runningMean = param(n, "running_mean"), runningVar = param(n, "running_var");
        double[] means = new double[channels], inverses = new double[channels];
        for (int c = 0; c < channels; c++) {
            double mean = runningMean[c], variance = runningVar[c];
            if (measuresBatch(n)) {
                double sum = 0, squares = 0;
                for (int i = 0; i < values; i++) sum += x[element(i, c, channels, area)];
                mean = sum / values;
                for (int i = 0; i < values; i++) squares += Math.pow(x[element(i, c, channels, area)] - mean, 2);
                variance = squares / values;
                runningMean[c] = (float) ((1 - op.momentum()) * runningMean[c] + op.momentum() * mean);
                double unbiased = squares / Math.max(1, values - 1);
                runningVar[c] = (float) ((1 - op.momentum()) * runningVar[c] + op.momentum() * unbiased);
            }
            means[c] = mean;
            inverses[c] = 1 / Math.sqrt(variance + op.eps());
            for (int i = 0; i < values; i++) {
                int at = element(i, c, channels, area);
                y[at] = (x[at] - mean) * inverses[c] * weight[c] + bias[c];
            }
        }
        statistics.put(n, new double[][] {means, inverses});
        return y;
    }

    /** The place of the i-th value of channel c, counting through images, rows and columns. */
    static int element(int i, int c, int channels, int area) {
        return (i / area * channels + c) * area + i % area;
    }

    @Override
    public double[] linear(Node n, Op.Linear op) {
        double[] x = in(n), y = out(n);
        float[] weight = param(n, "weight");
        int deep = n.input().shape().channels();
        for (int b = 0; b < count; b++) {
            for (int k = 0; k < op.out(); k++) {
                double sum = op.biased() ? param(n, "bias")[k] : 0;
                for (int i = 0; i < deep; i++) sum += x[b * deep + i] * weight[k * deep + i];
                y[b * op.out() + k] = sum;
            }
        }
        return y;
    }

    @Override
    public double[] activation(Node n, Op.Activation op) {
        double[] x = in(n), y = out(n);
        for (int i = 0; i < y.length; i++) {
            y[i] = switch (op) {
                case RELU -> Math.max(0, x[i]);
                case RELU6 -> clamp(x[i], 0, 6);
                case SIGMOID -> logistic(x[i]);
                case TANH -> Math.tanh(x[i]);
                case SILU -> x[i] * logistic(x[i]);
                case HARDSWISH -> x[i] * clamp(x[i] + 3, 0, 6) / 6;
                case HARDSIGMOID -> clamp(x[i] + 3, 0, 6) / 6;
            };
        }
        return y;
    }

    @Override
    public double[] maxPool(Node n, Op.MaxPool op) {
        double[] x = in(n), y = out(n);
        Shape from = n.input().shape(), to = n.shape();
        Arrays.fill(y, Double.NEGATIVE_INFINITY);
        for (int p = 0; p < count * to.channels(); p++) {
            int source = p * area(from), at = p * area(to);
            slide(op.w(), from, to, (o, i, k) -> y[at + o] = Math.max(y[at + o], x[source + i]));
        }
        return y;
    }

    @Override
    public double[] avgPool(Node n, Op.AvgPool op) {
        double[] x = in(n), y = out(n);
        Shape from = n.input().shape(), to = n.shape();
        double[] divisors = divisors(op, from, to);
        for (int p = 0; p < count * to.channels(); p++) {
            int source = p * area(from), at = p * area(to);
            slide(op.w(), from, to, (o, i, k) -> y[at + o] += x[source + i] / divisors[o]);
        }
        return y;
    }

    @Override
    public double[] adaptiveAvgPool(Node n, Op.AdaptiveAvgPool op) {
        double[] x = in(n), y = out(n);
        Shape from = n.input().shape(), to = n.shape();
        for (int p = 0; p < count * to.channels(); p++) {
            int source = p * area(from), at = p * area(to);
            cells(from, to, (o, i, size) -> y[at + o] += x[source + i] / size);
        }
        return y;
    }

    /** Visits, for every cell of {@code out}, the elements of {@code in} that it covers, with their number. */
    static void cells(Shape in, Shape out, Tap tap) {
        for (int o = 0; o < area(out); o++) {
            int row = o / out.width(), column = o % out.width();
            int top = row * in.height() / out.height(), left = column * in.width() / out.width();
            int bottom = ((row + 1) * in.height() + out.height() - 1) / out.height();
            int right = ((column + 1) * in.width() + out.width() - 1) / out.width();
            for (int h = top; h < bottom; h++)
                for (int w = left; w < right; w++) tap.at(o, h * in.width() + w, (bottom - top) * (right - left));
        }
    }

    @Override
    public double[] localResponseNorm(Node n, Op.LocalResponseNorm op) {
        double[] x = in(n), y = out(n), base = out(n);
        int channels = n.shape().channels(), area = area(n.shape());
        for (int i = 0; i < y.length; i++) {
            int c = i / area % channels;
            double squares = 0;
            for (int j = c - op.size() / 2; j <= c + (op.size() - 1) / 2; j++)
                if (j >= 0 && j < channels) squares += x[i + (j - c) * area] * x[i + (j - c) * area];
            base[i] = op.k() + op.alpha() / op.size() * squares;
            y[i] = x[i] * Math.pow(base[i], -op.beta());
        }
        masks.put(n, base);
        return y;
    }

    @Override
    public double[] flatten(Node n, Op.Flatten op) {
        return in(n).clone();
    }

    @Override
    public double[] softmax(Node n, Op.Softmax op) {
        double[] x = in(n), y = out(n);
        int stride = Math.toIntExact(n.shape().elements()) / op.ways();
        for (int i = 0; i < y.length / op.ways(); i++) {
            int at = element(i, 0, op.ways(), stride);
            double[] p = softmax(x, at, op.ways(), stride);
            for (int k = 0; k < p.length; k++) y[at + k * stride] = p[k];
        }
        return y;
    }

    @Override
    public double[] dropout(Node n, Op.Dropout op) {
        return drop(n, op.p(), 1);
    }

    @Override
    public double[] dropPath(Node n, Op.DropPath op) {
        return drop(n, op.p(), Math.toIntExact(n.shape().elements()));
    }

    /** Each run of {@code size} elements is kept or dropped together. */
    private double[] drop(Node n, double p, int size) {
        double[] y = in(n).clone();
        if (dice == 0) return y;
        var random = new SplittableRandom(dice * 31 + n.id());
        double[] mask = out(n);
        for (int i = 0; i < y.length; i += size)
            Arrays.fill(mask, i, i + size, random.nextDouble() < p ? 0 : 1 / (1 - p));
        for (int i = 0; i < y.length; i++) y[i] *= mask[i];
        masks.put(n, mask);
        return y;
    }

    @Override
    public double[] slice(Node n, Op.Slice op) {
        double[] y = out(n);
        int each = Math.toIntExact(n.shape().elements());
        int from = Math.toIntExact(n.input().shape().elements());
        for (int b = 0; b < count; b++)
            System.arraycopy(in(n), b * from + op.from() * area(n.shape()), y, b * each, each);
        return y;
    }

    @Override
    public double[] shuffle(Node n, Op.Shuffle op) {
        double[] x = in(n), y = out(n);
        int area = area(n.shape());
        for (int p = 0; p < y.length / area; p++)
            System.arraycopy(x, p * area, y, shuffled(p, n.shape().channels(), op.groups()) * area, area);
        return y;
    }

    /** Where plane {@code p} of a batch goes: channel j of group i to place j * groups + i of its image. */
    static int shuffled(int p, int channels, int groups) {
        int c = p % channels, size = channels / groups;
        return p - c + c % size * groups + c / size;
    }

    @Override
    public double[] padChannels(Node n, Op.PadChannels op) {
        double[] x = in(n), y = out(n);
        int from = x.length / count, to = y.length / count;
        for (int b = 0; b < count; b++) System.arraycopy(x, b * from, y, b * to, from);
        return y;
    }

    @Override
    public double[] multiply(Node n, Op.Multiply op) {
        return Arrays.stream(in(n)).map(x -> x * op.factor()).toArray();
    }

    @Override
    public double[] add(Node n, Op.Add op) {
        double[] y = in(n).clone(), other = values.get(n.inputs().get(1));
        for (int i = 0; i < y.length; i++) y[i] += other[i];
        return y;
    }

    @Override
    public double[] scale(Node n, Op.Scale op) {
        double[] y = in(n).clone(), gate = values.get(n.inputs().get(1));
        for (int i = 0; i < y.length; i++) y[i] *= gate[i / area(n.shape())];
        return y;
    }

    @Override
    public double[] concat(Node n, Op.Concat op) {
        double[] y = out(n);
        int each = Math.toIntExact(n.shape().elements()), at = 0;
        for (Node input : n.inputs()) {
            int part = Math.toIntExact(input.shape().elements());
            for (int b = 0; b < count; b++) System.arraycopy(values.get(input), b * part, y, b * each + at, part);
            at += part;
        }
        return y;
    }

    // -- arithmetic that the backward pass shares -------------------------------------------------

    static double[] softmax(double[] x, int from, int count, int stride) {
        double max = Double.NEGATIVE_INFINITY, sum = 0;
        double[] p = new double[count];
        for (int k = 0; k < count; k++) max = Math.max(max, x[from + k * stride]);
        for (int k = 0; k < count; k++) sum += p[k] = Math.exp(x[from + k * stride] - max);
        for (int k = 0; k < count; k++) p[k] /= sum;
        return p;
    }

    static double logistic(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    static double clamp(double x, double low, double high) {
        return Math.max(low, Math.min(high, x));
    }

    /** Where one window reaches: the product of a window with an image, as the loops of convolution and pooling. */
    @FunctionalInterface
    interface Tap {
        void at(int out, int in, int kernel);
    }

    /** Visits, for every place of {@code out}, the elements of the window that lie inside {@code in}, row by row. */
    static void slide(Window w, Shape in, Shape out, Tap tap) {
        int top = w.pads(in).top(), left = w.pads(in).left();
        for (int oh = 0, o = 0; oh < out.height(); oh++) {
            for (int ow = 0; ow < out.width(); ow++, o++) {
                for (int kh = 0; kh < w.kh(); kh++) {
                    int h = oh * w.sh() - top + kh * w.dh();
                    if (h < 0 || h >= in.height()) continue;
                    for (int kw = 0; kw < w.kw(); kw++) {
                        int x = ow * w.sw() - left + kw * w.dw();
                        if (x >= 0 && x < in.width()) tap.at(o, h * in.width() + x, kh * w.kw() + kw);
                    }
                }
            }
        }
    }

    /** For each place of an average pooling, by how much the sum is divided. */
    static double[] divisors(Op.AvgPool op, Shape in, Shape out) {
        Window w = op.w();
        double[] d = new double[out.height() * out.width()];
        if (!op.countPadding()) {
            slide(w, in, out, (o, i, k) -> d[o]++);
            return d;
        }
        Window.Pads pads = w.pads(in);
        int below = w.same() ? pads.bottom() : w.ph(), right = w.same() ? pads.right() : w.pw();
        for (int o = 0; o < d.length; o++) {
            int h = o / out.width() * w.sh() - pads.top(), x = o % out.width() * w.sw() - pads.left();
            d[o] = (double) (Math.min(h + w.kh(), in.height() + below) - h)
                    * (Math.min(x + w.kw(), in.width() + right) - x);
        }
        return d;
    }

    static int area(Shape s) {
        return s.height() * s.width();
    }

    static double[] doubles(FloatBuffer values) {
        double[] d = new double[values.remaining()];
        for (int i = 0; i < d.length; i++) d[i] = values.get(values.position() + i);
        return d;
    }
}
