package org.convzoo.onednn;

import static org.bytedeco.dnnl.global.dnnl.*;

import java.nio.FloatBuffer;
import java.util.SplittableRandom;
import org.convzoo.engine.Peak;
import org.convzoo.onednn.binding.Desc;
import org.convzoo.onednn.binding.Kernel;
import org.convzoo.onednn.binding.Memory;
import org.convzoo.onednn.binding.Natives;
import org.convzoo.onednn.binding.PostOps;
import org.convzoo.onednn.binding.Primitives;
import org.convzoo.onednn.program.Arena;
import org.convzoo.onednn.program.Arguments;
import org.convzoo.onednn.program.Program;
import org.convzoo.onednn.program.Tensor;
import org.convzoo.onednn.program.Timing;

/** Measures the library's matrix product and copy: the least time of many runs. */
final class Peaks {
    /** Rows and columns of the matrices, which fit into the last cache of a small and of a large machine. */
    private static final int[] SIDES = {1024, 2048};

    /** Floats that are copied: more than caches hold. */
    private static final long COPIED = 32 << 20;

    private Peaks() {}

    /** @param type {@code dnnl_f32} or {@code dnnl_bf16} */
    static Peak measure(Memory memory, int type) {
        double flops = 0;
        for (int n : SIDES) flops = Math.max(flops, 2.0 * n * n * n / product(memory, type, n));
        return new Peak(flops, 2 * COPIED * Float.BYTES / copy(memory));
    }

    /** The seconds that the product of two matrices of n rows and columns takes. */
    private static double product(Memory memory, int type, int n) {
        try (Natives natives = new Natives();
                Program program = new Program(memory, natives, Arena.Sharing.NONE)) {
            Desc plain = natives.desc(type, dnnl_ab, new long[] {n, n});
            Desc any = natives.desc(type, dnnl_format_tag_any, new long[] {n, n});
            Kernel k = new Primitives(natives).product("product", plain, any, plain, new PostOps());
            Tensor a = program.tensor(plain), b = program.tensor(natives.query(k, dnnl_query_weights_md, n, n));
            program.add(k, new Arguments().src(a).weights(b).dst(program.tensor(plain)));
            program.place();
            fill(a.floats());
            fill(b.floats());
            return Math.min(Timing.best(program::run), Timing.best(program::run)) * 1e-3;
        }
    }

    /** The seconds that a copy of {@link #COPIED} floats takes. */
    private static double copy(Memory memory) {
        try (Natives natives = new Natives();
                Program program = new Program(memory, natives, Arena.Sharing.NONE)) {
            Desc d = natives.plain(COPIED);
            program.copy(program.tensor(d), program.tensor(d));
            program.place();
            return Math.min(Timing.best(program::run), Timing.best(program::run)) * 1e-3;
        }
    }

    /** Fills {@code b} with numbers from 0.5 to 1, whether their bytes are read as floats or as pairs of bfloat16. */
    private static void fill(FloatBuffer b) {
        var random = new SplittableRandom(1);
        for (int i = 0; i < b.limit(); i++) b.put(i, Float.intBitsToFloat(0x3F003F00 | random.nextInt() & 0x007F007F));
    }
}
