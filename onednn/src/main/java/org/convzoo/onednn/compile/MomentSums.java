package org.convzoo.onednn.compile;

import static org.bytedeco.dnnl.global.dnnl.*;

import org.convzoo.onednn.binding.Desc;
import org.convzoo.onednn.binding.Geometry;
import org.convzoo.onednn.binding.Kernel;
import org.convzoo.onednn.binding.Layout;
import org.convzoo.onednn.binding.Natives;
import org.convzoo.onednn.binding.PostOps;
import org.convzoo.onednn.loops.Moments;
import org.convzoo.onednn.program.Arguments;
import org.convzoo.onednn.program.Program;
import org.convzoo.onednn.program.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Adds up the {@link Moments} of a map by the library, in one pass over memory: what its kernel for a depthwise
 * convolution's gradients makes of bias and weight, if the map stands for both the map and the gradient and has a window
 * of one pixel. Maps have their channels in blocks, so that the runs of all images and blocks lie in memory as the blocks
 * of one image with many more channels and one row do.
 */
final class MomentSums {
    /** Pixels of a run, at most: the kernel adds in float32, one after the other, and more would lose precision. */
    private static final long LONGEST = 256;

    /** Pixels of a run, at least: the sums of shorter runs are nearly as much to read as the map. */
    private static final long SHORTEST = 16;

    private MomentSums() {}

    /** Adds the step that makes the moments of {@code x}, of float32; none if the library is not quick at it. */
    static @Nullable Moments add(Compilation compilation, Tensor x) {
        long[] d = x.desc.dims();
        if (d.length != 4 || Layout.isChannelsLast(x.desc)) return null;
        Natives natives = compilation.natives;
        long run = LONGEST;
        while (d[2] * d[3] % run > 0) run--;
        if (run < SHORTEST) return null;
        long groups = x.desc.bytes() / Float.BYTES / run;
        Desc maps = natives.blocked(1, groups, 1, run), kernels = natives.kernels(groups, 1, 1);
        Desc biases = natives.plain(groups);
        Geometry g = Geometry.blocks(1, 1);
        Kernel forward = compilation.primitives.convolution(
                "batch norm's moments", dnnl_forward_training, maps, kernels, biases, maps, g, new PostOps());
        Kernel k = compilation.primitives.convolutionWeightGradient(
                "batch norm's moments", forward, maps, kernels, biases, maps, g);
        if (!Depthwise.isQuick(k)) return null;
        Program program = compilation.program;
        Moments m = new Moments(program.tensor(biases), program.tensor(kernels));
        Tensor row = x.view(maps);
        program.add(
                        k,
                        new Arguments()
                                .src(row)
                                .diffDst(row)
                                .diffWeights(m.squares())
                                .diffBias(m.sums()))
                .macs(0); // no work of a convolution's
        return m;
    }
}
