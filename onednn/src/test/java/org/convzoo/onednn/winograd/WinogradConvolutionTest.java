package org.convzoo.onednn.winograd;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.FloatBuffer;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.convzoo.onednn.binding.Desc;
import org.convzoo.onednn.binding.Memory;
import org.convzoo.onednn.binding.Natives;
import org.convzoo.onednn.binding.Threads;
import org.convzoo.onednn.binding.Transfer;
import org.convzoo.onednn.loops.FusedActivation;
import org.convzoo.onednn.program.Arena;
import org.convzoo.onednn.program.Program;
import org.convzoo.onednn.program.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class WinogradConvolutionTest {
    private final Memory memory = new Memory();
    private final Natives natives = new Natives();
    private final Random random = new Random(1);

    @AfterEach
    void close() {
        natives.close();
        assertThat(memory.bytes()).isZero();
    }

    /** A convolution in numbers. */
    private record Case(int images, int in, int out, int height, int width, int pad) {
        int outHeight() {
            return height + 2 * pad - 2;
        }

        int outWidth() {
            return width + 2 * pad - 2;
        }

        long[] src() {
            return new long[] {images, in, height, width};
        }

        long[] dst() {
            return new long[] {images, out, outHeight(), outWidth()};
        }
    }

    static Stream<Case> cases() {
        return Stream.of(
                new Case(1, 1, 1, 1, 1, 1),
                new Case(1, 3, 5, 3, 3, 0),
                new Case(3, 7, 2, 1, 9, 1),
                new Case(2, 16, 17, 4, 5, 1),
                new Case(3, 33, 20, 17, 23, 1),
                new Case(1, 33, 20, 17, 23, 0),
                new Case(2, 5, 40, 8, 8, 2),
                new Case(1, 64, 48, 56, 13, 1),
                new Case(3, 1100, 3, 5, 6, 1), // more channels than the loops' arrays are long
                new Case(1, 256, 288, 14, 15, 1), // in two parts
                new Case(1, 256, 288, 6, 6, 0));
    }

    private float[] normal(int n) {
        float[] x = new float[n];
        for (int i = 0; i < n; i++) x[i] = (float) random.nextGaussian();
        return x;
    }

    /** Channels last; the kernel is {@code [out, in, 3, 3]}. */
    private static double[] plain(Case c, float[] x, float[] w) {
        double[] y = new double[c.images * c.outHeight() * c.outWidth() * c.out];
        int at = 0;
        for (int n = 0; n < c.images; n++)
            for (int i = 0; i < c.outHeight(); i++)
                for (int j = 0; j < c.outWidth(); j++)
                    for (int k = 0; k < c.out; k++, at++)
                        for (int a = Math.max(0, c.pad - i); a < Math.min(3, c.height + c.pad - i); a++)
                            for (int b = Math.max(0, c.pad - j); b < Math.min(3, c.width + c.pad - j); b++) {
                                int from = ((n * c.height + i + a - c.pad) * c.width + j + b - c.pad) * c.in;
                                for (int m = 0; m < c.in; m++)
                                    y[at] += (double) x[from + m] * w[((k * c.in + m) * 3 + a) * 3 + b];
                            }
        return y;
    }

    private Tensor filled(Desc d, float[] values) {
        Tensor t = Tensor.placedByOwner(d);
        Memory.Block block = memory.block(d.bytes());
        natives.onClose(block::close);
        t.put(block.at(0));
        Transfer.write(memory, FloatBuffer.wrap(values), natives.plain(d.dims()), d, t.address());
        return t;
    }

    private Tensor filledChannelsLast(long[] dims, float[] values) {
        Tensor t = filled(natives.plain(values.length), values);
        return t.view(natives.channelsLast(dims));
    }

    private float[] run(
            Case c, float[] x, float[] w, boolean packed, float[] bias, float[] residual, FusedActivation activation) {
        Program p = new Program(memory, natives, Arena.Sharing.BY_LIFETIME);
        WinogradConvolution f = packed
                ? WinogradConvolution.forPrediction(natives, c.src(), c.dst(), c.pad)
                : WinogradConvolution.forTraining(natives, c.src(), c.dst(), c.pad);
        List<Tensor> u = IntStream.range(0, f.parts())
                .mapToObj(i -> {
                    float[] part = new float[36 * c.in * c.out / f.parts()];
                    WeightTransform.part(FloatBuffer.wrap(w), c.out, i, f.parts(), FloatBuffer.wrap(part));
                    return filled(f.weight(), part);
                })
                .toList();
        Tensor y = filledChannelsLast(c.dst(), new float[c.images * c.outHeight() * c.outWidth() * c.out]);
        f.add(
                p,
                new WinogradConvolution.Operands(
                        filledChannelsLast(c.src(), x),
                        u,
                        bias == null ? null : filled(natives.plain(c.out), bias),
                        residual == null ? null : filledChannelsLast(c.dst(), residual),
                        activation,
                        y));
        p.place();
        p.run();
        float[] first = new float[y.floats().remaining()];
        y.floats().get(first);
        p.run();
        float[] second = new float[first.length];
        y.floats().get(second);
        assertThat(second).isEqualTo(first);
        p.close();
        return first;
    }

    private static void assertNear(float[] y, double[] wanted) {
        double largest = 1e-6, departure = 0;
        for (double v : wanted) largest = Math.max(largest, Math.abs(v));
        for (int i = 0; i < wanted.length; i++) departure = Math.max(departure, Math.abs(wanted[i] - y[i]));
        assertThat(departure / largest).isLessThan(1e-5);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void isTheConvolution(Case c) {
        float[] x = normal(c.images * c.height * c.width * c.in), w = normal(9 * c.in * c.out);
        double[] wanted = plain(c, x, w);
        assertNear(run(c, x, w, true, null, null, FusedActivation.NONE), wanted);
        assertNear(run(c, x, w, false, null, null, FusedActivation.NONE), wanted);
    }

    @ParameterizedTest
    @EnumSource(FusedActivation.class)
    void takesWhatFollowsWithIt(FusedActivation activation) {
        for (Case c : List.of(new Case(2, 12, 20, 9, 7, 1), new Case(1, 256, 288, 7, 7, 1))) {
            float[] x = normal(c.images * c.height * c.width * c.in), w = normal(9 * c.in * c.out);
            for (int i = 0; i < w.length; i++) w[i] *= 0.05f; // results about where the functions bend
            float[] bias = normal(c.out);
            double[] wanted = plain(c, x, w);
            float[] residual = normal(wanted.length);
            for (int i = 0; i < wanted.length; i++) {
                double z = wanted[i] + bias[i % c.out] + residual[i];
                wanted[i] = switch (activation) {
                    case NONE -> z;
                    case RELU -> Math.max(0, z);
                    case RELU6 -> Math.min(6, Math.max(0, z));
                    case HARDSWISH -> z * Math.min(1, Math.max(0, z / 6 + 0.5));
                };
            }
            assertNear(run(c, x, w, true, bias, residual, activation), wanted);
        }
    }

    @Test
    void aTurnedKernelGivesTheGradientOfTheData() {
        Case c = new Case(2, 6, 10, 9, 11, 1), back = new Case(2, 10, 6, 9, 11, 1);
        float[] w = normal(9 * c.in * c.out), dy = normal(2 * 9 * 11 * 10);
        float[] turned = new float[w.length], taps = new float[w.length];
        for (int k = 0; k < c.out; k++)
            for (int m = 0; m < c.in; m++)
                for (int t = 0; t < 9; t++) {
                    turned[(m * c.out + k) * 9 + 8 - t] = w[(k * c.in + m) * 9 + t];
                    taps[(t * c.out + k) * c.in + m] = w[(k * c.in + m) * 9 + t];
                }
        FloatBuffer u = FloatBuffer.allocate(36 * c.in * c.out), same = FloatBuffer.allocate(36 * c.in * c.out);
        WeightTransform.turned(FloatBuffer.wrap(taps), u);
        WeightTransform.part(FloatBuffer.wrap(turned), back.out, 0, 1, same);
        assertThat(u.array()).isEqualTo(same.array());
        assertNear(run(back, dy, turned, false, null, null, FusedActivation.NONE), plain(back, dy, turned));
    }

    /** The gradient of the weight, {@code [3, 3, in, out]}, then that of the bias; {@code dy} is channels last. */
    private static double[] plainGradient(Case c, float[] x, float[] dy) {
        double[] g = new double[9 * c.in * c.out + c.out];
        int at = 0;
        for (int n = 0; n < c.images; n++)
            for (int i = 0; i < c.outHeight(); i++)
                for (int j = 0; j < c.outWidth(); j++, at += c.out) {
                    for (int k = 0; k < c.out; k++) g[9 * c.in * c.out + k] += dy[at + k];
                    for (int a = Math.max(0, c.pad - i); a < Math.min(3, c.height + c.pad - i); a++)
                        for (int b = Math.max(0, c.pad - j); b < Math.min(3, c.width + c.pad - j); b++) {
                            int from = ((n * c.height + i + a - c.pad) * c.width + j + b - c.pad) * c.in;
                            for (int m = 0; m < c.in; m++)
                                for (int k = 0; k < c.out; k++)
                                    g[((3 * a + b) * c.in + m) * c.out + k] += (double) x[from + m] * dy[at + k];
                        }
                }
        return g;
    }

    private float[] gradient(Case c, float[] x, float[] dy) {
        Program p = new Program(memory, natives, Arena.Sharing.BY_LIFETIME);
        int weights = 9 * c.in * c.out;
        Tensor w = filled(natives.plain(weights), new float[weights]),
                b = filled(natives.plain(c.out), new float[c.out]);
        new WinogradGradient(natives, c.src(), c.dst(), c.pad)
                .add(p, filledChannelsLast(c.src(), x), filledChannelsLast(c.dst(), dy), w, b);
        p.place();
        float[] g = new float[weights + c.out];
        for (int run = 0; run < 2; run++) { // the second finds what the first left in the memory between
            p.run();
            w.floats().get(g, 0, weights);
            b.floats().get(g, weights, c.out);
        }
        p.close();
        return g;
    }

    @ParameterizedTest
    @MethodSource("gradientCases")
    void isTheGradientOfTheWeight(Case c) {
        float[] x = normal(c.images * c.height * c.width * c.in);
        float[] dy = normal(c.images * c.outHeight() * c.outWidth() * c.out);
        float[] g = gradient(c, x, dy);
        assertNear(g, plainGradient(c, x, dy));
        assertThat(Threads.alone(() -> gradient(c, x, dy))).isEqualTo(g);
    }

    static Stream<Case> gradientCases() {
        return Stream.concat(
                cases(), Stream.of(new Case(7, 20, 24, 26, 31, 1))); // two chunks, the last with a row of zeros
    }

    @Test
    void theNumberOfThreadsChangesNoBit() {
        for (Case c : cases().toList()) {
            float[] x = normal(c.images * c.height * c.width * c.in), w = normal(9 * c.in * c.out);
            float[] together = run(c, x, w, true, null, null, FusedActivation.RELU);
            assertThat(Threads.alone(() -> run(c, x, w, true, null, null, FusedActivation.RELU)))
                    .isEqualTo(together);
        }
    }
}
