package org.convzoo.onednn.program;

import java.util.stream.DoubleStream;

/** How times of runs become one number. */
public final class Timing {
    /** Nanoseconds of a {@link #best} at least. */
    private static final long MOMENT = 200_000_000;

    private Timing() {}

    /** Milliseconds of the fastest of the runs of a moment, at least two. */
    public static double best(Runnable run) {
        long start = System.nanoTime(), now = start, before = now, best = Long.MAX_VALUE;
        for (int i = 0; i < 2 || now - start < MOMENT; i++) {
            run.run();
            now = System.nanoTime();
            best = Math.min(best, now - before);
            before = now;
        }
        return best / 1e6;
    }

    public static double median(DoubleStream times) {
        double[] t = times.sorted().toArray();
        return (t[t.length / 2] + t[(t.length - 1) / 2]) / 2;
    }
}
