package org.convzoo.onednn.loops;

import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.function.Supplier;
import org.convzoo.onednn.binding.Team;

/**
 * Loops over flat arrays of native memory, which wait for the memory and not for the processor: pieces run in parallel,
 * and in a piece blocks are copied to Java arrays that fit into the first-level cache. Where pieces lie depends on the
 * length alone, so that sums do not depend on the threads.
 */
public final class Flat {
    /** Floats of one array that a loop works on at a time. */
    public static final int BLOCK = 512;

    /** Floats that one thread works on before it takes others. */
    public static final int PIECE = 32 * BLOCK;

    /** Floats below which the threads cost more than they save. */
    private static final int SERIAL = 1 << 18;

    /** What is done with each block of a piece, {@code count} floats from {@code at} on, in order. */
    public interface Work {
        void on(int at, int count);
    }

    private Flat() {}

    /** Whether threads are worth while for so many floats. */
    public static boolean pays(int floats) {
        return floats >= SERIAL;
    }

    /** Goes through the places {@code from .. to}; {@code work} is asked for once a piece. */
    public static void parallel(int from, int to, Supplier<Work> work) {
        int pieces = (to - from + PIECE - 1) / PIECE;
        Team.each(pieces, pays(to - from), i -> {
            Work w = work.get();
            int end = Math.min(to, from + (i + 1) * PIECE);
            for (int at = from + i * PIECE; at < end; at += BLOCK) w.on(at, Math.min(BLOCK, end - at));
        });
    }

    /** {@code x = value}. */
    public static void fill(FloatBuffer x, float value) {
        float[] block = new float[BLOCK];
        Arrays.fill(block, value);
        parallel(0, x.limit(), () -> (at, n) -> x.put(at, block, 0, n));
    }

    /** {@code to = from}. */
    public static void copy(FloatBuffer from, FloatBuffer to) {
        parallel(0, to.limit(), () -> (at, n) -> to.put(at, from, at, n));
    }

    /** {@code x = a x + b y}. */
    public static void combine(FloatBuffer x, float a, FloatBuffer y, float b) {
        parallel(0, x.limit(), () -> {
            float[] p = new float[BLOCK], q = new float[BLOCK];
            return (at, n) -> {
                x.get(at, p, 0, n);
                y.get(at, q, 0, n);
                combine(p, a, q, b, n);
                x.put(at, p, 0, n);
            };
        });
    }

    /** {@code sum} of arrays of its length that lie one after another. */
    public static void sum(FloatBuffer arrays, FloatBuffer sum) {
        int length = sum.limit(), count = arrays.limit() / length;
        parallel(0, length, () -> {
            float[] p = new float[BLOCK], q = new float[BLOCK];
            return (at, n) -> {
                arrays.get(at, p, 0, n);
                for (int i = 1; i < count; i++) {
                    arrays.get(i * length + at, q, 0, n);
                    combine(p, 1, q, 1, n);
                }
                sum.put(at, p, 0, n);
            };
        });
    }

    /** The root of the sum of squares: a float32 sum for each place in a block of a piece, added up in float64. */
    public static double norm(FloatBuffer x) {
        double[] sums = new double[(x.limit() + PIECE - 1) / PIECE];
        parallel(0, x.limit(), () -> {
            float[] block = new float[BLOCK], squares = new float[BLOCK];
            return (at, n) -> {
                x.get(at, block, 0, n);
                addSquares(squares, block, n);
                if ((at + n) % PIECE != 0 && at + n != x.limit()) return;
                for (float s : squares) sums[at / PIECE] += s;
            };
        });
        double sum = 0;
        for (double s : sums) sum += s;
        return Math.sqrt(sum);
    }

    // Methods of their own with one index for all arrays, which compilers turn into vector instructions.

    /** {@code x = a x + b y}. */
    public static void combine(float[] x, float a, float[] y, float b, int n) {
        for (int k = 0; k < n; k++) x[k] = a * x[k] + b * y[k];
    }

    /** {@code sum = sum + x x}. */
    public static void addSquares(float[] sum, float[] x, int n) {
        for (int k = 0; k < n; k++) sum[k] += x[k] * x[k];
    }
}
