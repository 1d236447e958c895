package org.convzoo.onednn.binding;

import static org.bytedeco.dnnl.global.dnnl.*;

/** How a network's maps lie in memory between its layers. Vectors and maps of one pixel are always channels last. */
public enum Layout {
    /** nhwc: all channels of a pixel side by side. */
    CHANNELS_LAST,
    /**
     * nChw16c or nChw8c: as many channels as a vector register holds side by side, the last block padded with zeros.
     */
    BLOCKED;

    /** Floats in a vector register of this machine. */
    public static final int BLOCK = wide() ? 16 : 8;

    private static boolean wide() {
        String isa = Dnnl.instructionSet();
        return isa.startsWith("avx512") || isa.startsWith("avx10");
    }

    /** The layout of {@code [N, C, H, W]} or {@code [N, C]}. */
    public Desc of(Natives natives, long... dims) {
        boolean blocks = this == BLOCKED && dims.length == 4 && dims[2] * dims[3] > 1;
        return blocks ? natives.blocked(dims) : natives.channelsLast(dims);
    }

    /** Whether {@code d}, a layout of one of these two kinds, is channels last. */
    public static boolean isChannelsLast(Desc d) {
        return innerBlocks(d) == 0;
    }

    private static int innerBlocks(Desc d) {
        try (var n = new org.bytedeco.javacpp.IntPointer(1)) {
            Dnnl.check(dnnl_memory_desc_query(d.handle(), dnnl_query_inner_nblks_s32, n), "layout");
            return n.get();
        }
    }
}
