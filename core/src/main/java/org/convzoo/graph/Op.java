package org.convzoo.graph;

import java.util.List;

/** What a node computes. The set is closed: every consumer answers for every op through {@link Visitor}. */
public sealed interface Op {
    /** The output shape; throws {@link IllegalArgumentException} with a reason when the inputs do not fit. */
    Shape infer(List<Shape> in);

    <R> R accept(Visitor<R> visitor, Node node);

    /** Whether it can have so many inputs. */
    default boolean takes(int inputs) {
        return inputs == 1;
    }

    /** Parameters and buffers in state order. */
    default List<Param> params(List<Shape> in) {
        return List.of();
    }

    /** Multiply-accumulates for one image. */
    default long macs(List<Shape> in, Shape out) {
        return 0;
    }

    /** The op's word in tables and messages: {@code conv}. */
    default String kind() {
        return getClass().getSimpleName().toLowerCase(java.util.Locale.ROOT);
    }

    private static void atLeastOne(String what, int got) {
        if (got < 1) throw new IllegalArgumentException("a layer needs at least 1 of its " + what + ", got " + got);
    }

    private static void check(boolean right, String what, double got) {
        if (!right) throw new IllegalArgumentException("a layer needs " + what + ", got " + got);
    }

    /** A consumer of graphs: one method an op, so that a new op does not compile until every consumer handles it. */
    interface Visitor<R> {
        R input(Node n, Input op);

        R conv(Node n, Conv op);

        R batchNorm(Node n, BatchNorm op);

        R linear(Node n, Linear op);

        R activation(Node n, Activation op);

        R maxPool(Node n, MaxPool op);

        R avgPool(Node n, AvgPool op);

        R adaptiveAvgPool(Node n, AdaptiveAvgPool op);

        R localResponseNorm(Node n, LocalResponseNorm op);

        R flatten(Node n, Flatten op);

        R softmax(Node n, Softmax op);

        R dropout(Node n, Dropout op);

        R dropPath(Node n, DropPath op);

        R slice(Node n, Slice op);

        R shuffle(Node n, Shuffle op);

        R padChannels(Node n, PadChannels op);

        R multiply(Node n, Multiply op);

        R add(Node n, Add op);

        R scale(Node n, Scale op);

        R concat(Node n, Concat op);
    }

    /** The image, {@code [C, H, W]}. */
    record Input(Shape shape) implements Op {
        @Override
        public boolean takes(int inputs) {
            return inputs == 0;
        }

        @Override
        public Shape infer(List<Shape> in) {
            return shape;
        }

        @Override
        public <R> R accept(Visitor<R> v, Node n) {
            return v.input(n, this);
        }
    }

    /** Convolution (cross-correlation) with weight {@code [out, in / groups, kh, kw]}. */
    record Conv(int out, Filters filters, Init.Rule weight, Init.Rule bias) implements Op {
        public Conv {
            atLeastOne("channels", out);
        }

        public Window w() {
            return filters.window();
        }

        public int groups() {
            return filters.groups();
        }

        public boolean biased() {
            return filters.biased();
        }

        /** Whether each channel of such an input has filters of its own. */
        public boolean isDepthwise(Shape in) {
            return groups() > 1 && groups() == in.channels();
        }

        @Override
        public Shape infer(List<Shape> in) {
            int c = in.get(0).channels();
            if (c % groups() != 0 || out % groups() != 0) {
                throw new IllegalArgumentException(
                        c + " -> " + out + " channels do not split into " + groups() + " groups");
            }
            return w().slide(in.get(0), out);
        }

        @Override
        public List<Param> params(List<Shape> in) {
            int c = in.get(0).channels() / groups();
            double area = (double) w().kh() * w().kw(), fanIn = c * area, fanOut = out * area;
            var kernel = Param.weight("weight", weight.of(fanIn, fanOut, groups()), out, c, w().kh(), w().kw());
            return biased()
                    ? List.of(kernel, Param.weight("bias", bias.of(fanIn, fanOut, groups()), out))
                    : List.of(kernel);
        }

        @Override
        public long macs(List<Shape> in, Shape o) {
            return o.elements() * (in.get(0).channels() / groups()) * w().kh() * w().kw();
        }

        @Override
        public <R> R accept(Visitor<R> v, Node n) {
            return v.conv(n, this);
        }
    }

    /**
     * Batch normalisation over {@code [N, H, W]} with scale and shift, Ioffe, Szegedy 2015 (1502.03167). Running
     * statistics move by {@code momentum} towards the batch's, the variance towards the unbiased one (PyTorch's rule). One
     * image of one pixel, which PyTorch refuses in training, has variance 0: the norm gives its shift, and no gradient
     * passes.
     */
    record BatchNorm(double eps, double momentum, Init.Rule scale) implements Op {
        public BatchNorm {
            check(eps >= 0 && eps < 1, "an epsilon from 0 to under 1", eps);
            check(momentum >= 0 && momentum <= 1, "a momentum from 0 to 1", momentum);
        }

        @Override
        public Shape infer(List<Shape> in) {
            return in.get(0);
        }

        @Override
        public List<Param> params(List<Shape> in) {
            int c = in.get(0).channels();
            return List.of(
                    Param.weight("weight", scale.of(c, c, 1), c),
                    Param.weight("bias", new Init.Constant(0), c),
                    Param.buffer("running_mean", 0, c),
                    Param.buffer("running_var", 1, c));
        }

        @Override
        public <R> R accept(Visitor<R> v, Node n) {
            return v.batchNorm(n, this);
        }
    }

    /** Fully connected: weight {@code [out, in]}. */
    record Linear(int out, boolean biased, Init.Rule weight, Init.Rule bias) implements Op {
        public Linear {
            atLeastOne("outputs", out);
        }

        @Override
        public Shape infer(List<Shape> in) {
            if (in.get(0).rank() != 1)
                throw new IllegalArgumentException("needs a vector, got " + in.get(0) + "; flatten() first");
            return new Shape(out);
        }

        @Override
        public List<Param> params(List<Shape> in) {
            int c = in.get(0).channels();
            var matrix = Param.weight("weight", weight.of(c, out, 1), out, c);
            return biased ? List.of(matrix, Param.weight("bias", bias.of(c, out, 1), out)) : List.of(matrix);
        }

        @Override
        public long macs(List<Shape> in, Shape o) {
            return (long) out * in.get(0).channels();
        }

        @Override
        public <R> R accept(Visitor<R> v, Node n) {
            return v.linear(n, this);
        }
    }

    /** Element-wise nonlinearity. HARDSIGMOID is min(max(x + 3, 0), 6) / 6, HARDSWISH is x times that. */
    enum Activation implements Op {
        RELU,
        RELU6,
        SIGMOID,
        TANH,
        SILU,
        HARDSWISH,
        HARDSIGMOID;

        @Override
        public Shape infer(List<Shape> in) {
            return in.get(0);
        }

        @Override
        public String kind() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }

        @Override
        public <R> R accept(Visitor<R> v, Node n) {
            return v.activation(n, this);
        }
    }

    record MaxPool(Window w) implements Op {
        @Override
        public Shape infer(List<Shape> in) {
            return w.slide(in.get(0), in.get(0).channels());
        }

        @Override
        public <R> R accept(Visitor<R> v, Node n) {
            return v.maxPool(n, this);
        }
    }

    /**
     * Average over a window.
     *
     * @param countPadding whether padding counts as zeros; what ceil mode adds beyond the padding never counts
     */
    record AvgPool(Window w, boolean countPadding) implements Op {
        @Override
        public Shape infer(List<Shape> in) {
            return w.slide(in.get(0), in.get(0).channels());
        }

        @Override
        public <R> R accept(Visitor<R> v, Node n) {
            return v.avgPool(n, this);
        }
    }

    /** Average pooling to a given size; cell i of n covers rows floor(i H / n) to ceil((i + 1) H / n). */
    record AdaptiveAvgPool(int height, int width) implements Op {
        public AdaptiveAvgPool {
            atLeastOne("rows and columns", Math.min(height, width));
        }

        @Override
        public Shape infer(List<Shape> in) {
            if (in.get(0).rank() != 3)
                throw new IllegalArgumentException("needs a feature map, got the vector " + in.get(0));
            return new Shape(in.get(0).channels(), height, width);
        }

        @Override
        public <R> R accept(Visitor<R> v, Node n) {
            return v.adaptiveAvgPool(n, this);
        }
    }

    /**
     * Across channels: x / (k + alpha / size * sum of squares over {@code size} neighbours)^beta, Krizhevsky et al.
     * 2012, section 3.3, in PyTorch's form: the paper's alpha is {@code alpha / size}. An even size reaches one
     * channel further down than up.
     */
    record LocalResponseNorm(int size, double alpha, double beta, double k) implements Op {
        public LocalResponseNorm {
            atLeastOne("neighbours", size);
            check(Double.isFinite(alpha), "a finite alpha", alpha);
            check(Double.isFinite(beta), "a finite beta", beta);
            check(Double.isFinite(k), "a finite k", k);
        }

        @Override
        public Shape infer(List<Shape> in) {
            return in.get(0);
        }

        @Override
        public <R> R accept(Visitor<R> v, Node n) {
            return v.localResponseNorm(n, this);
        }
    }

    /** A feature map as a vector, channel by channel, row by row. */
    record Flatten() implements Op {
        @Override
        public Shape infer(List<Shape> in) {
            return new Shape(Math.toIntExact(in.get(0).elements()));
        }

        @Override
        public <R> R accept(Visitor<R> v, Node n) {
            return v.flatten(n, this);
        }
    }

    /**
     * The channels as {@code ways} blocks of equal length that compete: channel {@code w * C / ways + i} gives
     * exp(x) / sum of exp(x) over all {@code w}, for each {@code i} and each place of the image. With as many ways as
     * channels it is the softmax of a classifier, with few the attention between branches.
     */
    record Softmax(int ways) implements Op {
        @Override
        public Shape infer(List<Shape> in) {
            int c = in.get(0).channels();
            if (ways < 1 || c % ways != 0)
                throw new IllegalArgumentException(c + " channels do not split " + ways + " ways");
            return in.get(0);
        }

        @Override
        public <R> R accept(Visitor<R> v, Node n) {
            return v.softmax(n, this);
        }
    }

    /** In training each element is zero with probability {@code p}, else divided by 1 - p. */
    record Dropout(double p) implements Op {
        public Dropout {
            check(p >= 0 && p < 1, "a probability from 0 to under 1", p);
        }

        @Override
        public Shape infer(List<Shape> in) {
            return in.get(0);
        }

        @Override
        public <R> R accept(Visitor<R> v, Node n) {
            return v.dropout(n, this);
        }
    }

    /** In training each image's values are all zero with probability {@code p}, else divided by 1 - p. */
    record DropPath(double p) implements Op {
        public DropPath {
            check(p >= 0 && p < 1, "a probability from 0 to under 1", p);
        }

        @Override
        public Shape infer(List<Shape> in) {
            return in.get(0);
        }

        @Override
        public <R> R accept(Visitor<R> v, Node n) {
            return v.dropPath(n, this);
        }
    }

    /** Channels {@code from} (inclusive) to {@code to} (exclusive). */
    record Slice(int from, int to) implements Op {
        @Override
        public Shape infer(List<Shape> in) {
            int c = in.get(0).channels();
            if (from < 0 || to > c || from >= to)
                throw new IllegalArgumentException("there are no channels " + from + " to " + to + " of " + c);
            return in.get(0).withChannels(to - from);
        }

        @Override
        public <R> R accept(Visitor<R> v, Node n) {
            return v.slice(n, this);
        }
    }

    /** Channel shuffle: channel {@code j} of group {@code i} goes to place {@code j * groups + i}. */
    record Shuffle(int groups) implements Op {
        public Shuffle {
            atLeastOne("groups", groups);
        }

        @Override
        public Shape infer(List<Shape> in) {
            if (in.get(0).channels() % groups != 0) {
                throw new IllegalArgumentException(
                        in.get(0).channels() + " channels do not split into " + groups + " groups");
            }
            return in.get(0);
        }

        @Override
        public <R> R accept(Visitor<R> v, Node n) {
            return v.shuffle(n, this);
        }
    }

    /** Zeros as further channels behind those there are, until there are {@code channels}. */
    record PadChannels(int channels) implements Op {
        @Override
        public Shape infer(List<Shape> in) {
            if (in.get(0).channels() > channels)
                throw new IllegalArgumentException("cannot pad " + in.get(0) + " to " + channels + " channels");
            return in.get(0).withChannels(channels);
        }

        @Override
        public <R> R accept(Visitor<R> v, Node n) {
            return v.padChannels(n, this);
        }
    }

    /** Each element times a constant. */
    record Multiply(double factor) implements Op {
        public Multiply {
            check(Double.isFinite(factor), "a finite factor", factor);
        }

        @Override
        public Shape infer(List<Shape> in) {
            return in.get(0);
        }

        @Override
        public <R> R accept(Visitor<R> v, Node n) {
            return v.multiply(n, this);
        }
    }

    record Add() implements Op {
        @Override
        public boolean takes(int inputs) {
            return inputs == 2;
        }

        @Override
        public Shape infer(List<Shape> in) {
            if (!in.get(0).equals(in.get(1)))
                throw new IllegalArgumentException("cannot add " + in.get(0) + " and " + in.get(1));
            return in.get(0);
        }

        @Override
        public <R> R accept(Visitor<R> v, Node n) {
            return v.add(n, this);
        }
    }

    /** The first input, each channel times its gate: the second input, {@code [C, 1, 1]}. */
    record Scale() implements Op {
        @Override
        public boolean takes(int inputs) {
            return inputs == 2;
        }

        @Override
        public Shape infer(List<Shape> in) {
            Shape x = in.get(0), gate = in.get(1);
            if (x.rank() != 3 || !gate.equals(new Shape(x.channels(), 1, 1)))
                throw new IllegalArgumentException("cannot scale the channels of " + x + " by " + gate);
            return x;
        }

        @Override
        public <R> R accept(Visitor<R> v, Node n) {
            return v.scale(n, this);
        }
    }

    /** Along the channels. */
    record Concat() implements Op {
        @Override
        public boolean takes(int inputs) {
            return inputs > 0;
        }

        @Override
        public Shape infer(List<Shape> in) {
            long c = 0;
            for (Shape s : in) {
                if (!s.withChannels(1).equals(in.get(0).withChannels(1)))
                    throw new IllegalArgumentException("cannot join " + in.get(0) + " and " + s);
                c += s.channels();
            }
            return in.get(0).withChannels(Math.toIntExact(c));
        }

        @Override
        public <R> R accept(Visitor<R> v, Node n) {
            return v.concat(n, this);
        }
    }
}
