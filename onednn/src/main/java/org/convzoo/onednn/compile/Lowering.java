package org.convzoo.onednn.compile;

import static org.bytedeco.dnnl.global.dnnl.*;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.javacpp.Pointer;
import org.convzoo.failure.OutOfMemoryException;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Node;
import org.convzoo.graph.Op;
import org.convzoo.graph.Shape;
import org.convzoo.graph.Window;
import org.convzoo.onednn.binding.Dnnl;
import org.convzoo.onednn.binding.Geometry;
import org.convzoo.onednn.binding.Layout;
import org.convzoo.onednn.binding.Natives;
import org.convzoo.onednn.binding.Natives.Desc;
import org.convzoo.onednn.binding.Natives.Kernel;
import org.convzoo.onednn.binding.PostOps;
import org.convzoo.onednn.loops.Average;
import org.convzoo.onednn.loops.LocalResponseNorm;
import org.convzoo.onednn.program.Program;
import org.convzoo.onednn.program.Tensor;
import org.convzoo.onednn.winograd.WinogradUse;
import org.jspecify.annotations.Nullable;

/**
 * What training and inference share in turning nodes into steps. A node's value is a tensor {@code [N, C, H, W]},
 * channels last, or {@code [N, C]}. A flattened map keeps its four axes: a linear layer takes them as they are.
 */
public abstract class Lowering implements Op.Visitor<Tensor> {
    final Natives natives;
    final Graph graph;
    final int batch;
    final Layout layout;
    final WinogradUse winograd;
    final Map<Node, Tensor> values = new IdentityHashMap<>();
    /** Nodes whose value another node's step makes. */
    final Map<Node, Tensor> made = new IdentityHashMap<>();

    /** None for outputs, which are read from outside. */
    private final Map<Node, List<Node>> readers = new IdentityHashMap<>();
    /** The maps of concatenations whose inputs are made in place. */
    private final Map<Node, Tensor> joints = new IdentityHashMap<>();
    /** The inputs' places there. */
    private final Map<Node, Tensor> homes = new IdentityHashMap<>();

    private final Map<Tensor, List<Tensor>> copies = new IdentityHashMap<>();
    Program program;
    private Tensor input;

    Lowering(Natives natives, Program program, Graph graph, List<Node> nodes, int batch, Plan plan) {
        this.natives = natives;
        this.program = program;
        this.graph = graph;
        this.batch = batch;
        this.layout = plan.layout();
        this.winograd = natives.type() == dnnl_f32 ? plan.winograd() : WinogradUse.NEVER;
        nodes.forEach(this::checkSize);
        for (Node n : nodes)
            for (Node i : n.inputs())
                readers.computeIfAbsent(i, k -> new ArrayList<>()).add(n);
        readers.remove(graph.output());
        graph.auxiliaries().forEach(a -> readers.remove(a.output()));
    }

    /** The library refuses larger arrays, and says nothing of their size. */
    private void checkSize(Node n) {
        long elements = batch * n.shape().elements();
        if (elements > Integer.MAX_VALUE)
            throw new OutOfMemoryException(String.format(
                    Locale.ROOT, "what %s gives would be an array of %,d numbers, and 2^31 are too many", n, elements));
    }

    /** Adds the forward steps of {@code n}, unless they have been added with those of a node before it. */
    final void lower(Node n) {
        program.at(n.path(), "forward");
        Tensor done = made.get(n);
        if (done != null) values.put(n, done);
        else if (interleaves(n)) interleave(Interleave.of(n, soleReader(n), readers(soleReader(n))));
        else if (!(n.op() instanceof Op.Shuffle && interleaves(n.input()))) values.put(n, n.op().accept(this, n));
    }

    /** Whether {@code n} is a concatenation that is made at once with the shuffle of it; the same whenever it is asked. */
    boolean interleaves(Node n) {
        Node next = soleReader(n);
        return next != null && Interleave.fits(n, next);
    }

    void interleave(Interleave all) {
        List<Tensor> sides = new ArrayList<>();
        for (Node n : all.sides()) sides.add(channelsLast(value(n)));
        for (Node piece : all.pieces()) {
            Tensor y = program.tensor(natives.channelsLast(dims(piece)));
            for (int s = 0; s < 2; s++)
                program.copy(Interleave.ofSide(natives, piece, sides.get(s)), Interleave.ofPiece(natives, piece, y, s));
            made.put(piece, y);
        }
    }

    private List<Node> readers(Node n) {
        return readers.getOrDefault(n, List.of());
    }

    /** The only node that reads {@code n}, if there is just one and {@code n} is no output. */
    @Nullable
    Node soleReader(Node n) {
        return readers(n).size() == 1 ? readers(n).get(0) : null;
    }

    public Tensor value(Node n) {
        return values.get(n);
    }

    /** Steps from here on go into {@code next}. */
    public void into(Program next) {
        if (next != program) copies.clear();
        program = next;
    }

    long[] dims(Node n) {
        return dims(n.shape());
    }

    long[] dims(Shape s) {
        return s.rank() == 1
                ? new long[] {batch, s.channels()}
                : new long[] {batch, s.channels(), s.height(), s.width()};
    }

    /**
     * Whether a convolution is a matrix product, as of a linear layer: its kernel meets the whole map, once. What of the
     * kernel meets padding only, such as all but the middle of 3x3 on a map of one pixel, is not computed with.
     */
    static boolean isProduct(Node n, Op.Conv op) {
        Shape in = n.input().shape();
        Window w = op.w();
        Window.Pads pads = w.pads(in);
        return n.shape().height() * n.shape().width() == 1
                && w.groups() == 1
                && w.dh() == 1
                && w.dw() == 1
                && pads.top() + in.height() <= w.kh()
                && pads.left() + in.width() <= w.kw();
    }

    /** Whether all of the kernel of such a product meets the map. */
    static boolean whole(Node n, Op.Conv op) {
        Shape in = n.input().shape();
        return op.w().kh() == in.height() && op.w().kw() == in.width();
    }

    /** The map of such a product; as a vector if nothing but the channels is left. */
    Tensor factor(Node n, Op.Conv op) {
        Tensor x = value(n.input());
        return op.w().kh() * op.w().kw() == 1 ? squeezed(x) : channelsLast(x);
    }

    /** Where in the kernel of such a product the map lies: the first row and column, as offsets of its weight. */
    static long[] corner(Node n, Op.Conv op) {
        Window.Pads pads = op.w().pads(n.input().shape());
        return new long[] {0, 0, pads.top(), pads.left()};
    }

    /** The layout of maps of these sizes. */
    Desc maps(long... dims) {
        return layout.of(natives, dims);
    }

    /** The tensor in layout {@code d}: itself, or a copy, made once in a program. */
    Tensor as(Tensor t, Desc d) {
        if (t.desc.same(d)) return t;
        List<Tensor> known = copies.computeIfAbsent(t, k -> new ArrayList<>());
        for (Tensor c : known) if (c.desc.same(d)) return c;
        Tensor copy = onePixel(t.desc, d) ? t.view(d) : program.reordered(t, d);
        known.add(copy);
        return copy;
    }

    /** Whether both layouts mean the same places: maps of one pixel and whole blocks of channels. */
    private static boolean onePixel(Desc a, Desc b) {
        long[] d = a.dims();
        return d.length == 4
                && d[2] * d[3] == 1
                && a.offset() == 0
                && b.offset() == 0
                && d[1] % Layout.BLOCK == 0
                && a.bytes() == b.bytes()
                && a.bytes() == a.elementBytes();
    }

    /** The tensor with nothing between its pixels, channels last or in the network's layout: itself, or a copy. */
    Tensor dense(Tensor t) {
        return t.desc.same(natives.channelsLast(t.desc.dims())) ? t : as(t, maps(t.desc.dims()));
    }

    /** The tensor with its channels side by side and nothing between pixels: itself, or a copy. */
    Tensor channelsLast(Tensor t) {
        return as(t, natives.channelsLast(t.desc.dims()));
    }

    /** The layout of maps of these sizes that goes with {@code like}. */
    Desc like(Desc like, long... dims) {
        return Layout.isChannelsLast(like) ? natives.channelsLast(dims) : natives.blocked(dims);
    }

    static boolean padded(Desc d) {
        return d.bytes() > d.elementBytes();
    }

    /** Bytes of an element of a map. */
    private long size() {
        return dnnl_data_type_size(natives.type());
    }

    /** The tensor in float32, for loops in Java: itself, or a copy. */
    Tensor floats(Tensor t) {
        return as(t, natives.floats(t.desc));
    }

    /** The value of {@code head} as {@code [N, classes]} in float32. */
    public Tensor logits(Node head) {
        Tensor z = vector(value(head));
        return as(z, natives.plain(z.desc.dims()));
    }

    /**
     * The layout in which an element-wise kernel sees a tensor: one long row where channels are padded, for which the
     * library has no kernel of its own. Padding stays zero if the function leaves zero as it is.
     */
    Desc row(Desc d) {
        return padded(d) ? natives.rows(d.bytes() / size()) : d;
    }

    /** The value that an activation reads: channels last where it would fill the padding. */
    Tensor argument(Node n, Op.Activation op) {
        Tensor x = dense(value(n.input()));
        boolean fills = op == Op.Activation.SIGMOID || op == Op.Activation.HARDSIGMOID;
        return fills && padded(x.desc) ? channelsLast(x) : x;
    }

    /** Channels {@code from} to {@code to} of {@code t} as a view, of a channels-last copy where blocks would break. */
    Tensor part(Tensor t, int from, int to) {
        boolean whole = from % Layout.BLOCK == 0 && (to % Layout.BLOCK == 0 || to == t.desc.dims()[1]);
        Tensor x = whole || Layout.isChannelsLast(t.desc) ? t : channelsLast(t);
        return x.view(natives.channels(x.desc, from, to));
    }

    /** The tensor as {@code [N, elements]}, each image's elements in row-major order. */
    Tensor vector(Tensor t) {
        long[] d = t.desc.dims();
        if (d.length == 2) return dense(t);
        if (d[2] * d[3] == 1) return channelsLast(t).view(natives.rows(d[0], d[1]));
        return as(t, natives.rows(d)).view(natives.rows(d[0], d[1] * d[2] * d[3]));
    }

    /** One pixel as a vector. */
    Tensor squeezed(Tensor t) {
        long[] d = t.desc.dims();
        return channelsLast(t).view(natives.rows(d[0], d[1]));
    }

    /** A vector as one pixel. */
    Tensor pixel(Tensor t) {
        long[] d = t.desc.dims();
        return t.view(natives.channelsLast(d[0], d[1], 1, 1));
    }

    static @Nullable dnnl_memory_desc handle(@Nullable Desc d) {
        return d == null ? null : d.handle();
    }

    Kernel convolution(int kind, Desc src, Desc weights, @Nullable Desc bias, Desc dst, Geometry g, PostOps after) {
        return convolution("convolution", kind, src, weights, bias, dst, g, after);
    }

    /** @param what it computes */
    Kernel convolution(
            String what, int kind, Desc src, Desc weights, @Nullable Desc bias, Desc dst, Geometry g, PostOps after) {
        return natives.kernel(
                what,
                after,
                (pd, attr) -> dnnl_convolution_forward_primitive_desc_create(
                        pd,
                        Dnnl.CPU,
                        kind,
                        dnnl_convolution_direct,
                        src.handle(),
                        weights.handle(),
                        handle(bias),
                        dst.handle(),
                        g.strides(),
                        g.dilates(),
                        g.before(),
                        g.after(),
                        attr));
    }

    /**
     * The gradient of a convolution's weight and, if it has one, bias.
     *
     * @param forward the convolution
     */
    Kernel weightGradient(
            String what, Kernel forward, Desc src, Desc gradient, @Nullable Desc bias, Desc dst, Geometry g) {
        return natives.kernel(
                what,
                (pd, attr) -> dnnl_convolution_backward_weights_primitive_desc_create(
                        pd,
                        Dnnl.CPU,
                        dnnl_convolution_direct,
                        src.handle(),
                        gradient.handle(),
                        handle(bias),
                        dst.handle(),
                        g.strides(),
                        g.dilates(),
                        g.before(),
                        g.after(),
                        forward.handle(),
                        attr));
    }

    Kernel innerProduct(int kind, Desc src, Desc weights, @Nullable Desc bias, Desc dst, PostOps after) {
        return natives.kernel(
                "linear",
                after,
                (pd, attr) -> dnnl_inner_product_forward_primitive_desc_create(
                        pd, Dnnl.CPU, kind, src.handle(), weights.handle(), handle(bias), dst.handle(), attr));
    }

    Kernel eltwise(int kind, int algorithm, Desc d, float alpha, float beta) {
        return natives.kernel(
                "eltwise",
                (pd, attr) -> dnnl_eltwise_forward_primitive_desc_create(
                        pd, Dnnl.CPU, kind, algorithm, d.handle(), d.handle(), alpha, beta, attr));
    }

    Kernel batchNorm(int kind, Desc d, double eps, int flags) {
        return natives.kernel(
                "batch norm",
                (pd, attr) -> dnnl_batch_normalization_forward_primitive_desc_create(
                        pd, Dnnl.CPU, kind, d.handle(), d.handle(), (float) eps, flags, attr));
    }

    Kernel pooling(int kind, int algorithm, Desc src, Desc dst, Geometry g, PostOps after) {
        return natives.kernel(
                "pooling",
                after,
                (pd, attr) -> dnnl_pooling_forward_primitive_desc_create(
                        pd,
                        Dnnl.CPU,
                        kind,
                        algorithm,
                        src.handle(),
                        dst.handle(),
                        g.strides(),
                        g.kernel(),
                        g.dilates(),
                        g.before(),
                        g.after(),
                        attr));
    }

    Kernel binary(int algorithm, Desc a, Desc b, Desc dst, PostOps after) {
        return natives.kernel(
                "binary",
                after,
                (pd, attr) -> dnnl_binary_primitive_desc_create(
                        pd, Dnnl.CPU, algorithm, a.handle(), b.handle(), dst.handle(), attr));
    }

    /** a + b or a b, each channel or image of {@code b} broadcast where it has size 1. */
    Tensor binary(int algorithm, Tensor a, Tensor other, PostOps after) {
        Tensor b = as(other, like(a.desc, other.desc.dims())), y = program.tensor(a.desc);
        program.add(
                        binary(algorithm, a.desc, b.desc, a.desc, after),
                        DNNL_ARG_SRC_0,
                        a,
                        DNNL_ARG_SRC_1,
                        b,
                        DNNL_ARG_DST,
                        y)
                .inPlace(y, a);
        return y;
    }

    /** How an average pooling is computed: by the library, or by a loop where its rule for padding differs. */
    record Averaging(
            int algorithm, @Nullable Geometry geometry, Average.@Nullable Cells rows, Average.@Nullable Cells columns) {
        static Averaging of(Op.AvgPool op, Shape in, Shape out) {
            Geometry g = Geometry.of(op.w(), in);
            boolean beyond = g.after()[0] > g.before()[0] || g.after()[1] > g.before()[1];
            if (op.countPadding() && beyond && !op.w().same())
                return new Averaging(0, null, Average.Cells.rows(op, in, out), Average.Cells.columns(op, in, out));
            return new Averaging(
                    op.countPadding() ? dnnl_pooling_avg_include_padding : dnnl_pooling_avg_exclude_padding,
                    g,
                    null,
                    null);
        }

        static Averaging of(Op.AdaptiveAvgPool op, Shape in) {
            int h = in.height(), w = in.width();
            return h % op.height() == 0 && w % op.width() == 0
                    ? new Averaging(
                            dnnl_pooling_avg_exclude_padding,
                            Geometry.blocks(h / op.height(), w / op.width()),
                            null,
                            null)
                    : new Averaging(
                            0, null, Average.Cells.adaptive(h, op.height()), Average.Cells.adaptive(w, op.width()));
        }
    }

    static boolean identity(Node n) {
        return n.shape().equals(n.input().shape());
    }

    /**
     * The place of {@code n}'s map among the channels of the concatenation that alone reads it, or beside nodes that read
     * parts; it then has nothing to copy. A concatenation can itself have its place in another. None where blocks of
     * channels would break, or for channels last, of which no kernel writes a part.
     */
    @Nullable
    Tensor home(Node n) {
        Node joint = joint(n);
        if (layout != Layout.BLOCKED || joint == null || interleaves(joint)) return null;
        if (n.shape().rank() == 1 || n.shape().height() * n.shape().width() == 1) return null;
        Tensor known = homes.get(n);
        if (known != null) return known;
        int from = -1, at = 0;
        for (Node i : joint.inputs()) {
            if (at % Layout.BLOCK != 0) return null;
            if (i == n) from = at;
            at += i.shape().channels();
        }
        Tensor whole = joints.get(joint);
        if (whole == null) {
            Tensor home = home(joint);
            whole = home != null ? home : program.tensor(maps(dims(joint)));
            joints.put(joint, whole);
        }
        Tensor home = part(whole, from, from + n.shape().channels());
        homes.put(n, home);
        return home;
    }

    private @Nullable Node joint(Node n) {
        Node joint = null;
        for (Node reader : readers(n)) {
            boolean joins = reader.op() instanceof Op.Concat;
            if (joins ? joint != null : !readsParts(reader)) return null;
            if (joins) joint = reader;
        }
        return joint;
    }

    /** Whether {@code reader} can be fed with some channels of a larger map. */
    boolean readsParts(Node reader) {
        return false;
    }

    @Override
    public Tensor concat(Node n, Op.Concat op) {
        Tensor joint = joints.get(n);
        if (joint == null) return concat(n.inputs().stream().map(this::value).toList(), dims(n));
        int at = 0;
        for (Node i : n.inputs()) {
            int from = at;
            at += i.shape().channels();
            // Made dense first: the library's copy from part to part takes the same image for all.
            if (value(i) != home(i)) program.copy(dense(value(i)), part(joint, from, at));
        }
        return joint;
    }

    /** The concatenation of views or tensors, dense. */
    Tensor concat(List<Tensor> given, long[] dims) {
        long at = 0;
        boolean blocks = true;
        for (Tensor t : given) {
            blocks &= at % Layout.BLOCK == 0 && !Layout.isChannelsLast(t.desc);
            at += t.desc.dims()[1];
        }
        Tensor y = program.tensor(blocks ? maps(dims) : natives.channelsLast(dims));
        List<Tensor> parts = given.stream()
                .map(t -> Layout.isChannelsLast(t.desc) == Layout.isChannelsLast(y.desc)
                        ? t
                        : as(t, like(y.desc, t.desc.dims())))
                .toList();
        dnnl_memory_desc[] handles = parts.stream().map(t -> t.desc.handle()).toArray(dnnl_memory_desc[]::new);
        Kernel k;
        try (var array = new org.bytedeco.javacpp.PointerPointer<dnnl_memory_desc>(handles)) {
            k = natives.kernel(
                    "concat",
                    (pd, attr) -> dnnl_concat_primitive_desc_create(
                            pd, Dnnl.CPU, y.desc.handle(), handles.length, 1, array, attr));
        }
        Object[] args = new Object[2 * handles.length + 2];
        for (int i = 0; i < handles.length; i++) {
            args[2 * i] = DNNL_ARG_MULTIPLE_SRC + i;
            args[2 * i + 1] = parts.get(i);
        }
        args[args.length - 2] = DNNL_ARG_DST;
        args[args.length - 1] = y;
        program.add(k, args);
        return y;
    }

    /** Channel {@code j} of group {@code i} to place {@code j * groups + i}: a transposition of two short axes. */
    Tensor shuffled(Tensor t, int groups) {
        Tensor x = channelsLast(t);
        long[] d = x.desc.dims();
        long pixels = d.length == 4 ? d[0] * d[2] * d[3] : d[0], c = d[1], each = c / groups;
        long[] axes = {pixels, groups, each};
        Tensor y = program.tensor(x.desc);
        program.copy(
                x.view(natives.strided(axes, new long[] {c, each, 1})),
                y.view(natives.strided(axes, new long[] {c, 1, groups})));
        return y;
    }

    /** The layout in which a softmax over {@code ways} runs along axis 1. */
    Desc competing(Desc d, int ways) {
        long[] x = d.dims();
        long pixels = x.length == 4 ? x[0] * x[2] * x[3] : x[0], each = x[1] / ways;
        return each == 1 ? natives.rows(pixels, ways) : natives.rows(pixels, ways, each);
    }

    Kernel softmax(int kind, Desc d) {
        return natives.kernel(
                "softmax",
                (pd, attr) -> dnnl_softmax_forward_primitive_desc_create(
                        pd, Dnnl.CPU, kind, dnnl_softmax_accurate, d.handle(), d.handle(), 1, attr));
    }

    Tensor multiplied(Tensor x, double factor) {
        Tensor y = program.tensor(x.desc);
        Kernel k = eltwise(dnnl_forward_inference, dnnl_eltwise_linear, x.desc, (float) factor, 0);
        program.add(k, DNNL_ARG_SRC, x, DNNL_ARG_DST, y).inPlace(y, x);
        return y;
    }

    /** The value of a node that adds channels of zeros behind those of {@code x}. */
    Tensor padded(Node n, Tensor x) {
        Tensor y = zeros(dims(n));
        program.copy(x, y.view(natives.channels(y.desc, 0, x.desc.dims()[1])));
        return y;
    }

    /** The local response normalisation of {@code x}. */
    Tensor normalised(Node n, Tensor x, Op.LocalResponseNorm op) {
        Tensor y = program.tensor(x.desc);
        int c = n.shape().channels(),
                pixels = batch * n.shape().height() * n.shape().width();
        program.add("lrn", () -> LocalResponseNorm.forward(x, y, pixels, c, op), x, y)
                .inPlace(y, x);
        return y;
    }

    /** A map of zeros, channels last. */
    Tensor zeros(long... dims) {
        Tensor t = program.tensor(natives.channelsLast(dims));
        program.add("zero", () -> Pointer.memset(t.address(), 0, t.desc.bytes()), t);
        return t;
    }

    /** Where images go in, {@code [N, C, H, W]} row-major. */
    public Tensor input() {
        return input;
    }

    @Override
    public Tensor input(Node n, Op.Input op) {
        long[] d = dims(n);
        input = program.tensor(natives.plain(d));
        program.keep(input);
        if (d.length == 2 || layout == Layout.BLOCKED) return input;
        if (natives.type() == dnnl_f32 && (d[1] == 1 || d[2] * d[3] == 1)) return input.view(natives.channelsLast(d));
        return program.reordered(input, natives.channelsLast(d));
    }

    @Override
    public Tensor slice(Node n, Op.Slice op) {
        return part(value(n.input()), op.from(), op.to());
    }
}
