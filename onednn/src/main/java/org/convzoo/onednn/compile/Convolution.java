package org.convzoo.onednn.compile;

import static org.bytedeco.dnnl.global.dnnl.*;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import org.convzoo.graph.Node;
import org.convzoo.graph.Op;
import org.convzoo.graph.Shape;
import org.convzoo.onednn.binding.Dnnl;
import org.convzoo.onednn.binding.Geometry;
import org.convzoo.onednn.binding.Layout;
import org.convzoo.onednn.binding.Natives;
import org.convzoo.onednn.binding.Natives.Desc;
import org.convzoo.onednn.binding.Natives.Kernel;
import org.convzoo.onednn.binding.PostOps;
import org.jspecify.annotations.Nullable;

/**
 * The kernels of a convolution: forward, and the gradients of weight and data. Each pass takes the first layout for
 * which the library has a kernel of its own, which need not be the same for all three.
 */
public final class Convolution {
    private final Lowering lowering;
    private final Geometry geometry;
    private final long[] weightDims;
    private final Desc anyWeight, anyGradient;
    private final @Nullable Desc bias;
    private final Layouts channelsLast;
    /** None in a network whose maps are channels last. */
    private final @Nullable Layouts blocked;

    private record Layouts(Desc src, Desc dst) {}

    /** A kernel with the layouts of the maps it reads and writes. */
    record Form(Desc src, Desc dst, Kernel kernel) {}

    private interface Pass {
        Kernel of(Desc src, Desc dst);
    }

    Convolution(Lowering lowering, Node n, Op.Conv op, @Nullable Desc bias) {
        this.lowering = lowering;
        this.bias = bias;
        Shape in = n.input().shape();
        geometry = Geometry.of(op.w(), in);
        weightDims = weightDims(n, op);
        Natives natives = lowering.natives;
        anyWeight = natives.any(weightDims);
        anyGradient = natives.desc(dnnl_format_tag_any, weightDims);
        long[] src = lowering.dims(n.input()), dst = lowering.dims(n);
        boolean image = n.input().op() instanceof Op.Input && in.channels() < Layout.BLOCK;
        blocked = lowering.layout == Layout.BLOCKED
                ? new Layouts(image ? natives.rows(src) : natives.blocked(src), natives.blocked(dst))
                : null;
        channelsLast = new Layouts(natives.channelsLast(src), natives.channelsLast(dst));
    }

    /** The sizes under which kernels know a convolution's weight: with an axis of groups if there are several. */
    private static long[] weightDims(Node n, Op.Conv op) {
        int in = n.input().shape().channels(), g = op.w().groups();
        return g == 1
                ? new long[] {op.out(), in, op.w().kh(), op.w().kw()}
                : new long[] {g, op.out() / g, in / g, op.w().kh(), op.w().kw()};
    }

    long[] weightDims() {
        return weightDims;
    }

    Desc weight(Form f, int argument) {
        return lowering.natives.query(f.kernel, argument, weightDims);
    }

    /**
     * The kernel for the way forward, {@code dnnl_forward_training} or {@code dnnl_forward_inference}.
     *
     * @param home where the result belongs, some channels of a larger map, if anywhere
     */
    Form forward(int kind, Desc x, @Nullable Desc home, PostOps after) {
        return first(x, home, (src, dst) -> kernel(kind, src, dst, after));
    }

    private Kernel kernel(int kind, Desc src, Desc dst, PostOps after) {
        return lowering.convolution(kind, src, anyWeight, bias, dst, geometry, after);
    }

    Form weightGradient(Desc x, Desc dy) {
        // Of its kernels with windows, some take the wrong place for a part of a map.
        boolean onePixel = geometry.kernel()[0] * geometry.kernel()[1] == 1;
        return first(onePixel ? x : null, onePixel ? dy : null, (src, dst) -> {
            Kernel hint = kernel(dnnl_forward_training, src, dst, new PostOps());
            return lowering.weightGradient(
                    "convolution's weight gradient", hint, src, anyGradient, bias, dst, geometry);
        });
    }

    Form dataGradient(Desc dy) {
        return first(null, dy, (src, dst) -> {
            Kernel hint = kernel(dnnl_forward_training, src, dst, new PostOps());
            return lowering.natives.kernel(
                    "convolution's data gradient",
                    (pd, attr) -> dnnl_convolution_backward_data_primitive_desc_create(
                            pd,
                            Dnnl.CPU,
                            dnnl_convolution_direct,
                            src.handle(),
                            anyWeight.handle(),
                            dst.handle(),
                            geometry.strides(),
                            geometry.dilates(),
                            geometry.before(),
                            geometry.after(),
                            hint.handle(),
                            attr));
        });
    }

    /** The first kernel of the library's own for the maps as they lie, or for whole maps; else the one it has. */
    private Form first(@Nullable Desc src, @Nullable Desc dst, Pass pass) {
        if (blocked != null) {
            List<Layouts> choices = new ArrayList<>();
            Desc x = inBlocks(src) ? src : blocked.src, y = inBlocks(dst) ? dst : blocked.dst;
            for (Desc to : List.of(y, blocked.dst))
                for (Desc from : List.of(x, blocked.src)) choices.add(new Layouts(from, to));
            for (Layouts l : new LinkedHashSet<>(choices)) {
                Kernel k = pass.of(l.src, l.dst);
                boolean general = k.name().startsWith("ref") || k.name().contains("gemm:");
                if (!general) return new Form(l.src, l.dst, k);
            }
        }
        return new Form(channelsLast.src, channelsLast.dst, pass.of(channelsLast.src, channelsLast.dst));
    }

    private static boolean inBlocks(@Nullable Desc d) {
        return d != null && !Layout.isChannelsLast(d);
    }
}
