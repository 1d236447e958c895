package org.convzoo.onednn.winograd;

import static org.bytedeco.dnnl.global.dnnl.*;
import static org.convzoo.onednn.binding.Dnnl.check;
import static org.convzoo.onednn.winograd.TileTransform.ALL;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.bytedeco.dnnl.dnnl_exec_arg_t;
import org.bytedeco.dnnl.dnnl_primitive;
import org.convzoo.failure.StoppedException;
import org.convzoo.onednn.binding.Desc;
import org.convzoo.onednn.binding.Dnnl;
import org.convzoo.onednn.binding.Kernel;
import org.convzoo.onednn.binding.Memory;
import org.convzoo.onednn.binding.Natives;
import org.convzoo.onednn.binding.PostOps;
import org.convzoo.onednn.binding.Primitives;
import org.convzoo.onednn.binding.Team;
import org.convzoo.onednn.binding.Threads;
import org.convzoo.onednn.loops.FusedActivation;
import org.convzoo.onednn.program.Program;
import org.convzoo.onednn.program.Step;
import org.convzoo.onednn.program.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A convolution of 3x3 at stride 1 with a quarter of the multiplications: Winograd's F(4x4, 3x3), as Lavin and Gray
 * have it (arXiv 1509.09308, section 4). {@link InputTiles} of 6x6 pixels that overlap by two become 36 numbers a
 * channel, the products with the equally transformed weight are 36 matrix products over the channels, and these become
 * {@link OutputTiles} of 4x4 results.
 *
 * <p>The work falls into pieces: some rows of tiles, or some of their output channels. One thread does all three stages
 * of a piece, so that what lies between stays in its cache. The pieces follow from the sizes alone, never from the
 * number of threads, so results have the same bits on any number. Maps are channels last. The gradient with respect to
 * the data is such a convolution, too, with a turned kernel; that of the weight is {@link WinogradGradient}.
 */
public final class WinogradConvolution extends Tiling {
    /** Tiles of a piece: more with a large weight, as each piece reads all of it. */
    private static final int TILES = 32, MORE_TILES = 64;

    /** Numbers of a transformed weight that make it large. */
    private static final long LARGE = 2 << 20;

    private final int rowsOfPiece, pieces, parts, segment, tiles;
    private final Kernel product;
    private final Desc columns, products, scratch;
    private final dnnl_primitive primitive;

    /**
     * What a convolution reads and writes.
     *
     * @param x the input
     * @param u the transformed weight, in parts of the output channels
     * @param residual what is added before the activation is applied
     * @param y the output
     */
    public record Operands(
            Tensor x,
            List<Tensor> u,
            @Nullable Tensor bias,
            @Nullable Tensor residual,
            FusedActivation activation,
            Tensor y) {
        /** All tensors, in the order above, the output last. */
        private List<Tensor> tensors() {
            List<Tensor> all = new ArrayList<>();
            all.add(x);
            all.addAll(u);
            if (bias != null) all.add(bias);
            if (residual != null) all.add(residual);
            all.add(y);
            return all;
        }
    }

    /**
     * A convolution with a weight that is transformed once, which lies as the library's kernel likes it best.
     *
     * @param src sizes of the input map
     * @param dst sizes of the output map
     */
    public static WinogradConvolution forPrediction(Natives natives, long[] src, long[] dst, int pad) {
        return new WinogradConvolution(natives, src, dst, pad, true);
    }

    /**
     * A convolution with a weight that is transformed in each run, {@code [36, in, out]} row-major.
     *
     * @param src sizes of the input map
     * @param dst sizes of the output map
     */
    public static WinogradConvolution forTraining(Natives natives, long[] src, long[] dst, int pad) {
        return new WinogradConvolution(natives, src, dst, pad, false);
    }

    private WinogradConvolution(Natives natives, long[] src, long[] dst, int pad, boolean packed) {
        super(natives, src, dst, pad);
        boolean large = (long) ALL * inChannels * outChannels > LARGE;
        boolean few = rows * across <= TILES;
        parts = packed && few && large && outChannels % 32 == 0 ? 2 : 1;
        int wanted = Math.max(1, (large ? MORE_TILES : TILES) / across), least = (rows + wanted - 1) / wanted;
        // an even number keeps two threads equally busy
        int number = Math.min(rows, parts == 1 ? (least + 1) / 2 * 2 : least);
        rowsOfPiece = (rows + number - 1) / number;
        pieces = (rows + rowsOfPiece - 1) / rowsOfPiece * parts;
        tiles = rowsOfPiece * across;
        int channelsOfPart = outChannels / parts;
        segment = segment(Math.max(inChannels, channelsOfPart));
        columns = natives.plain(ALL, tiles, inChannels);
        products = natives.plain(ALL, tiles, channelsOfPart);
        Kernel usual = product(
                packed ? natives.any(ALL, inChannels, channelsOfPart) : natives.plain(ALL, inChannels, channelsOfPart));
        // Output channels in blocks of 32: with few rows up to a third faster than in those that it would choose.
        boolean avx2 = packed && usual.name().equals("brg_matmul:avx2");
        Kernel blocks = avx2 ? product(natives.desc(dnnl_aCB16b32c, ALL, inChannels, channelsOfPart)) : usual;
        product = blocks.name().equals(usual.name()) ? blocks : usual;
        primitive = Threads.alone(() -> natives.primitive(product));
        scratch = natives.scratchpad(product);
    }

    private Kernel product(Desc weight) {
        return Threads.alone(
                () -> new Primitives(natives).product("winograd", columns, weight, products, new PostOps()));
    }

    /** Parts of the output channels; each has a transformed weight of its own. */
    public int parts() {
        return parts;
    }

    /** The layout of a part's transformed weight, {@code [36, in, out / parts]}. */
    public Desc weight() {
        return natives.query(product, dnnl_query_weights_md, ALL, inChannels, outChannels / parts);
    }

    /** Adds the convolution to a program. */
    public Step add(Program program, Operands operands) {
        int threads = Math.min(pieces, Threads.max());
        Tensor working = program.tensor(natives.plain(threads * workingBytes() / Float.BYTES));
        List<Tensor> touched = operands.tensors();
        touched.add(working);
        Step step = program.add("winograd", new Run(operands, working, threads), touched.toArray(Tensor[]::new));
        step.macs(macs());
        return step;
    }

    /** What one thread needs beside the operands. */
    private long workingBytes() {
        return Memory.aligned(columns.bytes()) + Memory.aligned(products.bytes()) + Memory.aligned(scratch.bytes());
    }

    /** The convolution of given operands. */
    private final class Run implements Runnable {
        private final Operands operands;
        private final Tensor working;
        private final int threads;
        private @Nullable BlockingQueue<Worker> workers;

        Run(Operands operands, Tensor working, int threads) {
            this.operands = operands;
            this.working = working;
            this.threads = threads;
        }

        @Override
        public void run() {
            BlockingQueue<Worker> all = workers == null ? workers = workers() : workers;
            Team.each(pieces, i -> piece(all, i));
        }

        private BlockingQueue<Worker> workers() {
            BlockingQueue<Worker> all = new ArrayBlockingQueue<>(threads);
            for (int i = 0; i < threads; i++) all.add(new Worker(operands, working, i * workingBytes()));
            return all;
        }

        private void piece(BlockingQueue<Worker> workers, int i) {
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

    /** What one thread works with. */
    private final class Worker {
        private final Tensor x;
        private final FloatBuffer columnsAt, productsAt;
        private final dnnl_exec_arg_t[] args = new dnnl_exec_arg_t[parts];
        private final InputTiles input = new InputTiles(inChannels, height, width, pad, segment);
        private final OutputTiles output;

        /** @param offset where this thread's stretch of {@code working} begins, in bytes */
        Worker(Operands operands, Tensor working, long offset) {
            x = operands.x();
            output = new OutputTiles(WinogradConvolution.this, operands, parts, segment);
            var columnsIn = working.address().getPointer(offset);
            var productsIn = columnsIn.getPointer(Memory.aligned(columns.bytes()));
            var scratchIn = productsIn.getPointer(Memory.aligned(products.bytes()));
            columnsAt = Memory.floats(columnsIn, columns.elements());
            productsAt = Memory.floats(productsIn, products.elements());
            for (int i = 0; i < parts; i++) {
                Tensor u = operands.u().get(i);
                dnnl_exec_arg_t own = args[i] = new dnnl_exec_arg_t(4);
                own.getPointer(0).arg(DNNL_ARG_SRC).memory(natives.memory(columns, columnsIn));
                own.getPointer(1).arg(DNNL_ARG_WEIGHTS).memory(natives.memory(u.desc, u.address()));
                own.getPointer(2).arg(DNNL_ARG_DST).memory(natives.memory(products, productsIn));
                own.getPointer(3).arg(DNNL_ARG_SCRATCHPAD).memory(natives.memory(scratch, scratchIn));
                natives.onClose(own::close);
            }
        }

        /** Rows {@code from} to {@code to} of the tiles of all images, for a part of the channels. */
        void piece(int from, int to, int part) {
            for (int r = from; r < to; r++) {
                FloatBuffer map = image(x, r / down, height * width * inChannels);
                for (int j = 0; j < across; j += segment) {
                    int count = Math.min(segment, across - j);
                    input.transform(map, r % down, j, count, columnsAt, tiles, (r - from) * across + j);
                }
            }
            check(dnnl_primitive_execute(primitive, Dnnl.STREAM, 4, args[part]), "winograd");
            output.make(from, to, part, productsAt, tiles);
        }
    }
}
