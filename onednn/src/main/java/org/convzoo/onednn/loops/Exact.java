package org.convzoo.onednn.loops;

import java.nio.FloatBuffer;
import java.util.concurrent.atomic.AtomicInteger;
import org.convzoo.onednn.program.Tensor;

/**
 * Sums of products free from rounding, out of float32 kernels. Each factor is cut into a high part of eight bits and
 * the rest. Products of high parts have sixteen bits, and float32 adds some thousand of them without any rounding, in
 * whatever order; the other products are so much smaller that their rounding does not matter.
 */
public final class Exact {
    private static final int BITS = 8;

    private Exact() {}

    /** Fills {@code high} and {@code low} so that {@code x} is exactly their sum. */
    public static void split(Tensor x, Tensor high, Tensor low) {
        FloatBuffer all = x.floats(), highs = high.floats(), lows = low.floats();
        double quantum = Math.scalb(1.0, Math.max(-100, Math.getExponent(largest(all)) + 1 - BITS));
        float rounder = (float) (1.5 * (1 << 23) * quantum); // a sum with it keeps only multiples of the quantum
        Flat.parallel(0, all.limit(), () -> {
            float[] v = new float[Flat.BLOCK], h = new float[Flat.BLOCK];
            return (at, n) -> {
                all.get(at, v, 0, n);
                for (int k = 0; k < n; k++) h[k] = (v[k] + rounder) - rounder;
                for (int k = 0; k < n; k++) v[k] -= h[k];
                highs.put(at, h, 0, n);
                lows.put(at, v, 0, n);
            };
        });
    }

    private static float largest(FloatBuffer x) {
        AtomicInteger largest = new AtomicInteger(); // numbers that are not negative are in the order of their bits
        Flat.parallel(0, x.limit(), () -> {
            float[] v = new float[Flat.BLOCK];
            return (at, n) -> {
                x.get(at, v, 0, n);
                float most = 0;
                for (int k = 0; k < n; k++) most = Math.max(most, Math.abs(v[k]));
                largest.accumulateAndGet(Float.floatToRawIntBits(most), Math::max);
            };
        });
        return Float.intBitsToFloat(largest.get());
    }

    /** {@code y = a + b + c}, rounded once. */
    public static void sum(Tensor a, Tensor b, Tensor c, Tensor y) {
        FloatBuffer p = a.floats(), q = b.floats(), r = c.floats(), out = y.floats();
        Flat.parallel(0, out.limit(), () -> (at, n) -> {
            for (int k = at; k < at + n; k++) out.put(k, (float) ((double) p.get(k) + q.get(k) + r.get(k)));
        });
    }
}
