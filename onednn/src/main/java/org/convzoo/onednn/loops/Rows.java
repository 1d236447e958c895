package org.convzoo.onednn.loops;

import java.util.function.IntConsumer;
import org.convzoo.onednn.binding.Layout;
import org.convzoo.onednn.binding.Team;
import org.convzoo.onednn.program.Tensor;

/**
 * How channels lie in a map's memory, for loops in Java. Channels last, one row of all channels follows the other; in
 * blocks, each image has for each block of channels the rows of all its pixels. A loop sees stretches of such rows.
 *
 * @param channels channels with padding, a multiple of {@code across}
 * @param across channels side by side
 * @param images N
 * @param pixels rows of an image and block
 */
public record Rows(int channels, int across, int images, int pixels) {
    /** Pieces that may run in parallel; their number is fixed, so that sums do not depend on the threads. */
    static final int PIECES = 16;

    /** Floats of a map below which the threads cost more than they save. */
    private static final long SERIAL = 1 << 15;

    /** Floats of a block, about: a few blocks fit into the first-level cache. */
    private static final int BLOCK = 512;

    /** A stretch of whole rows: {@code count} floats from {@code offset} on, whose first channel is {@code channel}. */
    interface Stretch {
        void at(long offset, int count, int channel);
    }

    /** The rows of {@code t}, {@code [N, C]} or {@code [N, C, H, W]}, in a layout of {@link Layout}. */
    public static Rows of(Tensor t) {
        long[] d = t.desc.dims();
        int pixels = d.length == 2 ? 1 : (int) (d[2] * d[3]);
        long size = t.desc.elementBytes() / t.desc.elements();
        int padded = (int) (t.desc.bytes() / size / d[0] / pixels);
        int across = d.length == 2 || Layout.isChannelsLast(t.desc) ? padded : Layout.BLOCK;
        return new Rows(padded, across, (int) d[0], pixels);
    }

    /** Values of one channel. */
    long each() {
        return (long) images * pixels;
    }

    /**
     * Floats of one map that a loop works on at a time: whole rows, eight or a multiple of eight of them if they are
     * short.
     */
    int block() {
        int repeated = Math.max(1, BLOCK / across);
        return across * (repeated > 8 ? repeated / 8 * 8 : repeated);
    }

    /** Goes through the stretches of one of the pieces. */
    void piece(int i, Stretch body) {
        if (across == channels) {
            long from = each() * i / PIECES, to = each() * (i + 1) / PIECES;
            if (to > from) body.at(from * across, (int) ((to - from) * across), 0);
            return;
        }
        int blocks = channels / across;
        long all = (long) blocks * images;
        for (long s = all * i / PIECES; s < all * (i + 1) / PIECES; s++) {
            long block = s / images, image = s % images;
            body.at((image * blocks + block) * pixels * across, pixels * across, (int) block * across);
        }
    }

    /** Runs {@code piece} for each piece, in parallel where that pays. */
    void parallel(IntConsumer piece) {
        Team.each(PIECES, each() * channels >= SERIAL, piece);
    }
}
