package org.convzoo.cost;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.ToLongFunction;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Node;
import org.convzoo.graph.Op;
import org.convzoo.graph.Param;

/**
 * What a network costs, layer by layer and in total, for one image in float32. The totals follow the literature:
 * running statistics are no parameters, and auxiliary heads count as parameters but not as work.
 */
public record Cost(Graph graph, List<Layer> layers) {
    /** Bytes of a float32 element. */
    public static final int ELEMENT = 4;

    /**
     * One layer as if it ran on its own: an engine that fuses layers moves less.
     *
     * @param field what one place of the output sees
     * @param parameters trainable scalars
     * @param macs multiply-accumulates in convolutions and linear layers
     * @param activations elements of the output
     * @param read bytes of inputs, parameters and running statistics; 0 where prediction only hands its input on
     * @param written bytes of the output, likewise
     * @param training whether it belongs to an auxiliary head, which prediction leaves out
     */
    public record Layer(
            Node node,
            ReceptiveField field,
            long parameters,
            long macs,
            long activations,
            long read,
            long written,
            boolean training) {

        public long activationBytes() {
            return ELEMENT * activations;
        }

        /** Memory traffic in bytes: the memory access cost of ShuffleNetV2 (1807.11164), section 2. */
        public long traffic() {
            return read + written;
        }
    }

    public Cost {
        layers = List.copyOf(layers);
    }

    public static Cost of(Graph graph) {
        Set<Node> predicting = new HashSet<>(graph.inferenceNodes());
        Map<Node, ReceptiveField> fields = ReceptiveField.of(graph);
        return new Cost(
                graph,
                graph.nodes().stream()
                        .map(n -> layer(n, Objects.requireNonNull(fields.get(n)), !predicting.contains(n)))
                        .toList());
    }

    private static Layer layer(Node n, ReceptiveField field, boolean training) {
        long parameters = 0, state = 0, inputs = 0, output = n.shape().elements();
        for (Param p : n.params()) {
            state += p.shape().elements();
            if (p.trainable()) parameters += p.shape().elements();
        }
        for (Node in : n.inputs()) inputs += in.shape().elements();
        if (n.op() instanceof Op.Slice) inputs = output;
        boolean runs = !(n.op() instanceof Op.Input
                || n.op() instanceof Op.Flatten
                || n.op() instanceof Op.Dropout
                || n.op() instanceof Op.DropPath);
        long read = runs ? ELEMENT * (inputs + state) : 0, written = runs ? ELEMENT * output : 0;
        return new Layer(n, field, parameters, n.macs(), output, read, written, training);
    }

    public long parameters() {
        return graph.parameterCount();
    }

    public long macs() {
        return predicting(Layer::macs);
    }

    /** Elements of all outputs, the image included. */
    public long activations() {
        return predicting(Layer::activations);
    }

    public long read() {
        return predicting(Layer::read);
    }

    public long written() {
        return predicting(Layer::written);
    }

    public long traffic() {
        return read() + written();
    }

    /**
     * The largest field of a feature map that the output depends on, before pooling or a linear layer sees the whole
     * image: the number that papers give for a network.
     */
    public ReceptiveField field() {
        return layers.stream()
                .filter(l -> !l.training()
                        && l.node().shape().height() * l.node().shape().width() > 1)
                .map(Layer::field)
                .reduce((a, b) -> (long) b.height() * b.width() >= (long) a.height() * a.width() ? b : a)
                .orElseThrow();
    }

    private long predicting(ToLongFunction<Layer> count) {
        return layers.stream().filter(l -> !l.training()).mapToLong(count).sum();
    }
}
