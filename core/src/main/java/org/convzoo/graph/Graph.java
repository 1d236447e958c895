package org.convzoo.graph;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.convzoo.failure.Near;
import org.convzoo.failure.WrongUseException;

/** An immutable network: nodes in execution order, one main output, and named outputs that only training sees. */
public final class Graph {
    /** A training-time side output; its loss counts {@code weight} times. */
    public record Auxiliary(String name, double weight, Node output) {}

    private final String name;
    private final List<Node> nodes = new ArrayList<>();
    private final Set<String> paths = new HashSet<>();
    private final List<Auxiliary> auxiliaries = new ArrayList<>();
    private final Map<String, Param> parameters = new LinkedHashMap<>();
    private Node output;
    private boolean traced;

    private Graph(String name, Shape input) {
        this.name = name;
        this.output = append("input", new Op.Input(input), List.of());
    }

    /**
     * Traces {@code body} once on a symbolic image of shape {@code input} ({@code [C, H, W]}, or {@code [C]}).
     * Throws {@link IllegalArgumentException}, naming the layer, where shapes do not fit and where a value comes from
     * another graph.
     */
    public static Graph of(String name, Shape input, Layer body) {
        Graph g = new Graph(name, input);
        return g.complete(
                body.apply(new Value(g, g.output, "", 0, Defaults.PYTORCH)).node());
    }

    private Graph complete(Node output) {
        check(output);
        this.output = output;
        traced = true;
        Map<String, Param> appended = new LinkedHashMap<>(parameters);
        parameters.clear();
        list(0, List.copyOf(appended.keySet())).forEach(n -> parameters.put(n, appended.get(n)));
        return this;
    }

    /**
     * A graph from nodes, one after the other: for networks that come from a file or are made of others. Layers that
     * are written by hand are traced, see {@link Graph#of}. Its parameters are in the same order as if traced. One
     * thread builds, once.
     */
    public static final class Builder {
        private final Graph graph;

        /** Starts with a node named {@code input} for images of shape {@code input}. */
        public Builder(String name, Shape input) {
            graph = new Graph(name, input);
        }

        public Node input() {
            return graph.input();
        }

        /**
         * Adds a node.
         *
         * @throws IllegalArgumentException naming the node where the path is taken, or the inputs are too few or too
         *     many, of another graph, or of shapes that do not fit
         */
        public Node add(String path, Op op, List<Node> inputs) {
            if (graph.paths.contains(path))
                throw new IllegalArgumentException(graph.name + ": two layers are named " + path);
            return graph.append(path, op, inputs);
        }

        /**
         * Adds what makes {@code node} in the graph {@code from}, for images of the same shape: what it needs, then
         * itself.
         * Returns the new node.
         */
        public Node copy(Graph from, Node node) {
            Map<Node, Node> copies = new HashMap<>();
            for (Node n : from.needed(node)) {
                List<Node> inputs = n.inputs().stream().map(copies::get).toList();
                copies.put(n, n.op() instanceof Op.Input ? input() : add(n.path(), n.op(), inputs));
            }
            return Objects.requireNonNull(copies.get(node), "what a node needs ends with itself");
        }

        /** Names a node as a training-time side output whose loss counts {@code weight} times. */
        public void auxiliary(String name, double weight, Node output) {
            graph.check(output);
            graph.auxiliary(name, weight, output);
        }

        /** The graph with {@code output} as its main output. */
        public Graph build(Node output) {
            return graph.complete(output);
        }
    }

    /** Throws {@link IllegalArgumentException} with one line unless {@code node} is one of this graph. */
    public void check(Node node) {
        if (node.id() >= nodes.size() || nodes.get(node.id()) != node)
            throw new IllegalArgumentException(node + " is a layer of another network than " + name);
    }

    /** Names as a tree of modules lists them: what shares a scope stands together, where the first of it stood. */
    private static Stream<String> list(int scope, List<String> names) {
        if (names.size() == 1) return names.stream();
        return names.stream()
                .collect(Collectors.groupingBy(
                        n -> n.substring(0, n.indexOf('.', scope) < 0 ? n.length() : n.indexOf('.', scope)),
                        LinkedHashMap::new,
                        Collectors.toList()))
                .entrySet()
                .stream()
                .flatMap(inside -> list(inside.getKey().length() + 1, inside.getValue()));
    }

    /**
     * This network for images of another size: the same layers and parameters, with maps of other sizes between them.
     *
     * @throws IllegalArgumentException naming the layer where one does not take such maps or would have other parameters,
     *     as a linear layer of a whole map, or where the output would have another shape
     */
    public Graph at(Shape image) {
        if (image.equals(input().shape())) return this;
        Graph g = again(image, Node::op);
        for (Node n : nodes) {
            List<Param> own = n.params(), needed = g.nodes.get(n.id()).params();
            for (int i = 0; i < own.size(); i++) {
                Shape now = own.get(i).shape(), then = needed.get(i).shape();
                if (now.equals(then)) continue;
                throw new IllegalArgumentException(name + " does not take images of " + image + ": " + n + " has a "
                        + own.get(i).name() + " of " + now + ", not " + then);
            }
        }
        if (!g.output.shape().equals(output.shape())) {
            throw new IllegalArgumentException(name + " does not take images of " + image + ": its output would be "
                    + g.output.shape() + ", not " + output.shape());
        }
        return g;
    }

    /**
     * This network for images of another number of channels: only the layers that read the image differ.
     *
     * @throws IllegalArgumentException naming the layer where one does not take so many
     */
    public Graph withChannels(int channels) {
        Shape image = input().shape();
        return image.channels() == channels
                ? this
                : again(new Shape(channels, image.height(), image.width()), Node::op);
    }

    /**
     * This network for another number of classes: only its {@link #heads} differ.
     *
     * @throws WrongUseException where it has none
     */
    public Graph withClasses(int classes) {
        return withHeads(
                c -> new Op.Conv(classes, c.filters(), c.weight(), c.bias()),
                l -> new Op.Linear(classes, l.biased(), l.weight(), l.bias()));
    }

    /**
     * This network whose {@link #heads} start otherwise.
     *
     * @throws WrongUseException where it has none
     */
    public Graph withHeadStart(Init.Rule weight, Init.Rule bias) {
        return withHeads(c -> started(c, weight, bias), l -> started(l, weight, bias));
    }

    /**
     * This network whose convolutions and linear layers, but for its {@link #heads}, start otherwise.
     *
     * @throws WrongUseException where it has no heads
     */
    public Graph withStart(Init.Rule weight, Init.Rule bias) {
        Set<Node> heads = new HashSet<>(heads());
        return again(input().shape(), n -> {
            if (heads.contains(n)) return n.op();
            if (n.op() instanceof Op.Conv c) return started(c, weight, bias);
            return n.op() instanceof Op.Linear l ? started(l, weight, bias) : n.op();
        });
    }

    private static Op.Conv started(Op.Conv c, Init.Rule weight, Init.Rule bias) {
        return new Op.Conv(c.out(), c.filters(), weight, bias);
    }

    private static Op.Linear started(Op.Linear l, Init.Rule weight, Init.Rule bias) {
        return new Op.Linear(l.out(), l.biased(), weight, bias);
    }

    private Graph withHeads(UnaryOperator<Op.Conv> convolution, UnaryOperator<Op.Linear> linear) {
        Set<Node> heads = new HashSet<>(heads());
        return again(input().shape(), n -> {
            if (!heads.contains(n)) return n.op();
            return n.op() instanceof Op.Conv c ? convolution.apply(c) : linear.apply((Op.Linear) n.op());
        });
    }

    /**
     * This network with {@code p} as the probability of each dropout, auxiliary heads' included; parameters and their
     * names are the same.
     *
     * @throws WrongUseException where it has none, unless {@code p} is 0
     */
    public Graph withDropout(double p) {
        if (p != 0 && nodes.stream().noneMatch(n -> n.op() instanceof Op.Dropout))
            throw new WrongUseException(name + " has no dropout; it trains without");
        return again(input().shape(), n -> n.op() instanceof Op.Dropout ? new Op.Dropout(p) : n.op());
    }

    /**
     * This network with stochastic depth, in which the branch of the deepest residual block is dropped with probability
     * {@code p}: its own probabilities scaled, as of EfficientNet, or else rising in equal steps from block to block, as
     * in Huang et al. 2016 (1603.09382). Parameters and their names are the same.
     *
     * @throws WrongUseException where it has no residual blocks, unless {@code p} is 0
     */
    public Graph withDropPath(double p) {
        return StochasticDepth.of(this, p);
    }

    /** This network with another momentum of each batch norm, if it has any; parameters and their names are the same. */
    public Graph withNormMomentum(double momentum) {
        return again(
                input().shape(),
                n -> n.op() instanceof Op.BatchNorm b ? new Op.BatchNorm(b.eps(), momentum, b.scale()) : n.op());
    }

    /**
     * This network without its batch norms: another one, with fewer parameters. Convolutions before them get biases
     * that start at 0, as their shifts did.
     *
     * @throws WrongUseException where it has none
     */
    public Graph withoutNorms() {
        return WithoutNorms.of(this);
    }

    /**
     * This network with {@code to} wherever it has the activation {@code from}: another one, with the same parameters,
     * which start as before.
     *
     * @throws WrongUseException where it has none such
     */
    public Graph withActivation(Op.Activation from, Op.Activation to) {
        if (nodes.stream().noneMatch(n -> n.op() == from))
            throw new WrongUseException(name + " has no " + from.kind() + " that could be another activation");
        return again(input().shape(), n -> n.op() == from ? to : n.op());
    }

    /** The same nodes with ops as {@code op} says of the old ones. */
    Graph again(Shape image, Function<Node, Op> op) {
        Graph g = new Graph(name, image);
        for (Node n : nodes.subList(1, nodes.size())) {
            List<Node> inputs =
                    n.inputs().stream().map(i -> g.nodes.get(i.id())).toList();
            g.append(n.path(), op.apply(n), inputs);
        }
        for (Auxiliary a : auxiliaries) g.auxiliary(a.name, a.weight, g.nodes.get(a.output.id()));
        return g.complete(g.nodes.get(output.id()));
    }

    Node append(String path, Op op, List<Node> inputs) {
        List<Shape> in = inputs.stream().map(Node::shape).toList();
        Shape shape;
        List<Param> params;
        try {
            inputs.forEach(this::check);
            if (traced) throw new IllegalStateException(name + " is complete; trace a new graph");
            if (!op.takes(in.size()) || op instanceof Op.Input && !nodes.isEmpty())
                throw new IllegalArgumentException("cannot have " + in.size() + " inputs");
            shape = op.infer(in);
            requireAddressable("values", shape);
            params = op.params(in);
            for (Param p : params) requireAddressable(p.name(), p.shape());
        } catch (IllegalArgumentException | ArithmeticException e) {
            String why = e instanceof ArithmeticException ? "its sizes are more than can be counted" : e.getMessage();
            throw new IllegalArgumentException(name + "/" + path + " (" + op.kind() + "): " + why, e);
        }
        Node node = new Node(nodes.size(), free(path, params.isEmpty()), op, inputs, shape);
        for (Param p : params) parameters.put(node.name(p), p);
        nodes.add(node);
        return node;
    }

    /** An array of Java, and a buffer, holds no more than an int can count. */
    private static void requireAddressable(String what, Shape shape) {
        if (shape.elements() > Integer.MAX_VALUE)
            throw new IllegalArgumentException(
                    "its " + what + " would be an array of " + shape + ", too large for one");
    }

    /** Branches that start at one value count from one position; there a layer without parameters yields the path. */
    private String free(String path, boolean yields) {
        for (int i = 1; ; i++) {
            String p = i == 1 ? path : path + "#" + i;
            if (paths.add(p)) return p;
            if (!yields) throw new IllegalArgumentException(name + ": two layers are named " + path);
        }
    }

    void auxiliary(String name, double weight, Node node) {
        auxiliaries.add(new Auxiliary(name, weight, node));
    }

    public String name() {
        return name;
    }

    public Node input() {
        return nodes.get(0);
    }

    public Node output() {
        return output;
    }

    /** How many classes the main output tells apart. */
    public int classes() {
        return output.shape().channels();
    }

    /** The node of that path. Throws {@link WrongUseException} that suggests the nearest when there is none. */
    public Node node(String path) {
        for (Node n : nodes) if (n.path().equals(path)) return n;
        throw new WrongUseException(name + " has no layer named '" + path + "'; near are "
                + String.join(
                        ", ", Near.names(path, nodes.stream().map(Node::path).toList())));
    }

    /** All nodes, auxiliary heads included, in execution order. */
    public List<Node> nodes() {
        return Collections.unmodifiableList(nodes);
    }

    /** The nodes that the main output needs, in execution order: what prediction runs. */
    public List<Node> inferenceNodes() {
        return needed(output);
    }

    /** The nodes that {@code last} needs and itself, in execution order. */
    private List<Node> needed(Node last) {
        BitSet needed = new BitSet();
        needed.set(last.id());
        for (int i = last.id(); i >= 0; i--)
            if (needed.get(i)) nodes.get(i).inputs().forEach(n -> needed.set(n.id()));
        return nodes.stream().filter(n -> needed.get(n.id())).toList();
    }

    /** Whether it has ReLUs but no batch norm, so that nothing but its weights keeps the size of its activations. */
    public boolean isUnnormalised() {
        return nodes.stream().anyMatch(n -> n.op() == Op.Activation.RELU)
                && nodes.stream().noneMatch(n -> n.op() instanceof Op.BatchNorm);
    }

    public List<Auxiliary> auxiliaries() {
        return Collections.unmodifiableList(auxiliaries);
    }

    /**
     * The layers whose number of outputs is the number of classes: the last linear layer or convolution of the main
     * output, then that of each auxiliary one. What comes before makes the features of an image.
     *
     * @throws WrongUseException where an output is not made by such a layer, but for activations, pools and the like
     */
    public List<Node> heads() {
        return Stream.concat(Stream.of(output), auxiliaries.stream().map(Auxiliary::output))
                .map(this::head)
                .toList();
    }

    private Node head(Node output) {
        for (Node n = output; n.inputs().size() == 1; n = n.input()) {
            if (n.op() instanceof Op.Linear || n.op() instanceof Op.Conv) return n;
            if (!n.params().isEmpty()) break;
        }
        throw new WrongUseException(name + " has no features: it ends neither in a linear layer nor in a convolution");
    }

    /** State names to parameters and buffers, in the order of the published state: a scope stays together. */
    public Map<String, Param> parameters() {
        return Collections.unmodifiableMap(parameters);
    }

    /** Trainable scalars: running statistics do not count, auxiliary heads do. */
    public long parameterCount() {
        return parameters.values().stream()
                .filter(Param::trainable)
                .mapToLong(p -> p.shape().elements())
                .sum();
    }

    /** Multiply-accumulates of one image in convolutions and linear layers, auxiliary heads excluded. */
    public long macs() {
        return inferenceNodes().stream().mapToLong(Node::macs).sum();
    }

    @Override
    public String toString() {
        return name + " " + input().shape() + " -> " + output.shape();
    }
}
