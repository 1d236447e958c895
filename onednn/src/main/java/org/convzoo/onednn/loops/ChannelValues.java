package org.convzoo.onednn.loops;

/**
 * A number for each channel, repeated over a block of {@link Rows}, so that a loop has one index for all its arrays.
 */
final class ChannelValues {
    private final float[] all, block;
    private final int across;
    private int channel = -1;

    /** @param all a number for each channel, padding included */
    ChannelValues(Rows rows, float[] all) {
        this.all = all;
        across = rows.across();
        block = new float[rows.block()];
    }

    /** The numbers for a block of rows whose first channel is {@code first}. */
    float[] from(int first) {
        if (first != channel) {
            System.arraycopy(all, first, block, 0, across);
            for (int at = across; at < block.length; at += across) System.arraycopy(block, 0, block, at, across);
            channel = first;
        }
        return block;
    }
}
