package org.convzoo.onednn.winograd;

import static org.convzoo.onednn.winograd.TileTransform.IN;
import static org.convzoo.onednn.winograd.TileTransform.OUT;

import java.nio.FloatBuffer;
import java.util.Arrays;

/** Cuts an input map into tiles and transforms them, for one thread. */
final class InputTiles {
    private final int channels, height, width, pad;
    private final float[][] a, b, c, d;

    /** @param segment tiles of a row that are transformed together, at most */
    InputTiles(int channels, int height, int width, int pad, int segment) {
        this.channels = channels;
        this.height = height;
        this.width = width;
        this.pad = pad;
        a = new float[IN][(OUT * segment + 2) * channels];
        b = new float[IN][(OUT * segment + 2) * channels];
        c = new float[IN][segment * channels];
        d = new float[IN][segment * channels];
    }

    /**
     * Transforms {@code count} tiles from {@code j} on of an image's row {@code r} to {@code [36, tiles, channels]},
     * the first of them to place {@code tile}.
     */
    void transform(FloatBuffer x, int r, int j, int count, FloatBuffer to, int tiles, int tile) {
        int top = OUT * r - pad, left = OUT * j - pad, pixels = OUT * count + 2;
        int first = Math.max(0, -left), last = Math.max(first, Math.min(pixels, width - left));
        for (int i = 0; i < IN; i++) {
            if (top + i < 0 || top + i >= height) {
                Arrays.fill(a[i], 0, pixels * channels, 0);
                continue;
            }
            Arrays.fill(a[i], 0, first * channels, 0);
            Arrays.fill(a[i], last * channels, pixels * channels, 0);
            x.get(((top + i) * width + left + first) * channels, a[i], first * channels, (last - first) * channels);
        }
        TileTransform.evaluate(a, b, pixels * channels);
        for (int i = 0; i < IN; i++) {
            for (int s = 0; s < IN; s++)
                for (int t = 0; t < count; t++)
                    System.arraycopy(b[i], (OUT * t + s) * channels, c[s], t * channels, channels);
            TileTransform.evaluate(c, d, count * channels);
            for (int s = 0; s < IN; s++) to.put(((i * IN + s) * tiles + tile) * channels, d[s], 0, count * channels);
        }
    }
}
