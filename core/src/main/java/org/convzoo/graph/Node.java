package org.convzoo.graph;

import java.util.List;

/** One op in a graph, with its dotted path, its inputs and its inferred shape. Two nodes are equal only if the same. */
public record Node(int id, String path, Op op, List<Node> inputs, Shape shape) {
    public Node {
        inputs = List.copyOf(inputs);
    }

    /** The only or first input. */
    public Node input() {
        return inputs.get(0);
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

    @Override
    public int hashCode() {
        return id;
    }

    @Override
    public boolean equals(Object o) {
        return this == o;
    }
}
