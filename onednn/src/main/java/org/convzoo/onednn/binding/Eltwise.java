package org.convzoo.onednn.binding;

import static org.bytedeco.dnnl.global.dnnl.*;

import org.convzoo.graph.Op;

/**
 * An activation in the library's terms: one of its element-wise functions with two parameters.
 *
 * @param fromOutput the variant whose gradient is computed from the output, so that the input need not be kept;
 *     0 where there is none
 */
public record Eltwise(int algorithm, int fromOutput, float alpha, float beta) {
    /** The function that computes {@code a}. */
    public static Eltwise of(Op.Activation a) {
        return switch (a) {
            case RELU -> new Eltwise(dnnl_eltwise_relu, dnnl_eltwise_relu_use_dst_for_bwd, 0, 0);
            case RELU6 -> new Eltwise(dnnl_eltwise_clip_v2, dnnl_eltwise_clip_v2_use_dst_for_bwd, 0, 6);
            case SIGMOID -> new Eltwise(dnnl_eltwise_logistic, dnnl_eltwise_logistic_use_dst_for_bwd, 0, 0);
            case TANH -> new Eltwise(dnnl_eltwise_tanh, dnnl_eltwise_tanh_use_dst_for_bwd, 0, 0);
            case SILU -> new Eltwise(dnnl_eltwise_swish, 0, 1, 0);
            case HARDSWISH -> new Eltwise(dnnl_eltwise_hardswish, 0, 1 / 6f, 0.5f);
            case HARDSIGMOID -> new Eltwise(dnnl_eltwise_hardsigmoid, 0, 1 / 6f, 0.5f);
        };
    }
}
