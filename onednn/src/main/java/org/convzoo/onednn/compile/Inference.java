package org.convzoo.onednn.compile;

import static org.bytedeco.dnnl.global.dnnl.*;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Node;
import org.convzoo.graph.Op;
import org.convzoo.graph.Shape;
import org.convzoo.onednn.binding.Geometry;
import org.convzoo.onednn.binding.Layout;
import org.convzoo.onednn.binding.Natives;
import org.convzoo.onednn.binding.Natives.Desc;
import org.convzoo.onednn.binding.Natives.Kernel;
import org.convzoo.onednn.binding.PostOps;
import org.convzoo.onednn.loops.Average;
import org.convzoo.onednn.program.Program;
import org.convzoo.onednn.program.Tensor;
import org.convzoo.onednn.winograd.WeightTransform;
import org.convzoo.onednn.winograd.WinogradConvolution;
import org.convzoo.onednn.winograd.WinogradUse;
import org.jspecify.annotations.Nullable;

/**
 * A graph as steps for prediction. A convolution or linear layer takes the batch norm, the residual sum and the
 * activation that follow it into its own kernel: the batch norm is folded into the weights, the rest is done to each
 * result before it is stored.
 */
public final class Inference extends Lowering {
    private final Constants constants;

    public Inference(Natives natives, Program program, Graph graph, int batch, Plan plan, Constants constants) {
        super(natives, program, graph, graph.inferenceNodes(), batch, plan);
        this.constants = constants;
    }

    /** Adds all steps; the tensor of logits, {@code [N, classes]}. */
    public Tensor compile() {
        for (Node n : graph.inferenceNodes()) lower(n);
        Tensor logits = logits(graph.output());
        program.keep(logits);
        constants.fill();
        return logits;
    }

    // -- convolutions and linear layers with what follows them ----------------------------------------

    @Override
    public Tensor conv(Node n, Op.Conv op) {
        if (isProduct(n, op)) return product(n, factor(n, op), op.out(), op.w().bias(), op);
        Tail tail = new Tail(this, n);
        Desc bias = tail.biased(op.w().bias()) ? natives.plain(op.out()) : null;
        if (tail.plain != null && winograd.takes(n, op, batch)) return winograd(n, op, tail, bias);
        Convolution c = new Convolution(this, n, op, bias);
        Tensor x = value(n.input()), home = tail.residual == null ? home(tail.last()) : null;
        Convolution.Form form = c.forward(dnnl_forward_inference, x.desc, home == null ? null : home.desc, tail.after);
        Tensor y = home != null && home.desc == form.dst() ? home : program.tensor(form.dst());
        return run(
                n,
                form.kernel(),
                as(x, form.src()),
                c.weightDims(),
                (weights, into) -> tail.weight(weights, n.path() + ".weight", into),
                bias,
                y,
                op.out(),
                op.w().bias(),
                tail,
                false);
    }

    private Tensor winograd(Node n, Op.Conv op, Tail tail, @Nullable Desc bias) {
        WinogradConvolution f =
                WinogradConvolution.forPrediction(natives, dims(n.input()), dims(n), WinogradUse.padding(n, op));
        Desc src = natives.channelsLast(dims(n.input())), dst = natives.channelsLast(dims(n));
        String name = n.path() + ".weight";
        List<Tensor> u = new ArrayList<>();
        for (int i = 0; i < f.parts(); i++) {
            int part = i;
            u.add(constants.get(
                    name + ", part " + part + " of " + f.parts(),
                    f.weight(),
                    (weights, into) ->
                            WeightTransform.part(tail.weight(weights, name), op.out(), part, f.parts(), into)));
        }
        Tensor b = bias == null ? null : bias(n, op.out(), op.w().bias(), bias, tail);
        Tensor x = as(value(n.input()), src), y = program.tensor(dst);
        Tensor residual = tail.residual == null ? null : as(tail.residual, dst);
        Program.Step step = f.add(program, new WinogradConvolution.Operands(x, u, b, residual, tail.plain, y));
        if (residual != null && residual.root != x.root) step.inPlace(y, residual); // x is read to the end
        made(tail, y);
        return y;
    }

    private void made(Tail tail, Tensor y) {
        for (Node n : tail.nodes) made.put(n, y);
    }

    private Tensor bias(Node n, int out, boolean own, Desc bias, Tail tail) {
        String name = n.path() + ".bias";
        return constants.get(name, bias, (weights, into) -> tail.bias(weights, own ? name : null, out, into));
    }

    @Override
    public Tensor linear(Node n, Op.Linear op) {
        return product(n, channelsLast(value(n.input())), op.out(), op.biased(), null);
    }

    /** @param conv the convolution that it is, if it is one */
    private Tensor product(Node n, Tensor x, int out, boolean biased, Op.@Nullable Conv conv) {
        Tail tail = new Tail(this, n);
        long[] weightDims = x.desc.dims().clone();
        weightDims[0] = out;
        Desc dst = natives.rows(batch, out), bias = tail.biased(biased) ? natives.plain(out) : null;
        Kernel f = innerProduct(dnnl_forward_inference, x.desc, natives.any(weightDims), bias, dst, tail.after);
        String weight = n.path() + ".weight";
        Constants.Source source = conv == null || whole(n, conv)
                ? (weights, into) -> tail.weight(weights, weight, into)
                : (weights, into) -> cut(tail.weight(weights, weight), n, conv, into);
        return run(n, f, x, weightDims, source, bias, program.tensor(dst), out, biased, tail, conv != null);
    }

    /** Of each kernel what meets the map. */
    private static void cut(FloatBuffer weight, Node n, Op.Conv op, FloatBuffer into) {
        Shape map = n.input().shape();
        long[] at = corner(n, op);
        int kernel = op.w().kh() * op.w().kw(), corner = (int) (at[2] * op.w().kw() + at[3]);
        float[] row = new float[map.width()];
        for (int from = 0; from < weight.limit(); from += kernel) {
            for (int i = 0; i < map.height(); i++) {
                weight.get(from + corner + i * op.w().kw(), row);
                into.put(row);
            }
        }
    }

    private Tensor run(
            Node n,
            Kernel f,
            Tensor x,
            long[] weightDims,
            Constants.Source weight,
            @Nullable Desc bias,
            Tensor y,
            int out,
            boolean biased,
            Tail tail,
            boolean pixels) {
        Tensor w = constants.get(n.path() + ".weight", natives.query(f, dnnl_query_weights_md, weightDims), weight);
        List<Object> args = new ArrayList<>(List.of(DNNL_ARG_SRC, x, DNNL_ARG_WEIGHTS, w, DNNL_ARG_DST, y));
        if (bias != null) {
            args.add(DNNL_ARG_BIAS);
            args.add(bias(n, out, biased, bias, tail));
        }
        Tensor residual = tail.residual == null ? null : pixels ? squeezed(tail.residual) : as(tail.residual, y.desc);
        Program.Step step = program.add(f, args.toArray());
        if (residual != null) {
            step.onto(y, residual);
            program.touchNow(residual);
        }
        Tensor result = pixels ? pixel(y) : y;
        made(tail, result);
        return result;
    }

    // -- the other ops -----------------------------------------------------------------------------

    @Override
    boolean readsParts(Node reader) {
        return reader.op() instanceof Op.BatchNorm && reader.shape().channels() % Layout.BLOCK == 0;
    }

    @Override
    public Tensor batchNorm(Node n, Op.BatchNorm op) {
        Tensor given = value(n.input());
        boolean part = given == home(n.input());
        Tensor x = part ? given : dense(given), y = program.tensor(part ? maps(dims(n)) : x.desc);
        Node next = soleReader(n);
        boolean relu = next != null && next.op() == Op.Activation.RELU;
        int flags = dnnl_use_scale | dnnl_use_shift | dnnl_use_global_stats | (relu ? dnnl_fuse_norm_relu : 0);
        Desc d = part ? natives.image(y.desc) : y.desc;
        Program.Step step = program.add(
                batchNorm(dnnl_forward_inference, d, op.eps(), flags),
                DNNL_ARG_SRC,
                x,
                DNNL_ARG_DST,
                y,
                DNNL_ARG_SCALE,
                vector(n, "weight"),
                DNNL_ARG_SHIFT,
                vector(n, "bias"),
                DNNL_ARG_MEAN,
                vector(n, "running_mean"),
                DNNL_ARG_VARIANCE,
                vector(n, "running_var"));
        if (part) step.eachImage();
        else step.inPlace(y, x);
        if (relu) made.put(next, y);
        return y;
    }

    private Tensor vector(Node n, String parameter) {
        String name = n.path() + "." + parameter;
        return constants.get(
                name,
                natives.plain(n.shape().channels()),
                (w, into) -> into.put(w.get(name).values()));
    }

    @Override
    public Tensor activation(Node n, Op.Activation op) {
        Tensor x = argument(n, op), y = program.tensor(x.desc);
        PostOps.Eltwise e = PostOps.Eltwise.of(op);
        Desc d = row(x.desc);
        Kernel f = eltwise(dnnl_forward_inference, e.algorithm(), d, e.alpha(), e.beta());
        program.add(f, DNNL_ARG_SRC, x.view(d), DNNL_ARG_DST, y.view(d)).inPlace(y, x);
        return y;
    }

    @Override
    public Tensor maxPool(Node n, Op.MaxPool op) {
        return pool(n, dnnl_pooling_max, Geometry.of(op.w(), n.input().shape()));
    }

    @Override
    public Tensor avgPool(Node n, Op.AvgPool op) {
        return average(n, Averaging.of(op, n.input().shape(), n.shape()));
    }

    @Override
    public Tensor adaptiveAvgPool(Node n, Op.AdaptiveAvgPool op) {
        return identity(n)
                ? value(n.input())
                : average(n, Averaging.of(op, n.input().shape()));
    }

    private Tensor average(Node n, Averaging a) {
        if (a.geometry() != null) return pool(n, a.algorithm(), a.geometry());
        Tensor x = floats(channelsLast(value(n.input())));
        Tensor y = program.tensor(natives.floats(natives.channelsLast(dims(n))));
        Shape in = n.input().shape();
        program.add("average", () -> Average.forward(x.floats(), y.floats(), batch, in, a.rows(), a.columns()), x, y);
        return dense(y);
    }

    private Tensor pool(Node n, int algorithm, Geometry g) {
        Tensor x = dense(value(n.input())), y = program.tensor(like(x.desc, dims(n)));
        program.add(
                pooling(dnnl_forward_inference, algorithm, x.desc, y.desc, g, new PostOps()),
                DNNL_ARG_SRC,
                x,
                DNNL_ARG_DST,
                y);
        return dense(y);
    }

    @Override
    public Tensor localResponseNorm(Node n, Op.LocalResponseNorm op) {
        return dense(normalised(n, floats(channelsLast(value(n.input()))), op));
    }

    @Override
    public Tensor flatten(Node n, Op.Flatten op) {
        Tensor x = value(n.input());
        Node next = soleReader(n);
        while (next != null && (next.op() instanceof Op.Dropout || next.op() instanceof Op.Activation))
            next = soleReader(next);
        return next != null && next.op() instanceof Op.Linear ? x : vector(x);
    }

    @Override
    public Tensor softmax(Node n, Op.Softmax op) {
        Tensor x = dense(value(n.input())), y = program.tensor(x.desc);
        Desc d = competing(x.desc, op.ways());
        program.add(softmax(dnnl_forward_inference, d), DNNL_ARG_SRC, x.view(d), DNNL_ARG_DST, y.view(d));
        return y;
    }

    @Override
    public Tensor multiply(Node n, Op.Multiply op) {
        return multiplied(dense(value(n.input())), op.factor());
    }

    @Override
    public Tensor padChannels(Node n, Op.PadChannels op) {
        return padded(n, value(n.input()));
    }

    @Override
    public Tensor dropout(Node n, Op.Dropout op) {
        return value(n.input());
    }

    @Override
    public Tensor dropPath(Node n, Op.DropPath op) {
        return value(n.input());
    }

    @Override
    public Tensor shuffle(Node n, Op.Shuffle op) {
        return shuffled(value(n.input()), op.groups());
    }

    @Override
    public Tensor add(Node n, Op.Add op) {
        Node next = soleReader(n);
        PostOps after = new PostOps();
        boolean fused = next != null && next.op() instanceof Op.Activation;
        if (fused) after.activation((Op.Activation) next.op());
        Tensor y = binary(
                dnnl_binary_add,
                dense(value(n.inputs().get(0))),
                dense(value(n.inputs().get(1))),
                after);
        if (fused) made.put(next, y);
        return y;
    }

    @Override
    public Tensor scale(Node n, Op.Scale op) {
        return binary(
                dnnl_binary_mul,
                dense(value(n.inputs().get(0))),
                dense(value(n.inputs().get(1))),
                new PostOps());
    }
}
