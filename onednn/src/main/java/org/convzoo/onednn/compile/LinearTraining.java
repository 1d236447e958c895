package org.convzoo.onednn.compile;

import static org.bytedeco.dnnl.global.dnnl.*;

import org.convzoo.graph.Node;
import org.convzoo.graph.Op;
import org.convzoo.onednn.binding.Desc;
import org.convzoo.onednn.binding.Kernel;
import org.convzoo.onednn.binding.Natives;
import org.convzoo.onednn.program.Arguments;
import org.convzoo.onednn.program.Program;
import org.convzoo.onednn.program.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A linear layer in training, {@code y = x w' + b}, or a convolution that is a {@link WholeMap} product, with the
 * gradients {@code dw = dy' x}, {@code db = sum dy}, {@code dx = dy w}. The kernel also applies an activation that
 * follows.
 */
final class LinearTraining {
    private final Training training;
    private final Natives natives;
    private final Maps maps;
    private final Node node;
    private final int out;
    /** The convolution, if it is one: its values are maps of one pixel. */
    private final Op.@Nullable Conv conv;

    private final @Nullable Desc biasDesc;

    private LinearTraining(Training training, Node node, int out, boolean biased, Op.@Nullable Conv conv) {
        this.training = training;
        this.node = node;
        this.out = out;
        this.conv = conv;
        natives = training.natives;
        maps = training.maps;
        biasDesc = biased ? natives.plain(out) : null;
    }

    static Tensor forward(Training training, Node n, Op.Linear op) {
        return new LinearTraining(training, n, op.out(), op.biased(), null)
                .forward(training.maps.channelsLast(training.value(n.input())));
    }

    static Tensor forward(Training training, Node n, Op.Conv op) {
        return new LinearTraining(training, n, op.out(), op.biased(), op).forward(training.wholeMap(n, op));
    }

    /** @param x {@code [N, C]} or {@code [N, C, H, W]} */
    private Tensor forward(Tensor x) {
        long[] weightDims = x.desc.dims().clone();
        weightDims[0] = out;
        Desc dst = natives.rows(training.batch, out), any = natives.any(weightDims);
        Node last = training.activations.fusedAfter(node);
        Kernel k = training.primitives.linear(
                dnnl_forward_training,
                x.desc,
                any,
                training.isExact() ? null : biasDesc,
                dst,
                Activations.after(node, last));
        Desc wanted = natives.query(k, dnnl_query_weights_md, weightDims);
        Weight w = weight(x, weightDims, wanted);
        Tensor b = biasDesc == null ? null : training.store.value(node.path() + ".bias", biasDesc, out);
        Program program = training.program;
        Tensor made = training.products.forward(k, x, program.reordered(w.value(), wanted), b, program.tensor(dst));
        Tensor y = conv == null ? made : maps.vectorAsOnePixel(made);
        training.activations.record(node, last, y, dy -> backward(k, x, w, weightDims, dy));
        return y;
    }

    /**
     * The weight as a product takes it: what of a convolution's meets the map, if it is one.
     *
     * @param all the parameter
     */
    private record Weight(Tensor all, Desc part) {
        Tensor value() {
            return all.desc == part ? all : all.view(part);
        }

        /** The same part of the parameter's gradient. */
        Tensor of(Tensor gradient) {
            return all.desc == part ? gradient : gradient.view(part);
        }
    }

    private Weight weight(Tensor x, long[] dims, Desc wanted) {
        String name = node.path() + ".weight";
        if (conv == null || WholeMap.meetsWholeKernel(node, conv)) {
            Tensor all = training.store.value(name, training.products.stored(wanted), dims);
            return new Weight(all, all.desc);
        }
        // the gradient of what meets padding only stays 0, as it is at the start
        long[] kernel = {out, x.desc.dims()[1], conv.w().kh(), conv.w().kw()};
        Tensor all = training.store.value(name, training.products.stored(training.products.taps(kernel)), kernel);
        return new Weight(all, natives.part(all.desc, dims, WholeMap.corner(node, conv)));
    }

    private void backward(Kernel forward, Tensor x, Weight w, long[] weightDims, Tensor given) {
        Program program = training.program;
        Tensor dy = given.desc.dims().length == 2 ? maps.channelsLast(given) : maps.onePixelAsVector(given);
        Desc dst = natives.rows(training.batch, out);
        if (training.store.learns(node)) weightGradient(forward, x, w, weightDims, dy);
        if (!training.tape.wantsGradient(node.input())) return;
        Kernel kd = training.primitives.linearDataGradient(forward, x.desc, natives.any(weightDims), dst);
        Tensor weight = program.reordered(w.value(), natives.query(kd, dnnl_query_weights_md, weightDims));
        Tensor dx = program.tensor(x.desc);
        program.add(kd, new Arguments().weights(weight).diffDst(dy).diffSrc(dx));
        boolean sameAxes = training.value(node.input()).desc.dims().length == x.desc.dims().length;
        training.tape.addGradient(node.input(), sameAxes ? dx : maps.vectorAsOnePixel(dx));
    }

    private void weightGradient(Kernel forward, Tensor x, Weight w, long[] weightDims, Tensor dy) {
        Kernel k = training.primitives.linearWeightGradient(
                forward,
                x.desc,
                natives.desc(dnnl_format_tag_any, weightDims),
                biasDesc,
                natives.rows(training.batch, out));
        Desc made = natives.query(k, dnnl_query_diff_weights_md, weightDims);
        Tensor dw = w.of(training.gradient(node.path() + ".weight"));
        Tensor db = biasDesc == null ? null : training.gradient(node.path() + ".bias");
        training.products.weightGradient(k, x, dy, made, dw, db);
    }
}
