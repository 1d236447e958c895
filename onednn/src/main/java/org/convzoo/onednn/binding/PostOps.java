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

    /** Applies an activation. */
    public PostOps activation(Op.Activation a) {
        Eltwise e = Eltwise.of(a);
        return eltwise(e.algorithm(), e.alpha(), e.beta());
    }

    /** Applies one of the library's element-wise functions. */
    public PostOps eltwise(int algorithm, float alpha, float beta) {
        entries.add(p -> check(dnnl_post_ops_append_eltwise(p, algorithm, alpha, beta), "eltwise"));
        return this;
    }

    void append(dnnl_post_ops into) {
        entries.forEach(e -> e.accept(into));
    }
}
