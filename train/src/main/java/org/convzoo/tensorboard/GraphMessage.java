package org.convzoo.tensorboard;

import org.convzoo.graph.Graph;
import org.convzoo.graph.Node;
import org.convzoo.graph.Param;
import org.convzoo.graph.Shape;

/**
 * A network as TensorFlow's {@code GraphDef} (graph.proto, node_def.proto, attr_value.proto and tensor_shape.proto), which
 * TensorBoard draws: a node's path with {@code /} for its dots, so that blocks fold, its op, its inputs, the shape that it
 * gives and, where there are any, its parameters and multiply-accumulates.
 */
final class GraphMessage {
    /** The form of such graphs that TensorFlow 1.0 has. */
    private static final int VERSION = 22;

    private GraphMessage() {}

    static Message of(Graph graph) {
        var message = new Message();
        for (Node n : graph.nodes()) message.add(1, node(n));
        return message.add(4, new Message().add(1, VERSION));
    }

    private static Message node(Node n) {
        Message node = new Message().add(1, name(n)).add(2, n.op().kind());
        for (Node input : n.inputs()) node.add(3, name(input));
        attribute(node, "_output_shapes", new Message().add(1, new Message().add(7, shape(n.shape()))));
        long parameters = n.params().stream()
                .filter(Param::trainable)
                .mapToLong(p -> p.shape().elements())
                .sum();
        if (n.macs() > 0) attribute(node, "macs", new Message().add(3, n.macs()));
        if (parameters > 0) attribute(node, "parameters", new Message().add(3, parameters));
        return node;
    }

    private static String name(Node n) {
        return n.path().replace('.', '/');
    }

    private static void attribute(Message node, String name, Message value) {
        node.add(5, new Message().add(1, name).add(2, value));
    }

    /** With a first size that is not known: the images of a batch. */
    private static Message shape(Shape shape) {
        Message message = new Message().add(2, new Message().add(1, -1));
        for (int size : shape.dims()) message.add(2, new Message().add(1, size));
        return message;
    }
}
