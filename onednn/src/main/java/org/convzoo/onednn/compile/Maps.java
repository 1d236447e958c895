package org.convzoo.onednn.compile;

import static org.bytedeco.dnnl.global.dnnl.dnnl_data_type_size;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.Pointer;
import org.convzoo.graph.Node;
import org.convzoo.graph.Shape;
import org.convzoo.onednn.binding.Desc;
import org.convzoo.onednn.binding.Layout;
import org.convzoo.onednn.binding.Natives;
import org.convzoo.onednn.program.Program;
import org.convzoo.onednn.program.Tensor;

/**
 * Tensors in the layouts that steps want. A tensor that lies so already is given as it is; of others a copy is made, once
 * in a program. Values of nodes are {@code [N, C, H, W]} or {@code [N, C]}.
 */
final class Maps {
    /** The layout of the network's maps. */
    final Layout layout;

    private final Natives natives;
    private final int batch;
    private final Map<Tensor, List<Tensor>> copies = new IdentityHashMap<>();
    private Program program;

    Maps(Natives natives, Program program, int batch, Layout layout) {
        this.natives = natives;
        this.program = program;
        this.batch = batch;
        this.layout = layout;
    }

    /** Makes copies in {@code next} from here on. */
    void into(Program next) {
        if (next != program) copies.clear();
        program = next;
    }

    // -- layouts --------------------------------------------------------------------------------------

    long[] dims(Node n) {
        return dims(n.shape());
    }

    long[] dims(Shape s) {
        return s.rank() == 1
                ? new long[] {batch, s.channels()}
                : new long[] {batch, s.channels(), s.height(), s.width()};
    }

    /** The network's layout of maps of these sizes. */
    Desc of(long... dims) {
        return layout.of(natives, dims);
    }

    /** The layout of maps of these sizes that goes with {@code like}: channels last, or in blocks. */
    Desc like(Desc like, long... dims) {
        return Layout.isChannelsLast(like) ? natives.channelsLast(dims) : natives.blocked(dims);
    }

    static boolean padded(Desc d) {
        return d.bytes() > d.elementBytes();
    }

    /**
     * The layout in which an element-wise kernel sees a tensor: one long row where channels are padded, for which the
     * library has no kernel of its own. Padding stays zero if the function leaves zero as it is.
     */
    Desc row(Desc d) {
        return padded(d) ? natives.rows(d.bytes() / dnnl_data_type_size(natives.type())) : d;
    }

    /** The layout in which a softmax over {@code ways} runs along axis 1. */
    Desc rowsOfSoftmax(Desc d, int ways) {
        long[] x = d.dims();
        long pixels = x.length == 4 ? x[0] * x[2] * x[3] : x[0], each = x[1] / ways;
        return each == 1 ? natives.rows(pixels, ways) : natives.rows(pixels, ways, each);
    }

    // -- tensors --------------------------------------------------------------------------------------

    /** The tensor in layout {@code d}. */
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

    /** The tensor with nothing between its pixels, channels last or in the network's layout. */
    Tensor dense(Tensor t) {
        return t.desc.same(natives.channelsLast(t.desc.dims())) ? t : as(t, of(t.desc.dims()));
    }

    /** The tensor with its channels side by side and nothing between pixels. */
    Tensor channelsLast(Tensor t) {
        return as(t, natives.channelsLast(t.desc.dims()));
    }

    /** The tensor channels last and in float32, for loops in Java. */
    Tensor forLoops(Tensor t) {
        return floats(channelsLast(t));
    }

    /** The tensor in float32. */
    Tensor floats(Tensor t) {
        return as(t, natives.floats(t.desc));
    }

    /** Channels {@code from} to {@code to} of {@code t} as a view, of a channels-last copy where blocks would break. */
    Tensor channels(Tensor t, int from, int to) {
        boolean whole = from % Layout.BLOCK == 0 && (to % Layout.BLOCK == 0 || to == t.desc.dims()[1]);
        Tensor x = whole || Layout.isChannelsLast(t.desc) ? t : channelsLast(t);
        return x.view(natives.channels(x.desc, from, to));
    }

    /** The tensor as {@code [N, elements]}, each image's elements in row-major order. */
    Tensor vector(Tensor t) {
        long[] d = t.desc.dims();
        if (d.length == 2) return dense(t);
        if (d[2] * d[3] == 1) return onePixelAsVector(t);
        return as(t, natives.rows(d)).view(natives.rows(d[0], d[1] * d[2] * d[3]));
    }

    /** A map of one pixel as {@code [N, C]}. */
    Tensor onePixelAsVector(Tensor t) {
        long[] d = t.desc.dims();
        return channelsLast(t).view(natives.rows(d[0], d[1]));
    }

    /** A tensor {@code [N, C]} as a map of one pixel. */
    Tensor vectorAsOnePixel(Tensor t) {
        long[] d = t.desc.dims();
        return t.view(natives.channelsLast(d[0], d[1], 1, 1));
    }

    /** A map of zeros, channels last. */
    Tensor zeros(long... dims) {
        Tensor t = program.tensor(natives.channelsLast(dims));
        program.add("zero", () -> Pointer.memset(t.address(), 0, t.desc.bytes()), t);
        return t;
    }
}
