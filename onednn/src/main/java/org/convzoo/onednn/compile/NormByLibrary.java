package org.convzoo.onednn.compile;

import static org.bytedeco.dnnl.global.dnnl.*;

import java.nio.FloatBuffer;
import java.util.Objects;
import java.util.function.IntToDoubleFunction;
import java.util.stream.Stream;
import org.convzoo.graph.Node;
import org.convzoo.graph.Op;
import org.convzoo.onednn.binding.Desc;
import org.convzoo.onednn.binding.Kernel;
import org.convzoo.onednn.binding.Natives;
import org.convzoo.onednn.binding.Primitives;
import org.convzoo.onednn.loops.BatchStatistics;
import org.convzoo.onednn.loops.Bits;
import org.convzoo.onednn.loops.Rows;
import org.convzoo.onednn.program.Arguments;
import org.convzoo.onednn.program.Program;
import org.convzoo.onednn.program.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Batch norm in training by the library's kernels, with the ReLU or ReLU6 that follows. In float32 the statistics of a
 * batch are measured by {@link NormParameters}, more precisely than the library does.
 */
final class NormByLibrary {
    private static final int SCALE_AND_SHIFT = dnnl_use_scale | dnnl_use_shift;

    private final Training training;
    private final Natives natives;
    private final Node node;
    private final Op.BatchNorm op;
    private final Tensor x;
    private final NormParameters parameters;
    private final boolean ofBatch;
    private final Tensor mean, variance;

    NormByLibrary(Training training, Node node, Op.BatchNorm op, Tensor x) {
        this.training = training;
        this.node = node;
        this.op = op;
        this.x = x;
        natives = training.natives;
        parameters = new NormParameters(training, node, op);
        ofBatch = training.measuresBatch(node);
        mean = ofBatch ? training.program.tensor(parameters.scale.desc) : parameters.runningMean();
        variance = ofBatch ? training.program.tensor(parameters.scale.desc) : parameters.runningVariance();
    }

    /** Whether the library has quick kernels for a norm in this layout, with and without a ReLU in them. */
    static boolean isQuick(Primitives primitives, Desc d, Op.BatchNorm op) {
        int given = SCALE_AND_SHIFT | dnnl_use_global_stats, relu = SCALE_AND_SHIFT | dnnl_fuse_norm_relu;
        return Stream.of(
                        primitives.batchNorm(dnnl_forward_training, d, op.eps(), given),
                        primitives.batchNorm(dnnl_forward_training, d, op.eps(), given | dnnl_fuse_norm_relu),
                        primitives.batchNorm(
                                dnnl_forward_training, d, 0, given & ~dnnl_use_shift | dnnl_fuse_norm_relu),
                        primitives.batchNormGradient(d, op.eps(), SCALE_AND_SHIFT),
                        primitives.batchNormGradient(d, op.eps(), relu))
                .allMatch(k -> k.name().startsWith("bnorm_"));
    }

    Tensor forward() {
        Node next = training.fuses() ? training.readers.sole(node) : null;
        boolean floats = natives.type() == dnnl_f32, relu = next != null && next.op() == Op.Activation.RELU;
        boolean relu6 = next != null && next.op() == Op.Activation.RELU6 && floats && !Maps.padded(x.desc);
        Node last = next != null && (relu || relu6) ? next : node;
        Tensor y = training.program.tensor(x.desc);
        var statistics = new BatchStatistics(Rows.of(x), node.shape().channels(), op.eps());
        if (floats && ofBatch) parameters.measure(statistics, x, mean, variance);
        int flags = SCALE_AND_SHIFT | (relu || relu6 ? dnnl_fuse_norm_relu : 0);
        int forward = floats || !ofBatch ? flags | dnnl_use_global_stats : flags;
        Tensor passes = relu6
                ? relu6(forward, y)
                : norm(
                        op.eps(),
                        forward,
                        arguments(x, parameters.scale, mean, variance).shift(parameters.shift),
                        x,
                        y);
        if (!floats && ofBatch) parameters.moveRunning(statistics, mean, variance);
        training.madeAhead.put(last, y);
        training.tape.record(
                last,
                dy -> training.tape.addGradient(node.input(), backward(flags, training.maps.as(dy, x.desc), passes)));
        return y;
    }

    private static Arguments arguments(Tensor from, Tensor scale, Tensor mean, Tensor variance) {
        return new Arguments().src(from).scale(scale).mean(mean).variance(variance);
    }

    /**
     * Adds the library's batch norm, with a ReLU if {@code flags} say so.
     *
     * @return a bit for each value that the ReLU lets pass; none without a ReLU
     */
    private @Nullable Tensor norm(double eps, int flags, Arguments arguments, Tensor from, Tensor y) {
        Kernel k = training.primitives.batchNorm(dnnl_forward_training, from.desc, eps, flags);
        boolean relu = (flags & dnnl_fuse_norm_relu) != 0;
        Tensor passes = relu ? training.program.tensor(natives.query(k, dnnl_query_workspace_md)) : null;
        training.program.add(k, arguments.dst(y).workspace(passes)).inPlace(y, from);
        return passes;
    }

    /**
     * Adds batch norm and ReLU6 as batch norm and ReLU, twice: {@code relu(6 - z)} is {@code 6 - min(6, z)}, and 6 less
     * that, again with a ReLU, is ReLU6. The bits of both say what the gradient passes, for which the library's batch norm
     * on the way back then needs no other step. A result departs from ReLU6 by about a unit in the last place of 6, more
     * where the shift is far below 0; what is less than that is 0 and passes nothing.
     *
     * @return a bit for each value between 0 and 6
     */
    private Tensor relu6(int flags, Tensor y) {
        Program program = training.program;
        Tensor scale = parameters.scale, shift = parameters.shift;
        Desc each = scale.desc;
        Tensor less = program.tensor(x.desc), turnedScale = program.tensor(each), turnedShift = program.tensor(each);
        Tensor sixes = program.tensor(each), ones = program.tensor(each), minus = program.tensor(each);
        program.add(
                "relu6's numbers",
                () -> {
                    FloatBuffer a = scale.floats(), b = shift.floats();
                    fill(turnedScale, k -> -a.get(k));
                    fill(turnedShift, k -> 6 - b.get(k));
                    fill(sixes, k -> 6);
                    fill(ones, k -> 1);
                    fill(minus, k -> -1);
                },
                scale,
                shift,
                turnedScale,
                turnedShift,
                sixes,
                ones,
                minus);
        Tensor below = Objects.requireNonNull(
                norm(op.eps(), flags, arguments(x, turnedScale, mean, variance).shift(turnedShift), x, less));
        Tensor above =
                Objects.requireNonNull(norm(0, flags & ~dnnl_use_shift, arguments(less, minus, sixes, ones), less, y));
        Tensor both = program.tensor(below.desc); // not over one of them: both are made again where y is
        program.add("relu6's bits", () -> Bits.and(below, above, both), below, above, both);
        return both;
    }

    private static void fill(Tensor t, IntToDoubleFunction numbers) {
        FloatBuffer all = t.floats();
        for (int k = 0; k < all.limit(); k++) all.put(k, (float) numbers.applyAsDouble(k));
    }

    /** The gradients of scale, shift and {@code x}; {@code passes} are the bits of a ReLU, if there is one. */
    private Tensor backward(int flags, Tensor dy, @Nullable Tensor passes) {
        Kernel k = training.primitives.batchNormGradient(
                x.desc, op.eps(), ofBatch ? flags : flags | dnnl_use_global_stats);
        // By statistics that do not follow from x its gradient is dy times a number for each channel. The kernel then
        // takes from x what the gradient of scale needs; if nothing reads that, x need not be kept for it.
        Tensor read = ofBatch || parameters.learn ? x : dy, dx = training.program.tensor(x.desc);
        training.program
                .add(
                        k,
                        arguments(read, parameters.scale, mean, variance)
                                .diffDst(dy)
                                .diffSrc(dx)
                                .diffScale(parameters.scaleGradient())
                                .diffShift(parameters.shiftGradient())
                                .workspace(passes))
                .inPlace(dx, dy);
        return dx;
    }
}
