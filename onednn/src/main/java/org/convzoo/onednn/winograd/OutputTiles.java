package org.convzoo.onednn.winograd;

import static org.convzoo.onednn.winograd.TileTransform.IN;
import static org.convzoo.onednn.winograd.TileTransform.OUT;

import java.nio.FloatBuffer;
import org.convzoo.onednn.winograd.WinogradConvolution.Operands;
import org.jspecify.annotations.Nullable;

/** Turns products into tiles of a convolution's output, with bias, residual sum and activation, for one thread. */
final class OutputTiles {
    private final Tiling tiling;
    private final Operands operands;
    /** Parts of the output channels, and channels of each. */
    private final int parts, channels;

    private final int segment;
    private final float[][] a, b, c, d;
    private final float[] shift, more;

    /** @param segment tiles of a row that are transformed together, at most */
    OutputTiles(Tiling tiling, Operands operands, int parts, int segment) {
        this.tiling = tiling;
        this.operands = operands;
        this.parts = parts;
        this.segment = segment;
        channels = tiling.outChannels / parts;
        a = new float[IN][OUT * segment * channels];
        b = new float[OUT][OUT * segment * channels];
        c = new float[IN][segment * channels];
        d = new float[OUT][segment * channels];
        shift = new float[operands.bias() == null ? 0 : OUT * segment * channels];
        more = new float[operands.residual() == null ? 0 : OUT * segment * channels];
    }

    /**
     * Makes rows {@code from} to {@code to} of the tiles of all images, for a part of the channels.
     *
     * @param products {@code [36, tiles, channels]}, the first for row {@code from}
     */
    void make(int from, int to, int part, FloatBuffer products, int tiles) {
        if (operands.bias() != null) {
            operands.bias().floats().get(part * channels, shift, 0, channels);
            for (int k = channels; k < shift.length; k += channels) System.arraycopy(shift, 0, shift, k, channels);
        }
        int size = tiling.outHeight * tiling.outWidth * tiling.outChannels;
        for (int r = from; r < to; r++) {
            int image = r / tiling.down;
            FloatBuffer y = Tiling.image(operands.y(), image, size);
            FloatBuffer residual = operands.residual() == null ? null : Tiling.image(operands.residual(), image, size);
            for (int j = 0; j < tiling.across; j += segment) {
                transform(products, tiles, (r - from) * tiling.across + j, Math.min(segment, tiling.across - j));
                put(r % tiling.down, j, part, residual, y);
            }
        }
    }

    /** Transforms {@code count} tiles of the products, from place {@code tile} on, into the rows of {@link #b}. */
    private void transform(FloatBuffer products, int tiles, int tile, int count) {
        for (int i = 0; i < IN; i++) {
            for (int s = 0; s < IN; s++)
                products.get(((i * IN + s) * tiles + tile) * channels, c[s], 0, count * channels);
            TileTransform.interpolate(c, d, count * channels);
            for (int s = 0; s < OUT; s++)
                for (int t = 0; t < count; t++)
                    System.arraycopy(d[s], t * channels, a[i], (OUT * t + s) * channels, channels);
        }
        TileTransform.interpolate(a, b, OUT * count * channels);
    }

    /** Puts tiles {@code j} and on of an image's row {@code r} into {@code y}: what of them is not beyond its edges. */
    private void put(int r, int j, int part, @Nullable FloatBuffer residual, FloatBuffer y) {
        int top = OUT * r, left = OUT * j, pixels = Math.min(OUT * segment, tiling.outWidth - left);
        int n = pixels * channels, out = tiling.outChannels;
        // a part's channels of one pixel lie side by side, those of the next lie apart
        int stretches = parts == 1 ? 1 : pixels, length = parts == 1 ? n : channels;
        for (int i = 0; i < Math.min(OUT, tiling.outHeight - top); i++) {
            float[] z = b[i];
            int at = ((top + i) * tiling.outWidth + left) * out + part * channels;
            if (shift.length > 0) add(z, shift, n);
            if (residual != null) {
                for (int p = 0; p < stretches; p++) residual.get(at + p * out, more, p * channels, length);
                add(z, more, n);
            }
            operands.activation().apply(z, n);
            for (int p = 0; p < stretches; p++) y.put(at + p * out, z, p * channels, length);
        }
    }

    /** A method of its own with one index for all arrays, which compilers turn into vector instructions. */
    private static void add(float[] x, float[] more, int n) {
        for (int k = 0; k < n; k++) x[k] += more[k];
    }
}
