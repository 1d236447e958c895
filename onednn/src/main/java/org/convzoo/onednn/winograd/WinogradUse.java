package org.convzoo.onednn.winograd;

import org.convzoo.graph.Graph;
import org.convzoo.graph.Node;
import org.convzoo.graph.Op;
import org.convzoo.graph.Shape;
import org.convzoo.graph.Window;

/** Which of a network's convolutions are computed by {@link WinogradConvolution}. */
public enum WinogradUse {
    NEVER,
    /** Convolutions that measurements of single layers had faster so. */
    WHERE_FASTER,
    /** All convolutions for which it can be done, for tests. */
    EVERYWHERE;

    /** Whether the convolution {@code n} of so many images is one of these. */
    public boolean takes(Node n, Op.Conv op, int images) {
        return this != NEVER
                && suits(n, op)
                && (this == EVERYWHERE || pays(images, n.input().shape(), n.shape()));
    }

    /** Whether any convolution of {@code graph} is one of these. */
    public boolean takesAny(Graph graph, int images) {
        return graph.nodes().stream().anyMatch(n -> n.op() instanceof Op.Conv c && takes(n, c, images));
    }

    /** Zeros on each side of the input of a convolution that is taken. */
    public static int padding(Node n, Op.Conv op) {
        return op.w().pads(n.input().shape()).top();
    }

    /** Whether {@code n} can be computed so: 3x3 at stride 1, padded alike on all sides. */
    private static boolean suits(Node n, Op.Conv op) {
        Window w = op.w();
        Window.Pads p = w.pads(n.input().shape());
        return w.kh() == 3
                && w.kw() == 3
                && w.sh() == 1
                && w.sw() == 1
                && w.dh() == 1
                && w.dw() == 1
                && op.groups() == 1
                && p.top() <= 2
                && p.left() == p.top()
                && p.bottom() == p.top()
                && p.right() == p.top();
    }

    /**
     * Whether it is also faster, as measured on single layers: enough to do, and little of it beyond the map's edges.
     */
    private static boolean pays(int images, Shape in, Shape out) {
        int side = TileTransform.OUT;
        long tiles = (long) images * ((out.height() + side - 1) / side) * ((out.width() + side - 1) / side);
        double useful = (double) images * out.height() * out.width() / (tiles * side * side);
        return Math.min(in.channels(), out.channels()) >= 32
                && tiles >= 16
                && tiles * in.channels() * out.channels() >= 1 << 19
                && useful >= 0.5;
    }
}
