package org.convzoo.onednn.loops;

import java.util.SplittableRandom;
import org.convzoo.onednn.binding.Team;
import org.convzoo.onednn.program.Tensor;

/** Dropout. Its gradient is the dropout of the gradient with the same seed. */
public final class Dropout {
    /** Elements whose randomness comes from one seed. */
    private static final int DRAWN = 1 << 12;

    private Dropout() {}

    /**
     * {@code y} is 0 with probability {@code p}, rounded to a multiple of 1 / 65,536, else {@code x / (1 - p)}.
     *
     * @param together how many elements that lie side by side are kept or dropped together
     */
    public static void apply(Tensor x, Tensor y, double p, int together, long seed) {
        int size = x.floats().limit(), block = together == 1 ? DRAWN : together, blocks = (size + block - 1) / block;
        // looked up: a processor cannot foresee a branch that chance decides
        float[] factor = {(float) (1 / (1 - p)), 0};
        int limit = (int) Math.round(p * 65536);
        Team.each(blocks, b -> {
            // not a multiple of the generator's own step, with which each block would go through its neighbour's
            // numbers
            SplittableRandom random = new SplittableRandom(seed + b * 0xD1B54A32D192ED03L);
            float[] v = new float[Math.min(block, size - b * block)];
            x.floats((long) b * block, v.length).get(v);
            if (together > 1) {
                float all = factor[fate(random.nextLong(), limit)];
                for (int k = 0; k < v.length; k++) v[k] *= all;
            } else {
                for (int k = 0; k < v.length; k += 4) {
                    long bits = random.nextLong();
                    for (int j = k; j < Math.min(k + 4, v.length); j++, bits >>>= 16) v[j] *= factor[fate(bits, limit)];
                }
            }
            y.floats((long) b * block, v.length).put(v);
        });
    }

    /** 1 if the last 16 bits are below {@code limit}, else 0. */
    private static int fate(long bits, int limit) {
        return ((int) bits & 0xFFFF) - limit >>> 31;
    }
}
