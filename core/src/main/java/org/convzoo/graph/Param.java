package org.convzoo.graph;

/**
 * A parameter or buffer of an op: its local name, shape, how it starts, and whether training updates it (running
 * statistics are not trainable).
 */
public record Param(String name, Shape shape, Init init, boolean trainable) {
    static Param weight(String name, Init init, int... dims) {
        return new Param(name, new Shape(dims), init, true);
    }

    static Param buffer(String name, double start, int... dims) {
        return new Param(name, new Shape(dims), new Init.Constant(start), false);
    }
}
