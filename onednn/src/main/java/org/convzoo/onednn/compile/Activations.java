package org.convzoo.onednn.compile;

import static org.bytedeco.dnnl.global.dnnl.dnnl_forward_training;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.convzoo.graph.Node;
import org.convzoo.graph.Op;
import org.convzoo.onednn.binding.Desc;
import org.convzoo.onednn.binding.Eltwise;
import org.convzoo.onednn.binding.PostOps;
import org.convzoo.onednn.program.Arguments;
import org.convzoo.onednn.program.Tensor;

/** Activations in training, {@code y = f(x)}: by themselves, or applied by the kernel before them. */
final class Activations {
    static final Eltwise RELU = Eltwise.of(Op.Activation.RELU);

    private final Training training;
    private final Maps maps;
    private final Tape tape;
    /** Activations that the kernel before them applies. */
    private final Set<Node> fused = new HashSet<>();
    /** Fused activations through which the concatenation that reads them has gone back already. */
    private final Set<Node> passed = new HashSet<>();

    Activations(Training training) {
        this.training = training;
        maps = training.maps;
        tape = training.tape;
    }

    // -- by themselves --------------------------------------------------------------------------------

    Tensor forward(Node n, Op.Activation op) {
        Tensor x = training.argument(n, op), y = training.activated(dnnl_forward_training, x, op);
        Eltwise f = Eltwise.of(op);
        tape.record(n, dy -> tape.addGradient(n.input(), gradient(f, x, y, maps.as(dy, y.desc))));
        return y;
    }

    /** {@code dx = f'(x) dy}, from {@code y} where the slope follows from that, else from {@code x}. */
    Tensor gradient(Eltwise f, Tensor x, Tensor y, Tensor dy) {
        Desc d = maps.row(y.desc);
        Tensor dx = training.program.tensor(y.desc);
        Arguments arguments = f.fromOutput() != 0 ? new Arguments().dst(y.view(d)) : new Arguments().src(x.view(d));
        training.program
                .add(
                        training.primitives.eltwiseGradient(f, d),
                        arguments.diffDst(dy.view(d)).diffSrc(dx.view(d)))
                .inPlace(dx, dy);
        return dx;
    }

    // -- applied by the kernel before them ------------------------------------------------------------

    /**
     * The activation that follows {@code n}, if {@code n}'s kernel can apply it: the slope follows from its output, and
     * zeros in the padding stay zeros. Else {@code n} itself.
     */
    Node fusedAfter(Node n) {
        Node next = training.fuses() && !training.isExact() ? training.readers.sole(n) : null;
        if (next == null || !(next.op() instanceof Op.Activation a)) return n;
        return a != Op.Activation.SIGMOID && Eltwise.of(a).fromOutput() != 0 ? next : n;
    }

    /** What the kernel of {@code n} does to its results if {@code last} is {@link #fusedAfter} it. */
    static PostOps after(Node n, Node last) {
        return last == n ? new PostOps() : new PostOps().activation((Op.Activation) last.op());
    }

    /**
     * Records the way back through {@code n} and the activation {@code last}, {@link #fusedAfter} it, of which {@code n}'s
     * kernel made {@code y}.
     *
     * @param backward the way back through {@code n}, from the gradient of its own value
     */
    void record(Node n, Node last, Tensor y, Consumer<Tensor> backward) {
        if (last == n) {
            tape.record(n, backward);
            return;
        }
        training.madeAhead.put(last, y);
        fused.add(last);
        Eltwise f = Eltwise.of((Op.Activation) last.op());
        tape.record(last, dy -> {
            if (passed.contains(last)) {
                backward.accept(dy);
                return;
            }
            Tensor whole = maps.as(y, maps.like(y.desc, y.desc.dims()));
            backward.accept(gradient(f, whole, whole, maps.as(dy, whole.desc)));
        });
    }

    /** Whether all of {@code nodes} are ReLUs that the kernels before them apply, with values that lie in {@code whole}. */
    boolean allFusedRelus(List<Node> nodes, Tensor whole) {
        return nodes.stream()
                .allMatch(n -> fused.contains(n) && n.op() == Op.Activation.RELU && training.value(n).root == whole);
    }

    /** Says that the gradients of {@code nodes} are those of what the activations read. */
    void pass(List<Node> nodes) {
        passed.addAll(nodes);
    }
}
