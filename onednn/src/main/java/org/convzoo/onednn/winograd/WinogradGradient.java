package org.convzoo.onednn.winograd;

import static org.bytedeco.dnnl.global.dnnl.*;
import static org.convzoo.onednn.binding.Dnnl.check;
import static org.convzoo.onednn.winograd.TileTransform.ALL;
import static org.convzoo.onednn.winograd.TileTransform.IN;
import static org.convzoo.onednn.winograd.TileTransform.OUT;

import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.bytedeco.dnnl.dnnl_exec_arg_t;
import org.bytedeco.dnnl.dnnl_primitive;
import org.convzoo.onednn.binding.Desc;
import org.convzoo.onednn.binding.Dnnl;
import org.convzoo.onednn.binding.Kernel;
import org.convzoo.onednn.binding.Memory;
import org.convzoo.onednn.binding.Natives;
import org.convzoo.onednn.binding.PostOps;
import org.convzoo.onednn.binding.Primitives;
import org.convzoo.onednn.binding.Team;
import org.convzoo.onednn.binding.Threads;
import org.convzoo.onednn.program.Program;
import org.convzoo.onednn.program.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The gradient with respect to the weight of a {@link WinogradConvolution}. Its three stages are those of the
 * convolution, transposed: input tiles are transformed alike; the 4x4 gradients of each output tile become 36 numbers,
 * as coefficients of polynomials that are evaluated; and both are multiplied, 36 products whose common axis is all
 * tiles. In the end each 36 sums become the nine places of a kernel.
 *
 * <p>A chunk of a few hundred tiles is worked on at a time, so that what lies between the stages stays in the cache;
 * its products add to those of the chunks before, in one order whatever the number of threads.
 */
public final class WinogradGradient extends Tiling {
    /** Tiles of a chunk, about: each chunk's products read and write all sums, so that it should not be small. */
    private static final int TILES = 256;

    /** How many of the 36 products one task makes, and how many tasks there are. */
    private static final int TOGETHER = 3, TASKS = ALL / TOGETHER;

    private final int rowsOfChunk, tiles, segment;
    private final Desc columns, lifted, sums, scratch;
    private final dnnl_primitive first, more;

    /**
     * @param src sizes of the input map
     * @param dst sizes of the output map
     */
    public WinogradGradient(Natives natives, long[] src, long[] dst, int pad) {
        super(natives, src, dst, pad);
        int wanted = Math.max(1, TILES / across), chunks = (rows + wanted - 1) / wanted;
        rowsOfChunk = (rows + chunks - 1) / chunks;
        tiles = rowsOfChunk * across;
        segment = segment(Math.max(inChannels, outChannels));
        columns = natives.strided(
                new long[] {TOGETHER, inChannels, tiles}, new long[] {(long) tiles * inChannels, 1, inChannels});
        lifted = natives.plain(TOGETHER, tiles, outChannels);
        sums = natives.plain(TOGETHER, inChannels, outChannels);
        Kernel k = product(new PostOps()), adding = product(new PostOps().sum());
        first = Threads.alone(() -> natives.primitive(k));
        more = Threads.alone(() -> natives.primitive(adding));
        Desc one = natives.scratchpad(k), other = natives.scratchpad(adding);
        scratch = one.bytes() > other.bytes() ? one : other;
    }

    private Kernel product(PostOps after) {
        return Threads.alone(
                () -> new Primitives(natives).product("winograd's gradient", columns, lifted, sums, after));
    }

    /**
     * Adds the gradient to a program.
     *
     * @param x the input, channels last
     * @param dy the gradient of the output, channels last
     * @param weight the gradient, {@code [3, 3, in, out]} row-major
     * @param bias the bias's gradient, if there is one
     */
    public void add(Program program, Tensor x, Tensor dy, Tensor weight, @Nullable Tensor bias) {
        long each = Memory.aligned(scratch.bytes());
        Tensor a = program.tensor(natives.plain(ALL, tiles, inChannels)),
                b = program.tensor(natives.plain(ALL, tiles, outChannels));
        Tensor u = program.tensor(natives.plain(ALL, inChannels, outChannels));
        Tensor working = program.tensor(natives.plain(Math.max(64, TASKS * each) / Float.BYTES));
        Run run = new Run(x, dy, weight, bias, a, b, u, working, each);
        Tensor[] touched = {x, dy, weight, a, b, u, working};
        if (bias != null) {
            touched = Arrays.copyOf(touched, touched.length + 1);
            touched[touched.length - 1] = bias;
        }
        program.add("winograd's gradient", run, touched).macs(macs());
    }

    /** The gradient of given tensors. */
    private final class Run implements Runnable {
        private final Tensor x, dy, weight, columnsAt, liftedAt, sumsAt, working;
        private final @Nullable Tensor bias;
        private final long each;
        private final float[][] biasOfRow;
        private final ConcurrentLinkedQueue<Worker> workers = new ConcurrentLinkedQueue<>();
        private dnnl_exec_arg_t @Nullable [] args;

        Run(
                Tensor x,
                Tensor dy,
                Tensor weight,
                @Nullable Tensor bias,
                Tensor columnsAt,
                Tensor liftedAt,
                Tensor sumsAt,
                Tensor working,
                long each) {
            this.x = x;
            this.dy = dy;
            this.weight = weight;
            this.bias = bias;
            this.columnsAt = columnsAt;
            this.liftedAt = liftedAt;
            this.sumsAt = sumsAt;
            this.working = working;
            this.each = each;
            biasOfRow = new float[bias == null ? 0 : rows][];
        }

        @Override
        public void run() {
            dnnl_exec_arg_t[] args = this.args == null ? this.args = arguments() : this.args;
            for (int from = 0; from < rows; from += rowsOfChunk) {
                int start = from;
                Team.each(rowsOfChunk, r -> transform(start, r));
                Team.each(
                        TASKS,
                        i -> check(
                                dnnl_primitive_execute(start == 0 ? first : more, Dnnl.STREAM, 4, args[i]),
                                "winograd's gradient"));
            }
            WeightTransform.backward(sumsAt.floats(), weight.floats());
            if (bias != null) {
                double[] sum = new double[outChannels];
                for (float[] row : biasOfRow) for (int k = 0; k < outChannels; k++) sum[k] += row[k];
                for (int k = 0; k < outChannels; k++) bias.floats().put(k, (float) sum[k]);
            }
        }

        private dnnl_exec_arg_t[] arguments() {
            dnnl_exec_arg_t[] all = new dnnl_exec_arg_t[TASKS];
            for (int i = 0; i < TASKS; i++) {
                dnnl_exec_arg_t of = all[i] = new dnnl_exec_arg_t(4);
                set(of, 0, DNNL_ARG_SRC, columns, columnsAt, i * columns.elements() * Float.BYTES);
                set(of, 1, DNNL_ARG_WEIGHTS, lifted, liftedAt, i * lifted.bytes());
                set(of, 2, DNNL_ARG_DST, sums, sumsAt, i * sums.bytes());
                set(of, 3, DNNL_ARG_SCRATCHPAD, scratch, working, i * each);
                natives.onClose(of::close);
            }
            return all;
        }

        private void set(dnnl_exec_arg_t args, int i, int role, Desc d, Tensor whole, long offset) {
            args.getPointer(i)
                    .arg(role)
                    .memory(natives.memory(d, whole.address().getPointer(offset)));
        }

        /** Row {@code from + r} of tiles to row {@code r} of the chunk: zeros beyond the last. */
        private void transform(int from, int r) {
            Worker w = workers.poll();
            if (w == null) w = new Worker();
            w.transform(this, from + r, r);
            workers.add(w);
        }
    }

    /** What one thread works with. */
    private final class Worker {
        private final InputTiles input = new InputTiles(inChannels, height, width, pad, segment);
        private final float[][] a = new float[OUT][OUT * segment * outChannels],
                b = new float[IN][OUT * segment * outChannels];
        private final float[][] c = new float[OUT][segment * outChannels], d = new float[IN][segment * outChannels];

        void transform(Run run, int row, int to) {
            FloatBuffer columns = run.columnsAt.floats(), lifted = run.liftedAt.floats();
            if (row >= rows) {
                clear(columns, to, inChannels);
                clear(lifted, to, outChannels);
                return;
            }
            FloatBuffer x = image(run.x, row / down, height * width * inChannels);
            FloatBuffer dy = image(run.dy, row / down, outHeight * outWidth * outChannels);
            float[] bias = run.bias == null ? null : (run.biasOfRow[row] = new float[outChannels]);
            for (int j = 0; j < across; j += segment) {
                int count = Math.min(segment, across - j), tile = to * across + j;
                input.transform(x, row % down, j, count, columns, tiles, tile);
                lift(dy, row % down, j, count, lifted, tile, bias);
            }
        }

        private void clear(FloatBuffer all, int row, int channels) {
            float[] zeros = new float[across * channels];
            for (int i = 0; i < ALL; i++) all.put((i * tiles + row * across) * channels, zeros);
        }

        private void lift(FloatBuffer dy, int r, int j, int count, FloatBuffer to, int tile, float @Nullable [] bias) {
            int top = OUT * r, left = OUT * j, pixels = OUT * count, inside = Math.min(pixels, outWidth - left);
            for (int i = 0; i < OUT; i++) {
                int known = top + i < outHeight ? inside * outChannels : 0;
                if (known > 0) dy.get(((top + i) * outWidth + left) * outChannels, a[i], 0, known);
                Arrays.fill(a[i], known, pixels * outChannels, 0);
                if (bias != null)
                    for (int at = 0; at < known; at += outChannels)
                        for (int k = 0; k < outChannels; k++) bias[k] += a[i][at + k];
            }
            TileTransform.polynomials(a, b, pixels * outChannels);
            for (int i = 0; i < IN; i++) {
                for (int s = 0; s < OUT; s++)
                    for (int t = 0; t < count; t++)
                        System.arraycopy(b[i], (OUT * t + s) * outChannels, c[s], t * outChannels, outChannels);
                TileTransform.polynomials(c, d, count * outChannels);
                for (int s = 0; s < IN; s++)
                    to.put(((i * IN + s) * tiles + tile) * outChannels, d[s], 0, count * outChannels);
            }
        }
    }
}
