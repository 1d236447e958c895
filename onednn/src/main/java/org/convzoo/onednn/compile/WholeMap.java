package org.convzoo.onednn.compile;

import org.convzoo.graph.Node;
import org.convzoo.graph.Op;
import org.convzoo.graph.Shape;
import org.convzoo.graph.Window;

/**
 * Convolutions whose kernel meets the whole map, once: matrix products, as of a linear layer. What of the kernel meets
 * padding only, such as all but the middle of 3x3 on a map of one pixel, is not computed with.
 */
final class WholeMap {
    private WholeMap() {}

    /** Whether the convolution {@code n} is such a product. */
    static boolean isProduct(Node n, Op.Conv op) {
        Shape in = n.input().shape();
        Window w = op.w();
        Window.Pads pads = w.pads(in);
        return n.shape().height() * n.shape().width() == 1
                && op.groups() == 1
                && w.dh() == 1
                && w.dw() == 1
                && pads.top() + in.height() <= w.kh()
                && pads.left() + in.width() <= w.kw();
    }

    /** Whether all of the kernel of such a product meets the map. */
    static boolean meetsWholeKernel(Node n, Op.Conv op) {
        Shape in = n.input().shape();
        return op.w().kh() == in.height() && op.w().kw() == in.width();
    }

    /** Where in the kernel of such a product the map lies: the first row and column, as offsets of its weight. */
    static long[] corner(Node n, Op.Conv op) {
        Window.Pads pads = op.w().pads(n.input().shape());
        return new long[] {0, 0, pads.top(), pads.left()};
    }
}
