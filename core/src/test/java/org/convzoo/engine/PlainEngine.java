package org.convzoo.engine;

import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.stream.Collectors;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Node;
import org.convzoo.graph.Op;
import org.convzoo.graph.Param;
import org.convzoo.graph.Shape;
import org.convzoo.graph.Window;
import org.convzoo.weights.Weights;

/**
 * The specification of every op as loops: a second opinion for fast engines, far too slow for work. All arithmetic is
 * in double and only parameters, running statistics and the optimizer's memory are rounded to float between steps. A
 * vector {@code [C]} counts as a feature map {@code [C, 1, 1]}.
 */
public final class PlainEngine implements Engine {
    @Override
    public String name() {
        return "plain";
    }

    @Override
    public String description() {
        return "plain Java loops in float64, 1 thread";
    }

    @Override
    public Predictor predictor(Graph graph, Weights weights) {
        return new PlainPredictor(graph, weights);
    }

    @Override
    public Learner learner(Graph graph, Weights weights, Optimizer optimizer, boolean regularised, long seed) {
        return new PlainLearner(graph, weights, optimizer, regularised, seed);
    }

    @Override
    public Probe probe(Graph graph, Weights weights) {
        return new PlainProbe(graph, weights);
    }

    @Override
    public long nativeBytes() {
        return 0;
    }

    @Override
    public void close() {}

    /** Parameters and running statistics of a graph, by name; {@link Forward} moves the running statistics. */
    private static Map<String, float[]> state(Graph graph, Weights weights) {
        weights.check(graph);
        Map<String, float[]> state = new LinkedHashMap<>();
        for (String name : graph.parameters().keySet())
            state.put(name, weights.get(name).toArray());
        return state;
    }

    private static Weights copy(Graph graph, String prefix, Map<String, float[]> arrays) {
        Map<String, Weights.Tensor> tensors = new LinkedHashMap<>();
        graph.parameters().forEach((name, p) -> {
            float[] a = arrays.get(name);
            if (a != null) tensors.put(prefix + name, new Weights.Tensor(p.shape(), a.clone()));
        });
        return new Weights(tensors);
    }

    private static float[] floats(double[] values) {
        float[] f = new float[values.length];
        for (int i = 0; i < f.length; i++) f[i] = (float) values[i];
        return f;
    }

    private static double[] doubles(FloatBuffer values) {
        double[] d = new double[values.remaining()];
        for (int i = 0; i < d.length; i++) d[i] = values.get(values.position() + i);
        return d;
    }

    private static double[] softmax(double[] x, int from, int count, int stride) {
        double max = Double.NEGATIVE_INFINITY, sum = 0;
        double[] p = new double[count];
        for (int k = 0; k < count; k++) max = Math.max(max, x[from + k * stride]);
        for (int k = 0; k < count; k++) sum += p[k] = Math.exp(x[from + k * stride] - max);
        for (int k = 0; k < count; k++) p[k] /= sum;
        return p;
    }

    private static double logistic(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    private static double clamp(double x, double low, double high) {
        return Math.max(low, Math.min(high, x));
    }

    /** Where one window reaches: the product of a window with an image, as the loops of convolution and pooling. */
    @FunctionalInterface
    private interface Tap {
        void at(int out, int in, int kernel);
    }

    /** Visits, for every place of {@code out}, the elements of the window that lie inside {@code in}, row by row. */
    private static void slide(Window w, Shape in, Shape out, Tap tap) {
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
    private static double[] divisors(Op.AvgPool op, Shape in, Shape out) {
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

    private static int area(Shape s) {
        return s.height() * s.width();
    }

    /** One run of a graph on a batch: what every node gave, and what its backward pass needs to know again. */
    private static final class Forward implements Op.Visitor<double[]> {
        final Map<Node, double[]> values = new LinkedHashMap<>();
        final Map<Node, double[]> masks = new LinkedHashMap<>();
        final Map<Node, double[][]> statistics = new LinkedHashMap<>();
        final Map<String, float[]> state;
        final double[] images;
        final int count;
        final boolean training;
        /** Where dropout draws from; 0 when it is off. */
        final long dice;

        Forward(List<Node> nodes, Map<String, float[]> state, FloatBuffer images, int n, boolean training, long dice) {
            long each = nodes.get(0).shape().elements();
            if (n < 1 || images.remaining() != n * each) {
                throw new IllegalArgumentException(
                        n + " images need " + n + " x " + each + " floats, got " + images.remaining());
            }
            this.state = state;
            this.images = doubles(images);
            this.count = n;
            this.training = training;
            this.dice = dice;
            for (Node node : nodes) values.put(node, node.op().accept(this, node));
        }

        private double[] in(Node n) {
            return values.get(n.input());
        }

        private double[] out(Node n) {
            return new double[Math.toIntExact(count * n.shape().elements())];
        }

        private float[] param(Node n, String name) {
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
            int deep = from.channels() / op.w().groups(),
                    wide = op.out() / op.w().groups();
            int taps = op.w().kh() * op.w().kw();
            for (int b = 0; b < count; b++) {
                for (int c = 0; c < op.out(); c++) {
                    int at = (b * op.out() + c) * area(to);
                    if (op.w().bias()) Arrays.fill(y, at, at + area(to), param(n, "bias")[c]);
                    for (int d = 0; d < deep; d++) {
                        int source = (b * from.channels() + c / wide * deep + d) * area(from);
                        int kernel = (c * deep + d) * taps;
                        slide(op.w(), from, to, (o, i, k) -> y[at + o] += x[source + i] * weight[kernel + k]);
                    }
                }
            }
            return y;
        }

        @Override
        public double[] batchNorm(Node n, Op.BatchNorm op) {
            double[] x = in(n), y = out(n);
            int channels = n.shape().channels(), area = area(n.shape()), values = count * area;
            float[] weight = param(n, "weight"), bias = param(n, "bias");
            float[] runningMean = param(n, "running_mean"), runningVar = param(n, "running_var");
            double[] means = new double[channels], inverses = new double[channels];
            if (training && values == 1)
                throw new IllegalArgumentException(n + ": batch norm needs more than one value a channel in training");
            for (int c = 0; c < channels; c++) {
                double mean = runningMean[c], variance = runningVar[c];
                if (training) {
                    double sum = 0, squares = 0;
                    for (int i = 0; i < values; i++) sum += x[element(i, c, channels, area)];
                    mean = sum / values;
                    for (int i = 0; i < values; i++) squares += Math.pow(x[element(i, c, channels, area)] - mean, 2);
                    variance = squares / values;
                    runningMean[c] = (float) ((1 - op.momentum()) * runningMean[c] + op.momentum() * mean);
                    runningVar[c] =
                            (float) ((1 - op.momentum()) * runningVar[c] + op.momentum() * squares / (values - 1));
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
                double[] p = PlainEngine.softmax(x, at, op.ways(), stride);
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
    }

    /** Gradients of a scalar with respect to every node and parameter that the starting gradients reach. */
    private static final class Backward implements Op.Visitor<Boolean> {
        final Map<Node, double[]> gradients = new LinkedHashMap<>();
        final Map<String, double[]> parameters = new LinkedHashMap<>();
        private final Forward run;

        Backward(Graph graph, Forward run, Map<Node, double[]> start) {
            this.run = run;
            start.forEach((node, gradient) -> add(of(node), gradient));
            for (int i = graph.nodes().size() - 1; i >= 0; i--) {
                Node node = graph.nodes().get(i);
                if (gradients.containsKey(node)) node.op().accept(this, node);
            }
        }

        private static boolean add(double[] to, double[] g) {
            for (int i = 0; i < to.length; i++) to[i] += g[i];
            return true;
        }

        private double[] of(Node n) {
            return gradients.computeIfAbsent(n, k -> new double[run.values.get(n).length]);
        }

        private double[] of(Node n, String param) {
            return parameters.computeIfAbsent(n.path() + "." + param, k -> new double[run.state.get(k).length]);
        }

        @Override
        public Boolean input(Node n, Op.Input op) {
            return true;
        }

        @Override
        public Boolean conv(Node n, Op.Conv op) {
            double[] x = run.in(n), dx = of(n.input()), dy = of(n), dw = of(n, "weight");
            float[] weight = run.param(n, "weight");
            Shape from = n.input().shape(), to = n.shape();
            int deep = from.channels() / op.w().groups(),
                    wide = op.out() / op.w().groups();
            int taps = op.w().kh() * op.w().kw();
            for (int b = 0; b < run.count; b++) {
                for (int c = 0; c < op.out(); c++) {
                    int at = (b * op.out() + c) * area(to);
                    if (op.w().bias()) for (int o = 0; o < area(to); o++) of(n, "bias")[c] += dy[at + o];
                    for (int d = 0; d < deep; d++) {
                        int source = (b * from.channels() + c / wide * deep + d) * area(from);
                        int kernel = (c * deep + d) * taps;
                        slide(op.w(), from, to, (o, i, k) -> {
                            dx[source + i] += dy[at + o] * weight[kernel + k];
                            dw[kernel + k] += dy[at + o] * x[source + i];
                        });
                    }
                }
            }
            return true;
        }

        @Override
        public Boolean batchNorm(Node n, Op.BatchNorm op) {
            double[] x = run.in(n), dx = of(n.input()), dy = of(n), dw = of(n, "weight"), db = of(n, "bias");
            float[] weight = run.param(n, "weight");
            int channels = n.shape().channels(), area = area(n.shape()), values = run.count * area;
            double[][] statistics = run.statistics.get(n);
            for (int c = 0; c < channels; c++) {
                double mean = statistics[0][c], inverse = statistics[1][c];
                for (int i = 0; i < values; i++) {
                    int at = Forward.element(i, c, channels, area);
                    db[c] += dy[at];
                    dw[c] += dy[at] * (x[at] - mean) * inverse;
                }
                for (int i = 0; i < values; i++) {
                    int at = Forward.element(i, c, channels, area);
                    double common = run.training ? (db[c] + (x[at] - mean) * inverse * dw[c]) / values : 0;
                    dx[at] += weight[c] * inverse * (dy[at] - common);
                }
            }
            return true;
        }

        @Override
        public Boolean linear(Node n, Op.Linear op) {
            double[] x = run.in(n), dx = of(n.input()), dy = of(n), dw = of(n, "weight");
            float[] weight = run.param(n, "weight");
            int deep = n.input().shape().channels();
            for (int b = 0; b < run.count; b++) {
                for (int k = 0; k < op.out(); k++) {
                    double g = dy[b * op.out() + k];
                    if (op.biased()) of(n, "bias")[k] += g;
                    for (int i = 0; i < deep; i++) {
                        dx[b * deep + i] += g * weight[k * deep + i];
                        dw[k * deep + i] += g * x[b * deep + i];
                    }
                }
            }
            return true;
        }

        @Override
        public Boolean activation(Node n, Op.Activation op) {
            double[] x = run.in(n), dx = of(n.input()), dy = of(n);
            for (int i = 0; i < dx.length; i++) {
                double s = logistic(x[i]), t = Math.tanh(x[i]);
                boolean between = x[i] > -3 && x[i] < 3;
                dx[i] += dy[i]
                        * switch (op) {
                            case RELU -> x[i] > 0 ? 1 : 0;
                            case RELU6 -> x[i] > 0 && x[i] < 6 ? 1 : 0;
                            case SIGMOID -> s * (1 - s);
                            case TANH -> 1 - t * t;
                            case SILU -> s * (1 + x[i] * (1 - s));
                            case HARDSWISH -> between ? x[i] / 3 + 0.5 : x[i] >= 3 ? 1 : 0;
                            case HARDSIGMOID -> between ? 1 / 6.0 : 0;
                        };
            }
            return true;
        }

        /** The gradient goes to the first of equal maxima, row by row. */
        @Override
        public Boolean maxPool(Node n, Op.MaxPool op) {
            double[] x = run.in(n), y = run.values.get(n), dx = of(n.input()), dy = of(n);
            Shape from = n.input().shape(), to = n.shape();
            boolean[] given = new boolean[y.length];
            for (int p = 0; p < run.count * to.channels(); p++) {
                int source = p * area(from), at = p * area(to);
                slide(op.w(), from, to, (o, i, k) -> {
                    if (given[at + o] || x[source + i] != y[at + o]) return;
                    given[at + o] = true;
                    dx[source + i] += dy[at + o];
                });
            }
            return true;
        }

        @Override
        public Boolean avgPool(Node n, Op.AvgPool op) {
            double[] dx = of(n.input()), dy = of(n);
            Shape from = n.input().shape(), to = n.shape();
            double[] divisors = divisors(op, from, to);
            for (int p = 0; p < run.count * to.channels(); p++) {
                int source = p * area(from), at = p * area(to);
                slide(op.w(), from, to, (o, i, k) -> dx[source + i] += dy[at + o] / divisors[o]);
            }
            return true;
        }

        @Override
        public Boolean adaptiveAvgPool(Node n, Op.AdaptiveAvgPool op) {
            double[] dx = of(n.input()), dy = of(n);
            Shape from = n.input().shape(), to = n.shape();
            for (int p = 0; p < run.count * to.channels(); p++) {
                int source = p * area(from), at = p * area(to);
                Forward.cells(from, to, (o, i, size) -> dx[source + i] += dy[at + o] / size);
            }
            return true;
        }

        @Override
        public Boolean localResponseNorm(Node n, Op.LocalResponseNorm op) {
            double[] x = run.in(n), base = run.masks.get(n), dx = of(n.input()), dy = of(n);
            int channels = n.shape().channels(), area = area(n.shape());
            double slope = 2 * op.beta() * op.alpha() / op.size();
            for (int i = 0; i < dx.length; i++) {
                int c = i / area % channels;
                dx[i] += dy[i] * Math.pow(base[i], -op.beta());
                for (int j = c - op.size() / 2; j <= c + (op.size() - 1) / 2; j++) {
                    int at = i + (j - c) * area;
                    if (j >= 0 && j < channels)
                        dx[at] -= dy[i] * x[i] * slope * x[at] * Math.pow(base[i], -op.beta() - 1);
                }
            }
            return true;
        }

        @Override
        public Boolean flatten(Node n, Op.Flatten op) {
            return add(of(n.input()), of(n));
        }

        @Override
        public Boolean softmax(Node n, Op.Softmax op) {
            double[] y = run.values.get(n), dx = of(n.input()), dy = of(n);
            int stride = Math.toIntExact(n.shape().elements()) / op.ways();
            for (int i = 0; i < y.length / op.ways(); i++) {
                int at = Forward.element(i, 0, op.ways(), stride), end = at + op.ways() * stride;
                double dot = 0;
                for (int k = at; k < end; k += stride) dot += dy[k] * y[k];
                for (int k = at; k < end; k += stride) dx[k] += y[k] * (dy[k] - dot);
            }
            return true;
        }

        @Override
        public Boolean dropout(Node n, Op.Dropout op) {
            return undrop(n);
        }

        @Override
        public Boolean dropPath(Node n, Op.DropPath op) {
            return undrop(n);
        }

        private boolean undrop(Node n) {
            double[] mask = run.masks.get(n), dx = of(n.input()), dy = of(n);
            for (int i = 0; i < dx.length; i++) dx[i] += mask == null ? dy[i] : dy[i] * mask[i];
            return true;
        }

        @Override
        public Boolean slice(Node n, Op.Slice op) {
            double[] dx = of(n.input()), dy = of(n);
            int each = Math.toIntExact(n.shape().elements());
            int from = Math.toIntExact(n.input().shape().elements());
            for (int i = 0; i < dy.length; i++) dx[i / each * from + op.from() * area(n.shape()) + i % each] += dy[i];
            return true;
        }

        @Override
        public Boolean shuffle(Node n, Op.Shuffle op) {
            double[] dx = of(n.input()), dy = of(n);
            int area = area(n.shape());
            for (int i = 0; i < dx.length; i++)
                dx[i] += dy[Forward.shuffled(i / area, n.shape().channels(), op.groups()) * area + i % area];
            return true;
        }

        @Override
        public Boolean padChannels(Node n, Op.PadChannels op) {
            double[] dx = of(n.input()), dy = of(n);
            int from = dx.length / run.count, to = dy.length / run.count;
            for (int i = 0; i < dx.length; i++) dx[i] += dy[i / from * to + i % from];
            return true;
        }

        @Override
        public Boolean multiply(Node n, Op.Multiply op) {
            return add(
                    of(n.input()),
                    Arrays.stream(of(n)).map(g -> g * op.factor()).toArray());
        }

        @Override
        public Boolean add(Node n, Op.Add op) {
            return add(of(n.input()), of(n)) && add(of(n.inputs().get(1)), of(n));
        }

        @Override
        public Boolean scale(Node n, Op.Scale op) {
            Node second = n.inputs().get(1);
            double[] x = run.in(n), gate = run.values.get(second);
            double[] dx = of(n.input()), dgate = of(second), dy = of(n);
            for (int i = 0; i < dy.length; i++) {
                dx[i] += dy[i] * gate[i / area(n.shape())];
                dgate[i / area(n.shape())] += dy[i] * x[i];
            }
            return true;
        }

        @Override
        public Boolean concat(Node n, Op.Concat op) {
            int each = Math.toIntExact(n.shape().elements()), at = 0;
            for (Node input : n.inputs()) {
                double[] dx = of(input), dy = of(n);
                int part = Math.toIntExact(input.shape().elements());
                for (int i = 0; i < dx.length; i++) dx[i] += dy[i / part * each + at + i % part];
                at += part;
            }
            return true;
        }
    }

    private static final class PlainPredictor implements Predictor {
        private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
        private final Graph graph;
        private Map<String, float[]> state;
        private boolean closed;

        PlainPredictor(Graph graph, Weights weights) {
            this.graph = graph;
            this.state = state(graph, weights);
        }

        @Override
        public float[] logits(FloatBuffer images, int count) {
            lock.readLock().lock();
            try {
                if (closed) throw new IllegalStateException("the predictor of " + graph.name() + " is closed");
                return floats(
                        new Forward(graph.inferenceNodes(), state, images, count, false, 0).values.get(graph.output()));
            } finally {
                lock.readLock().unlock();
            }
        }

        @Override
        public void load(Weights weights) {
            Map<String, float[]> loaded = state(graph, weights);
            lock.writeLock().lock();
            state = loaded;
            lock.writeLock().unlock();
        }

        @Override
        public void close() {
            lock.writeLock().lock();
            closed = true;
            lock.writeLock().unlock();
        }
    }

    private static final class PlainProbe implements Probe {
        private final Graph graph;
        private final Map<String, float[]> state;
        private Forward run;
        private Backward back;

        PlainProbe(Graph graph, Weights weights) {
            this.graph = graph;
            this.state = state(graph, weights);
        }

        @Override
        public void forward(FloatBuffer images, int count, boolean training) {
            run = new Forward(graph.nodes(), state, images, count, training, 0);
        }

        @Override
        public float[] activation(Node node) {
            return floats(run.values.get(node));
        }

        @Override
        public void backward(Map<Node, float[]> gradients) {
            Map<Node, double[]> start = new LinkedHashMap<>();
            gradients.forEach((node, g) -> start.put(node, doubles(FloatBuffer.wrap(g))));
            back = new Backward(graph, run, start);
        }

        @Override
        public float[] gradient(Node node) {
            double[] g = back.gradients.get(node);
            if (g == null) throw new IllegalArgumentException("the backward run did not reach " + node);
            return floats(g);
        }

        @Override
        public Weights parameterGradients() {
            return copy(
                    graph,
                    "",
                    back.parameters.entrySet().stream()
                            .collect(Collectors.toMap(Map.Entry::getKey, e -> floats(e.getValue()))));
        }

        @Override
        public Weights weights() {
            return copy(graph, "", state);
        }

        @Override
        public void close() {}
    }

    private static final class PlainLearner implements Learner {
        private final Graph graph;
        private final Map<String, float[]> state;
        private final Map<String, FloatBuffer> gradients = new LinkedHashMap<>();
        private final Map<String, float[]> first = new LinkedHashMap<>();
        private final Map<String, float[]> second = new LinkedHashMap<>();
        private final FloatBuffer flat;
        private final Optimizer optimizer;
        private final boolean regularised;
        private final long seed;
        private long steps;
        private int batches;

        PlainLearner(Graph graph, Weights weights, Optimizer optimizer, boolean regularised, long seed) {
            this.graph = graph;
            this.state = state(graph, weights);
            this.optimizer = optimizer;
            this.regularised = regularised;
            this.seed = seed;
            flat = Batch.buffer(graph.parameterCount());
            int at = 0;
            for (Map.Entry<String, Param> e : graph.parameters().entrySet()) {
                if (!e.getValue().trainable()) continue;
                int n = state.get(e.getKey()).length;
                gradients.put(e.getKey(), flat.slice(at, n));
                first.put(e.getKey(), new float[n]);
                second.put(e.getKey(), new float[n]);
                at += n;
            }
        }

        @Override
        public Step gradients(Batch batch) {
            batch.check(graph.input().shape(), graph.classes());
            long dice = regularised ? new SplittableRandom(seed + (steps << 20) + batches++).nextLong() | 1 : 0;
            Forward run = new Forward(graph.nodes(), state, batch.images(), batch.size(), true, dice);
            Map<Node, double[]> start = new LinkedHashMap<>();
            double loss = loss(run, graph.output(), 1, batch, start);
            Map<String, float[]> heads = new LinkedHashMap<>();
            for (Graph.Auxiliary a : graph.auxiliaries()) {
                loss += loss(run, a.output(), a.weight(), batch, start);
                heads.put(a.name(), floats(run.values.get(a.output())));
            }
            new Backward(graph, run, start).parameters.forEach((name, g) -> {
                FloatBuffer to = gradients.get(name);
                for (int i = 0; i < g.length; i++) to.put(i, (float) (to.get(i) + g[i]));
            });
            return new Step(loss, floats(run.values.get(graph.output())), heads);
        }

        /** The weighted mean cross-entropy; its gradient is {@code weight / N ((sum of t) p - t)}. */
        private static double loss(Forward run, Node head, double weight, Batch batch, Map<Node, double[]> start) {
            double[] x = run.values.get(head), g = new double[x.length], t = doubles(batch.targets());
            int classes = head.shape().channels();
            double loss = 0;
            for (int n = 0; n < batch.size(); n++) {
                double[] p = softmax(x, n * classes, classes, 1);
                double sum = 0;
                for (int k = 0; k < classes; k++) {
                    sum += t[n * classes + k];
                    loss -= t[n * classes + k] * Math.log(p[k]) * weight / batch.size();
                }
                for (int k = 0; k < classes; k++)
                    g[n * classes + k] = (sum * p[k] - t[n * classes + k]) * weight / batch.size();
            }
            start.put(head, g);
            return loss;
        }

        @Override
        public FloatBuffer flatGradients() {
            return flat;
        }

        @Override
        public Weights gradientsByName() {
            return copy(
                    graph,
                    "",
                    gradients.entrySet().stream()
                            .collect(Collectors.toMap(Map.Entry::getKey, e -> floats(doubles(e.getValue())))));
        }

        @Override
        public void update(double learningRate) {
            steps++;
            batches = 0;
            gradients.forEach((name, g) -> {
                Optimizer.Decay decay = optimizer.decay();
                boolean decays = decay.everywhere()
                        || graph.parameters().get(name).shape().rank() > 1;
                float[] p = state.get(name), m = first.get(name), s = second.get(name);
                for (int i = 0; i < p.length; i++)
                    p[i] = (float) move(p[i], g.get(i), decays ? decay.rate() : 0, learningRate, m, s, i);
            });
            for (int i = 0; i < flat.limit(); i++) flat.put(i, 0);
        }

        private double move(double p, double g, double decay, double lr, float[] m, float[] s, int i) {
            if (optimizer instanceof Optimizer.Sgd o) {
                g += decay * p;
                m[i] = (float) (o.momentum() * m[i] + g);
                return p - lr * (o.nesterov() ? g + o.momentum() * m[i] : m[i]);
            }
            var o = (Optimizer.AdamW) optimizer;
            m[i] = (float) (o.beta1() * m[i] + (1 - o.beta1()) * g);
            s[i] = (float) (o.beta2() * s[i] + (1 - o.beta2()) * g * g);
            double mean = m[i] / (1 - Math.pow(o.beta1(), steps)), square = s[i] / (1 - Math.pow(o.beta2(), steps));
            return p - lr * decay * p - lr * mean / (Math.sqrt(square) + o.eps());
        }

        @Override
        public Weights weights() {
            return copy(graph, "", state);
        }

        private boolean adam() {
            return optimizer instanceof Optimizer.AdamW;
        }

        @Override
        public Weights slots() {
            Map<String, Weights.Tensor> slots = new LinkedHashMap<>(
                    copy(graph, adam() ? "mean/" : "momentum/", first).tensors());
            if (adam()) slots.putAll(copy(graph, "square/", second).tensors());
            return new Weights(slots);
        }

        @Override
        public void restore(Weights weights, Weights slots, long steps) {
            state(graph, weights).forEach((name, v) -> System.arraycopy(v, 0, state.get(name), 0, v.length));
            first.forEach((name, m) ->
                    slots.get((adam() ? "mean/" : "momentum/") + name).values().get(m));
            if (adam())
                second.forEach((name, s) -> slots.get("square/" + name).values().get(s));
            for (int i = 0; i < flat.limit(); i++) flat.put(i, 0);
            this.steps = steps;
            this.batches = 0;
        }

        @Override
        public long steps() {
            return steps;
        }

        @Override
        public void close() {}
    }
}
