package org.convzoo.onednn.compile;

import static org.bytedeco.dnnl.global.dnnl.dnnl_pooling_avg_exclude_padding;
import static org.bytedeco.dnnl.global.dnnl.dnnl_pooling_avg_include_padding;

import org.convzoo.graph.Op;
import org.convzoo.graph.Shape;
import org.convzoo.onednn.binding.Geometry;
import org.convzoo.onednn.loops.Average;

/** How an average pooling is computed. */
sealed interface Averaging {
    /** @param algorithm {@code dnnl_pooling_avg_exclude_padding} and the like */
    record ByLibrary(int algorithm, Geometry geometry) implements Averaging {}

    /** The library's rule for padding, or for cells of unequal sizes, differs. */
    record ByLoop(Average.Cells rows, Average.Cells columns) implements Averaging {}

    static Averaging of(Op.AvgPool op, Shape in, Shape out) {
        Geometry g = Geometry.of(op.w(), in);
        boolean beyond = g.after()[0] > g.before()[0] || g.after()[1] > g.before()[1];
        if (op.countPadding() && beyond && !op.w().same())
            return new ByLoop(Average.Cells.rows(op, in, out), Average.Cells.columns(op, in, out));
        return new ByLibrary(
                op.countPadding() ? dnnl_pooling_avg_include_padding : dnnl_pooling_avg_exclude_padding, g);
    }

    static Averaging of(Op.AdaptiveAvgPool op, Shape in) {
        int h = in.height(), w = in.width();
        return h % op.height() == 0 && w % op.width() == 0
                ? new ByLibrary(dnnl_pooling_avg_exclude_padding, Geometry.blocks(h / op.height(), w / op.width()))
                : new ByLoop(Average.Cells.adaptive(h, op.height()), Average.Cells.adaptive(w, op.width()));
    }
}
