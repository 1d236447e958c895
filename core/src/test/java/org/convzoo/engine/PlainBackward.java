package org.convzoo.engine;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Node;
import org.convzoo.graph.Op;
import org.convzoo.graph.Shape;

/** Gradients of a scalar with respect to every node and parameter that the starting gradients reach. */
final class PlainBackward implements Op.Visitor<Boolean> {
    final Map<Node, double[]> gradients = new LinkedHashMap<>();
    final Map<String, double[]> parameters = new LinkedHashMap<>();
    private final PlainForward run;

    PlainBackward(Graph graph, PlainForward run, Map<Node, double[]> start) {
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
        int deep = from.channels() / op.groups(), wide = op.out() / op.groups();
        int taps = op.w().kh() * op.w().kw();
        for (int b = 0; b < run.count; b++) {
            for (int c = 0; c < op.out(); c++) {
                int at = (b * op.out() + c) * PlainForward.area(to);
                if (op.biased()) for (int o = 0; o < PlainForward.area(to); o++) of(n, "bias")[c] += dy[at + o];
                for (int d = 0; d < deep; d++) {
                    int source = (b * from.channels() + c / wide * deep + d) * PlainForward.area(from);
                    int kernel = (c * deep + d) * taps;
                    PlainForward.slide(op.w(), from, to, (o, i, k) -> {
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
        int channels = n.shape().channels(), area = PlainForward.area(n.shape()), values = run.count * area;
        double[][] statistics = run.statistics.get(n);
        for (int c = 0; c < channels; c++) {
            double mean = statistics[0][c], inverse = statistics[1][c];
            for (int i = 0; i < values; i++) {
                int at = PlainForward.element(i, c, channels, area);
                db[c] += dy[at];
                dw[c] += dy[at] * (x[at] - mean) * inverse;
            }
            for (int i = 0; i < values; i++) {
                int at = PlainForward.element(i, c, channels, area);
                double common = run.measuresBatch(n) ? (db[c] + (x[at] - mean) * inverse * dw[c]) / values : 0;
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
            double s = PlainForward.logistic(x[i]), t = Math.tanh(x[i]);
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
            int source = p * PlainForward.area(from), at = p * PlainForward.area(to);
            PlainForward.slide(op.w(), from, to, (o, i, k) -> {
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
        double[] divisors = PlainForward.divisors(op, from, to);
        for (int p = 0; p < run.count * to.channels(); p++) {
            int source = p * PlainForward.area(from), at = p * PlainForward.area(to);
            PlainForward.slide(op.w(), from, to, (o, i, k) -> dx[source + i] += dy[at + o] / divisors[o]);
        }
        return true;
    }

    @Override
    public Boolean adaptiveAvgPool(Node n, Op.AdaptiveAvgPool op) {
        double[] dx = of(n.input()), dy = of(n);
        Shape from = n.input().shape(), to = n.shape();
        for (int p = 0; p < run.count * to.channels(); p++) {
            int source = p * PlainForward.area(from), at = p * PlainForward.area(to);
            PlainForward.cells(from, to, (o, i, size) -> dx[source + i] += dy[at + o] / size);
        }
        return true;
    }

    @Override
    public Boolean localResponseNorm(Node n, Op.LocalResponseNorm op) {
        double[] x = run.in(n), base = run.masks.get(n), dx = of(n.input()), dy = of(n);
        int channels = n.shape().channels(), area = PlainForward.area(n.shape());
        double slope = 2 * op.beta() * op.alpha() / op.size();
        for (int i = 0; i < dx.length; i++) {
            int c = i / area % channels;
            dx[i] += dy[i] * Math.pow(base[i], -op.beta());
            for (int j = c - op.size() / 2; j <= c + (op.size() - 1) / 2; j++) {
                int at = i + (j - c) * area;
                if (j >= 0 && j < channels) dx[at] -= dy[i] * x[i] * slope * x[at] * Math.pow(base[i], -op.beta() - 1);
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
            int at = PlainForward.element(i, 0, op.ways(), stride), end = at + op.ways() * stride;
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
        for (int i = 0; i < dy.length; i++)
            dx[i / each * from + op.from() * PlainForward.area(n.shape()) + i % each] += dy[i];
        return true;
    }

    @Override
    public Boolean shuffle(Node n, Op.Shuffle op) {
        double[] dx = of(n.input()), dy = of(n);
        int area = PlainForward.area(n.shape());
        for (int i = 0; i < dx.length; i++)
            dx[i] += dy[PlainForward.shuffled(i / area, n.shape().channels(), op.groups()) * area + i % area];
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
        return add(of(n.input()), Arrays.stream(of(n)).map(g -> g * op.factor()).toArray());
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
            dx[i] += dy[i] * gate[i / PlainForward.area(n.shape())];
            dgate[i / PlainForward.area(n.shape())] += dy[i] * x[i];
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
