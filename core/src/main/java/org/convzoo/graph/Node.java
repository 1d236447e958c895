package org.convzoo.graph;

import java.util.List;

/** One op in a graph, with its dotted path, its inputs and its inferred shape. A node equals itself only. */
public final class Node {
    private final int id;
    private final String path;
    private final Op op;
    private final List<Node> inputs;
    private final Shape shape;

    Node(int id, String path, Op op, List<Node> inputs, Shape shape) {
        this.id = id;
        this.path = path;
        this.op = op;
        this.inputs = List.copyOf(inputs);
        this.shape = shape;
    }

    /** The node's place in {@link Graph#nodes}. */
    public int id() {
        return id;
    }

    public String path() {
        return path;
    }

    public Op op() {
        return op;
    }

    public List<Node> inputs() {
        return inputs;
    }

    /** The only or first input. */
    public Node input() {
        return inputs.get(0);
    }

    public Shape shape() {
        return shape;
    }

    public List<Shape> inputShapes() {
        return inputs.stream().map(Node::shape).toList();
    }

    /** Multiply-accumulates for one image, in convolutions and linear layers; nothing else counts. */
    public long macs() {
        return op.macs(inputShapes(), shape);
    }

    /** Parameters and buffers with their local names, in the order of the published state. */
    public List<Param> params() {
        return op.params(inputShapes());
    }

    /** The state's name for a parameter of this node: {@code layer1.0.conv1.weight}. */
    public String name(Param p) {
        return path + "." + p.name();
    }

    @Override
    public String toString() {
        return path + " (" + op.kind() + ")";
    }

    /** The id, so that the order of nodes in a set is the same in every run. */
    @Override
    public int hashCode() {
        return id;
    }
}
