package org.convzoo.onednn.compile;

import static org.bytedeco.dnnl.global.dnnl.*;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Node;
import org.convzoo.graph.Op;
import org.convzoo.graph.Shape;
import org.convzoo.onednn.binding.Desc;
import org.convzoo.onednn.binding.Geometry;
import org.convzoo.onednn.binding.Kernel;
import org.convzoo.onednn.binding.Layout;
import org.convzoo.onednn.binding.Natives;
import org.convzoo.onednn.binding.PostOps;
import org.convzoo.onednn.loops.Average;
import org.convzoo.onednn.loops.FusedActivation;
import org.convzoo.onednn.program.Arguments;
import org.convzoo.onednn.program.Program;
import org.convzoo.onednn.program.Step;
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
public final class Inference extends Compilation {
    private final Constants constants;

    public Inference(Natives natives, Program program, Graph graph, int batch, Plan plan, Constants constants) {
        this(
                natives,
                program,
                graph,
                graph.inferenceNodes(),
                new Readers(graph, graph.inferenceNodes()),
                batch,
                plan,
                constants);
    }

    private Inference(
            Natives natives,
            Program program,
            Graph graph,
            Collection<Node> nodes,
            Readers readers,
            int batch,
            Plan plan,
            Constants constants) {
        super(natives, program, graph, nodes, readers, batch, plan);
        this.constants = constants;
    }

    /** For the nodes {@code some} of another compilation, whose values that one gives where they are not among them. */
    static Inference of(Compilation whole, Set<Node> some, Plan plan, Constants constants) {
        return new Inference(
                whole.natives,
                whole.program,
                whole.graph,
                some,
                Readers.among(whole.graph, some),
                whole.batch,
                plan,
                constants);
    }

    /** A compiled network: where images go in, {@code [N, C, H, W]}, and where logits come out, {@code [N, classes]}. */
    public record Endpoints(Tensor images, Tensor logits) {}

    /** Adds all steps. */
    public Endpoints compile() {
        for (Node n : graph.inferenceNodes()) compile(n);
        Tensor logits = logits(graph.output());
        program.keep(logits);
        constants.fill();
        return new Endpoints(input(), logits);
    }

    // -- convolutions and linear layers with what follows them ----------------------------------------

    /** A convolution or linear layer, with the nodes after it that its kernel takes over. */
    private final class Layer {
        final Tail tail;
        final String weightName;
        /** The layout of the bias, its own or the batch norm's; none without either. */
        final @Nullable Desc biasDesc;

        private final Node node;
        private final int out;
        private final boolean biased;

        Layer(Node node, int out, boolean biased) {
            this.node = node;
            this.out = out;
            this.biased = biased;
            tail = new Tail(Inference.this, node);
            weightName = node.path() + ".weight";
            biasDesc = tail.biased(biased) ? natives.plain(out) : null;
        }

        /** The weight as {@code k} wants it. */
        Tensor weight(Kernel k, long[] dims, Constants.Source source) {
            return constants.get(weightName, natives.query(k, dnnl_query_weights_md, dims), source);
        }

        @Nullable
        Tensor bias() {
            if (biasDesc == null) return null;
            String name = node.path() + ".bias";
            return constants.get(
                    name, biasDesc, (weights, into) -> tail.bias(weights, biased ? name : null, out, into));
        }

        /** Adds the step {@code y = k(x)}, with {@code residual}, if there is one, added to each result. */
        void add(Kernel k, Tensor x, Tensor weight, @Nullable Tensor residual, Tensor y) {
            Arguments arguments = new Arguments().src(x).weights(weight).dst(y).bias(bias());
            if (residual == null) program.add(k, arguments);
            else program.accumulate(k, arguments, y, residual);
        }

        /** Makes {@code y} the value of all the nodes. */
        Tensor made(Tensor y) {
            for (Node n : tail.nodes) madeAhead.put(n, y);
            return y;
        }
    }

    @Override
    public Tensor conv(Node n, Op.Conv op) {
        Layer layer = new Layer(n, op.out(), op.biased());
        if (WholeMap.isProduct(n, op)) return product(layer, n, op);
        Tail tail = layer.tail;
        FusedActivation plain = tail.plain;
        if (plain != null && winograd.takes(n, op, batch)) return winograd(layer, n, op, plain);
        ConvolutionKernels c = new ConvolutionKernels(this, n, op, layer.biasDesc);
        Tensor given = value(n.input()), place = tail.residual == null ? places.place(tail.last()) : null;
        ConvolutionKernels.MapKernel k =
                c.forward(dnnl_forward_inference, given.desc, place == null ? null : place.desc, tail.after);
        Tensor y = place != null && place.desc == k.dst() ? place : program.tensor(k.dst());
        Tensor x = maps.as(given, k.src());
        Tensor w = layer.weight(
                k.kernel(), c.weightDims(), (weights, into) -> tail.weight(weights, layer.weightName, into));
        layer.add(k.kernel(), x, w, tail.residual == null ? null : maps.as(tail.residual, y.desc), y);
        return layer.made(y);
    }

    private Tensor winograd(Layer layer, Node n, Op.Conv op, FusedActivation after) {
        Tail tail = layer.tail;
        WinogradConvolution f = WinogradConvolution.forPrediction(
                natives, maps.dims(n.input()), maps.dims(n), WinogradUse.padding(n, op));
        Desc src = natives.channelsLast(maps.dims(n.input())), dst = natives.channelsLast(maps.dims(n));
        List<Tensor> u = new ArrayList<>();
        for (int i = 0; i < f.parts(); i++) {
            int part = i;
            u.add(constants.get(
                    layer.weightName + ", part " + part + " of " + f.parts(),
                    f.weight(),
                    (weights, into) -> WeightTransform.part(
                            tail.weight(weights, layer.weightName), op.out(), part, f.parts(), into)));
        }
        Tensor bias = layer.bias(), x = maps.as(value(n.input()), src), y = program.tensor(dst);
        Tensor residual = tail.residual == null ? null : maps.as(tail.residual, dst);
        Step step = f.add(program, new WinogradConvolution.Operands(x, u, bias, residual, after, y));
        if (residual != null && residual.root != x.root) step.inPlace(y, residual); // x is read to the end
        return layer.made(y);
    }

    @Override
    public Tensor linear(Node n, Op.Linear op) {
        Layer layer = new Layer(n, op.out(), op.biased());
        return layer.made(product(
                layer,
                maps.channelsLast(value(n.input())),
                op.out(),
                layer.tail.residual,
                (weights, into) -> layer.tail.weight(weights, layer.weightName, into)));
    }

    /** A convolution that is a {@link WholeMap} product. */
    private Tensor product(Layer layer, Node n, Op.Conv op) {
        Tail tail = layer.tail;
        Constants.Source weight = WholeMap.meetsWholeKernel(n, op)
                ? (weights, into) -> tail.weight(weights, layer.weightName, into)
                : (weights, into) -> cut(tail.weight(weights, layer.weightName), n, op, into);
        Tensor x = wholeMap(n, op), residual = tail.residual == null ? null : maps.onePixelAsVector(tail.residual);
        return layer.made(maps.vectorAsOnePixel(product(layer, x, op.out(), residual, weight)));
    }

    /** {@code [N, out]}, from {@code x}, {@code [N, C]} or {@code [N, C, H, W]}. */
    private Tensor product(Layer layer, Tensor x, int out, @Nullable Tensor residual, Constants.Source weight) {
        long[] weightDims = x.desc.dims().clone();
        weightDims[0] = out;
        Desc dst = natives.rows(batch, out);
        Kernel k = primitives.linear(
                dnnl_forward_inference, x.desc, natives.any(weightDims), layer.biasDesc, dst, layer.tail.after);
        Tensor y = program.tensor(dst);
        layer.add(k, x, layer.weight(k, weightDims, weight), residual == null ? null : maps.as(residual, y.desc), y);
        return y;
    }

    /** Cuts from each kernel what meets the map. */
    private static void cut(FloatBuffer weight, Node n, Op.Conv op, FloatBuffer into) {
        Shape map = n.input().shape();
        long[] at = WholeMap.corner(n, op);
        int kernel = op.w().kh() * op.w().kw(), corner = (int) (at[2] * op.w().kw() + at[3]);
        float[] row = new float[map.width()];
        for (int from = 0; from < weight.limit(); from += kernel) {
            for (int i = 0; i < map.height(); i++) {
                weight.get(from + corner + i * op.w().kw(), row);
                into.put(row);
            }
        }
    }

    // -- the other ops --------------------------------------------------------------------------------

    @Override
    boolean readsChannels(Node reader) {
        return reader.op() instanceof Op.BatchNorm && reader.shape().channels() % Layout.BLOCK == 0;
    }

    @Override
    public Tensor batchNorm(Node n, Op.BatchNorm op) {
        Tensor given = value(n.input());
        boolean ofLarger = given == places.place(n.input());
        Tensor x = ofLarger ? given : maps.dense(given), y = program.tensor(ofLarger ? maps.of(maps.dims(n)) : x.desc);
        Node next = readers.sole(n);
        boolean relu = next != null && next.op() == Op.Activation.RELU;
        int flags = dnnl_use_scale | dnnl_use_shift | dnnl_use_global_stats | (relu ? dnnl_fuse_norm_relu : 0);
        Desc d = ofLarger ? natives.image(y.desc) : y.desc;
        Step step = program.add(
                primitives.batchNorm(dnnl_forward_inference, d, op.eps(), flags),
                new Arguments()
                        .src(x)
                        .dst(y)
                        .scale(vector(n, "weight"))
                        .shift(vector(n, "bias"))
                        .mean(vector(n, "running_mean"))
                        .variance(vector(n, "running_var")));
        if (ofLarger) step.eachImage();
        else step.inPlace(y, x);
        if (next != null && relu) madeAhead.put(next, y);
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
        return activated(dnnl_forward_inference, argument(n, op), op);
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
        return keepsShape(n)
                ? value(n.input())
                : average(n, Averaging.of(op, n.input().shape()));
    }

    private Tensor average(Node n, Averaging a) {
        if (a instanceof Averaging.ByLibrary by) return pool(n, by.algorithm(), by.geometry());
        Averaging.ByLoop by = (Averaging.ByLoop) a;
        Tensor x = maps.forLoops(value(n.input()));
        Tensor y = program.tensor(natives.floats(natives.channelsLast(maps.dims(n))));
        Shape in = n.input().shape();
        program.add("average", () -> Average.forward(x.floats(), y.floats(), batch, in, by.rows(), by.columns()), x, y);
        return maps.dense(y);
    }

    private Tensor pool(Node n, int algorithm, Geometry g) {
        Tensor x = maps.dense(value(n.input())), y = program.tensor(maps.like(x.desc, maps.dims(n)));
        Kernel k = primitives.pooling(dnnl_forward_inference, algorithm, x.desc, y.desc, g, new PostOps());
        program.add(k, new Arguments().src(x).dst(y));
        return maps.dense(y);
    }

    @Override
    public Tensor localResponseNorm(Node n, Op.LocalResponseNorm op) {
        return maps.dense(normalised(n, maps.forLoops(value(n.input())), op));
    }

    @Override
    public Tensor flatten(Node n, Op.Flatten op) {
        Tensor x = value(n.input());
        Node next = readers.sole(n);
        while (next != null && (next.op() instanceof Op.Dropout || next.op() instanceof Op.Activation))
            next = readers.sole(next);
        return next != null && next.op() instanceof Op.Linear ? x : maps.vector(x);
    }

    @Override
    public Tensor softmax(Node n, Op.Softmax op) {
        Tensor x = maps.dense(value(n.input())), y = program.tensor(x.desc);
        Desc d = maps.rowsOfSoftmax(x.desc, op.ways());
        program.add(
                primitives.softmax(dnnl_forward_inference, d),
                new Arguments().src(x.view(d)).dst(y.view(d)));
        return y;
    }

    @Override
    public Tensor multiply(Node n, Op.Multiply op) {
        return multiplied(maps.dense(value(n.input())), op.factor());
    }

    @Override
    public Tensor padChannels(Node n, Op.PadChannels op) {
        return withZeroChannels(n, value(n.input()));
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
        Node next = readers.sole(n);
        PostOps after = new PostOps();
        Node fused = next != null && next.op() instanceof Op.Activation ? next : null;
        if (fused != null) after.activation((Op.Activation) fused.op());
        Tensor y = sum(
                maps.dense(value(n.inputs().get(0))),
                maps.dense(value(n.inputs().get(1))),
                after);
        if (fused != null) madeAhead.put(fused, y);
        return y;
    }

    @Override
    public Tensor scale(Node n, Op.Scale op) {
        return product(
                maps.dense(value(n.inputs().get(0))),
                maps.dense(value(n.inputs().get(1))));
    }
}
