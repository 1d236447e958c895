package org.convzoo.onednn.compile;

import static org.bytedeco.dnnl.global.dnnl.*;

import java.nio.FloatBuffer;
import java.util.List;
import org.convzoo.graph.Node;
import org.convzoo.graph.Op;
import org.convzoo.onednn.binding.Desc;
import org.convzoo.onednn.binding.Geometry;
import org.convzoo.onednn.binding.Kernel;
import org.convzoo.onednn.binding.Layout;
import org.convzoo.onednn.binding.Natives;
import org.convzoo.onednn.binding.PostOps;
import org.convzoo.onednn.binding.Primitives;
import org.convzoo.onednn.loops.Flat;
import org.convzoo.onednn.program.Arguments;
import org.convzoo.onednn.program.Program;
import org.convzoo.onednn.program.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The gradients of a depthwise convolution as depthwise convolutions, for which the library's kernels are quicker than
 * many of its own for gradients. Maps have their channels in blocks.
 */
final class Depthwise {
    private static final long[] ONCE = {1, 1};

    private final Maps maps;
    private final Primitives primitives;
    private final Natives natives;
    private final Program program;
    private final Geometry geometry;
    private final long[] src, dst;
    private final Desc map, result;

    private Depthwise(Compilation compilation, Node n, Op.Conv op) {
        maps = compilation.maps;
        primitives = compilation.primitives;
        natives = compilation.natives;
        program = compilation.program;
        geometry = Geometry.of(op.w(), n.input().shape());
        src = maps.dims(n.input());
        dst = maps.dims(n);
        map = natives.blocked(src);
        result = natives.blocked(dst);
    }

    /** The gradients of convolution {@code n}, if it is depthwise and has no dilation and no bias. */
    static @Nullable Depthwise of(Compilation compilation, Node n, Op.Conv op) {
        boolean depthwise = op.isDepthwise(n.input().shape()) && op.groups() == op.out();
        boolean plain = !op.biased() && op.w().dh() * op.w().dw() == 1;
        return depthwise && plain ? new Depthwise(compilation, n, op) : null;
    }

    /** Whether {@code k} is one of the library's kernels for depthwise convolutions. */
    static boolean isQuick(Kernel k) {
        return k.name().startsWith("jit_dw");
    }

    /** A kernel forward, if the library has a quick one; none of padding by less than nothing. */
    private @Nullable Kernel forward(String what, Desc in, Desc weight, Desc out, Geometry g) {
        for (long[] pads : List.of(g.before(), g.after())) if (pads[0] < 0 || pads[1] < 0) return null;
        Kernel k = primitives.convolution(what, dnnl_forward_training, in, weight, null, out, g, new PostOps());
        return isQuick(k) ? k : null;
    }

    /**
     * Adds the gradient of the weight, {@code [C, 1, 1, kh, kw]}: a convolution of each map with the gradient of its
     * output as the kernel, whose places lie as far apart as the stride. The maps of several images lie in memory as
     * those of one image with all their channels do, and gradients of maps as such a convolution's kernels.
     *
     * @return none if the library is not quick at it
     */
    @Nullable
    Tensor weightGradient(Tensor x, Tensor dy) {
        long images = src[0], channels = (src[1] + Layout.BLOCK - 1) / Layout.BLOCK * Layout.BLOCK;
        long groups = images * channels, kh = geometry.kernel()[0], kw = geometry.kernel()[1];
        long[] apart = new long[2], after = new long[2];
        for (int i = 0; i < 2; i++) {
            apart[i] = geometry.strides()[i] - 1;
            long span = (dst[2 + i] - 1) * geometry.strides()[i] + 1;
            after[i] = geometry.kernel()[i] - 1 + span - src[2 + i] - geometry.before()[i];
        }
        Desc asOneImage = natives.blocked(1, groups, src[2], src[3]), kernels = natives.kernels(groups, dst[2], dst[3]);
        Desc results = natives.floats(natives.blocked(1, groups, kh, kw));
        Geometry g = new Geometry(new long[] {dst[2], dst[3]}, ONCE, apart, geometry.before(), after);
        Kernel k = forward("depthwise convolution's weight gradient", asOneImage, kernels, results, g);
        if (k == null) return null;
        Tensor each = program.tensor(natives.plain(images, channels * kh * kw));
        Tensor sum = program.tensor(natives.floatKernels(src[1], kh, kw));
        program.add(
                k,
                new Arguments()
                        .src(maps.as(x, map).view(asOneImage))
                        .weights(maps.as(dy, result).view(kernels))
                        .dst(each.view(results)));
        program.add("sum of images", () -> Flat.sum(each.floats(), sum.floats()), each, sum);
        return sum;
    }

    /**
     * Adds the gradient of the map for a stride of 1: a convolution with the kernel turned by half a circle.
     *
     * @return none if that is not quicker, as in a network whose maps are channels last, or the stride is another
     */
    @Nullable
    Tensor dataGradient(Tensor weight, Tensor dy) {
        if (natives.type() != dnnl_f32
                || maps.layout != Layout.BLOCKED
                || geometry.strides()[0] * geometry.strides()[1] > 1) return null;
        long[] before = new long[2], after = new long[2];
        for (int i = 0; i < 2; i++) {
            before[i] = geometry.kernel()[i] - 1 - geometry.before()[i];
            after[i] = src[2 + i] + geometry.kernel()[i] - 1 - dst[2 + i] - before[i];
        }
        Desc kernels = natives.kernels(src[1], geometry.kernel()[0], geometry.kernel()[1]);
        Geometry g = new Geometry(geometry.kernel(), ONCE, geometry.dilates(), before, after);
        Kernel k = forward("depthwise convolution's data gradient", result, kernels, map, g);
        if (k == null) return null;
        Tensor w = program.reordered(weight, kernels), turned = program.tensor(kernels), dx = program.tensor(map);
        int taps = (int) (geometry.kernel()[0] * geometry.kernel()[1]);
        program.add("turned kernels", () -> turn(w.floats(), turned.floats(), taps), w, turned);
        program.add(k, new Arguments().src(maps.as(dy, result)).weights(turned).dst(dx));
        return dx;
    }

    private static void turn(FloatBuffer kernels, FloatBuffer turned, int taps) {
        float[] block = new float[Layout.BLOCK];
        for (int at = 0, all = kernels.limit() / block.length; at < all; at++) {
            kernels.get(at * block.length, block);
            turned.put((at / taps * taps + taps - 1 - at % taps) * block.length, block);
        }
    }
}
