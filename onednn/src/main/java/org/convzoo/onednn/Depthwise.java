package org.convzoo.onednn;

import static org.bytedeco.dnnl.global.dnnl.*;

import java.nio.FloatBuffer;
import org.convzoo.graph.Node;
import org.convzoo.graph.Op;
import org.convzoo.onednn.Natives.Desc;
import org.convzoo.onednn.Natives.Kernel;
import org.jspecify.annotations.Nullable;

/**
 * The gradients of a depthwise convolution of float32 as depthwise convolutions, for which the library's kernels are
 * quicker than its own for gradients. Maps have their channels in blocks.
 */
final class Depthwise {
    private final Natives natives;
    private final Geometry geometry;
    private final long[] src, dst;

    private Depthwise(Natives natives, Geometry geometry, long[] src, long[] dst) {
        this.natives = natives;
        this.geometry = geometry;
        this.src = src;
        this.dst = dst;
    }

    /** For the convolution {@code n} of {@code src} to {@code dst}, if it is one without dilation and bias. */
    static @Nullable Depthwise of(Natives natives, Node n, Op.Conv op, long[] src, long[] dst) {
        boolean depthwise = op.w().groups() > 1 && op.w().groups() == src[1] && dst[1] == src[1];
        boolean plain = !op.w().bias() && op.w().dh() * op.w().dw() == 1 && natives.type() == dnnl_f32;
        if (!depthwise || !plain) return null;
        return new Depthwise(natives, Geometry.of(op.w(), n.input().shape()), src, dst);
    }

    /** The layout of the map. */
    Desc x() {
        return natives.blocked(src);
    }

    /** The layout of the gradient of the output. */
    Desc dy() {
        return natives.blocked(dst);
    }

    private @Nullable Kernel kernel(
            String what, Desc in, Desc weight, Desc out, long[] apart, long[] before, long[] after) {
        if (before[0] < 0 || before[1] < 0 || after[0] < 0 || after[1] < 0) return null;
        Kernel k = natives.kernel(
                what,
                (pd, attr) -> dnnl_convolution_forward_primitive_desc_create(
                        pd,
                        Dnnl.CPU,
                        dnnl_forward_training,
                        dnnl_convolution_direct,
                        in.handle(),
                        weight.handle(),
                        null,
                        out.handle(),
                        new long[] {1, 1},
                        apart,
                        before,
                        after,
                        attr));
        return k.name().startsWith("jit_dw") ? k : null;
    }

    /**
     * Adds the gradient of the weight, {@code [C, 1, 1, kh, kw]}: a convolution of each map with the gradient of its
     * output as the kernel, whose places lie as far apart as the stride. The maps of several images lie in memory as
     * those of one image with all their channels do, and gradients of maps as such a convolution's kernels.
     *
     * @return none if the library is not quick at it
     */
    @Nullable
    Tensor weightGradient(Program program, Tensor map, Tensor gradient) {
        long images = src[0], channels = (src[1] + Layout.BLOCK - 1) / Layout.BLOCK * Layout.BLOCK;
        long groups = images * channels, kh = geometry.kernel()[0], kw = geometry.kernel()[1];
        long[] apart = new long[2], after = new long[2];
        for (int i = 0; i < 2; i++) {
            apart[i] = geometry.strides()[i] - 1;
            long span = (dst[2 + i] - 1) * geometry.strides()[i] + 1;
            after[i] = geometry.kernel()[i] - 1 + span - src[2 + i] - geometry.before()[i];
        }
        Desc maps = natives.blocked(1, groups, src[2], src[3]), kernels = natives.kernels(groups, dst[2], dst[3]);
        Desc results = natives.blocked(1, groups, kh, kw);
        Kernel k = kernel(
                "depthwise convolution's weight gradient", maps, kernels, results, apart, geometry.before(), after);
        if (k == null) return null;
        Tensor each = program.tensor(natives.plain(images, channels * kh * kw));
        Tensor sum = program.tensor(natives.kernels(src[1], kh, kw));
        program.add(
                k,
                DNNL_ARG_SRC,
                map.view(maps),
                DNNL_ARG_WEIGHTS,
                gradient.view(kernels),
                DNNL_ARG_DST,
                each.view(results));
        program.add("sum of images", () -> Flat.sum(each.floats(), sum.floats()), each, sum);
        return sum;
    }

    /**
     * Adds the gradient of the map for a stride of 1: a convolution with the kernel turned by half a circle.
     *
     * @return none if the library is not quick at it or the stride is another
     */
    @Nullable
    Tensor dataGradient(Program program, Tensor weight, Tensor gradient) {
        if (geometry.strides()[0] * geometry.strides()[1] > 1) return null;
        long[] before = new long[2], after = new long[2];
        for (int i = 0; i < 2; i++) {
            before[i] = geometry.kernel()[i] - 1 - geometry.before()[i];
            after[i] = src[2 + i] + geometry.kernel()[i] - 1 - dst[2 + i] - before[i];
        }
        Desc kernels = natives.kernels(src[1], geometry.kernel()[0], geometry.kernel()[1]);
        Kernel k =
                kernel("depthwise convolution's data gradient", dy(), kernels, x(), new long[] {0, 0}, before, after);
        if (k == null) return null;
        Tensor w = program.reordered(weight, kernels), turned = program.tensor(kernels), dx = program.tensor(x());
        int places = (int) (geometry.kernel()[0] * geometry.kernel()[1]);
        program.add("turned kernels", () -> turn(w.floats(), turned.floats(), places), w, turned);
        program.add(k, DNNL_ARG_SRC, gradient, DNNL_ARG_WEIGHTS, turned, DNNL_ARG_DST, dx);
        return dx;
    }

    private static void turn(FloatBuffer kernels, FloatBuffer turned, int places) {
        float[] block = new float[Layout.BLOCK];
        for (int at = 0, all = kernels.limit() / block.length; at < all; at++) {
            kernels.get(at * block.length, block);
            turned.put((at / places * places + places - 1 - at % places) * block.length, block);
        }
    }
}
