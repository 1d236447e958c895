package org.convzoo.onednn.compile;

import java.util.Optional;
import org.convzoo.graph.Node;
import org.convzoo.graph.Op;
import org.convzoo.onednn.binding.Eltwise;
import org.convzoo.onednn.loops.BatchStatistics;
import org.convzoo.onednn.loops.FusedActivation;
import org.convzoo.onednn.loops.Norm;
import org.convzoo.onednn.loops.NormGradient;
import org.convzoo.onednn.loops.Rows;
import org.convzoo.onednn.program.Program;
import org.convzoo.onednn.program.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Batch norm in training by loops in Java, with the residual sum and the activation that follow:
 * {@code y = f(norm(x) + residual)}.
 */
final class NormByLoops {
    private final Training training;
    private final Maps maps;
    private final Node node;
    private final Tensor x;
    private final NormParameters parameters;
    private final BatchStatistics statistics;

    NormByLoops(Training training, Node node, Op.BatchNorm op, Tensor x) {
        this.training = training;
        this.node = node;
        this.x = x;
        maps = training.maps;
        parameters = new NormParameters(training, node, op);
        statistics = new BatchStatistics(Rows.of(x), node.shape().channels(), op.eps());
    }

    Tensor forward() {
        Node next = next(node);
        Node other = next != null && next.op() instanceof Op.Add ? otherInput(next) : null;
        Tensor ready = other == null ? null : training.values.get(other);
        return next == null || other == null || ready == null ? forwardAlone() : forwardWithSum(next, other, ready);
    }

    private @Nullable Node next(Node n) {
        return training.fuses() ? training.readers.sole(n) : null;
    }

    private static Optional<FusedActivation> activation(@Nullable Node n) {
        return n != null && n.op() instanceof Op.Activation a ? FusedActivation.of(a) : Optional.empty();
    }

    private Node otherInput(Node sum) {
        return sum.inputs().get(sum.inputs().get(0) == node ? 1 : 0);
    }

    /** {@code y = f(norm(x))}. */
    private Tensor forwardAlone() {
        Node next = next(node);
        FusedActivation f = activation(next).orElse(FusedActivation.NONE);
        Node last = next == null || f == FusedActivation.NONE ? node : next;
        Norm norm = new Norm(statistics, f);
        Tensor y = add(norm, null);
        training.madeAhead.put(last, y);
        training.tape.record(last, dy -> backward(new NormGradient(norm, f), maps.as(dy, x.desc)));
        return y;
    }

    /** {@code y = f(norm(x) + residual)}, with an activation whose slope follows from {@code y}. */
    private Tensor forwardWithSum(Node sum, Node other, Tensor residual) {
        Node next = next(sum);
        FusedActivation f =
                activation(next).filter(FusedActivation::slopeFromResult).orElse(FusedActivation.NONE);
        Node last = next == null || f == FusedActivation.NONE ? sum : next;
        Norm norm = new Norm(statistics, f);
        Tensor y = add(norm, residual);
        training.madeAhead.put(sum, y);
        training.madeAhead.put(last, y);
        training.tape.record(last, given -> {
            Tensor dy = maps.as(given, x.desc);
            if (last != sum) dy = training.activations.gradient(Eltwise.of((Op.Activation) last.op()), y, y, dy);
            training.tape.addGradient(other, dy);
            if (training.tape.wantsGradient(node)) backward(new NormGradient(norm, FusedActivation.NONE), dy);
        });
        return y;
    }

    /** Adds the steps of statistics and norm. */
    private Tensor add(Norm norm, @Nullable Tensor residual) {
        parameters.measure(statistics, x);
        Program program = training.program;
        Tensor r = residual == null ? null : maps.as(residual, x.desc), y = program.tensor(x.desc);
        Runnable forward = training.isExact()
                ? () -> norm.forwardExactly(x, r, y, parameters.scale.floats(), parameters.shift.floats())
                : () -> norm.forward(x, r, y, parameters.scale.floats(), parameters.shift.floats());
        if (r == null) program.add("norm", forward, x, y).inPlace(y, x);
        else program.add("norm", forward, x, r, y).inPlace(y, r);
        return y;
    }

    /** Adds the steps of the gradients of scale, shift and {@code x} that are wanted. */
    private void backward(NormGradient gradient, Tensor dy) {
        Program program = training.program;
        if (parameters.learn || training.measuresBatch(node)) {
            Tensor dScale = parameters.scaleGradient(), dShift = parameters.shiftGradient();
            Runnable sums = () -> gradient.parameters(x, dy, dScale.floats(), dShift.floats());
            program.add("norm's sums", sums, x, dy, dScale, dShift);
        } else {
            program.add("norm's factors", gradient::ofProduct);
        }
        if (!training.tape.wantsGradient(node.input())) return;
        Tensor dx = program.tensor(x.desc);
        program.add("norm's gradient", () -> gradient.data(x, dy, dx), x, dy, dx)
                .inPlace(dx, dy);
        training.tape.addGradient(node.input(), dx);
    }
}
