package org.convzoo.onednn.compile;

import static org.bytedeco.dnnl.global.dnnl.*;

import java.util.List;
import org.convzoo.graph.Node;
import org.convzoo.graph.Op;
import org.convzoo.onednn.binding.Desc;
import org.convzoo.onednn.binding.Natives;
import org.convzoo.onednn.loops.FusedActivation;
import org.convzoo.onednn.program.Arguments;
import org.convzoo.onednn.program.Program;
import org.convzoo.onednn.program.Tensor;
import org.convzoo.onednn.winograd.WeightTransform;
import org.convzoo.onednn.winograd.WinogradConvolution;
import org.convzoo.onednn.winograd.WinogradGradient;
import org.convzoo.onednn.winograd.WinogradUse;
import org.jspecify.annotations.Nullable;

/**
 * A convolution in training, {@code y = w * x + b}, with the gradients of {@code w}, {@code b} and {@code x}: by the
 * library's kernels, or Winograd's way. A library's kernel also applies an activation that follows.
 */
final class ConvolutionTraining {
    private final Training training;
    private final Natives natives;
    private final Maps maps;
    private final Node node;
    private final Op.Conv op;
    private final @Nullable Desc biasDesc;
    private final ConvolutionKernels kernels;

    ConvolutionTraining(Training training, Node node, Op.Conv op) {
        this.training = training;
        this.node = node;
        this.op = op;
        natives = training.natives;
        maps = training.maps;
        biasDesc = op.biased() ? natives.plain(op.out()) : null;
        kernels = new ConvolutionKernels(training, node, op, biasDesc);
    }

    Tensor forward() {
        return training.winograd.takes(node, op, training.batch) ? forwardByWinograd() : forwardByLibrary();
    }

    private @Nullable Tensor bias() {
        return biasDesc == null ? null : training.store.value(node.path() + ".bias", biasDesc, op.out());
    }

    private Tensor weightGradient() {
        return training.gradient(node.path() + ".weight");
    }

    private @Nullable Tensor biasGradient() {
        return biasDesc == null ? null : training.gradient(node.path() + ".bias");
    }

    // -- the library's kernels ------------------------------------------------------------------------

    private Tensor forwardByLibrary() {
        Tensor given = training.value(node.input());
        Node last = training.activations.fusedAfter(node);
        Tensor place = training.places.place(last);
        ConvolutionKernels forward = training.isExact() ? new ConvolutionKernels(training, node, op, null) : kernels;
        ConvolutionKernels.MapKernel k = forward.forward(
                dnnl_forward_training, given.desc, place == null ? null : place.desc, Activations.after(node, last));
        Desc wanted = kernels.weight(k, dnnl_query_weights_md);
        Tensor w =
                training.store.value(node.path() + ".weight", training.products.stored(wanted), kernels.weightDims());
        Tensor b = bias();
        boolean atPlace = place != null && place.desc == k.dst();
        Tensor result = place != null && atPlace ? place : training.program.tensor(k.dst());
        Tensor x = maps.as(given, k.src());
        Tensor made = training.products.forward(k.kernel(), x, training.program.reordered(w, wanted), b, result);
        Tensor y = atPlace ? made : maps.dense(made);
        training.activations.record(node, last, y, dy -> backwardByLibrary(given, w, dy));
        return y;
    }

    private void backwardByLibrary(Tensor x, Tensor w, Tensor dy) {
        Depthwise depthwise = Depthwise.of(training, node, op);
        if (training.store.learns(node)) weightGradientByLibrary(depthwise, x, dy);
        if (!training.tape.wantsGradient(node.input())) return;
        Tensor dx = depthwise == null ? null : depthwise.dataGradient(w, dy);
        training.tape.addGradient(node.input(), dx != null ? dx : dataGradientByLibrary(w, dy));
    }

    private void weightGradientByLibrary(@Nullable Depthwise depthwise, Tensor x, Tensor dy) {
        ConvolutionKernels.MapKernel k = kernels.weightGradient(x.desc, dy.desc);
        Tensor dw = depthwise == null || Depthwise.isQuick(k.kernel()) ? null : depthwise.weightGradient(x, dy);
        if (dw != null) {
            training.program.copy(dw, weightGradient());
            return;
        }
        training.products.weightGradient(
                k.kernel(),
                maps.as(x, k.src()),
                maps.as(dy, k.dst()),
                kernels.weight(k, dnnl_query_diff_weights_md),
                weightGradient(),
                biasGradient());
    }

    private Tensor dataGradientByLibrary(Tensor w, Tensor dy) {
        ConvolutionKernels.MapKernel k = kernels.dataGradient(dy.desc);
        Program program = training.program;
        Tensor weight = program.reordered(w, kernels.weight(k, dnnl_query_weights_md)), dx = program.tensor(k.src());
        program.add(
                k.kernel(),
                new Arguments().weights(weight).diffDst(maps.as(dy, k.dst())).diffSrc(dx));
        return dx;
    }

    // -- Winograd's way -------------------------------------------------------------------------------

    private Tensor forwardByWinograd() {
        long[] weightDims = kernels.weightDims();
        int pad = WinogradUse.padding(node, op);
        Tensor x = training.value(node.input());
        Tensor w = training.store.value(node.path() + ".weight", training.products.taps(weightDims), weightDims);
        Tensor y = winograd(x, w, false, bias(), maps.dims(node), pad);
        training.tape.record(node, dy -> backwardByWinograd(x, w, dy, pad));
        return y;
    }

    private void backwardByWinograd(Tensor x, Tensor w, Tensor dy, int pad) {
        if (training.store.learns(node))
            new WinogradGradient(natives, maps.dims(node.input()), maps.dims(node), pad)
                    .add(
                            training.program,
                            maps.channelsLast(x),
                            maps.channelsLast(dy),
                            weightGradient(),
                            biasGradient());
        if (!training.tape.wantsGradient(node.input())) return;
        training.tape.addGradient(node.input(), winograd(dy, w, true, null, maps.dims(node.input()), 2 - pad));
    }

    /** The convolution of {@code x}, or, with the kernel turned by half a circle, the gradient of its data. */
    private Tensor winograd(Tensor x, Tensor weight, boolean turned, @Nullable Tensor bias, long[] dims, int pad) {
        Program program = training.program;
        WinogradConvolution f = WinogradConvolution.forTraining(natives, x.desc.dims(), dims, pad);
        long[] weightDims = kernels.weightDims();
        Tensor w = program.reordered(
                weight, turned ? training.products.transposedTaps(weightDims) : training.products.taps(weightDims));
        Tensor u = program.tensor(f.weight());
        Runnable transform = turned
                ? () -> WeightTransform.turned(w.floats(), u.floats())
                : () -> WeightTransform.forward(w.floats(), u.floats());
        program.add("winograd's weight", transform, w, u);
        Tensor y = program.tensor(natives.channelsLast(dims));
        Tensor map = maps.channelsLast(x);
        f.add(program, new WinogradConvolution.Operands(map, List.of(u), bias, null, FusedActivation.NONE, y));
        return y;
    }
}
