package org.convzoo.onednn.compile;

import static org.bytedeco.dnnl.global.dnnl.dnnl_eltwise_linear;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import org.convzoo.graph.Node;
import org.convzoo.graph.Op;
import org.convzoo.onednn.binding.PostOps;
import org.convzoo.onednn.loops.FusedActivation;
import org.convzoo.onednn.program.Tensor;
import org.convzoo.weights.Weights;
import org.jspecify.annotations.Nullable;

/**
 * What the kernel of a convolution or linear layer takes over, in prediction, from the nodes that follow: a batch norm,
 * which is folded into weight and bias, then a factor, a residual sum and an activation, in this order, each of which may
 * be missing. It ends where a second node reads the value between.
 */
final class Tail {
    private final Compilation compilation;
    final PostOps after = new PostOps();
    final List<Node> nodes = new ArrayList<>();
    /** A batch norm, and the op of its node. */
    private record FoldedNorm(Node node, Op.BatchNorm op) {}

    private @Nullable FoldedNorm norm;

    @Nullable
    Tensor residual;

    /** What {@link #after} says, for loops in Java, which have no factor and few activations; none if they cannot do it. */
    @Nullable
    FusedActivation plain = FusedActivation.NONE;

    Tail(Compilation compilation, Node first) {
        this.compilation = compilation;
        Node last = first;
        nodes.add(first);
        Node next = compilation.readers.sole(last);
        if (next != null && next.op() instanceof Op.BatchNorm b) {
            norm = new FoldedNorm(next, b);
            nodes.add(last = next);
        }
        next = pastIdentities(last);
        if (next != null && next.op() instanceof Op.Multiply m) {
            after.eltwise(dnnl_eltwise_linear, (float) m.factor(), 0);
            plain = null;
            nodes.add(last = next);
            next = pastIdentities(last);
        }
        if (next != null && next.op() instanceof Op.Add) {
            Node before = nodes.get(nodes.size() - 1);
            Node other = next.inputs().get(0) == before
                    ? next.inputs().get(1)
                    : next.inputs().get(0);
            Tensor ready = compilation.values.get(other);
            if (ready != null && other != before) {
                residual = ready;
                after.sum();
                nodes.add(last = next);
                next = pastIdentities(last);
            } else next = null;
        }
        if (next != null && next.op() instanceof Op.Activation a) {
            after.activation(a);
            if (plain != null) plain = FusedActivation.of(a).orElse(null);
            nodes.add(next);
        }
    }

    /** Dropout and drop path do nothing in prediction: the kernel goes on behind them. */
    private @Nullable Node pastIdentities(Node n) {
        Node next = compilation.readers.sole(n);
        while (next != null && (next.op() instanceof Op.Dropout || next.op() instanceof Op.DropPath)) {
            nodes.add(next);
            next = compilation.readers.sole(next);
        }
        return next;
    }

    Node last() {
        return nodes.get(nodes.size() - 1);
    }

    boolean biased(boolean own) {
        return own || norm != null;
    }

    /** The weight with the batch norm's factor of each output channel. */
    FloatBuffer weight(Weights w, String name) {
        FloatBuffer values = w.get(name).values();
        if (norm == null) return values;
        FloatBuffer folded = FloatBuffer.allocate(values.remaining());
        weight(w, name, folded);
        return folded.flip();
    }

    /** Writes the weight with the batch norm's factor of each output channel to {@code into}. */
    void weight(Weights w, String name, FloatBuffer into) {
        FloatBuffer values = w.get(name).values();
        if (norm == null) {
            into.put(values);
            return;
        }
        double[] factor = factors(w, norm);
        float[] row = new float[values.remaining() / factor.length];
        for (double f : factor) {
            values.get(row);
            for (int i = 0; i < row.length; i++) row[i] = (float) (row[i] * f);
            into.put(row);
        }
    }

    /**
     * Writes the bias with the batch norm folded in to {@code into}.
     *
     * @param name of the layer's own bias, if it has one
     */
    void bias(Weights w, @Nullable String name, int out, FloatBuffer into) {
        float[] own = name == null ? new float[out] : w.get(name).toArray();
        if (norm != null) {
            float[] shift = w.get(norm.node.path() + ".bias").toArray();
            float[] mean = w.get(norm.node.path() + ".running_mean").toArray();
            double[] factor = factors(w, norm);
            for (int i = 0; i < out; i++) own[i] = (float) ((own[i] - (double) mean[i]) * factor[i] + shift[i]);
        }
        into.put(own);
    }

    private static double[] factors(Weights w, FoldedNorm norm) {
        float[] scale = w.get(norm.node.path() + ".weight").toArray();
        float[] variance = w.get(norm.node.path() + ".running_var").toArray();
        double[] f = new double[scale.length];
        for (int i = 0; i < f.length; i++) f[i] = scale[i] / Math.sqrt(variance[i] + norm.op.eps());
        return f;
    }
}
