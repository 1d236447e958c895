package org.convzoo.onednn.binding;

import static org.bytedeco.dnnl.global.dnnl.*;
import static org.convzoo.onednn.binding.Dnnl.check;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.bytedeco.dnnl.dnnl_post_ops;
import org.convzoo.graph.Op;

/** What a kernel does to each result before it stores it. */
public final class PostOps {
    private final List<Consumer<dnnl_post_ops>> entries = new ArrayList<>();

    /** Adds what the destination held before. */
    public PostOps sum() {
        entries.add(p -> check(dnnl_post_ops_append_sum(p, 1, 0, dnnl_data_type_undef), "sum"));
        return this;
    }

    public PostOps activation(Op.Activation a) {
        Eltwise e = Eltwise.of(a);
        return eltwise(e.algorithm(), e.alpha(), e.beta());
    }

    public PostOps eltwise(int algorithm, float alpha, float beta) {
        entries.add(p -> check(dnnl_post_ops_append_eltwise(p, algorithm, alpha, beta), "eltwise"));
        return this;
    }

    void append(dnnl_post_ops into) {
        entries.forEach(e -> e.accept(into));
    }

    /**
     * An activation in the library's terms.
     *
     * @param fromOutput the variant whose gradient is computed from the output, so that the input need not be kept;
     *     0 where there is none
     */
    public record Eltwise(int algorithm, int fromOutput, float alpha, float beta) {
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
}
