package org.convzoo.graph;

import static org.convzoo.graph.Window.k;

import java.util.Arrays;
import java.util.List;
import java.util.function.BiFunction;
import java.util.stream.Stream;

/**
 * A symbolic tensor: the node that made it, and the scope in which the next layer is named. Immutable; every method
 * returns a new value. A layer without a name takes its position in the scope, as in a sequential container, so that
 * parameter names equal those of the published checkpoints.
 */
public final class Value {
    private final Graph graph;
    private final Node node;
    private final String scope;
    private final int position;
    private final Defaults defaults;

    Value(Graph graph, Node node, String scope, int position, Defaults defaults) {
        this.graph = graph;
        this.node = node;
        this.scope = scope;
        this.position = position;
        this.defaults = defaults;
    }

    public Node node() {
        return node;
    }

    public Shape shape() {
        return node.shape();
    }

    public int channels() {
        return node.shape().channels();
    }

    // -- naming -----------------------------------------------------------------------------------

    /** Applies {@code body} under {@code name.}; afterwards the scope is again this value's. */
    public Value in(String name, Layer body) {
        Value out = body.apply(new Value(graph, node, scope + name + ".", 0, defaults));
        if (out.graph != graph)
            throw new IllegalArgumentException(graph.name() + "/" + scope + name + ": " + out.node
                    + " is a layer of another network than " + graph.name());
        return new Value(graph, out.node, scope, position + 1, defaults);
    }

    /** Applies {@code body} under the next number, as a child of a sequential container. */
    public Value in(Layer body) {
        return in(next(), body);
    }

    /** Applies {@code body} {@code n} times under {@code name.0}, {@code name.1}, ... */
    public Value repeat(String name, int n, BiFunction<Value, Integer, Value> body) {
        return in(name, x -> {
            for (int i = 0; i < n; i++) {
                int at = i;
                x = x.in(y -> body.apply(y, at));
            }
            return x;
        });
    }

    public Value repeat(int n, BiFunction<Value, Integer, Value> body) {
        return repeat(next(), n, body);
    }

    /** {@code n} units under {@code name}: the first with {@code stride}, the others with stride 1. */
    public Value stage(String name, int n, int stride, BiFunction<Value, Integer, Value> unit) {
        return repeat(name, n, (x, i) -> unit.apply(x, i == 0 ? stride : 1));
    }

    /** A training-time side output whose loss counts {@code weight} times; the main path goes on unchanged. */
    public Value aux(String name, double weight, Layer head) {
        graph.auxiliary(name, weight, in(name, head).node);
        return this;
    }

    /** This value with other defaults: what layers from here on do not say, {@code defaults} says. */
    public Value with(Defaults defaults) {
        return new Value(graph, node, scope, position, defaults);
    }

    /** This value with the next position skipped: for published names that count a layer we do not have. */
    public Value skip() {
        return new Value(graph, node, scope, position + 1, defaults);
    }

    // -- layers with parameters -------------------------------------------------------------------

    public Value conv(String name, int out, Filters filters) {
        return op(name, new Op.Conv(out, filters, defaults.conv(), defaults.convBias()));
    }

    public Value conv(String name, int out, Window w) {
        return conv(name, out, new Filters(w));
    }

    public Value conv(String name, int out, int k, int stride) {
        return conv(name, out, k(k).stride(stride));
    }

    public Value conv(String name, int out, int k) {
        return conv(name, out, k, 1);
    }

    public Value conv(int out, Filters filters) {
        return conv(next(), out, filters);
    }

    public Value conv(int out, Window w) {
        return conv(next(), out, w);
    }

    public Value conv(int out, int k, int stride) {
        return conv(next(), out, k, stride);
    }

    public Value conv(int out, int k) {
        return conv(next(), out, k, 1);
    }

    /** One filter a channel. */
    public Value depthwise(String name, int k, int stride) {
        return conv(name, channels(), k(k).stride(stride).groups(channels()));
    }

    public Value depthwise(int k, int stride) {
        return depthwise(next(), k, stride);
    }

    /** Batch norm whose scale starts by {@code scale}; with 0 as the last of a residual branch it starts as no branch. */
    public Value bn(String name, Init.Rule scale) {
        return op(name, new Op.BatchNorm(defaults.eps(), defaults.momentum(), scale));
    }

    public Value bn(String name) {
        return bn(name, Init.Rule.ONE);
    }

    public Value bn() {
        return bn(next());
    }

    public Value linear(String name, int out) {
        return op(name, new Op.Linear(out, true, defaults.linear(), defaults.linearBias()));
    }

    public Value linear(int out) {
        return linear(next(), out);
    }

    // -- layers without ---------------------------------------------------------------------------

    public Value act(Op.Activation a) {
        return op(next(), a);
    }

    public Value relu() {
        return act(Op.Activation.RELU);
    }

    public Value relu6() {
        return act(Op.Activation.RELU6);
    }

    public Value silu() {
        return act(Op.Activation.SILU);
    }

    public Value hardSwish() {
        return act(Op.Activation.HARDSWISH);
    }

    public Value sigmoid() {
        return act(Op.Activation.SIGMOID);
    }

    public Value maxPool(Window w) {
        return op(next(), new Op.MaxPool(w));
    }

    public Value maxPool(int k, int stride) {
        return maxPool(k(k).stride(stride));
    }

    /** Average pooling in which padding counts as zeros, PyTorch's default. */
    public Value avgPool(Window w) {
        return op(next(), new Op.AvgPool(w, true));
    }

    /** Average pooling over what lies inside the image only. */
    public Value avgPoolInside(Window w) {
        return op(next(), new Op.AvgPool(w, false));
    }

    /** Average pooling to {@code size} x {@code size}, whatever comes in. */
    public Value avgPoolTo(int size) {
        return op(next(), new Op.AdaptiveAvgPool(size, size));
    }

    public Value localResponseNorm(int size, double alpha, double beta, double k) {
        return op(next(), new Op.LocalResponseNorm(size, alpha, beta, k));
    }

    public Value flatten() {
        return op(next(), new Op.Flatten());
    }

    public Value softmax() {
        return softmax(channels());
    }

    /** The channels as {@code ways} blocks of equal length that compete, place by place. */
    public Value softmax(int ways) {
        return op(next(), new Op.Softmax(ways));
    }

    public Value dropout(double p) {
        return op(next(), new Op.Dropout(p));
    }

    /** Drops the whole branch for an image with probability {@code p} (stochastic depth); none for 0. */
    public Value dropPath(double p) {
        return p == 0 ? this : op(next(), new Op.DropPath(p));
    }

    /** Channels {@code from} (inclusive) to {@code to} (exclusive). */
    public Value slice(int from, int to) {
        return op(next(), new Op.Slice(from, to));
    }

    /** Channel shuffle: channel {@code j} of group {@code i} goes to place {@code j * groups + i}. */
    public Value shuffle(int groups) {
        return op(next(), new Op.Shuffle(groups));
    }

    /** Zeros as further channels, up to {@code channels} of them. */
    public Value padChannels(int channels) {
        return op(next(), new Op.PadChannels(channels));
    }

    /** Each element times a constant. */
    public Value multiply(double factor) {
        return op(next(), new Op.Multiply(factor));
    }

    public Value add(Value other) {
        return op(next(), new Op.Add(), other);
    }

    /** Multiplies each channel by its gate, {@code [C, 1, 1]}. */
    public Value scale(Value gate) {
        return op(next(), new Op.Scale(), gate);
    }

    /** Joins along the channels; named in the scope of the first. One value alone is itself. */
    public static Value concat(Value... values) {
        Value first = values[0];
        if (values.length == 1) return first;
        return first.op(first.next(), new Op.Concat(), Arrays.copyOfRange(values, 1, values.length));
    }

    /** Applies any op under {@code name}; the methods above are its shorthands. */
    public Value op(String name, Op op, Value... others) {
        List<Node> inputs = Stream.concat(Stream.of(node), Stream.of(others).map(v -> v.node))
                .toList();
        return new Value(graph, graph.append(scope + name, op, inputs), scope, position + 1, defaults);
    }

    private String next() {
        return Integer.toString(position);
    }
}
