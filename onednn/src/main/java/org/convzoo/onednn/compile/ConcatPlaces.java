package org.convzoo.onednn.compile;

import java.util.IdentityHashMap;
import java.util.Map;
import org.convzoo.graph.Node;
import org.convzoo.graph.Op;
import org.convzoo.onednn.binding.Layout;
import org.convzoo.onednn.program.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The places of maps among the channels of the concatenation that reads them: a map that is made there need not be
 * copied. A concatenation can itself have its place in another.
 */
final class ConcatPlaces {
    private final Compilation compilation;
    private final Maps maps;
    /** The maps of concatenations. */
    private final Map<Node, Tensor> wholes = new IdentityHashMap<>();
    /** The places of their inputs. */
    private final Map<Node, Tensor> places = new IdentityHashMap<>();

    ConcatPlaces(Compilation compilation) {
        this.compilation = compilation;
        maps = compilation.maps;
    }

    /** The map of concatenation {@code n}, if one of its inputs asked for its place there. */
    @Nullable
    Tensor whole(Node n) {
        return wholes.get(n);
    }

    /**
     * The place of {@code n}'s map in the concatenation that alone reads it, or beside nodes that read some channels. None
     * where blocks of channels would break, or for channels last, of which no kernel writes a part.
     */
    @Nullable
    Tensor place(Node n) {
        Node concat = concat(n);
        if (maps.layout != Layout.BLOCKED || concat == null || !compilation.mayLieInConcat(n)) return null;
        if (compilation.interleaves(concat)) return null;
        if (n.shape().rank() == 1 || n.shape().height() * n.shape().width() == 1) return null;
        Tensor known = places.get(n);
        if (known != null) return known;
        int from = -1, at = 0;
        for (Node i : concat.inputs()) {
            if (at % Layout.BLOCK != 0) return null;
            if (i == n) from = at;
            at += i.shape().channels();
        }
        Tensor whole = wholes.get(concat);
        if (whole == null) {
            Tensor place = place(concat);
            whole = place != null ? place : compilation.program.tensor(maps.of(maps.dims(concat)));
            wholes.put(concat, whole);
        }
        Tensor place = maps.channels(whole, from, from + n.shape().channels());
        places.put(n, place);
        return place;
    }

    private @Nullable Node concat(Node n) {
        Node concat = null;
        for (Node reader : compilation.readers.of(n)) {
            boolean joins = reader.op() instanceof Op.Concat;
            if (joins ? concat != null : !compilation.readsChannels(reader)) return null;
            if (joins) concat = reader;
        }
        return concat;
    }
}
