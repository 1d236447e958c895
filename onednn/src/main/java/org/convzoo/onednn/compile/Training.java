package org.convzoo.onednn.compile;

import static org.bytedeco.dnnl.global.dnnl.*;

import java.nio.FloatBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.IntToDoubleFunction;
import java.util.stream.Stream;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Node;
import org.convzoo.graph.Op;
import org.convzoo.graph.Shape;
import org.convzoo.onednn.binding.Dnnl;
import org.convzoo.onednn.binding.Geometry;
import org.convzoo.onednn.binding.Layout;
import org.convzoo.onednn.binding.Natives;
import org.convzoo.onednn.binding.Natives.Desc;
import org.convzoo.onednn.binding.Natives.Kernel;
import org.convzoo.onednn.binding.PostOps;
import org.convzoo.onednn.binding.PostOps.Eltwise;
import org.convzoo.onednn.loops.Average;
import org.convzoo.onednn.loops.BatchStatistics;
import org.convzoo.onednn.loops.Bits;
import org.convzoo.onednn.loops.Dropout;
import org.convzoo.onednn.loops.Exact;
import org.convzoo.onednn.loops.FusedActivation;
import org.convzoo.onednn.loops.LocalResponseNorm;
import org.convzoo.onednn.loops.Moments;
import org.convzoo.onednn.loops.Norm;
import org.convzoo.onednn.loops.NormGradient;
import org.convzoo.onednn.loops.Rows;
import org.convzoo.onednn.program.Program;
import org.convzoo.onednn.program.Tensor;
import org.convzoo.onednn.winograd.WeightTransform;
import org.convzoo.onednn.winograd.WinogradConvolution;
import org.convzoo.onednn.winograd.WinogradGradient;
import org.convzoo.onednn.winograd.WinogradUse;
import org.jspecify.annotations.Nullable;

/**
 * A graph as steps for training: {@link #forward} adds the steps of every node and remembers how to go back;
 * {@link #backward} then adds the steps of the gradients, the last node first. A learner puts both into one program, so
 * that an activation's memory is free after its last use on the way back; a probe uses a program for each.
 */
public final class Training extends Lowering {
    /** What distinguishes a learner from a probe. */
    public record Mode(
            boolean batchStatistics, boolean fused, boolean inputGradient, boolean regularised, boolean exact) {}

    /** A gradient of channels {@code from} to {@code to} of a node's value. */
    private record Part(Tensor tensor, int from, int to) {}

    private static final Eltwise RELU = Eltwise.of(Op.Activation.RELU);

    private final Store store;
    private final Mode mode;
    private final Randomness randomness;
    private final Deque<Runnable> backward = new ArrayDeque<>();
    private final Map<Node, List<Part>> parts = new IdentityHashMap<>();
    private final Map<Node, Tensor> gradients = new IdentityHashMap<>();
    private final Set<Node> trainable = new HashSet<>();
    /** Activations that the kernel before them applies. */
    private final Set<Node> fused = new HashSet<>();
    /** Those of them whose reader has already gone back through them. */
    private final Set<Node> passed = new HashSet<>();

    private boolean finite = true;

    /** Where dropout draws from; the learner sets {@code draw} before each run. */
    public static final class Randomness {
        public long seed;
        public long draw;

        long of(Node n) {
            return new SplittableRandom(seed * 0x9E3779B97F4A7C15L ^ draw * 0xD1B54A32D192ED03L ^ n.id() * 0x2545F491L)
                    .nextLong();
        }
    }

    public Training(
            Natives natives,
            Program program,
            Graph graph,
            int batch,
            Plan plan,
            Store store,
            Mode mode,
            Randomness randomness) {
        super(natives, program, graph, graph.nodes(), batch, plan);
        this.store = store;
        this.mode = mode;
        this.randomness = randomness;
        for (Node n : graph.nodes()) {
            boolean own = n.params().stream().anyMatch(p -> p.trainable());
            boolean image = n.op() instanceof Op.Input && mode.inputGradient;
            if (own || image || n.inputs().stream().anyMatch(trainable::contains)) trainable.add(n);
        }
    }

    /**
     * Whether all statistics of batch norms in the last run were numbers. If not, training has failed, though a ReLU may
     * have made numbers of the rest. Asked once a run.
     */
    public boolean finite() {
        boolean all = finite;
        finite = true;
        return all;
    }

    /** Adds the forward steps; running statistics move on the way. */
    public void forward() {
        for (Node n : graph.nodes()) lower(n);
    }

    /** Takes {@code gradient}, {@code [N, elements]} row-major, as (a part of) the gradient of {@code n}'s value. */
    public void seed(Node n, Tensor gradient) {
        long[] d = value(n).desc.dims();
        give(n, d.length == 2 ? gradient : gradient.view(natives.desc(dnnl_nchw, d)));
    }

    /** Adds the backward steps to {@code into}, from the seeds on. */
    public void backward(Program into) {
        into(into);
        backward.forEach(Runnable::run);
        if (mode.inputGradient) gradient(graph.input());
    }

    /** Forgets gradients, for another {@link #backward}. */
    public void reset() {
        parts.clear();
        gradients.clear();
    }

    /** The gradients that the backward steps reached. */
    public Map<Node, Tensor> gradients() {
        return gradients;
    }

    private void give(Node n, Tensor gradient) {
        give(n, gradient, 0, n.shape().channels());
    }

    private void give(Node n, Tensor gradient, int from, int to) {
        if (trainable.contains(n))
            parts.computeIfAbsent(n, k -> new ArrayList<>()).add(new Part(gradient, from, to));
    }

    /** The sum of what readers gave, once all of them have; none if no reader did. */
    private @Nullable Tensor gradient(Node n) {
        List<Part> given = parts.get(n);
        if (given == null) return null;
        return gradients.computeIfAbsent(n, k -> sum(n, given));
    }

    private Tensor sum(Node n, List<Part> given) {
        int channels = n.shape().channels();
        List<Part> slices = given.stream()
                .filter(p -> p.to - p.from < channels)
                .sorted((p, q) -> Integer.compare(p.from, q.from))
                .toList();
        List<Tensor> whole = new ArrayList<>();
        for (Part p : given) if (p.to - p.from == channels) whole.add(p.tensor);
        if (!slices.isEmpty()) whole.add(joined(value(n).desc.dims(), slices));
        Tensor total = dense(whole.get(0));
        for (Tensor t : whole.subList(1, whole.size())) total = binary(dnnl_binary_add, total, dense(t), new PostOps());
        return total;
    }

    /** Slices side by side are joined; others are added to zeros. */
    private Tensor joined(long[] dims, List<Part> slices) {
        int at = 0;
        boolean tiles = true;
        for (Part p : slices) {
            tiles &= p.from == at;
            at = p.to;
        }
        if (tiles && at == dims[1])
            return concat(slices.stream().map(Part::tensor).toList(), dims);
        Tensor all = zeros(dims);
        for (Part p : slices) {
            Tensor view = all.view(natives.channels(all.desc, p.from, p.to)), part = channelsLast(p.tensor);
            program.add(
                    binary(dnnl_binary_add, view.desc, part.desc, view.desc, new PostOps()),
                    DNNL_ARG_SRC_0,
                    view,
                    DNNL_ARG_SRC_1,
                    part,
                    DNNL_ARG_DST,
                    view);
        }
        return all;
    }

    /** Registers the way back through {@code n}; it runs only if a gradient arrives. */
    private void back(Node n, Consumer<Tensor> body) {
        back(() -> {
            Tensor dy = gradient(n);
            if (dy != null) body.accept(dy);
        });
    }

    private void back(Runnable body) {
        String layer = program.layer();
        backward.push(() -> {
            program.at(layer, "backward");
            body.run();
        });
    }

    private Tensor same(Node n, Tensor x) {
        back(n, dy -> give(n.input(), dy));
        return x;
    }

    // -- ops ----------------------------------------------------------------------------------------

    @Override
    public Tensor conv(Node n, Op.Conv op) {
        if (isProduct(n, op)) return linear(n, factor(n, op), op.out(), op.w().bias(), op);
        String weight = n.path() + ".weight", biasName = n.path() + ".bias";
        Tensor x = value(n.input());
        Desc bias = op.w().bias() ? natives.plain(op.out()) : null;
        Convolution c = new Convolution(this, n, op, bias), plain = mode.exact ? new Convolution(this, n, op, null) : c;
        boolean winograd = this.winograd.takes(n, op, batch);
        Node last = winograd ? n : withActivation(n);
        Tensor stored, y;
        if (winograd) {
            stored = store.value(weight, taps(c.weightDims(), false), c.weightDims());
            Tensor b = bias == null ? null : store.value(biasName, bias, op.out());
            y = winograd(x, stored, c.weightDims(), false, b, dims(n), WinogradUse.padding(n, op));
        } else {
            Tensor home = home(last);
            Convolution.Form f =
                    plain.forward(dnnl_forward_training, x.desc, home == null ? null : home.desc, after(n, last));
            Desc wanted = c.weight(f, dnnl_query_weights_md);
            stored = store.value(weight, home(wanted), c.weightDims());
            Tensor b = bias == null ? null : store.value(biasName, bias, op.out());
            boolean atHome = home != null && home.desc == f.dst();
            Tensor made = atHome ? home : program.tensor(f.dst());
            made = product(f.kernel(), as(x, f.src()), program.reordered(stored, wanted), b, made);
            y = atHome ? made : dense(made);
        }
        back(n, last, y, dy -> {
            if (winograd) {
                int pad = WinogradUse.padding(n, op);
                new WinogradGradient(natives, dims(n.input()), dims(n), pad)
                        .add(
                                program,
                                channelsLast(x),
                                channelsLast(dy),
                                store.gradient(weight),
                                bias == null ? null : store.gradient(biasName));
                if (trainable.contains(n.input()))
                    give(n.input(), winograd(dy, stored, c.weightDims(), true, null, dims(n.input()), 2 - pad));
                return;
            }
            Convolution.Form g = c.weightGradient(x.desc, dy.desc);
            Depthwise depthwise = Depthwise.of(this, n, op);
            Tensor gw = depthwise == null || Depthwise.isQuick(g.kernel()) ? null : depthwise.weightGradient(x, dy);
            if (gw != null) program.copy(gw, store.gradient(weight));
            else {
                weightGradient(
                        g.kernel(),
                        as(x, g.src()),
                        as(dy, g.dst()),
                        store.gradient(weight),
                        bias == null ? null : biasName,
                        c.weight(g, dnnl_query_diff_weights_md));
            }
            if (!trainable.contains(n.input())) return;
            Tensor turned = depthwise == null ? null : depthwise.dataGradient(stored, dy);
            if (turned != null) {
                give(n.input(), turned);
                return;
            }
            Convolution.Form d = c.dataGradient(dy.desc);
            Tensor wb = program.reordered(stored, c.weight(d, dnnl_query_weights_md)), dx = program.tensor(d.src());
            program.add(d.kernel(), DNNL_ARG_WEIGHTS, wb, DNNL_ARG_DIFF_DST, as(dy, d.dst()), DNNL_ARG_DIFF_SRC, dx);
            give(n.input(), dx);
        });
        return y;
    }

    @Override
    @Nullable
    Tensor home(Node n) {
        boolean concat = n.op() instanceof Op.Concat; // its activations' gradients would lie apart
        return mode.fused && !mode.exact && !concat ? super.home(n) : null;
    }

    /** The activation that follows {@code n}, if its kernel can apply it and its output tells its slope; else n. */
    private Node withActivation(Node n) {
        Node next = mode.fused && !mode.exact ? soleReader(n) : null;
        boolean keepsZero = next != null && next.op() instanceof Op.Activation a && a != Op.Activation.SIGMOID;
        return keepsZero && Eltwise.of((Op.Activation) next.op()).fromOutput() != 0 ? next : n;
    }

    private static PostOps after(Node n, Node last) {
        return last == n ? new PostOps() : new PostOps().activation((Op.Activation) last.op());
    }

    /** Registers the way back through {@code n} and the activation {@code last} of which its kernel made {@code y}. */
    private void back(Node n, Node last, Tensor y, Consumer<Tensor> body) {
        if (last == n) {
            back(n, body);
            return;
        }
        made.put(last, y);
        fused.add(last);
        Eltwise e = Eltwise.of((Op.Activation) last.op());
        back(last, dy -> {
            if (passed.contains(last)) {
                body.accept(dy);
                return;
            }
            Tensor whole = as(y, like(y.desc, y.desc.dims()));
            body.accept(activationGradient(e, whole, whole, as(dy, whole.desc)));
        });
    }

    /** A convolution of {@code x}, or the gradient with respect to its data, as {@link WinogradConvolution}. */
    private Tensor winograd(
            Tensor x, Tensor weight, long[] weightDims, boolean gradient, @Nullable Tensor bias, long[] dims, int pad) {
        WinogradConvolution f = WinogradConvolution.forTraining(natives, x.desc.dims(), dims, pad);
        Tensor w = program.reordered(weight, taps(weightDims, gradient)), u = program.tensor(f.weight());
        Runnable transform = gradient
                ? () -> WeightTransform.turned(w.floats(), u.floats())
                : () -> WeightTransform.forward(w.floats(), u.floats());
        program.add("winograd's weight", transform, w, u);
        Tensor y = program.tensor(natives.channelsLast(dims));
        Tensor map = channelsLast(x);
        f.add(program, new WinogradConvolution.Operands(map, List.of(u), bias, null, FusedActivation.NONE, y));
        return y;
    }

    /** For each place of the kernel a matrix: of input times output channels, or turned. */
    private Desc taps(long[] dims, boolean turned) {
        long out = dims[0], in = dims[1];
        return natives.strided(dims, new long[] {turned ? in : 1, turned ? 1 : out, dims[3] * in * out, in * out});
    }

    /** How a parameter is stored: as kernels want it if they read float32, else in plain float32. */
    private Desc home(Desc wanted) {
        return natives.type() == dnnl_f32 ? wanted : natives.plain(wanted.dims());
    }

    /** The step of kernel {@code k} into {@code y}; an exact one adds the bias by itself and runs on parts of its factors. */
    private Tensor product(Kernel k, Tensor x, Tensor w, @Nullable Tensor bias, Tensor y) {
        if (!mode.exact) {
            List<Object> args = new ArrayList<>(List.of(DNNL_ARG_SRC, x, DNNL_ARG_WEIGHTS, w, DNNL_ARG_DST, y));
            if (bias != null) args.addAll(List.of(DNNL_ARG_BIAS, bias));
            program.add(k, args.toArray());
            return y;
        }
        Desc dst = y.desc;
        Tensor[] xs = split(x), ws = split(w);
        Tensor high = times(k, xs[0], ws[0], dst), low = times(k, xs[1], w, dst);
        Tensor rest = times(k, xs[0], ws[1], dst);
        program.add("sum", () -> Exact.sum(high, low, rest, y), high, low, rest, y)
                .inPlace(y, high);
        if (bias == null) return y;
        long[] d = dst.dims().clone();
        java.util.Arrays.fill(d, 1);
        d[1] = dst.dims()[1];
        return binary(dnnl_binary_add, y, bias.view(natives.channelsLast(d)), new PostOps());
    }

    private Tensor[] split(Tensor t) {
        Tensor high = program.tensor(t.desc), low = program.tensor(t.desc);
        program.add("split", () -> Exact.split(t, high, low), t, high, low);
        return new Tensor[] {high, low};
    }

    private Tensor times(Kernel k, Tensor x, Tensor w, Desc dst) {
        Tensor y = program.tensor(dst);
        program.add(k, DNNL_ARG_SRC, x, DNNL_ARG_WEIGHTS, w, DNNL_ARG_DST, y);
        return y;
    }

    private void weightGradient(Kernel k, Tensor x, Tensor dy, Tensor home, @Nullable String bias, Desc made) {
        Tensor gw = home.desc.same(made) ? home : program.tensor(made);
        if (bias == null) {
            program.add(k, DNNL_ARG_SRC, x, DNNL_ARG_DIFF_DST, dy, DNNL_ARG_DIFF_WEIGHTS, gw);
        } else {
            Tensor gb = store.gradient(bias);
            program.add(k, DNNL_ARG_SRC, x, DNNL_ARG_DIFF_DST, dy, DNNL_ARG_DIFF_WEIGHTS, gw, DNNL_ARG_DIFF_BIAS, gb);
        }
        if (gw != home) program.copy(gw, home);
    }

    @Override
    public Tensor linear(Node n, Op.Linear op) {
        return linear(n, channelsLast(value(n.input())), op.out(), op.biased(), null);
    }

    /**
     * A matrix product with x, {@code [N, C]} or {@code [N, C, H, W]}, for a linear layer or a convolution that is such
     * a product.
     */
    private Tensor linear(Node n, Tensor x, int out, boolean biased, Op.@Nullable Conv conv) {
        boolean pixels = conv != null;
        String weight = n.path() + ".weight", biasName = n.path() + ".bias";
        long[] weightDims = x.desc.dims().clone();
        weightDims[0] = out;
        Desc src = x.desc, dst = natives.rows(batch, out), any = natives.any(weightDims);
        Desc anyGradient = natives.desc(dnnl_format_tag_any, weightDims);
        Desc bias = biased ? natives.plain(out) : null;
        Node last = withActivation(n);
        Kernel f = innerProduct(dnnl_forward_training, src, any, mode.exact ? null : bias, dst, after(n, last));
        Desc wanted = natives.query(f, dnnl_query_weights_md, weightDims);
        Tensor stored, gradient;
        if (conv == null || whole(n, conv)) {
            stored = store.value(weight, home(wanted), weightDims);
            gradient = store.gradient(weight);
        } else { // the gradient of what meets padding only stays 0, as it is at the start
            long[] kernel = {out, src.dims()[1], conv.w().kh(), conv.w().kw()};
            Tensor all = store.value(weight, home(taps(kernel, false)), kernel);
            Desc part = natives.part(all.desc, weightDims, corner(n, conv));
            stored = all.view(part);
            gradient = store.gradient(weight).view(part);
        }
        Tensor b = bias == null ? null : store.value(biasName, bias, out);
        Tensor made = product(f, x, program.reordered(stored, wanted), b, program.tensor(dst));
        Tensor y = pixels ? pixel(made) : made;
        back(n, last, y, given -> {
            Tensor dy = given.desc.dims().length == 2 ? channelsLast(given) : squeezed(given);
            Kernel kw = natives.kernel(
                    "linear's weight gradient",
                    (pd, attr) -> dnnl_inner_product_backward_weights_primitive_desc_create(
                            pd,
                            Dnnl.CPU,
                            src.handle(),
                            anyGradient.handle(),
                            handle(bias),
                            dst.handle(),
                            f.handle(),
                            attr));
            Desc by = natives.query(kw, dnnl_query_diff_weights_md, weightDims);
            weightGradient(kw, x, dy, gradient, biased ? biasName : null, by);
            if (!trainable.contains(n.input())) return;
            Kernel kd = natives.kernel(
                    "linear's data gradient",
                    (pd, attr) -> dnnl_inner_product_backward_data_primitive_desc_create(
                            pd, Dnnl.CPU, src.handle(), any.handle(), dst.handle(), f.handle(), attr));
            Tensor wb = program.reordered(stored, natives.query(kd, dnnl_query_weights_md, weightDims));
            Tensor dx = program.tensor(src);
            program.add(kd, DNNL_ARG_WEIGHTS, wb, DNNL_ARG_DIFF_DST, dy, DNNL_ARG_DIFF_SRC, dx);
            give(n.input(), value(n.input()).desc.dims().length == src.dims().length ? dx : pixel(dx));
        });
        return y;
    }

    @Override
    public Tensor batchNorm(Node n, Op.BatchNorm op) {
        Tensor x = dense(value(n.input()));
        // In bfloat16 the library does all of it: loops in Java read float32 only.
        boolean library = natives.type() != dnnl_f32 || !mode.exact && knowsNorm(x.desc, op);
        return library ? libraryNorm(n, op, x) : javaNorm(n, op, x);
    }

    private Tensor channels(Node n, String name) {
        int c = n.shape().channels();
        return store.value(n.path() + name, natives.plain(c), c);
    }

    /**
     * Adds the step that measures {@code statistics} on the batch, which moves the running ones, or takes the running ones.
     *
     * @param copies where it also writes them: means and variances; nothing if no kernel reads them
     */
    private void statistics(Node n, Op.BatchNorm op, BatchStatistics statistics, Tensor x, Tensor... copies) {
        Tensor runningMean = channels(n, ".running_mean"), runningVariance = channels(n, ".running_var");
        Moments moments = mode.batchStatistics && !mode.exact ? MomentSums.add(this, x) : null;
        List<Tensor> touched = new ArrayList<>(List.of(copies));
        // With sums at hand, x is read only at need; the norm itself, which comes next, keeps it until then.
        touched.addAll(moments == null ? List.of(x) : List.of(moments.sums(), moments.squares()));
        program.add(
                "moments",
                () -> {
                    if (mode.batchStatistics) {
                        if (moments == null) statistics.measure(x);
                        else statistics.measure(x, moments);
                        statistics.moveRunning(runningMean.floats(), runningVariance.floats(), op.momentum());
                    } else {
                        statistics.take(runningMean.floats(), runningVariance.floats());
                    }
                    if (copies.length > 0) statistics.copyTo(copies[0].floats(), copies[1].floats());
                    finite &= statistics.finite();
                },
                touched.toArray(Tensor[]::new));
    }

    /** With the ReLU or ReLU6 that follows. */
    private Tensor libraryNorm(Node n, Op.BatchNorm op, Tensor x) {
        Node next = mode.fused ? soleReader(n) : null;
        boolean floats = natives.type() == dnnl_f32, relu = next != null && next.op() == Op.Activation.RELU;
        boolean relu6 = next != null && next.op() == Op.Activation.RELU6 && floats && !padded(x.desc);
        Node last = relu || relu6 ? next : n;
        Tensor scale = channels(n, ".weight"), shift = channels(n, ".bias");
        Tensor mean = program.tensor(scale.desc), variance = program.tensor(scale.desc), y = program.tensor(x.desc);
        var statistics = new BatchStatistics(Rows.of(x), n.shape().channels(), op.eps());
        if (floats) statistics(n, op, statistics, x, mean, variance);
        int flags = dnnl_use_scale | dnnl_use_shift | (relu || relu6 ? dnnl_fuse_norm_relu : 0);
        int forward = floats ? flags | dnnl_use_global_stats : flags;
        Tensor passes = relu6
                ? relu6(op, forward, x, scale, shift, mean, variance, y)
                : scaled(op.eps(), forward, x, scale, shift, mean, variance, y);
        if (!floats) {
            Tensor runningMean = channels(n, ".running_mean"), runningVariance = channels(n, ".running_var");
            program.add(
                    "running",
                    () -> {
                        statistics.take(mean.floats(), variance.floats());
                        statistics.moveRunning(runningMean.floats(), runningVariance.floats(), op.momentum());
                        finite &= statistics.finite();
                    },
                    mean,
                    variance);
        }
        made.put(last, y);
        back(last, dy -> give(n.input(), normGradient(n, op, flags, x, as(dy, x.desc), scale, mean, variance, passes)));
        return y;
    }

    /** Adds the library's batch norm; with a ReLU, gives a bit for each value that passes. */
    private @Nullable Tensor scaled(
            double eps,
            int flags,
            Tensor x,
            Tensor scale,
            @Nullable Tensor shift,
            Tensor mean,
            Tensor variance,
            Tensor y) {
        Kernel k = batchNorm(dnnl_forward_training, x.desc, eps, flags);
        boolean relu = (flags & dnnl_fuse_norm_relu) != 0;
        Tensor passes = relu ? program.tensor(natives.query(k, dnnl_query_workspace_md)) : null;
        List<Object> args = arguments(x, scale, mean, variance);
        args.addAll(List.of(DNNL_ARG_DST, y));
        if (shift != null) args.addAll(List.of(DNNL_ARG_SHIFT, shift));
        if (relu) args.addAll(List.of(DNNL_ARG_WORKSPACE, passes));
        program.add(k, args.toArray()).inPlace(y, x);
        return passes;
    }

    /**
     * Batch norm and ReLU6 as batch norm and ReLU, twice: {@code relu(6 - z)} is {@code 6 - min(6, z)}, and 6 less that,
     * again with a ReLU, is ReLU6. The bits of both tell what the gradient passes, for which the library's batch norm on
     * the way back then needs no other step. A result departs from ReLU6 by about a unit in the last place of 6, more
     * where the shift is far below 0; what is less than that is 0 and passes nothing.
     *
     * @param y the result
     * @return a bit for each value between 0 and 6
     */
    private Tensor relu6(
            Op.BatchNorm op, int flags, Tensor x, Tensor scale, Tensor shift, Tensor mean, Tensor variance, Tensor y) {
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
        Tensor below = scaled(op.eps(), flags, x, turnedScale, turnedShift, mean, variance, less);
        Tensor above = scaled(0, flags & ~dnnl_use_shift, less, minus, null, sixes, ones, y);
        Tensor both = program.tensor(below.desc); // not over one of them: both are made again where y is
        program.add("relu6's bits", () -> Bits.and(below, above, both), below, above, both);
        return both;
    }

    private static void fill(Tensor t, IntToDoubleFunction numbers) {
        FloatBuffer all = t.floats();
        for (int k = 0; k < all.limit(); k++) all.put(k, (float) numbers.applyAsDouble(k));
    }

    /** With the residual sum and the activation that follow. */
    private Tensor javaNorm(Node n, Op.BatchNorm op, Tensor x) {
        Node next = mode.fused ? soleReader(n) : null;
        Node other = next != null && next.op() instanceof Op.Add ? otherInput(next, n) : null;
        Tensor residual = other == null ? null : values.get(other);
        Node sum = residual == null ? n : next, following = mode.fused ? soleReader(sum) : null;
        FusedActivation activation = following != null && following.op() instanceof Op.Activation a
                ? FusedActivation.of(a)
                        .filter(f -> residual == null || f.slopeFromResult())
                        .orElse(FusedActivation.NONE)
                : FusedActivation.NONE;
        Node last = activation == FusedActivation.NONE ? sum : following;
        Tensor scale = channels(n, ".weight"), shift = channels(n, ".bias");
        var statistics = new BatchStatistics(Rows.of(x), n.shape().channels(), op.eps());
        Norm norm = new Norm(statistics, activation);
        statistics(n, op, statistics, x);
        Tensor r = residual == null ? null : as(residual, x.desc), y = program.tensor(x.desc);
        Runnable forward = mode.exact
                ? () -> norm.forwardExactly(x, r, y, scale.floats(), shift.floats())
                : () -> norm.forward(x, r, y, scale.floats(), shift.floats());
        if (r == null) program.add("norm", forward, x, y).inPlace(y, x);
        else program.add("norm", forward, x, r, y).inPlace(y, r);
        made.put(sum, y);
        made.put(last, y);
        back(last, given -> {
            Tensor dy = as(given, x.desc);
            if (residual == null) {
                give(n.input(), normGradient(n, new NormGradient(norm, activation), x, dy));
                return;
            }
            if (last != sum) dy = activationGradient(Eltwise.of((Op.Activation) last.op()), y, y, dy);
            give(other, dy);
            give(n.input(), normGradient(n, new NormGradient(norm, FusedActivation.NONE), x, dy));
        });
        return y;
    }

    private static Node otherInput(Node sum, Node n) {
        return sum.inputs().get(sum.inputs().get(0) == n ? 1 : 0);
    }

    private static List<Object> arguments(Tensor x, Tensor scale, Tensor mean, Tensor variance) {
        return new ArrayList<>(
                List.of(DNNL_ARG_SRC, x, DNNL_ARG_SCALE, scale, DNNL_ARG_MEAN, mean, DNNL_ARG_VARIANCE, variance));
    }

    /** Whether the library has quick kernels for a norm in this layout, with and without a ReLU in them. */
    private boolean knowsNorm(Desc d, Op.BatchNorm op) {
        int flags = dnnl_use_scale | dnnl_use_shift, given = flags | dnnl_use_global_stats;
        return Stream.of(
                        batchNorm(dnnl_forward_training, d, op.eps(), given),
                        batchNorm(dnnl_forward_training, d, op.eps(), given | dnnl_fuse_norm_relu),
                        batchNorm(dnnl_forward_training, d, 0, given & ~dnnl_use_shift | dnnl_fuse_norm_relu),
                        normGradient(d, op, flags),
                        normGradient(d, op, flags | dnnl_fuse_norm_relu))
                .allMatch(k -> k.name().startsWith("bnorm_"));
    }

    private Kernel normGradient(Desc d, Op.BatchNorm op, int flags) {
        Kernel hint = batchNorm(dnnl_forward_training, d, op.eps(), flags);
        return natives.kernel(
                "batch norm's gradient",
                (pd, attr) -> dnnl_batch_normalization_backward_primitive_desc_create(
                        pd,
                        Dnnl.CPU,
                        dnnl_backward,
                        d.handle(),
                        d.handle(),
                        d.handle(),
                        (float) op.eps(),
                        flags,
                        hint.handle(),
                        attr));
    }

    private Tensor normGradient(
            Node n,
            Op.BatchNorm op,
            int flags,
            Tensor x,
            Tensor dy,
            Tensor scale,
            Tensor mean,
            Tensor variance,
            @Nullable Tensor mask) {
        Kernel k = normGradient(x.desc, op, mode.batchStatistics ? flags : flags | dnnl_use_global_stats);
        Tensor dx = program.tensor(x.desc);
        List<Object> args = arguments(x, scale, mean, variance);
        args.addAll(List.of(
                DNNL_ARG_DIFF_DST,
                dy,
                DNNL_ARG_DIFF_SRC,
                dx,
                DNNL_ARG_DIFF_SCALE,
                store.gradient(n.path() + ".weight"),
                DNNL_ARG_DIFF_SHIFT,
                store.gradient(n.path() + ".bias")));
        if (mask != null) args.addAll(List.of(DNNL_ARG_WORKSPACE, mask));
        program.add(k, args.toArray()).inPlace(dx, dy);
        return dx;
    }

    private Tensor normGradient(Node n, NormGradient gradient, Tensor x, Tensor dy) {
        Tensor dScale = store.gradient(n.path() + ".weight"), dShift = store.gradient(n.path() + ".bias");
        program.add(
                "norm's sums",
                () -> gradient.parameters(x, dy, dScale.floats(), dShift.floats()),
                x,
                dy,
                dScale,
                dShift);
        Tensor dx = program.tensor(x.desc);
        program.add("norm's gradient", () -> gradient.data(x, dy, dx), x, dy, dx)
                .inPlace(dx, dy);
        return dx;
    }

    @Override
    public Tensor activation(Node n, Op.Activation op) {
        Tensor x = argument(n, op), y = program.tensor(x.desc);
        Eltwise e = Eltwise.of(op);
        Desc d = row(x.desc);
        Kernel f = eltwise(dnnl_forward_training, e.algorithm(), d, e.alpha(), e.beta());
        program.add(f, DNNL_ARG_SRC, x.view(d), DNNL_ARG_DST, y.view(d)).inPlace(y, x);
        back(n, dy -> give(n.input(), activationGradient(e, x, y, as(dy, y.desc))));
        return y;
    }

    private Tensor activationGradient(Eltwise e, Tensor x, Tensor y, Tensor dy) {
        boolean output = e.fromOutput() != 0;
        Desc d = row(y.desc);
        Kernel k = slope(e, d);
        Tensor dx = program.tensor(y.desc);
        program.add(
                        k,
                        output ? DNNL_ARG_DST : DNNL_ARG_SRC,
                        (output ? y : x).view(d),
                        DNNL_ARG_DIFF_DST,
                        dy.view(d),
                        DNNL_ARG_DIFF_SRC,
                        dx.view(d))
                .inPlace(dx, dy);
        return dx;
    }

    /** An activation's gradient, of its output where that is enough. */
    private Kernel slope(Eltwise e, Desc d) {
        int algorithm = e.fromOutput() != 0 ? e.fromOutput() : e.algorithm();
        Kernel hint = eltwise(dnnl_forward_training, algorithm, d, e.alpha(), e.beta());
        return natives.kernel(
                "activation's gradient",
                (pd, attr) -> dnnl_eltwise_backward_primitive_desc_create(
                        pd,
                        Dnnl.CPU,
                        algorithm,
                        d.handle(),
                        d.handle(),
                        d.handle(),
                        e.alpha(),
                        e.beta(),
                        hint.handle(),
                        attr));
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
                ? same(n, value(n.input()))
                : average(n, Averaging.of(op, n.input().shape()));
    }

    private Tensor average(Node n, Averaging a) {
        if (a.geometry() != null) return pool(n, a.algorithm(), a.geometry());
        Tensor x = floats(channelsLast(value(n.input())));
        Tensor y = program.tensor(natives.floats(natives.channelsLast(dims(n))));
        Shape in = n.input().shape();
        program.add("average", () -> Average.forward(x.floats(), y.floats(), batch, in, a.rows(), a.columns()), x, y);
        back(n, given -> {
            Tensor dy = floats(channelsLast(given)), dx = program.tensor(x.desc);
            program.add(
                    "average's gradient",
                    () -> Average.backward(dy.floats(), dx.floats(), batch, in, a.rows(), a.columns()),
                    dy,
                    dx);
            give(n.input(), dx);
        });
        return dense(y);
    }

    private Tensor pool(Node n, int algorithm, Geometry g) {
        Tensor x = dense(value(n.input())), y = program.tensor(like(x.desc, dims(n)));
        Kernel f = pooling(dnnl_forward_training, algorithm, x.desc, y.desc, g, new PostOps());
        Desc workspace = natives.query(f, dnnl_query_workspace_md);
        Tensor places = algorithm == dnnl_pooling_max ? program.tensor(workspace) : null;
        if (places == null) program.add(f, DNNL_ARG_SRC, x, DNNL_ARG_DST, y);
        else program.add(f, DNNL_ARG_SRC, x, DNNL_ARG_DST, y, DNNL_ARG_WORKSPACE, places);
        back(n, given -> {
            Tensor dy = as(given, y.desc), dx = program.tensor(x.desc);
            Kernel k = natives.kernel(
                    "pooling's gradient",
                    (pd, attr) -> dnnl_pooling_backward_primitive_desc_create(
                            pd,
                            Dnnl.CPU,
                            algorithm,
                            x.desc.handle(),
                            y.desc.handle(),
                            g.strides(),
                            g.kernel(),
                            g.dilates(),
                            g.before(),
                            g.after(),
                            f.handle(),
                            attr));
            if (places == null) program.add(k, DNNL_ARG_DIFF_DST, dy, DNNL_ARG_DIFF_SRC, dx);
            else program.add(k, DNNL_ARG_DIFF_DST, dy, DNNL_ARG_DIFF_SRC, dx, DNNL_ARG_WORKSPACE, places);
            give(n.input(), dx);
        });
        return dense(y);
    }

    @Override
    public Tensor localResponseNorm(Node n, Op.LocalResponseNorm op) {
        Tensor x = floats(channelsLast(value(n.input())));
        int c = n.shape().channels(),
                pixels = batch * n.shape().height() * n.shape().width();
        back(n, given -> {
            Tensor dy = floats(channelsLast(given)), dx = program.tensor(x.desc);
            program.add("lrn's gradient", () -> LocalResponseNorm.backward(x, dy, dx, pixels, c, op), x, dy, dx)
                    .inPlace(dx, dy);
            give(n.input(), dx);
        });
        return dense(normalised(n, x, op));
    }

    @Override
    public Tensor flatten(Node n, Op.Flatten op) {
        Tensor x = value(n.input());
        Node next = soleReader(n);
        boolean keepsAxes = mode.fused && next != null && takesMaps(next);
        if (keepsAxes || x.desc.dims().length == 2) return same(n, x);
        back(n, given -> {
            long[] d = x.desc.dims();
            give(n.input(), channelsLast(given).view(natives.rows(d)));
        });
        return vector(x);
    }

    /** Whether the way from a flattened map leads through element-wise ops to a linear layer. */
    private boolean takesMaps(Node n) {
        if (n.op() instanceof Op.Linear) return true;
        Node next = soleReader(n);
        return next != null && (n.op() instanceof Op.Dropout || n.op() instanceof Op.Activation) && takesMaps(next);
    }

    @Override
    public Tensor softmax(Node n, Op.Softmax op) {
        Tensor x = channelsLast(value(n.input())), y = program.tensor(x.desc);
        Desc d = competing(x.desc, op.ways());
        Kernel f = softmax(dnnl_forward_training, d);
        program.add(f, DNNL_ARG_SRC, x.view(d), DNNL_ARG_DST, y.view(d));
        back(n, given -> {
            Tensor dy = channelsLast(given), dx = program.tensor(x.desc);
            Kernel k = natives.kernel(
                    "softmax's gradient",
                    (pd, attr) -> dnnl_softmax_backward_primitive_desc_create(
                            pd,
                            Dnnl.CPU,
                            dnnl_softmax_accurate,
                            d.handle(),
                            d.handle(),
                            d.handle(),
                            1,
                            f.handle(),
                            attr));
            program.add(k, DNNL_ARG_DST, y.view(d), DNNL_ARG_DIFF_DST, dy.view(d), DNNL_ARG_DIFF_SRC, dx.view(d));
            give(n.input(), dx);
        });
        return y;
    }

    @Override
    public Tensor multiply(Node n, Op.Multiply op) {
        back(n, dy -> give(n.input(), multiplied(dense(dy), op.factor())));
        return multiplied(dense(value(n.input())), op.factor());
    }

    @Override
    public Tensor padChannels(Node n, Op.PadChannels op) {
        int channels = n.input().shape().channels();
        back(n, dy -> give(n.input(), part(dy, 0, channels)));
        return padded(n, value(n.input()));
    }

    @Override
    public Tensor dropout(Node n, Op.Dropout op) {
        return dropped(n, op.p(), false);
    }

    @Override
    public Tensor dropPath(Node n, Op.DropPath op) {
        return dropped(n, op.p(), true);
    }

    /** Zeroes elements, or whole images, and multiplies the others with 1 / (1 - p); backward draws the same again. */
    private Tensor dropped(Node n, double p, boolean wholeImages) {
        if (!mode.regularised || p == 0) return same(n, value(n.input()));
        back(n, dy -> give(n.input(), dropped(dense(dy), n, p, wholeImages)));
        return dropped(dense(value(n.input())), n, p, wholeImages);
    }

    private Tensor dropped(Tensor given, Node n, double p, boolean wholeImages) {
        Tensor x = floats(given), y = program.tensor(x.desc);
        int together = wholeImages ? (int) (x.desc.bytes() / Float.BYTES / batch) : 1;
        program.add("dropout", () -> Dropout.apply(x, y, p, together, randomness.of(n)), x, y)
                .inPlace(y, x);
        return as(y, given.desc);
    }

    @Override
    public Tensor slice(Node n, Op.Slice op) {
        back(n, dy -> give(n.input(), dy, op.from(), op.to()));
        return super.slice(n, op);
    }

    @Override
    public Tensor shuffle(Node n, Op.Shuffle op) {
        back(n, dy -> give(n.input(), shuffled(dy, n.shape().channels() / op.groups())));
        return shuffled(value(n.input()), op.groups());
    }

    @Override
    boolean interleaves(Node n) {
        return mode.fused && !mode.exact && super.interleaves(n);
    }

    @Override
    void interleave(Interleave all) {
        super.interleave(all);
        back(() -> {
            if (all.pieces().stream().allMatch(piece -> gradient(piece) == null)) return;
            List<Tensor> given = new ArrayList<>();
            for (Node piece : all.pieces()) {
                Tensor dy = gradient(piece);
                given.add(dy == null ? zeros(dims(piece)) : channelsLast(dy));
            }
            for (int s = 0; s < 2; s++) {
                if (!trainable.contains(all.sides().get(s))) continue;
                Tensor dx = program.tensor(natives.channelsLast(dims(all.sides().get(s))));
                for (int i = 0; i < given.size(); i++) {
                    Node piece = all.pieces().get(i);
                    program.copy(
                            Interleave.ofPiece(natives, piece, given.get(i), s), Interleave.ofSide(natives, piece, dx));
                }
                give(all.sides().get(s), dx);
            }
        });
    }

    @Override
    public Tensor add(Node n, Op.Add op) {
        Node next = mode.fused ? soleReader(n) : null;
        boolean relu = next != null && next.op() == Op.Activation.RELU;
        PostOps after = relu ? new PostOps().activation(Op.Activation.RELU) : new PostOps();
        Tensor y = binary(
                dnnl_binary_add,
                dense(value(n.inputs().get(0))),
                value(n.inputs().get(1)),
                after);
        if (relu) made.put(next, y);
        back(relu ? next : n, given -> {
            Tensor dy = as(given, y.desc);
            if (relu) dy = activationGradient(RELU, y, y, dy);
            give(n.inputs().get(0), dy);
            give(n.inputs().get(1), dy);
        });
        return y;
    }

    @Override
    public Tensor scale(Node n, Op.Scale op) {
        Node map = n.inputs().get(0), gate = n.inputs().get(1);
        Tensor x = dense(value(map)), s = as(value(gate), like(x.desc, dims(gate)));
        back(n, given -> {
            Tensor dy = as(given, x.desc);
            if (trainable.contains(gate)) {
                Tensor product = binary(dnnl_binary_mul, x, dy, new PostOps()), ds = program.tensor(s.desc);
                float pixels = map.shape().height() * map.shape().width();
                PostOps sum = new PostOps().eltwise(dnnl_eltwise_linear, pixels, 0);
                program.add(
                        pooling(
                                dnnl_forward_inference,
                                dnnl_pooling_avg_exclude_padding,
                                x.desc,
                                s.desc,
                                Geometry.whole(map.shape()),
                                sum),
                        DNNL_ARG_SRC,
                        product,
                        DNNL_ARG_DST,
                        ds);
                give(gate, ds);
            }
            give(map, binary(dnnl_binary_mul, dy, s, new PostOps()));
        });
        return binary(dnnl_binary_mul, x, s, new PostOps());
    }

    @Override
    public Tensor concat(Node n, Op.Concat op) {
        Tensor y = super.concat(n, op);
        boolean rectified = n.inputs().stream()
                .allMatch(i -> fused.contains(i) && i.op() == Op.Activation.RELU && value(i).root == y);
        back(n, given -> {
            Tensor whole = given;
            boolean byPart = false;
            if (rectified) {
                passed.addAll(n.inputs());
                whole = as(given, y.desc);
                byPart = n.inputs().stream().allMatch(i -> i.shape().channels() % Layout.BLOCK == 0);
                if (!byPart) whole = activationGradient(RELU, y, y, whole);
            }
            int at = 0;
            for (Node i : n.inputs()) {
                int end = at + i.shape().channels();
                Tensor dy = part(whole, at, end);
                give(i, byPart ? rectifiedPart(value(i), dy) : dy);
                at = end;
            }
        });
        return y;
    }

    /** The gradient of some blocks' ReLU, dense as kernels want it; an image's blocks lie side by side. */
    private Tensor rectifiedPart(Tensor y, Tensor dy) {
        Tensor dx = program.tensor(natives.blocked(y.desc.dims()));
        program.add(slope(RELU, natives.image(y.desc)), DNNL_ARG_DST, y, DNNL_ARG_DIFF_DST, dy, DNNL_ARG_DIFF_SRC, dx)
                .eachImage();
        return dx;
    }
}
