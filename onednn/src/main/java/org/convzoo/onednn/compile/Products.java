package org.convzoo.onednn.compile;

import static org.bytedeco.dnnl.global.dnnl.dnnl_f32;

import java.util.Arrays;
import org.convzoo.onednn.binding.Desc;
import org.convzoo.onednn.binding.Kernel;
import org.convzoo.onednn.binding.PostOps;
import org.convzoo.onednn.loops.Exact;
import org.convzoo.onednn.program.Arguments;
import org.convzoo.onednn.program.Tensor;
import org.jspecify.annotations.Nullable;

/** The products with weights of convolutions and linear layers in training. */
final class Products {
    private final Training training;

    Products(Training training) {
        this.training = training;
    }

    /** The layout of a convolution's weight as a matrix, of input times output channels, for each place of its window. */
    Desc taps(long[] dims) {
        return taps(dims, 1, dims[0]);
    }

    /** The layout of {@link #taps} with each matrix transposed. */
    Desc transposedTaps(long[] dims) {
        return taps(dims, dims[1], 1);
    }

    private Desc taps(long[] dims, long outStride, long inStride) {
        long matrix = dims[0] * dims[1];
        return training.natives.strided(dims, new long[] {outStride, inStride, dims[3] * matrix, matrix});
    }

    /** How a parameter is stored: as kernels want it if they read float32, else in plain float32. */
    Desc stored(Desc wanted) {
        return training.natives.type() == dnnl_f32 ? wanted : training.natives.plain(wanted.dims());
    }

    /**
     * {@code y = w x + b} by kernel {@code k}. With exact sums the kernel has no bias, which is added by itself, and runs
     * on the parts of its factors that {@link Exact} makes.
     */
    Tensor forward(Kernel k, Tensor x, Tensor w, @Nullable Tensor b, Tensor y) {
        if (!training.isExact()) {
            training.program.add(k, new Arguments().src(x).weights(w).dst(y).bias(b));
            return y;
        }
        Split xs = split(x), ws = split(w);
        Tensor high = product(k, xs.high, ws.high, y.desc), low = product(k, xs.low, w, y.desc);
        Tensor rest = product(k, xs.high, ws.low, y.desc);
        training.program
                .add("sum", () -> Exact.sum(high, low, rest, y), high, low, rest, y)
                .inPlace(y, high);
        if (b == null) return y;
        long[] d = y.desc.dims().clone();
        Arrays.fill(d, 1);
        d[1] = y.desc.dims()[1];
        return training.sum(y, b.view(training.natives.channelsLast(d)), new PostOps());
    }

    private record Split(Tensor high, Tensor low) {}

    private Split split(Tensor t) {
        Tensor high = training.program.tensor(t.desc), low = training.program.tensor(t.desc);
        training.program.add("split", () -> Exact.split(t, high, low), t, high, low);
        return new Split(high, low);
    }

    private Tensor product(Kernel k, Tensor x, Tensor w, Desc dst) {
        Tensor y = training.program.tensor(dst);
        training.program.add(k, new Arguments().src(x).weights(w).dst(y));
        return y;
    }

    /**
     * The gradients of weight and bias by kernel {@code k}.
     *
     * @param made how the kernel lays out the weight's gradient
     * @param dw where the weight's gradient belongs
     * @param db where the bias's gradient belongs, if there is a bias
     */
    void weightGradient(Kernel k, Tensor x, Tensor dy, Desc made, Tensor dw, @Nullable Tensor db) {
        Tensor result = dw.desc.same(made) ? dw : training.program.tensor(made);
        training.program.add(
                k, new Arguments().src(x).diffDst(dy).diffWeights(result).diffBias(db));
        if (result != dw) training.program.copy(result, dw);
    }
}
