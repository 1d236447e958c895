package org.convzoo.onednn.program;

import static org.bytedeco.dnnl.global.dnnl.*;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a primitive reads and writes: a tensor for each role, under the library's names. {@code diff} is the gradient of
 * what follows. A method that is given no tensor adds nothing.
 */
public final class Arguments {
    private final List<Integer> roles = new ArrayList<>();
    private final List<Tensor> tensors = new ArrayList<>();

    public Arguments src(Tensor t) {
        return with(DNNL_ARG_SRC, t);
    }

    /** The second of two sources. */
    public Arguments src1(Tensor t) {
        return with(DNNL_ARG_SRC_1, t);
    }

    /** Any number of sources, in their order. */
    public Arguments sources(List<Tensor> all) {
        for (int i = 0; i < all.size(); i++) with(DNNL_ARG_MULTIPLE_SRC + i, all.get(i));
        return this;
    }

    public Arguments dst(Tensor t) {
        return with(DNNL_ARG_DST, t);
    }

    public Arguments weights(Tensor t) {
        return with(DNNL_ARG_WEIGHTS, t);
    }

    public Arguments bias(@Nullable Tensor t) {
        return with(DNNL_ARG_BIAS, t);
    }

    public Arguments scale(Tensor t) {
        return with(DNNL_ARG_SCALE, t);
    }

    public Arguments shift(@Nullable Tensor t) {
        return with(DNNL_ARG_SHIFT, t);
    }

    public Arguments mean(Tensor t) {
        return with(DNNL_ARG_MEAN, t);
    }

    public Arguments variance(Tensor t) {
        return with(DNNL_ARG_VARIANCE, t);
    }

    /** What a kernel forward leaves for that of its gradient. */
    public Arguments workspace(@Nullable Tensor t) {
        return with(DNNL_ARG_WORKSPACE, t);
    }

    public Arguments diffSrc(Tensor t) {
        return with(DNNL_ARG_DIFF_SRC, t);
    }

    public Arguments diffDst(Tensor t) {
        return with(DNNL_ARG_DIFF_DST, t);
    }

    public Arguments diffWeights(Tensor t) {
        return with(DNNL_ARG_DIFF_WEIGHTS, t);
    }

    public Arguments diffBias(@Nullable Tensor t) {
        return with(DNNL_ARG_DIFF_BIAS, t);
    }

    public Arguments diffScale(Tensor t) {
        return with(DNNL_ARG_DIFF_SCALE, t);
    }

    public Arguments diffShift(Tensor t) {
        return with(DNNL_ARG_DIFF_SHIFT, t);
    }

    Arguments scratchpad(Tensor t) {
        return with(DNNL_ARG_SCRATCHPAD, t);
    }

    /** What a loop in Java touches; these have no roles. */
    static Arguments touched(Tensor... all) {
        Arguments a = new Arguments();
        for (Tensor t : all) a.with(DNNL_ARG_UNDEF, t);
        return a;
    }

    private Arguments with(int role, @Nullable Tensor t) {
        if (t == null) return this;
        roles.add(role);
        tensors.add(t);
        return this;
    }

    List<Tensor> tensors() {
        return tensors;
    }

    int role(int i) {
        return roles.get(i);
    }

    /** The tensor in that role, if there is one. */
    @Nullable
    Tensor tensor(int role) {
        int i = roles.indexOf(role);
        return i < 0 ? null : tensors.get(i);
    }
}
