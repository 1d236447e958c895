package org.convzoo.onednn.binding;

import org.convzoo.graph.Shape;
import org.convzoo.graph.Window;

/**
 * A window in the library's terms: sizes down and across, a dilation of 0 where there is none.
 *
 * @param before padding above and to the left
 * @param after padding below and to the right
 */
public record Geometry(long[] kernel, long[] strides, long[] dilates, long[] before, long[] after) {
    public static Geometry of(Window w, Shape in) {
        Window.Pads p = w.pads(in);
        return new Geometry(
                new long[] {w.kh(), w.kw()},
                new long[] {w.sh(), w.sw()},
                new long[] {w.dh() - 1, w.dw() - 1},
                new long[] {p.top(), p.left()},
                new long[] {p.bottom(), p.right()});
    }

    /** One window over the whole map. */
    public static Geometry whole(Shape in) {
        return blocks(in.height(), in.width());
    }

    /** Windows side by side. */
    public static Geometry blocks(int h, int w) {
        long[] k = {h, w}, none = {0, 0};
        return new Geometry(k, k, none, none, none);
    }
}
