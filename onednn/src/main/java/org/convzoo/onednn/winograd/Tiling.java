package org.convzoo.onednn.winograd;

import java.nio.FloatBuffer;
import org.convzoo.onednn.binding.Natives;
import org.convzoo.onednn.program.Tensor;

/** How the maps of a 3x3 convolution fall into tiles of Winograd's F(4x4, 3x3): each image into rows of them. */
abstract class Tiling {
    final Natives natives;
    final int images, inChannels, outChannels, height, width, pad, outHeight, outWidth;
    /** Rows of an image, tiles of a row, and rows of all images. */
    final int down, across, rows;

    /**
     * @param src sizes of the input map
     * @param dst sizes of the output map
     */
    Tiling(Natives natives, long[] src, long[] dst, int pad) {
        this.natives = natives;
        this.pad = pad;
        images = (int) src[0];
        inChannels = (int) src[1];
        height = (int) src[2];
        width = (int) src[3];
        outChannels = (int) dst[1];
        outHeight = (int) dst[2];
        outWidth = (int) dst[3];
        down = (outHeight + TileTransform.OUT - 1) / TileTransform.OUT;
        across = (outWidth + TileTransform.OUT - 1) / TileTransform.OUT;
        rows = images * down;
    }

    /** How many tiles of a row are transformed together, if maps have at most so many channels. */
    int segment(int channels) {
        return Math.max(1, Math.min(across, TileTransform.LENGTH / channels));
    }

    /** Multiply-accumulates of the convolution done directly. */
    long macs() {
        return 9L * images * outHeight * outWidth * inChannels * outChannels;
    }

    /** The floats of image {@code i} of {@code t}, of {@code size} each. */
    static FloatBuffer image(Tensor t, int i, int size) {
        return t.floats((long) i * size, size);
    }
}
