package org.convzoo.onednn.program;

import static org.bytedeco.dnnl.global.dnnl.*;
import static org.convzoo.onednn.binding.Dnnl.check;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.dnnl.dnnl_exec_arg_t;
import org.bytedeco.dnnl.dnnl_memory;
import org.bytedeco.dnnl.dnnl_primitive;
import org.bytedeco.javacpp.BytePointer;
import org.convzoo.onednn.binding.Desc;
import org.convzoo.onednn.binding.Dnnl;
import org.convzoo.onednn.binding.Kernel;
import org.convzoo.onednn.binding.Natives;
import org.jspecify.annotations.Nullable;

/** A step whose tensors have their places: ready to run any number of times. */
final class Execution {
    private final Step step;
    /** None for a loop in Java. */
    private final @Nullable dnnl_primitive primitive;
    /** The arguments of each run of the primitive: one run, or one for each image. */
    private final List<dnnl_exec_arg_t> arguments = new ArrayList<>();

    Execution(Natives natives, Step step) {
        this.step = step;
        Kernel kernel = step.kernel;
        primitive = kernel == null ? null : natives.primitive(kernel);
        if (kernel != null) prepare(natives);
    }

    private void prepare(Natives natives) {
        List<Tensor> tensors = step.arguments.tensors();
        int n = tensors.size();
        dnnl_memory[] whole = new dnnl_memory[n];
        Desc[] image = new Desc[n];
        for (int i = 0; i < n; i++) {
            Tensor t = tensors.get(i);
            if (step.runsForEachImage() && t.desc.dims().length > 1) image[i] = natives.image(t.desc);
            else whole[i] = natives.memory(t.desc, t.address());
        }
        for (int run = 0; run < runs(); run++) {
            dnnl_exec_arg_t all = new dnnl_exec_arg_t(n);
            for (int i = 0; i < n; i++) {
                Tensor t = tensors.get(i);
                dnnl_memory m = whole[i] != null
                        ? whole[i]
                        : natives.memory(image[i], t.address().getPointer(natives.imageOffset(t.desc, run)));
                all.getPointer(i).arg(step.arguments.role(i)).memory(m);
            }
            natives.onClose(all::close);
            arguments.add(all);
        }
    }

    private int runs() {
        Tensor dst = step.arguments.tensor(DNNL_ARG_DST);
        return step.runsForEachImage() && dst != null ? (int) dst.desc.dims()[0] : 1;
    }

    void run() {
        if (primitive == null) step.loop.run();
        int n = step.arguments.tensors().size();
        for (dnnl_exec_arg_t each : arguments)
            check(dnnl_primitive_execute(primitive, Dnnl.STREAM, n, each), step.name);
    }

    /** Lets the primitive find {@code t}, which it does not read image by image, at {@code to}. */
    void move(Tensor t, BytePointer to) {
        if (primitive == null) return;
        List<Tensor> tensors = step.arguments.tensors();
        for (int i = 0; i < tensors.size(); i++)
            if (tensors.get(i).root == t)
                check(dnnl_memory_set_data_handle(arguments.get(0).getPointer(i).memory(), to), "memory");
    }

    Step step() {
        return step;
    }
}
