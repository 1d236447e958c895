package org.convzoo.onednn.compile;

import java.util.List;
import org.convzoo.graph.Node;
import org.convzoo.graph.Op;
import org.convzoo.onednn.binding.Desc;
import org.convzoo.onednn.binding.Natives;
import org.convzoo.onednn.program.Tensor;

/**
 * The concatenation of two maps of equally many channels and its shuffle in two groups at once: the channels of both take
 * turns, as at the end of ShuffleNet V2's units (1807.11164, figure 3c). Slices of the result that lie side by side and are
 * all that is read of it are made each for itself, so that the next unit finds its halves. All maps are channels last.
 *
 * @param sides the nodes of both maps
 * @param pieces the nodes of the result: the shuffle, or its slices in order
 */
record Interleave(List<Node> sides, List<Node> pieces) {
    /** Whether the nodes are a concatenation of two maps of equally many channels and a shuffle in two groups. */
    static boolean fits(Node concat, Node shuffle) {
        List<Node> sides = concat.inputs();
        return concat.op() instanceof Op.Concat
                && shuffle.op() instanceof Op.Shuffle s
                && s.groups() == 2
                && concat.shape().rank() == 3
                && sides.size() == 2
                && sides.get(0).shape().equals(sides.get(1).shape());
    }

    /**
     * The interleaving of a concatenation and a shuffle that {@link #fits fit}.
     *
     * @param readers the nodes that read the shuffle
     */
    static Interleave of(Node concat, Node shuffle, List<Node> readers) {
        int at = 0;
        for (Node r : readers) at = r.op() instanceof Op.Slice s && s.from() == at && s.to() % 2 == 0 ? s.to() : -1;
        return new Interleave(concat.inputs(), at == shuffle.shape().channels() ? readers : List.of(shuffle));
    }

    /** A view of the channels of a piece's {@code map} that come from side {@code s}. */
    static Tensor ofPiece(Natives natives, Node piece, Tensor map, int s) {
        return view(natives, map, 2, new long[] {0, 0, s}, piece.shape().channels() / 2);
    }

    /** A view of the channels of a side's {@code map} that go into {@code piece}. */
    static Tensor ofSide(Natives natives, Node piece, Tensor map) {
        int from = piece.op() instanceof Op.Slice s ? s.from() / 2 : 0;
        return view(natives, map, 1, new long[] {0, from, 0}, piece.shape().channels() / 2);
    }

    private static Tensor view(Natives natives, Tensor t, int apart, long[] offset, int channels) {
        long[] d = t.desc.dims();
        long pixels = d[0] * d[2] * d[3], c = d[1];
        Desc whole = natives.strided(new long[] {pixels, c / apart, apart}, new long[] {c, apart, 1});
        return t.view(natives.part(whole, new long[] {pixels, channels, 1}, offset));
    }
}
