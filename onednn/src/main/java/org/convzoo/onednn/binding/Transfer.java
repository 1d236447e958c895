package org.convzoo.onednn.binding;

import static org.bytedeco.dnnl.global.dnnl.*;
import static org.convzoo.onednn.binding.Dnnl.check;

import java.nio.FloatBuffer;
import org.bytedeco.dnnl.dnnl_exec_arg_t;
import org.bytedeco.javacpp.BytePointer;

/** Carries arrays between Java's plain layout and whatever layout they have in native memory. */
public final class Transfer {
    private Transfer() {}

    /** Writes the array {@code from}, row-major as {@code plain} says, to {@code at} in the layout {@code layout}. */
    public static void write(Memory memory, FloatBuffer from, Desc plain, Desc layout, BytePointer at) {
        if (layout.same(plain)) {
            floats(at, plain).put(from);
            return;
        }
        try (Memory.Block b = memory.block(plain.bytes())) {
            floats(b.at(0), plain).put(from);
            reorder(plain, b.at(0), layout, at);
        }
    }

    /** Fills {@code into} with the array at {@code at}. */
    public static void read(Memory memory, Desc layout, BytePointer at, Desc plain, FloatBuffer into) {
        if (layout.same(plain)) {
            into.put(floats(at, plain));
            return;
        }
        try (Memory.Block b = memory.block(plain.bytes())) {
            reorder(layout, at, plain, b.at(0));
            into.put(floats(b.at(0), plain));
        }
    }

    private static FloatBuffer floats(BytePointer at, Desc plain) {
        return Memory.floats(at, plain.bytes() / Float.BYTES);
    }

    /** Copies an array from one place to another, each in a layout of its own. */
    public static void reorder(Desc from, BytePointer source, Desc to, BytePointer target) {
        try (Natives natives = new Natives();
                dnnl_exec_arg_t args = new dnnl_exec_arg_t(3)) {
            Kernel k = new Primitives(natives).reorder(from, to);
            args.getPointer(0).arg(DNNL_ARG_FROM).memory(natives.memory(from, source));
            args.getPointer(1).arg(DNNL_ARG_TO).memory(natives.memory(to, target));
            Desc scratch = natives.scratchpad(k);
            try (BytePointer working = new BytePointer(scratch.bytes() + 64)) {
                args.getPointer(2).arg(DNNL_ARG_SCRATCHPAD).memory(natives.memory(scratch, working));
                check(
                        dnnl_primitive_execute(natives.primitive(k), Dnnl.STREAM, scratch.bytes() > 0 ? 3 : 2, args),
                        k.name());
            }
        }
    }
}
