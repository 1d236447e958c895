package org.convzoo.engine;

/** What a predictor does when several callers come at once. */
public enum Mode {
    /** One prediction at a time, on all of the engine's threads, in the order in which callers came: quick answers. */
    LATENCY,
    /** As many predictions at a time as the engine has threads, on one each, with the same weights: most images a second. */
    THROUGHPUT
}
