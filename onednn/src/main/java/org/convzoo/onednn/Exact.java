package org.convzoo.onednn;

import java.nio.FloatBuffer;
import java.util.stream.IntStream;

/**
 * Sums of products free from rounding, out of float32 kernels. Each factor is cut into a high part of eight bits and the
 * rest. Products of high parts have sixteen bits, and float32 adds some thousand of them without any rounding, in
 * whatever order; the other products are so much smaller that their rounding does not matter.
 */
final class Exact {
    private static final int BITS = 8, BLOCK = 1 << 14;

    private Exact() {}

    private interface Loop {
        void on(int from, int count);
    }

    private static void parallel(int size, Loop loop) {
        int blocks = (size + BLOCK - 1) / BLOCK;
        IntStream.range(0, blocks).parallel().forEach(i -> loop.on(i * BLOCK, Math.min(BLOCK, size - i * BLOCK)));
    }

    /** Fills {@code high} and {@code low} so that {@code x} is exactly their sum. */
    static void split(Tensor x, Tensor high, Tensor low) {
        FloatBuffer all = x.floats();
        int size = all.limit(), blocks = (size + BLOCK - 1) / BLOCK;
        float largest = (float) IntStream.range(0, blocks)
                .parallel()
                .mapToDouble(i -> largest(x.floats(i * BLOCK, Math.min(BLOCK, size - i * BLOCK))))
                .max()
                .orElse(0);
        double quantum = Math.scalb(1.0, Math.max(-100, Math.getExponent(largest) + 1 - BITS));
        float rounder = (float) (1.5 * (1 << 23) * quantum); // a sum with it keeps only multiples of the quantum
        parallel(size, (from, count) -> {
            float[] v = new float[count], h = new float[count];
            x.floats(from, count).get(v);
            for (int k = 0; k < count; k++) h[k] = (v[k] + rounder) - rounder;
            for (int k = 0; k < count; k++) v[k] -= h[k];
            high.floats(from, count).put(h);
            low.floats(from, count).put(v);
        });
    }

    private static float largest(FloatBuffer x) {
        float largest = 0;
        while (x.hasRemaining()) largest = Math.max(largest, Math.abs(x.get()));
        return largest;
    }

    /** {@code y = a + b + c}, rounded once. */
    static void sum(Tensor a, Tensor b, Tensor c, Tensor y) {
        parallel(y.floats().limit(), (from, count) -> {
            FloatBuffer p = a.floats(from, count), q = b.floats(from, count), r = c.floats(from, count);
            FloatBuffer out = y.floats(from, count);
            for (int k = 0; k < count; k++) out.put(k, (float) ((double) p.get(k) + q.get(k) + r.get(k)));
        });
    }
}
