package org.convzoo.onednn.compile;

import java.util.SplittableRandom;
import org.convzoo.graph.Node;

/** Where dropout draws from: each node has numbers of its own in each run, which both of its passes find again. */
public final class Randomness {
    private final long seed;
    private long run;

    public Randomness(long seed) {
        this.seed = seed;
    }

    /** Says which run is next. */
    public void run(long number) {
        run = number;
    }

    /** The seed of node {@code n}'s numbers in this run. */
    long seed(Node n) {
        return new SplittableRandom(seed * 0x9E3779B97F4A7C15L ^ run * 0xD1B54A32D192ED03L ^ n.id() * 0x2545F491L)
                .nextLong();
    }
}
