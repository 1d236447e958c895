package org.convzoo.onednn.binding;

import static org.bytedeco.dnnl.global.dnnl.*;

import java.util.List;
import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.javacpp.PointerPointer;
import org.jspecify.annotations.Nullable;

/**
 * The library's primitives, each as a {@link Kernel} for given layouts. Layouts of weights and of their gradients may
 * be the library's choice; the kernel then says which. {@code kind} is {@code dnnl_forward_training} or {@code
 * dnnl_forward_inference}. A gradient's kernel is made for the kernel forward that belongs to it.
 */
public final class Primitives {
    private final Natives natives;

    public Primitives(Natives natives) {
        this.natives = natives;
    }

    private static @Nullable dnnl_memory_desc handle(@Nullable Desc d) {
        return d == null ? null : d.handle();
    }

    // -- convolution ----------------------------------------------------------------------------------

    /** @param what it computes: {@code convolution} */
    public Kernel convolution(
            String what, int kind, Desc src, Desc weights, @Nullable Desc bias, Desc dst, Geometry g, PostOps after) {
        return natives.kernel(
                what,
                after,
                (pd, attr) -> dnnl_convolution_forward_primitive_desc_create(
                        pd,
                        Dnnl.CPU,
                        kind,
                        dnnl_convolution_direct,
                        src.handle(),
                        weights.handle(),
                        handle(bias),
                        dst.handle(),
                        g.strides(),
                        g.dilates(),
                        g.before(),
                        g.after(),
                        attr));
    }

    /** The gradient of a convolution's weight and, if it has one, bias. */
    public Kernel convolutionWeightGradient(
            String what, Kernel forward, Desc src, Desc weights, @Nullable Desc bias, Desc dst, Geometry g) {
        return natives.kernel(
                what,
                (pd, attr) -> dnnl_convolution_backward_weights_primitive_desc_create(
                        pd,
                        Dnnl.CPU,
                        dnnl_convolution_direct,
                        src.handle(),
                        weights.handle(),
                        handle(bias),
                        dst.handle(),
                        g.strides(),
                        g.dilates(),
                        g.before(),
                        g.after(),
                        forward.handle(),
                        attr));
    }

    /** The gradient of what a convolution reads. */
    public Kernel convolutionDataGradient(Kernel forward, Desc src, Desc weights, Desc dst, Geometry g) {
        return natives.kernel(
                "convolution's data gradient",
                (pd, attr) -> dnnl_convolution_backward_data_primitive_desc_create(
                        pd,
                        Dnnl.CPU,
                        dnnl_convolution_direct,
                        src.handle(),
                        weights.handle(),
                        dst.handle(),
                        g.strides(),
                        g.dilates(),
                        g.before(),
                        g.after(),
                        forward.handle(),
                        attr));
    }

    // -- linear layers --------------------------------------------------------------------------------

    public Kernel linear(int kind, Desc src, Desc weights, @Nullable Desc bias, Desc dst, PostOps after) {
        return natives.kernel(
                "linear",
                after,
                (pd, attr) -> dnnl_inner_product_forward_primitive_desc_create(
                        pd, Dnnl.CPU, kind, src.handle(), weights.handle(), handle(bias), dst.handle(), attr));
    }

    public Kernel linearWeightGradient(Kernel forward, Desc src, Desc weights, @Nullable Desc bias, Desc dst) {
        return natives.kernel(
                "linear's weight gradient",
                (pd, attr) -> dnnl_inner_product_backward_weights_primitive_desc_create(
                        pd,
                        Dnnl.CPU,
                        src.handle(),
                        weights.handle(),
                        handle(bias),
                        dst.handle(),
                        forward.handle(),
                        attr));
    }

    public Kernel linearDataGradient(Kernel forward, Desc src, Desc weights, Desc dst) {
        return natives.kernel(
                "linear's data gradient",
                (pd, attr) -> dnnl_inner_product_backward_data_primitive_desc_create(
                        pd, Dnnl.CPU, src.handle(), weights.handle(), dst.handle(), forward.handle(), attr));
    }

    /** @param what it computes */
    public Kernel product(String what, Desc src, Desc weights, Desc dst, PostOps after) {
        return natives.kernel(
                what,
                after,
                (pd, attr) -> dnnl_matmul_primitive_desc_create(
                        pd, Dnnl.CPU, src.handle(), weights.handle(), null, dst.handle(), attr));
    }

    // -- batch norm -----------------------------------------------------------------------------------

    /** @param flags {@code dnnl_use_scale} and the like */
    public Kernel batchNorm(int kind, Desc map, double eps, int flags) {
        return natives.kernel(
                "batch norm",
                (pd, attr) -> dnnl_batch_normalization_forward_primitive_desc_create(
                        pd, Dnnl.CPU, kind, map.handle(), map.handle(), (float) eps, flags, attr));
    }

    /** @param flags {@code dnnl_use_scale} and the like; without given statistics those of the batch, of which x is part */
    public Kernel batchNormGradient(Desc map, double eps, int flags) {
        Kernel forward = batchNorm(dnnl_forward_training, map, eps, flags);
        return natives.kernel(
                "batch norm's gradient",
                (pd, attr) -> dnnl_batch_normalization_backward_primitive_desc_create(
                        pd,
                        Dnnl.CPU,
                        dnnl_backward,
                        map.handle(),
                        map.handle(),
                        map.handle(),
                        (float) eps,
                        flags,
                        forward.handle(),
                        attr));
    }

    // -- pooling --------------------------------------------------------------------------------------

    /** @param algorithm {@code dnnl_pooling_max} and the like */
    public Kernel pooling(int kind, int algorithm, Desc src, Desc dst, Geometry g, PostOps after) {
        return natives.kernel(
                "pooling",
                after,
                (pd, attr) -> dnnl_pooling_forward_primitive_desc_create(
                        pd,
                        Dnnl.CPU,
                        kind,
                        algorithm,
                        src.handle(),
                        dst.handle(),
                        g.strides(),
                        g.kernel(),
                        g.dilates(),
                        g.before(),
                        g.after(),
                        attr));
    }

    public Kernel poolingGradient(Kernel forward, int algorithm, Desc src, Desc dst, Geometry g) {
        return natives.kernel(
                "pooling's gradient",
                (pd, attr) -> dnnl_pooling_backward_primitive_desc_create(
                        pd,
                        Dnnl.CPU,
                        algorithm,
                        src.handle(),
                        dst.handle(),
                        g.strides(),
                        g.kernel(),
                        g.dilates(),
                        g.before(),
                        g.after(),
                        forward.handle(),
                        attr));
    }

    // -- element by element ---------------------------------------------------------------------------

    /** @param algorithm {@code dnnl_eltwise_relu} and the like */
    public Kernel eltwise(int kind, int algorithm, Desc d, float alpha, float beta) {
        return natives.kernel(
                "eltwise",
                (pd, attr) -> dnnl_eltwise_forward_primitive_desc_create(
                        pd, Dnnl.CPU, kind, algorithm, d.handle(), d.handle(), alpha, beta, attr));
    }

    /** An activation's gradient, from its output where the library can, else from its input. */
    public Kernel eltwiseGradient(Eltwise e, Desc d) {
        int algorithm = e.fromOutput() != 0 ? e.fromOutput() : e.algorithm();
        Kernel forward = eltwise(dnnl_forward_training, algorithm, d, e.alpha(), e.beta());
        return natives.kernel(
                "activation's gradient",
                (pd, attr) -> dnnl_eltwise_backward_primitive_desc_create(
                        pd,
                        Dnnl.CPU,
                        algorithm,
                        d.handle(),
                        d.handle(),
                        d.handle(),
                        e.alpha(),
                        e.beta(),
                        forward.handle(),
                        attr));
    }

    /** @param algorithm {@code dnnl_binary_add}, {@code dnnl_binary_mul} */
    public Kernel binary(int algorithm, Desc a, Desc b, Desc dst, PostOps after) {
        return natives.kernel(
                "binary",
                after,
                (pd, attr) -> dnnl_binary_primitive_desc_create(
                        pd, Dnnl.CPU, algorithm, a.handle(), b.handle(), dst.handle(), attr));
    }

    // -- the rest -------------------------------------------------------------------------------------

    /** Softmax along axis 1. */
    public Kernel softmax(int kind, Desc d) {
        return natives.kernel(
                "softmax",
                (pd, attr) -> dnnl_softmax_forward_primitive_desc_create(
                        pd, Dnnl.CPU, kind, dnnl_softmax_accurate, d.handle(), d.handle(), 1, attr));
    }

    public Kernel softmaxGradient(Kernel forward, Desc d) {
        return natives.kernel(
                "softmax's gradient",
                (pd, attr) -> dnnl_softmax_backward_primitive_desc_create(
                        pd,
                        Dnnl.CPU,
                        dnnl_softmax_accurate,
                        d.handle(),
                        d.handle(),
                        d.handle(),
                        1,
                        forward.handle(),
                        attr));
    }

    /** The concatenation along the channels. */
    public Kernel concat(List<Desc> sources, Desc dst) {
        dnnl_memory_desc[] handles = sources.stream().map(Desc::handle).toArray(dnnl_memory_desc[]::new);
        try (var array = new PointerPointer<dnnl_memory_desc>(handles)) {
            return natives.kernel(
                    "concat",
                    (pd, attr) -> dnnl_concat_primitive_desc_create(
                            pd, Dnnl.CPU, dst.handle(), handles.length, 1, array, attr));
        }
    }

    /** A copy from one layout to another. */
    public Kernel reorder(Desc from, Desc to) {
        return natives.kernel(
                "reorder",
                (pd, attr) ->
                        dnnl_reorder_primitive_desc_create(pd, from.handle(), Dnnl.CPU, to.handle(), Dnnl.CPU, attr));
    }
}
