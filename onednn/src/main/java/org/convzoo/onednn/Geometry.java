package org.convzoo.onednn;

import org.convzoo.graph.Shape;
import org.convzoo.graph.Window;

/** A window in the library's terms: dilation 0 is none, and the padding below and right is told apart. */
record Geometry(long[] kernel, long[] strides, long[] dilates, long[] before, long[] after) {
    static Geometry of(Window w, Shape in, Shape out) {
        return new Geometry(
                new long[] {w.kh(), w.kw()},
                new long[] {w.sh(), w.sw()},
                new long[] {w.dh() - 1, w.dw() - 1},
                new long[] {w.ph(), w.pw()},
                new long[] {
                    after(w.ceil(), in.height(), out.height(), w.kh(), w.sh(), w.ph(), w.dh()),
                    after(w.ceil(), in.width(), out.width(), w.kw(), w.sw(), w.pw(), w.dw())
                });
    }

    /** One window over the whole map. */
    static Geometry whole(Shape in) {
        return blocks(in.height(), in.width());
    }

    /** Windows side by side. */
    static Geometry blocks(int h, int w) {
        long[] k = {h, w}, none = {0, 0};
        return new Geometry(k, k, none, none, none);
    }

    /** In ceil mode the last window may reach beyond the padding. */
    private static long after(boolean ceil, int in, int out, int k, int s, int p, int d) {
        return ceil ? Math.max(0, (out - 1L) * s + (k - 1L) * d + 1 - in - p) : p;
    }
}
