package org.convzoo.images;

import java.util.SplittableRandom;

/** Random numbers of which each use has its own, so that what one draws changes nothing for another. */
record Seeds(long seed) {
    /** Of two numbers that together name the use. */
    SplittableRandom random(long first, long second) {
        return new SplittableRandom(mixed(mixed(mixed(seed) + first) + second));
    }

    /** Stafford's finaliser, so that neighbouring seeds, epochs and pictures have nothing in common. */
    private static long mixed(long z) {
        z = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
        z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
        return z ^ z >>> 31;
    }

    static void shuffle(long[] values, SplittableRandom random) {
        for (int i = values.length - 1; i > 0; i--) {
            int other = random.nextInt(i + 1);
            long kept = values[i];
            values[i] = values[other];
            values[other] = kept;
        }
    }
}
