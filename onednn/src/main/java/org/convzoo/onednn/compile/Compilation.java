package org.convzoo.onednn.compile;

import static org.bytedeco.dnnl.global.dnnl.*;

import java.util.ArrayList;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.convzoo.failure.OutOfMemoryException;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Node;
import org.convzoo.graph.Op;
import org.convzoo.onednn.binding.Desc;
import org.convzoo.onednn.binding.Eltwise;
import org.convzoo.onednn.binding.Kernel;
import org.convzoo.onednn.binding.Layout;
import org.convzoo.onednn.binding.Natives;
import org.convzoo.onednn.binding.PostOps;
import org.convzoo.onednn.binding.Primitives;
import org.convzoo.onednn.loops.LocalResponseNorm;
import org.convzoo.onednn.program.Arguments;
import org.convzoo.onednn.program.Program;
import org.convzoo.onednn.program.Tensor;
import org.convzoo.onednn.winograd.WinogradUse;
import org.jspecify.annotations.Nullable;

/**
 * What training and inference share in turning nodes into steps, one visited op at a time. A node's value is a tensor
 * {@code [N, C, H, W]} or {@code [N, C]}. A flattened map keeps its four axes: a linear layer takes them as they are.
 */
abstract class Compilation implements Op.Visitor<Tensor> {
    final Natives natives;
    final Primitives primitives;
    final Graph graph;
    final int batch;
    final Maps maps;
    final Readers readers;
    final ConcatPlaces places;
    final WinogradUse winograd;
    final Map<Node, Tensor> values = new IdentityHashMap<>();
    /** The values of nodes that steps of nodes before them make. */
    final Map<Node, Tensor> madeAhead = new IdentityHashMap<>();

    Program program;
    private @Nullable Tensor input;

    Compilation(
            Natives natives,
            Program program,
            Graph graph,
            Collection<Node> nodes,
            Readers readers,
            int batch,
            Plan plan) {
        this.natives = natives;
        this.program = program;
        this.graph = graph;
        this.batch = batch;
        primitives = new Primitives(natives);
        maps = new Maps(natives, program, batch, plan.layout());
        this.readers = readers;
        places = new ConcatPlaces(this);
        winograd = natives.type() == dnnl_f32 ? plan.winograd() : WinogradUse.NEVER;
        nodes.forEach(this::checkSize);
    }

    /** The library refuses larger arrays, and says nothing of their size. */
    private void checkSize(Node n) {
        long elements = batch * n.shape().elements();
        if (elements > Integer.MAX_VALUE)
            throw new OutOfMemoryException(String.format(
                    Locale.ROOT, "what %s gives would be an array of %,d numbers, and 2^31 are too many", n, elements));
    }

    /** Adds the steps forward of {@code n}, unless they have been added with those of a node before it. */
    final void compile(Node n) {
        program.label(n.path(), "forward");
        Tensor ready = madeAhead.get(n);
        Node next = readers.sole(n);
        if (ready != null) values.put(n, ready);
        else if (next != null && interleaves(n)) interleave(Interleave.of(n, next, readers.of(next)));
        else if (!(n.op() instanceof Op.Shuffle && interleaves(n.input()))) values.put(n, n.op().accept(this, n));
    }

    /** Adds steps to {@code next} from here on. */
    void into(Program next) {
        maps.into(next);
        program = next;
    }

    Tensor value(Node n) {
        return Objects.requireNonNull(values.get(n), "nodes are compiled in their order");
    }

    /** The value of {@code head} as {@code [N, classes]} in float32. */
    Tensor logits(Node head) {
        Tensor z = maps.vector(value(head));
        return maps.as(z, natives.plain(z.desc.dims()));
    }

    /** What a convolution that is a {@link WholeMap} product reads: a vector if nothing but the channels is left. */
    Tensor wholeMap(Node n, Op.Conv op) {
        Tensor x = value(n.input());
        return op.w().kh() * op.w().kw() == 1 ? maps.onePixelAsVector(x) : maps.channelsLast(x);
    }

    // -- input ----------------------------------------------------------------------------------------

    /** Where images go in, {@code [N, C, H, W]} row-major; known once the node of the input is compiled. */
    Tensor input() {
        if (input == null) throw new IllegalStateException("the input is not compiled yet");
        return input;
    }

    @Override
    public Tensor input(Node n, Op.Input op) {
        long[] d = maps.dims(n);
        Tensor images = program.tensor(natives.plain(d));
        input = images;
        program.keep(images);
        if (d.length == 2 || maps.layout == Layout.BLOCKED) return images;
        if (natives.type() == dnnl_f32 && (d[1] == 1 || d[2] * d[3] == 1)) return images.view(natives.channelsLast(d));
        return program.reordered(images, natives.channelsLast(d));
    }

    // -- element by element ---------------------------------------------------------------------------

    /** The value that an activation reads: channels last where it would fill the padding. */
    Tensor argument(Node n, Op.Activation op) {
        Tensor x = maps.dense(value(n.input()));
        boolean fills = op == Op.Activation.SIGMOID || op == Op.Activation.HARDSIGMOID;
        return fills && Maps.padded(x.desc) ? maps.channelsLast(x) : x;
    }

    /** {@code y = f(x)}. */
    Tensor activated(int kind, Tensor x, Op.Activation op) {
        Tensor y = program.tensor(x.desc);
        Eltwise e = Eltwise.of(op);
        Desc d = maps.row(x.desc);
        Kernel k = primitives.eltwise(kind, e.algorithm(), d, e.alpha(), e.beta());
        program.add(k, new Arguments().src(x.view(d)).dst(y.view(d))).inPlace(y, x);
        return y;
    }

    /** {@code y = a + b}, then {@code after}; each channel or image of {@code b} is broadcast where it has size 1. */
    Tensor sum(Tensor a, Tensor b, PostOps after) {
        return binary(dnnl_binary_add, a, b, after);
    }

    /** {@code y = a b}, element by element, with {@code b} broadcast as in a sum. */
    Tensor product(Tensor a, Tensor b) {
        return binary(dnnl_binary_mul, a, b, new PostOps());
    }

    private Tensor binary(int algorithm, Tensor a, Tensor other, PostOps after) {
        Tensor b = maps.as(other, maps.like(a.desc, other.desc.dims())), y = program.tensor(a.desc);
        Kernel k = primitives.binary(algorithm, a.desc, b.desc, a.desc, after);
        program.add(k, new Arguments().src(a).src1(b).dst(y)).inPlace(y, a);
        return y;
    }

    /** {@code y = factor x}. */
    Tensor multiplied(Tensor x, double factor) {
        Tensor y = program.tensor(x.desc);
        Kernel k = primitives.eltwise(dnnl_forward_inference, dnnl_eltwise_linear, x.desc, (float) factor, 0);
        program.add(k, new Arguments().src(x).dst(y)).inPlace(y, x);
        return y;
    }

    /** The local response normalisation of {@code x}. */
    Tensor normalised(Node n, Tensor x, Op.LocalResponseNorm op) {
        Tensor y = program.tensor(x.desc);
        int channels = n.shape().channels(),
                pixels = batch * n.shape().height() * n.shape().width();
        program.add("lrn", () -> LocalResponseNorm.forward(x, y, pixels, channels, op), x, y)
                .inPlace(y, x);
        return y;
    }

    // -- channels -------------------------------------------------------------------------------------

    @Override
    public Tensor slice(Node n, Op.Slice op) {
        return maps.channels(value(n.input()), op.from(), op.to());
    }

    /** Whether {@code n}'s map may be made at its place in the concatenation that reads it. */
    boolean mayLieInConcat(Node n) {
        return true;
    }

    /** Whether {@code reader} can read some channels of a larger map. */
    boolean readsChannels(Node reader) {
        return false;
    }

    @Override
    public Tensor concat(Node n, Op.Concat op) {
        Tensor whole = places.whole(n);
        if (whole == null) return concat(n.inputs().stream().map(this::value).toList(), maps.dims(n));
        int at = 0;
        for (Node i : n.inputs()) {
            int from = at;
            at += i.shape().channels();
            // Made dense first: the library's copy from some channels to some takes the same image for all.
            if (value(i) != places.place(i)) program.copy(maps.dense(value(i)), maps.channels(whole, from, at));
        }
        return whole;
    }

    /** The concatenation of views or tensors, dense. */
    Tensor concat(List<Tensor> given, long[] dims) {
        long at = 0;
        boolean blocks = true;
        for (Tensor t : given) {
            blocks &= at % Layout.BLOCK == 0 && !Layout.isChannelsLast(t.desc);
            at += t.desc.dims()[1];
        }
        Tensor y = program.tensor(blocks ? maps.of(dims) : natives.channelsLast(dims));
        List<Tensor> sources = given.stream()
                .map(t -> Layout.isChannelsLast(t.desc) == Layout.isChannelsLast(y.desc)
                        ? t
                        : maps.as(t, maps.like(y.desc, t.desc.dims())))
                .toList();
        Kernel k = primitives.concat(sources.stream().map(t -> t.desc).toList(), y.desc);
        program.add(k, new Arguments().sources(sources).dst(y));
        return y;
    }

    /** The value of a node that adds channels of zeros behind those of {@code x}. */
    Tensor withZeroChannels(Node n, Tensor x) {
        Tensor y = maps.zeros(maps.dims(n));
        program.copy(x, y.view(natives.channels(y.desc, 0, x.desc.dims()[1])));
        return y;
    }

    /** Channel {@code j} of group {@code i} to place {@code j * groups + i}: a transposition of two short axes. */
    Tensor shuffled(Tensor t, int groups) {
        Tensor x = maps.channelsLast(t);
        long[] d = x.desc.dims();
        long pixels = d.length == 4 ? d[0] * d[2] * d[3] : d[0], c = d[1], each = c / groups;
        long[] axes = {pixels, groups, each};
        Tensor y = program.tensor(x.desc);
        program.copy(
                x.view(natives.strided(axes, new long[] {c, each, 1})),
                y.view(natives.strided(axes, new long[] {c, 1, groups})));
        return y;
    }

    /** Whether {@code n} is a concatenation that is made at once with the shuffle of it. */
    boolean interleaves(Node n) {
        Node next = readers.sole(n);
        return next != null && Interleave.fits(n, next);
    }

    void interleave(Interleave all) {
        List<Tensor> sides = new ArrayList<>();
        for (Node n : all.sides()) sides.add(maps.channelsLast(value(n)));
        for (Node piece : all.pieces()) {
            Tensor y = program.tensor(natives.channelsLast(maps.dims(piece)));
            for (int s = 0; s < 2; s++)
                program.copy(Interleave.ofSide(natives, piece, sides.get(s)), Interleave.ofPiece(natives, piece, y, s));
            madeAhead.put(piece, y);
        }
    }

    static boolean keepsShape(Node n) {
        return n.shape().equals(n.input().shape());
    }
}
