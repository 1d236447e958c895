package org.convzoo.onednn;

import static org.bytedeco.dnnl.global.dnnl.*;

import org.convzoo.graph.Node;
import org.convzoo.graph.Op;
import org.convzoo.onednn.Natives.Desc;
import org.convzoo.onednn.Natives.Kernel;
import org.jspecify.annotations.Nullable;

/**
 * The gradient of a depthwise convolution's weight where the library has no kernel of that kind, as for 5x5. It is itself
 * a depthwise convolution: of each map, with the gradient of its output as the kernel, whose places lie as far apart as
 * the stride. With channels in blocks the maps of several images lie in memory as those of one image with all their
 * channels do, and gradients of maps as such a convolution's kernels.
 */
final class DepthwiseGradient {
    private final Natives natives;
    private final Desc x, dy, each, sum;
    private final Desc maps, kernels, results;
    private final Kernel kernel;

    private DepthwiseGradient(Natives natives, long[] src, long[] dst, Geometry g, long[] after) {
        this.natives = natives;
        long images = src[0], channels = (src[1] + Layout.BLOCK - 1) / Layout.BLOCK * Layout.BLOCK;
        long groups = images * channels, kh = g.kernel()[0], kw = g.kernel()[1];
        x = natives.blocked(src);
        dy = natives.blocked(dst);
        maps = natives.blocked(1, groups, src[2], src[3]);
        kernels = natives.kernels(groups, dst[2], dst[3]);
        results = natives.blocked(1, groups, kh, kw);
        each = natives.plain(images, channels * kh * kw);
        sum = natives.kernels(src[1], kh, kw);
        long[] stride = {1, 1}, apart = {g.strides()[0] - 1, g.strides()[1] - 1};
        kernel = natives.kernel(
                "depthwise convolution's weight gradient",
                (pd, attr) -> dnnl_convolution_forward_primitive_desc_create(
                        pd,
                        Dnnl.CPU,
                        dnnl_forward_training,
                        dnnl_convolution_direct,
                        maps.handle(),
                        kernels.handle(),
                        null,
                        results.handle(),
                        stride,
                        apart,
                        g.before(),
                        after,
                        attr));
    }

    /** The gradient for the convolution {@code n} of float32, if it is one for which this is quick. */
    static @Nullable DepthwiseGradient of(Natives natives, Node n, Op.Conv op, long[] src, long[] dst) {
        Geometry g = Geometry.of(op.w(), n.input().shape());
        boolean depthwise = op.w().groups() == src[1] && dst[1] == src[1];
        if (!depthwise || op.w().bias() || op.w().dh() * op.w().dw() > 1 || natives.type() != dnnl_f32) return null;
        long[] after = new long[2];
        for (int i = 0; i < 2; i++) {
            long span = (dst[2 + i] - 1) * g.strides()[i] + 1;
            after[i] = g.kernel()[i] - 1 + span - src[2 + i] - g.before()[i];
            if (after[i] < 0) return null;
        }
        DepthwiseGradient d = new DepthwiseGradient(natives, src, dst, g, after);
        return d.kernel.name().startsWith("jit_dw") ? d : null;
    }

    /** The layout of the map. */
    Desc x() {
        return x;
    }

    /** The layout of the gradient of the output. */
    Desc dy() {
        return dy;
    }

    /** Adds the steps to {@code program}; the gradient, {@code [C, 1, 1, kh, kw]}. */
    Tensor add(Program program, Tensor map, Tensor gradient) {
        Tensor of = program.tensor(each), made = program.tensor(sum);
        program.add(
                kernel,
                DNNL_ARG_SRC,
                map.view(maps),
                DNNL_ARG_WEIGHTS,
                gradient.view(kernels),
                DNNL_ARG_DST,
                of.view(results));
        program.add("sum of images", () -> Flat.sum(of.floats(), made.floats()), of, made);
        return made;
    }
}
