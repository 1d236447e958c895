package org.convzoo.onednn.program;

import static org.bytedeco.dnnl.global.dnnl.*;

import org.convzoo.engine.LayerTime;
import org.convzoo.onednn.binding.Desc;
import org.convzoo.onednn.binding.Kernel;
import org.jspecify.annotations.Nullable;

/** One primitive or one loop in Java, with the tensors that it touches. */
public final class Step {
    final String layer, pass, name;
    /** None for a loop in Java. */
    final @Nullable Kernel kernel;

    final Runnable loop;
    final Arguments arguments;

    private @Nullable Tensor result, over;
    private boolean accumulates, eachImage;
    private long macs = -1;

    private Step(String layer, String pass, String name, @Nullable Kernel kernel, Runnable loop, Arguments arguments) {
        this.layer = layer;
        this.pass = pass;
        this.name = name;
        this.kernel = kernel;
        this.loop = loop;
        this.arguments = arguments;
    }

    static Step of(String layer, String pass, Kernel kernel, Arguments arguments) {
        return new Step(layer, pass, kernel.name(), kernel, () -> {}, arguments);
    }

    static Step of(String layer, String pass, String name, Runnable loop, Arguments arguments) {
        return new Step(layer, pass, "java:" + name, null, loop, arguments);
    }

    /** This step once more, as one of the pass backward. */
    Step again() {
        Step s = new Step(layer, "backward", name, kernel, loop, arguments);
        s.result = result;
        s.over = over;
        s.eachImage = eachImage;
        return s;
    }

    // -- what it may do with memory -------------------------------------------------------------------

    /** Lets {@code result} lie over {@code argument} if nothing reads that afterwards. */
    public void inPlace(Tensor result, Tensor argument) {
        this.result = result;
        this.over = argument;
    }

    /**
     * The kernel adds to what {@code result} holds: it lies over {@code start}, or gets a copy of it, as where the kernel
     * also reads {@code start} itself.
     */
    void accumulates(Tensor result, Tensor start) {
        inPlace(result, start);
        accumulates = true;
    }

    boolean accumulates() {
        return accumulates;
    }

    /** The result that may lie over {@link #over}, if any may. */
    @Nullable
    Tensor result() {
        return result;
    }

    @Nullable
    Tensor over() {
        return over;
    }

    boolean reads(Tensor t) {
        return arguments.tensors().stream().anyMatch(own -> own.root.host() == t.root.host());
    }

    boolean isScratchpad(Tensor t) {
        return t == arguments.tensor(DNNL_ARG_SCRATCHPAD);
    }

    /**
     * The tensor all of which a run of this step makes from its other arguments, at little cost beside a product with
     * weights; none if there is no such tensor. A second run also writes the step's other results again, with the same
     * values.
     */
    @Nullable
    Tensor cheapResult() {
        Tensor all = kernel == null ? result : arguments.tensor(DNNL_ARG_DST);
        boolean gradient = arguments.tensor(DNNL_ARG_DIFF_DST) != null; // its DST is what it reads
        if (all == null || gradient || accumulates || arguments.tensor(DNNL_ARG_WEIGHTS) != null) return null;
        long touched =
                arguments.tensors().stream().filter(t -> t.root == all.root).count();
        return touched == 1 && all.desc.elements() == all.root.desc.elements() ? all.root : null;
    }

    /** The kernel is one for single images and runs once for each, whose channels may be some of a larger map. */
    public void eachImage() {
        eachImage = true;
    }

    boolean runsForEachImage() {
        return eachImage;
    }

    // -- what it costs --------------------------------------------------------------------------------

    /** Says how many multiply-accumulates the step does, where its arguments do not. */
    public void macs(long count) {
        macs = count;
    }

    LayerTime took(double milliseconds) {
        return new LayerTime(
                layer, pass, kernel == null ? name : kernel.what() + " " + name, milliseconds, macs(), bytes());
    }

    /**
     * The multiply-accumulates: one for each result and weight of its channel, whichever of output, data and weight
     * gradient is made.
     */
    private long macs() {
        if (macs >= 0) return macs;
        Desc results = first(DNNL_ARG_DST, DNNL_ARG_DIFF_DST), weights = first(DNNL_ARG_WEIGHTS, DNNL_ARG_DIFF_WEIGHTS);
        if (results == null || weights == null) return 0;
        return results.elements() * (weights.elements() / results.dims()[1]);
    }

    /** The layout of the first argument in one of two roles. */
    private @Nullable Desc first(int role, int orRole) {
        for (int i = 0; i < arguments.tensors().size(); i++)
            if (arguments.role(i) == role || arguments.role(i) == orRole)
                return arguments.tensors().get(i).desc;
        return null;
    }

    private long bytes() {
        long sum = accumulates && result != null ? result.desc.elementBytes() : 0;
        Tensor src = arguments.tensor(DNNL_ARG_SRC);
        for (int i = 0; i < arguments.tensors().size(); i++) {
            Tensor t = arguments.tensors().get(i);
            boolean twice = kernel != null && arguments.role(i) == DNNL_ARG_DIFF_DST && t == src;
            if (!twice && !isScratchpad(t)) sum += t.desc.elementBytes();
        }
        return sum;
    }
}
