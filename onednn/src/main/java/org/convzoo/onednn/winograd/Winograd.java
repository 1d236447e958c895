package org.convzoo.onednn.winograd;

import static org.bytedeco.dnnl.global.dnnl.*;
import static org.convzoo.onednn.binding.Dnnl.check;

import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.bytedeco.dnnl.dnnl_exec_arg_t;
import org.bytedeco.dnnl.dnnl_primitive;
import org.convzoo.failure.StoppedException;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Node;
import org.convzoo.graph.Op;
import org.convzoo.graph.Shape;
import org.convzoo.graph.Window;
import org.convzoo.onednn.binding.Dnnl;
import org.convzoo.onednn.binding.Memory;
import org.convzoo.onednn.binding.Natives;
import org.convzoo.onednn.binding.Natives.Desc;
import org.convzoo.onednn.binding.Natives.Kernel;
import org.convzoo.onednn.binding.Team;
import org.convzoo.onednn.binding.Threads;
import org.convzoo.onednn.loops.Norm;
import org.convzoo.onednn.program.Program;
import org.convzoo.onednn.program.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A convolution of 3x3 at stride 1 with a quarter of the multiplications: Winograd's F(4x4, 3x3), as Lavin and Gray have
 * it (arXiv 1509.09308, section 4). Tiles of 6x6 pixels that overlap by two become 36 numbers a channel, the products
 * with the equally transformed weight are 36 matrix products over the channels, and what comes of them becomes 4x4
 * results a tile. The polynomials are evaluated at 0, 2/3, -2/3, 3/2, -3/2 and infinity: the error is then less than
 * half that of the usual 0, 1, -1, 2, -2 (why points whose products are 1 do well: Alam and others, arXiv 2201.10369),
 * and about six times that of the sum itself.
 *
 * <p>The work falls into pieces: some rows of tiles, or some of their output channels. One thread does all three
 * stages of a piece, so that what lies between stays in its cache. The pieces follow from the sizes alone, never from the
 * number of threads, so results have the same bits on any number. Maps are channels last. The gradient with respect to
 * the data is such a convolution, too, with a turned kernel; that of the weight is {@link WinogradGradient}.
 */
public final class Winograd extends Tiling {
    /** Where a network's convolutions go this way. */
    public enum Use {
        NEVER,
        /** Where measurements of single layers had it faster. */
        WHERE_FASTER,
        /** Wherever it can be done, for tests. */
        EVERYWHERE
    }

    /** Results of a tile and numbers of a transformed tile, each way. */
    static final int OUT = 4, IN = 6, ALL = IN * IN;

    static final float P = 2f / 3, Q = 3f / 2, P2 = P * P, Q2 = Q * Q;
    private static final double[] POINTS = {0, 2. / 3, -2. / 3, 3. / 2, -3. / 2};
    static final float[][] WEIGHT = weightTransform();

    /** Floats of an array that the transforms work on at a time: a dozen such arrays stay in the second-level cache. */
    static final int LENGTH = 1024;

    /** Tiles of a piece: with large weights more, as each piece reads them all. */
    private static final int TILES = 32, MORE_TILES = 64;

    private static final long LARGE = 2 << 20;

    private final int rowsOfPiece, pieces, parts, segment, tiles;
    private final Kernel product;
    private final Desc columns, products;
    private final dnnl_primitive primitive;

    /**
     * @param src sizes of the input map
     * @param dst sizes of the output map
     * @param packed whether weights lie as the library's kernel likes them best, for those that are transformed once; else
     *     {@code [36, in, out]} row-major
     */
    public Winograd(Natives natives, long[] src, long[] dst, int pad, boolean packed) {
        super(natives, src, dst, pad);
        boolean large = (long) ALL * in * out > LARGE;
        boolean few = rows * across <= TILES;
        parts = packed && few && large && out % 32 == 0 ? 2 : 1;
        int wanted = Math.max(1, (large ? MORE_TILES : TILES) / across), least = (rows + wanted - 1) / wanted;
        // an even number keeps two threads equally busy
        int number = Math.min(rows, parts == 1 ? (least + 1) / 2 * 2 : least);
        rowsOfPiece = (rows + number - 1) / number;
        pieces = (rows + rowsOfPiece - 1) / rowsOfPiece * parts;
        tiles = rowsOfPiece * across;
        segment = Math.max(1, Math.min(across, LENGTH / Math.max(in, out / parts)));
        int of = out / parts;
        columns = natives.plain(ALL, tiles, in);
        products = natives.plain(ALL, tiles, of);
        Kernel usual = product(packed ? natives.any(ALL, in, of) : natives.plain(ALL, in, of));
        // Output channels in blocks of 32: with few rows up to a third faster than in those that it would choose.
        boolean avx2 = packed && usual.name().equals("brg_matmul:avx2");
        Kernel blocks = avx2 ? product(natives.desc(dnnl_aCB16b32c, ALL, in, of)) : usual;
        product = blocks.name().equals(usual.name()) ? blocks : usual;
        primitive = Threads.alone(() -> natives.primitive(product));
    }

    private Kernel product(Desc weight) {
        return Threads.alone(() -> natives.kernel(
                "winograd",
                (pd, attr) -> dnnl_matmul_primitive_desc_create(
                        pd, Dnnl.CPU, columns.handle(), weight.handle(), null, products.handle(), attr)));
    }

    /** Whether the convolution {@code n} can go this way. */
    static boolean suits(Node n, Op.Conv op) {
        Window w = op.w();
        Window.Pads p = w.pads(n.input().shape());
        return w.kh() == 3
                && w.kw() == 3
                && w.sh() == 1
                && w.sw() == 1
                && w.dh() == 1
                && w.dw() == 1
                && w.groups() == 1
                && p.top() <= 2
                && p.left() == p.top()
                && p.bottom() == p.top()
                && p.right() == p.top();
    }

    /** Whether it is also faster, as measured on single layers: enough to do, and little of it beyond the map's edges. */
    private static boolean pays(int images, Shape in, Shape out) {
        long tiles = (long) images * ((out.height() + 3) / 4) * ((out.width() + 3) / 4);
        double useful = (double) images * out.height() * out.width() / (tiles * OUT * OUT);
        return Math.min(in.channels(), out.channels()) >= 32
                && tiles >= 16
                && tiles * in.channels() * out.channels() >= 1 << 19
                && useful >= 0.5;
    }

    /** Whether {@code n} goes this way where {@code use} is wanted. */
    public static boolean takes(Use use, Node n, Op.Conv op, int images) {
        return use != Use.NEVER
                && suits(n, op)
                && (use == Use.EVERYWHERE || pays(images, n.input().shape(), n.shape()));
    }

    /** Zeros on each side of the input of a convolution that suits. */
    public static int padding(Node n, Op.Conv op) {
        return op.w().pads(n.input().shape()).top();
    }

    /** Whether any convolution of {@code graph} gains. */
    public static boolean takesAny(Graph graph, int images) {
        return graph.nodes().stream()
                .anyMatch(n -> n.op() instanceof Op.Conv c && takes(Use.WHERE_FASTER, n, c, images));
    }

    /** Weights for so many parts of the output channels are asked for. */
    public int parts() {
        return parts;
    }

    /** The layout of a part's transformed weight, {@code [36, in, out / parts]}. */
    public Desc weight() {
        return natives.query(product, dnnl_query_weights_md, ALL, in, out / parts);
    }

    /**
     * Adds the convolution to a program.
     *
     * @param u the transformed weight, in parts
     * @param residual what is added before {@code after} is applied
     */
    public Program.Step add(
            Program program,
            Tensor x,
            List<Tensor> u,
            @Nullable Tensor bias,
            @Nullable Tensor residual,
            Norm.After after,
            Tensor y) {
        int threads = Math.min(pieces, Threads.max());
        Desc scratch = natives.scratchpad(product);
        long each =
                Memory.aligned(columns.bytes()) + Memory.aligned(products.bytes()) + Memory.aligned(scratch.bytes());
        Tensor working = program.tensor(natives.plain(threads * each / Float.BYTES));
        Run run = new Run(x, u, bias, residual, after, y, working, threads, each, scratch);
        Tensor[] touched = new Tensor[3 + u.size() + (bias == null ? 0 : 1) + (residual == null ? 0 : 1)];
        int at = 0;
        touched[at++] = x;
        for (Tensor part : u) touched[at++] = part;
        if (bias != null) touched[at++] = bias;
        if (residual != null) touched[at++] = residual;
        touched[at++] = y;
        touched[at] = working;
        Program.Step step = program.add("winograd", run, touched);
        step.counts(macs());
        return step;
    }

    /** The convolution of given tensors. */
    private final class Run implements Runnable {
        private final Tensor x, y, working;
        private final List<Tensor> u;
        private final @Nullable Tensor bias, residual;
        private final Norm.After after;
        private final int threads;
        private final long each;
        private final Desc scratch;
        private @Nullable BlockingQueue<Worker> workers;

        Run(
                Tensor x,
                List<Tensor> u,
                @Nullable Tensor bias,
                @Nullable Tensor residual,
                Norm.After after,
                Tensor y,
                Tensor working,
                int threads,
                long each,
                Desc scratch) {
            this.x = x;
            this.u = u;
            this.bias = bias;
            this.residual = residual;
            this.after = after;
            this.y = y;
            this.working = working;
            this.threads = threads;
            this.each = each;
            this.scratch = scratch;
        }

        @Override
        public void run() {
            if (workers == null) {
                BlockingQueue<Worker> all = new ArrayBlockingQueue<>(threads);
                for (int i = 0; i < threads; i++) all.add(new Worker(this, i * each));
                workers = all;
            }
            Team.each(pieces, this::piece);
        }

        private void piece(int i) {
            try {
                Worker w = workers.take();
                try {
                    int from = i / parts * rowsOfPiece;
                    w.piece(from, Math.min(rows, from + rowsOfPiece), i % parts);
                } finally {
                    workers.add(w);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new StoppedException("the thread was interrupted in a convolution", e);
            }
        }
    }

    /** The transform of a map's tiles, for one thread. */
    static final class Columns {
        private final int channels, height, width, pad;
        private final float[][] a, b, c, d;

        /** @param segment tiles of a row that are transformed together, at most */
        Columns(int channels, int height, int width, int pad, int segment) {
            this.channels = channels;
            this.height = height;
            this.width = width;
            this.pad = pad;
            a = new float[IN][(OUT * segment + 2) * channels];
            b = new float[IN][(OUT * segment + 2) * channels];
            c = new float[IN][segment * channels];
            d = new float[IN][segment * channels];
        }

        /**
         * Transforms {@code count} tiles from {@code j} on of an image's row {@code r} to {@code [36, tiles, channels]},
         * the first of them to place {@code tile}.
         */
        void split(FloatBuffer x, int r, int j, int count, FloatBuffer to, int tiles, int tile) {
            int top = OUT * r - pad, left = OUT * j - pad, pixels = OUT * count + 2;
            int first = Math.max(0, -left), last = Math.max(first, Math.min(pixels, width - left));
            for (int i = 0; i < IN; i++) {
                if (top + i < 0 || top + i >= height) {
                    Arrays.fill(a[i], 0, pixels * channels, 0);
                    continue;
                }
                Arrays.fill(a[i], 0, first * channels, 0);
                Arrays.fill(a[i], last * channels, pixels * channels, 0);
                x.get(((top + i) * width + left + first) * channels, a[i], first * channels, (last - first) * channels);
            }
            evaluate(a, b, pixels * channels);
            for (int i = 0; i < IN; i++) {
                for (int s = 0; s < IN; s++)
                    for (int t = 0; t < count; t++)
                        System.arraycopy(b[i], (OUT * t + s) * channels, c[s], t * channels, channels);
                evaluate(c, d, count * channels);
                for (int s = 0; s < IN; s++)
                    to.put(((i * IN + s) * tiles + tile) * channels, d[s], 0, count * channels);
            }
        }
    }

    /** What one thread works with. */
    private final class Worker {
        private final Run run;
        private final FloatBuffer columnsAt, productsAt;
        private final dnnl_exec_arg_t[] args = new dnnl_exec_arg_t[parts];
        private final Columns columnsOf;
        private final float[][] a, b, c, d;
        private final float[] shift, more;

        Worker(Run run, long offset) {
            this.run = run;
            var columnsIn = run.working.address().getPointer(offset);
            var productsIn = columnsIn.getPointer(Memory.aligned(columns.bytes()));
            var scratchIn = productsIn.getPointer(Memory.aligned(products.bytes()));
            columnsAt = Memory.floats(columnsIn, columns.elements());
            productsAt = Memory.floats(productsIn, products.elements());
            for (int i = 0; i < parts; i++) {
                Tensor u = run.u.get(i);
                dnnl_exec_arg_t of = args[i] = new dnnl_exec_arg_t(4);
                of.getPointer(0).arg(DNNL_ARG_SRC).memory(natives.memory(columns, columnsIn));
                of.getPointer(1).arg(DNNL_ARG_WEIGHTS).memory(natives.memory(u.desc, u.address()));
                of.getPointer(2).arg(DNNL_ARG_DST).memory(natives.memory(products, productsIn));
                of.getPointer(3).arg(DNNL_ARG_SCRATCHPAD).memory(natives.memory(run.scratch, scratchIn));
                natives.onClose(of::close);
            }
            columnsOf = new Columns(in, height, width, pad, segment);
            int of = out / parts;
            a = new float[IN][OUT * segment * of];
            b = new float[OUT][OUT * segment * of];
            c = new float[IN][segment * of];
            d = new float[OUT][segment * of];
            shift = new float[run.bias == null ? 0 : OUT * segment * of];
            more = new float[run.residual == null ? 0 : OUT * segment * of];
        }

        /** Rows of tiles {@code from} to {@code to}, all images' one after the other, for a part of the channels. */
        void piece(int from, int to, int part) {
            for (int r = from; r < to; r++) {
                FloatBuffer x = image(run.x, r / down, height * width * in);
                for (int j = 0; j < across; j += segment)
                    columnsOf.split(
                            x, r % down, j, Math.min(segment, across - j), columnsAt, tiles, (r - from) * across + j);
            }
            check(dnnl_primitive_execute(primitive, Dnnl.STREAM, 4, args[part]), "winograd");
            int of = out / parts;
            if (run.bias != null) {
                run.bias.floats().get(part * of, shift, 0, of);
                for (int k = of; k < shift.length; k += of) System.arraycopy(shift, 0, shift, k, of);
            }
            for (int r = from; r < to; r++) {
                FloatBuffer y = image(run.y, r / down, outHeight * outWidth * out);
                FloatBuffer residual =
                        run.residual == null ? null : image(run.residual, r / down, outHeight * outWidth * out);
                for (int j = 0; j < across; j += segment) join((r - from) * across + j, r % down, j, part, residual, y);
            }
        }

        /** Makes tiles {@code j} and on of an image's row {@code r} of the products, from place {@code tile} on. */
        private void join(int tile, int r, int j, int part, @Nullable FloatBuffer residual, FloatBuffer y) {
            int of = out / parts, top = OUT * r, left = OUT * j;
            int count = Math.min(segment, across - j), pixels = Math.min(OUT * count, outWidth - left);
            for (int i = 0; i < IN; i++) {
                for (int s = 0; s < IN; s++) productsAt.get(((i * IN + s) * tiles + tile) * of, c[s], 0, count * of);
                interpolate(c, d, count * of);
                for (int s = 0; s < OUT; s++)
                    for (int t = 0; t < count; t++) System.arraycopy(d[s], t * of, a[i], (OUT * t + s) * of, of);
            }
            interpolate(a, b, OUT * count * of);
            int n = pixels * of;
            for (int i = 0; i < Math.min(OUT, outHeight - top); i++) {
                float[] z = b[i];
                int at = ((top + i) * outWidth + left) * out + part * of;
                if (shift.length > 0) Norm.add(z, shift, n);
                if (residual != null) {
                    for (int p = 0; p < (parts == 1 ? 1 : pixels); p++)
                        residual.get(at + p * out, more, p * of, parts == 1 ? n : of);
                    Norm.add(z, more, n);
                }
                Norm.follow(run.after, z, n);
                for (int p = 0; p < (parts == 1 ? 1 : pixels); p++) y.put(at + p * out, z, p * of, parts == 1 ? n : of);
            }
        }
    }

    /** Part {@code i} of a transformed weight, of {@code [out, in, 3, 3]}. */
    public static void transform(FloatBuffer weight, int out, int i, int parts, FloatBuffer u) {
        int in = weight.remaining() / 9 / out, of = out / parts;
        float[] w = new float[in * 9];
        float[] taps = new float[9 * in * of];
        for (int k = 0; k < of; k++) {
            weight.get(weight.position() + (i * of + k) * w.length, w);
            for (int c = 0; c < in; c++) for (int t = 0; t < 9; t++) taps[(t * in + c) * of + k] = w[c * 9 + t];
        }
        transform(FloatBuffer.wrap(taps), false, u);
    }

    /**
     * The transformed weight.
     *
     * @param taps {@code [3, 3, n]}: for each place of the kernel, n pairs of channels
     * @param turned whether to turn the kernel by half a circle, as for the gradient with respect to the data
     * @param u {@code [36, n]}
     */
    public static void transform(FloatBuffer taps, boolean turned, FloatBuffer u) {
        int n = taps.limit() / 9;
        Team.each((n + LENGTH - 1) / LENGTH, piece -> {
            int from = piece * LENGTH, count = Math.min(LENGTH, n - from);
            float[][] g = new float[9][count], half = new float[3][count];
            float[] done = new float[count];
            for (int k = 0; k < 9; k++) taps.get((turned ? 8 - k : k) * n + from, g[k]);
            for (int i = 0; i < IN; i++) {
                float[] f = WEIGHT[i];
                for (int s = 0; s < 3; s++) sum(half[s], f[0], g[s], f[1], g[3 + s], f[2], g[6 + s], count);
                for (int j = 0; j < IN; j++) {
                    float[] e = WEIGHT[j];
                    sum(done, e[0], half[0], e[1], half[1], e[2], half[2], count);
                    u.put((i * IN + j) * n + from, done);
                }
            }
        });
    }

    /** G of the paper: a kernel's polynomial at each point, divided by the product of the distances to the others. */
    private static float[][] weightTransform() {
        float[][] g = new float[IN][3];
        for (int i = 0; i < POINTS.length; i++) {
            double distances = 1;
            for (int j = 0; j < POINTS.length; j++) if (j != i) distances *= POINTS[i] - POINTS[j];
            for (int k = 0; k < 3; k++) g[i][k] = (float) (Math.pow(POINTS[i], k) / distances);
        }
        g[POINTS.length][2] = 1;
        return g;
    }

    /** The transposed B of the paper: six numbers to six, for each of {@code n} columns. */
    static void evaluate(float[][] x, float[][] y, int n) {
        sum(y[0], 1, x[0], -P2 - Q2, x[2], 1, x[4], n); // the product of all squares is 1
        pair(x[1], x[2], x[3], x[4], P, Q2, y[1], y[2], n);
        pair(x[1], x[2], x[3], x[4], Q, P2, y[3], y[4], n);
        sum(y[5], 1, x[1], -P2 - Q2, x[3], 1, x[5], n);
    }

    /** The transposed A of the paper: six numbers to four; the first are lost. */
    private static void interpolate(float[][] x, float[][] y, int n) {
        sumAndDifference(x[1], x[2], n);
        sumAndDifference(x[3], x[4], n);
        sum(y[0], 1, x[0], 1, x[1], 1, x[3], n);
        sum(y[1], P, x[2], Q, x[4], n);
        sum(y[2], P2, x[1], Q2, x[3], n);
        sum(y[3], 1, x[5], P * P2, x[2], Q * Q2, x[4], n);
    }

    // Methods of their own with one index and few arrays: those that compilers turn into vector instructions.

    private static void sum(float[] t, float a, float[] x, float b, float[] y, int n) {
        for (int k = 0; k < n; k++) t[k] = a * x[k] + b * y[k];
    }

    static void sum(float[] t, float a, float[] x, float b, float[] y, float c, float[] z, int n) {
        for (int k = 0; k < n; k++) t[k] = a * x[k] + b * y[k] + c * z[k];
    }

    private static void sumAndDifference(float[] x, float[] y, int n) {
        for (int k = 0; k < n; k++) {
            float p = x[k], q = y[k];
            x[k] = p + q;
            y[k] = p - q;
        }
    }

    /** The values at {@code p} and {@code -p}, which share their even and their odd part. */
    static void pair(
            float[] x1, float[] x2, float[] x3, float[] x4, float p, float other, float[] plus, float[] minus, int n) {
        for (int k = 0; k < n; k++) {
            float even = x4[k] - other * x2[k], odd = p * (x3[k] - other * x1[k]);
            plus[k] = even + odd;
            minus[k] = even - odd;
        }
    }
}
