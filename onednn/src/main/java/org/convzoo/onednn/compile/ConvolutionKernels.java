package org.convzoo.onednn.compile;

import static org.bytedeco.dnnl.global.dnnl.*;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import org.convzoo.graph.Node;
import org.convzoo.graph.Op;
import org.convzoo.graph.Shape;
import org.convzoo.onednn.binding.Desc;
import org.convzoo.onednn.binding.Geometry;
import org.convzoo.onednn.binding.Kernel;
import org.convzoo.onednn.binding.Layout;
import org.convzoo.onednn.binding.Natives;
import org.convzoo.onednn.binding.PostOps;
import org.jspecify.annotations.Nullable;

/**
 * The kernels of a convolution: forward, and the gradients of weight and data. Each pass takes the first layout for
 * which the library has a kernel of its own, which need not be the same for all three.
 */
final class ConvolutionKernels {
    private final Compilation compilation;
    private final Geometry geometry;
    private final boolean depthwise;
    private final long[] weightDims;
    private final Desc anyWeight, anyGradient;
    private final @Nullable Desc bias;
    private final Layouts channelsLast;
    /** None in a network whose maps are channels last. */
    private final @Nullable Layouts blocked;

    /** How the maps read and written lie. */
    private record Layouts(Desc src, Desc dst) {}

    /** A kernel, and how the maps that it reads and writes lie. */
    record MapKernel(Desc src, Desc dst, Kernel kernel) {}

    private interface Pass {
        Kernel of(Desc src, Desc dst);
    }

    ConvolutionKernels(Compilation compilation, Node n, Op.Conv op, @Nullable Desc bias) {
        this.compilation = compilation;
        this.bias = bias;
        Shape in = n.input().shape();
        geometry = Geometry.of(op.w(), in);
        depthwise = op.isDepthwise(in) && op.groups() == op.out();
        weightDims = weightDims(n, op);
        Natives natives = compilation.natives;
        anyWeight = natives.any(weightDims);
        anyGradient = natives.desc(dnnl_format_tag_any, weightDims);
        long[] src = compilation.maps.dims(n.input()), dst = compilation.maps.dims(n);
        boolean image = n.input().op() instanceof Op.Input && in.channels() < Layout.BLOCK;
        blocked = compilation.maps.layout == Layout.BLOCKED
                ? new Layouts(image ? natives.rows(src) : natives.blocked(src), natives.blocked(dst))
                : null;
        channelsLast = new Layouts(natives.channelsLast(src), natives.channelsLast(dst));
    }

    /** The sizes under which kernels know a convolution's weight: with an axis of groups if there are several. */
    private static long[] weightDims(Node n, Op.Conv op) {
        int in = n.input().shape().channels(), g = op.groups();
        return g == 1
                ? new long[] {op.out(), in, op.w().kh(), op.w().kw()}
                : new long[] {g, op.out() / g, in / g, op.w().kh(), op.w().kw()};
    }

    long[] weightDims() {
        return weightDims;
    }

    Desc weight(MapKernel k, int argument) {
        return compilation.natives.query(k.kernel, argument, weightDims);
    }

    /**
     * The kernel forward, {@code dnnl_forward_training} or {@code dnnl_forward_inference}.
     *
     * @param place where the result belongs, some channels of a larger map, if anywhere
     */
    MapKernel forward(int kind, Desc x, @Nullable Desc place, PostOps after) {
        return first(x, place, (src, dst) -> kernel(kind, src, dst, after));
    }

    private Kernel kernel(int kind, Desc src, Desc dst, PostOps after) {
        return compilation.primitives.convolution("convolution", kind, src, anyWeight, bias, dst, geometry, after);
    }

    MapKernel weightGradient(Desc x, Desc dy) {
        // Some of the library's kernels with larger windows read the wrong place if a map is a part of another.
        boolean onePixel = geometry.kernel()[0] * geometry.kernel()[1] == 1;
        return first(onePixel ? x : null, onePixel ? dy : null, (src, dst) -> {
            Kernel forward = kernel(dnnl_forward_training, src, dst, new PostOps());
            return compilation.primitives.convolutionWeightGradient(
                    "convolution's weight gradient", forward, src, anyGradient, bias, dst, geometry);
        });
    }

    MapKernel dataGradient(Desc dy) {
        Pass pass = (src, dst) -> {
            Kernel forward = kernel(dnnl_forward_training, src, dst, new PostOps());
            return compilation.primitives.convolutionDataGradient(forward, src, anyWeight, dst, geometry);
        };
        MapKernel usual = first(null, dy, pass);
        if (!depthwise || usual.kernel.name().contains("dw")) return usual;
        // Strided ones of bfloat16 are slow channels last, more than the copies into blocks and back take.
        Natives natives = compilation.natives;
        Desc src = natives.blocked(channelsLast.src.dims()), dst = natives.blocked(channelsLast.dst.dims());
        Kernel k = pass.of(src, dst);
        return Depthwise.isQuick(k) ? new MapKernel(src, dst, k) : usual;
    }

    /** The first kernel of the library's own for the maps as they lie, or for whole maps; else the one it has. */
    private MapKernel first(@Nullable Desc src, @Nullable Desc dst, Pass pass) {
        if (blocked != null) {
            List<Layouts> choices = new ArrayList<>();
            Desc x = inBlocks(src) ? src : blocked.src, y = inBlocks(dst) ? dst : blocked.dst;
            for (Desc to : List.of(y, blocked.dst))
                for (Desc from : List.of(x, blocked.src)) choices.add(new Layouts(from, to));
            for (Layouts l : new LinkedHashSet<>(choices)) {
                Kernel k = pass.of(l.src, l.dst);
                boolean general = k.name().startsWith("ref") || k.name().contains("gemm:");
                if (!general) return new MapKernel(l.src, l.dst, k);
            }
        }
        return new MapKernel(channelsLast.src, channelsLast.dst, pass.of(channelsLast.src, channelsLast.dst));
    }

    private static boolean inBlocks(@Nullable Desc d) {
        return d != null && !Layout.isChannelsLast(d);
    }
}
