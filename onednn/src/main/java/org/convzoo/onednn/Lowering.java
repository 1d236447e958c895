package org.convzoo.onednn;

import static org.bytedeco.dnnl.global.dnnl.*;

import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.javacpp.Pointer;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Node;
import org.convzoo.graph.Op;
import org.convzoo.graph.Shape;
import org.convzoo.onednn.Natives.Desc;
import org.convzoo.onednn.Natives.Kernel;
import org.jspecify.annotations.Nullable;

/**
 * What training and inference share in turning nodes into steps. A node's value is a tensor {@code [N, C, H, W]},
 * channels last, or {@code [N, C]}. A flattened map keeps its four axes: a linear layer takes them as they are.
 */
abstract class Lowering implements Op.Visitor<Tensor> {
    final Natives natives;
    final Graph graph;
    final int batch;
    final Map<Node, Tensor> values = new IdentityHashMap<>();
    private final Map<Node, Node> soleReaders = new IdentityHashMap<>();
    private final Map<Tensor, Tensor> dense = new IdentityHashMap<>();
    Program program;
    private Tensor input;

    Lowering(Natives natives, Program program, Graph graph, List<Node> nodes, int batch) {
        this.natives = natives;
        this.program = program;
        this.graph = graph;
        this.batch = batch;
        Map<Node, Integer> readers = new IdentityHashMap<>();
        for (Node n : nodes) {
            for (Node i : n.inputs()) {
                readers.merge(i, 1, Integer::sum);
                soleReaders.put(i, n);
            }
        }
        readers.forEach((n, count) -> {
            if (count > 1) soleReaders.remove(n);
        });
        soleReaders.remove(graph.output());
        graph.auxiliaries().forEach(a -> soleReaders.remove(a.output()));
    }

    /** The only node that reads {@code n}, if there is just one and {@code n} is no output. */
    @Nullable
    Node soleReader(Node n) {
        return soleReaders.get(n);
    }

    Tensor value(Node n) {
        return values.get(n);
    }

    /** Steps from here on go into {@code next}. */
    void into(Program next) {
        if (next != program) dense.clear();
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

    /** The sizes under which kernels know a convolution's weight: with an axis of groups if there are several. */
    static long[] weightDims(Node n, Op.Conv op) {
        int in = n.input().shape().channels(), g = op.w().groups();
        return g == 1
                ? new long[] {op.out(), in, op.w().kh(), op.w().kw()}
                : new long[] {g, op.out() / g, in / g, op.w().kh(), op.w().kw()};
    }

    /** Whether a convolution is a matrix product: one pixel in, one pixel out. */
    static boolean pointwise(Node n, Op.Conv op) {
        Shape in = n.input().shape();
        return in.height() == 1
                && in.width() == 1
                && op.w().kh() == 1
                && op.w().kw() == 1
                && op.w().groups() == 1
                && n.shape().height() == 1
                && n.shape().width() == 1;
    }

    /** The tensor with its channels side by side and nothing between pixels: itself, or a copy of a view. */
    Tensor dense(Tensor t) {
        return dense.computeIfAbsent(t, v -> program.reordered(v, natives.channelsLast(v.desc.dims())));
    }

    /** The tensor as {@code [N, elements]}, each image's elements in row-major order. */
    Tensor vector(Tensor t) {
        long[] d = t.desc.dims();
        if (d.length == 2) return dense(t);
        if (d[2] * d[3] == 1) return dense(t).view(natives.plain(d[0], d[1]));
        return program.reordered(t, natives.desc(dnnl_nchw, d)).view(natives.plain(d[0], d[1] * d[2] * d[3]));
    }

    /** One pixel as a vector. */
    Tensor squeezed(Tensor t) {
        long[] d = t.desc.dims();
        return dense(t).view(natives.plain(d[0], d[1]));
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
        return natives.kernel(
                "convolution",
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

    Kernel batchNorm(int kind, Desc d, Op.BatchNorm op, int flags) {
        return natives.kernel(
                "batch norm",
                (pd, attr) -> dnnl_batch_normalization_forward_primitive_desc_create(
                        pd, Dnnl.CPU, kind, d.handle(), d.handle(), (float) op.eps(), flags, attr));
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
    Tensor binary(int algorithm, Tensor a, Tensor b, PostOps after) {
        Tensor y = program.tensor(a.desc);
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
            int algorithm, @Nullable Geometry geometry, Loops.@Nullable Cells rows, Loops.@Nullable Cells columns) {
        static Averaging of(Op.AvgPool op, Shape in, Shape out) {
            Geometry g = Geometry.of(op.w(), in);
            boolean beyond = g.after()[0] > g.before()[0] || g.after()[1] > g.before()[1];
            if (op.countPadding() && beyond && !op.w().same())
                return new Averaging(0, null, Loops.Cells.rows(op, in, out), Loops.Cells.columns(op, in, out));
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
                    : new Averaging(0, null, Loops.Cells.adaptive(h, op.height()), Loops.Cells.adaptive(w, op.width()));
        }
    }

    static boolean identity(Node n) {
        return n.shape().equals(n.input().shape());
    }

    /** The concatenation of views or tensors, dense. */
    Tensor concat(List<Tensor> parts, long[] dims) {
        Tensor y = program.tensor(natives.channelsLast(dims));
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
        Tensor x = dense(t);
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
        return each == 1 ? natives.plain(pixels, ways) : natives.plain(pixels, ways, each);
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
        Tensor y = program.tensor(natives.channelsLast(dims(n)));
        zero(y);
        program.copy(x, y.view(natives.channels(y.desc, 0, x.desc.dims()[1])));
        return y;
    }

    /** The local response normalisation of {@code x}. */
    Tensor normalised(Node n, Tensor x, Op.LocalResponseNorm op) {
        Tensor y = program.tensor(x.desc);
        int c = n.shape().channels(),
                pixels = batch * n.shape().height() * n.shape().width();
        program.add("lrn", () -> Loops.lrn(x, y, pixels, c, op), x, y).inPlace(y, x);
        return y;
    }

    void zero(Tensor t) {
        program.add("zero", () -> Pointer.memset(t.address(), 0, t.desc.bytes()), t);
    }

    /** Where images go in, {@code [N, C, H, W]} row-major. */
    Tensor input() {
        return input;
    }

    @Override
    public Tensor input(Node n, Op.Input op) {
        long[] d = dims(n);
        input = program.tensor(natives.plain(d));
        program.keep(input);
        if (d.length == 2) return input;
        if (d[1] == 1 || d[2] * d[3] == 1) return input.view(natives.channelsLast(d));
        return program.reordered(input, natives.channelsLast(d));
    }

    @Override
    public Tensor slice(Node n, Op.Slice op) {
        Tensor x = value(n.input());
        return x.view(natives.channels(x.desc, op.from(), op.to()));
    }
}
