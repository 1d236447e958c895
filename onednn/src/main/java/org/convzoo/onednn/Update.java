package org.convzoo.onednn;

import static org.convzoo.onednn.loops.Flat.combine;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntConsumer;
import org.convzoo.engine.Optimizer;
import org.convzoo.onednn.binding.Memory;
import org.convzoo.onednn.binding.Team;
import org.convzoo.onednn.compile.Store;
import org.convzoo.onednn.loops.Flat;
import org.convzoo.weights.Weights;
import org.jspecify.annotations.Nullable;

/**
 * The optimizer's step: one pass over parameters, gradients, slots and averages as long arrays, after one over the
 * gradients if they are clipped, and for LAMB one over all but the averages. Padding inside a layout has zero gradients
 * and stays zero.
 */
final class Update {
    private static final String AVERAGE = "average/";

    /** Places of one parameter, which one thread moves. Where pieces lie does not depend on the threads. */
    private record Piece(int parameter, int from, int to) {
        void blocks(Flat.Work work) {
            for (int at = from; at < to; at += Flat.BLOCK) work.on(at, Math.min(Flat.BLOCK, to - at));
        }
    }

    private final Store store;
    private final Optimizer optimizer;
    private final Memory.Block[] slots;
    private final List<Piece> pieces = new ArrayList<>();
    private final Memory.@Nullable Block average, averageBuffers;
    private Memory.@Nullable Block kept;

    /** Averages begin with what {@code store} holds. */
    Update(Store store, Optimizer optimizer) {
        this.store = store;
        this.optimizer = optimizer;
        this.slots = new Memory.Block[optimizer.slots().size()];
        for (int i = 0; i < slots.length; i++)
            slots[i] = begun(optimizer.slots().get(i));
        for (int i = 0; i < store.stretches().size(); i++) {
            Store.Stretch stretch = store.stretches().get(i);
            for (int at = stretch.from(); at < stretch.to(); at += Flat.PIECE)
                pieces.add(new Piece(i, at, Math.min(stretch.to(), at + Flat.PIECE)));
        }
        boolean averages = optimizer.ema() != 0;
        average = averages ? copy(store.values(), store.end()) : null;
        averageBuffers = averages ? copy(store.buffers(), store.buffers().size()) : null;
    }

    private Memory.Block begun(Optimizer.Slot slot) {
        Memory.Block block = store.block(store.end());
        if (slot.start() != 0) Flat.fill(block.floats(), slot.start());
        return block;
    }

    private String prefix(int slot) {
        return optimizer.slots().get(slot).name() + "/";
    }

    private Memory.Block copy(Memory.Block block, long bytes) {
        Memory.Block copy = store.block(bytes);
        Flat.copy(block.floats(), copy.floats());
        return copy;
    }

    Weights slots() {
        Map<String, Weights.Tensor> all = new LinkedHashMap<>();
        for (int i = 0; i < slots.length; i++) all.putAll(store.read(prefix(i), slots[i], null));
        if (average != null) all.putAll(store.read(AVERAGE, average, averageBuffers));
        return new Weights(all);
    }

    Weights averages() {
        return average == null ? store.weights() : store.weights(average, averageBuffers);
    }

    void load(Weights w) {
        for (int i = 0; i < slots.length; i++) store.load(w, prefix(i), slots[i], null);
        if (average != null) store.load(w, AVERAGE, average, averageBuffers);
    }

    /** The bytes that a step reads and writes. */
    long bytes() {
        int passes = 3 + 2 * slots.length + (average == null ? 0 : 2) + (optimizer.clip() == 0 ? 0 : 1);
        if (optimizer instanceof Optimizer.Lamb) passes += 2 + 2 * slots.length;
        return store.end() * passes;
    }

    /** Copies the gradients, for {@link #addKept} to add them to those of the next run. */
    void keepGradients() {
        if (kept == null) kept = store.block(store.end());
        Flat.copy(store.gradients().floats(), kept.floats());
    }

    void addKept() {
        Flat.combine(store.gradients().floats(), 1, Objects.requireNonNull(kept).floats(), 1);
    }

    /** The update number {@code t}, counted from 1. */
    void step(double rate, long t) {
        double limit = optimizer.clip();
        double clip = limit == 0
                ? 1
                : Math.min(1, limit / (Flat.norm(store.gradients().floats()) + 1e-6));
        double ema = optimizer.ema(t);
        Rules rules = new Rules(clip, t);
        Pass pass = new Pass();
        double[] rates = new double[store.stretches().size()];
        Arrays.fill(rates, 1);
        if (optimizer instanceof Optimizer.Lamb lamb) rates = pass.trustRatios(rules.lambsDirection(lamb));
        for (int i = 0; i < rates.length; i++)
            rates[i] *= rate * store.stretches().get(i).rate();
        pass.move(optimizer.accept(rules), rates, ema);
        if (averageBuffers != null)
            Flat.combine(averageBuffers.floats(), (float) ema, store.buffers().floats(), (float) (1 - ema));
    }

    private double decay(int parameter) {
        Store.Stretch stretch = store.stretches().get(parameter);
        Optimizer.Decay all = optimizer.decay();
        return stretch.matrix() || all.everywhere() ? all.rate() * stretch.decay() : 0;
    }

    /** What all pieces of a step have in common: the arrays that it reads and writes. */
    private final class Pass {
        private final FloatBuffer values = store.values().floats(),
                gradients = store.gradients().floats();
        private final FloatBuffer[] remembered = new FloatBuffer[slots.length];
        private final @Nullable FloatBuffer averages = average == null ? null : average.floats();

        Pass() {
            for (int i = 0; i < slots.length; i++) remembered[i] = slots[i].floats();
        }

        /** Moves all by {@code rule}, with a rate for each parameter. */
        void move(Rules.Rule rule, double[] rates, double ema) {
            each(i -> {
                Piece piece = pieces.get(i);
                Block block = new Block();
                piece.blocks((at, n) -> {
                    block.read(at, n);
                    rule.move(block.p, block.g, block.s, rates[piece.parameter], decay(piece.parameter), n);
                    values.put(at, block.p, 0, n);
                    block.remember(at, n);
                    if (averages == null) return;
                    averages.get(at, block.g, 0, n);
                    combine(block.g, (float) ema, block.p, (float) (1 - ema), n);
                    averages.put(at, block.g, 0, n);
                });
            });
        }

        /**
         * Moves the slots by {@code rule}; for each parameter that decays, its norm divided by that of what the rule makes
         * of its gradient, and 1 for the others.
         */
        double[] trustRatios(Rules.Rule rule) {
            double[] parameter = new double[pieces.size()], direction = new double[pieces.size()];
            each(i -> {
                Piece piece = pieces.get(i);
                Block block = new Block();
                float[] p = new float[Flat.BLOCK], g = new float[Flat.BLOCK];
                piece.blocks((at, n) -> {
                    block.read(at, n);
                    rule.move(block.p, block.g, block.s, 0, decay(piece.parameter), n);
                    block.remember(at, n);
                    Flat.addSquares(p, block.p, n);
                    Flat.addSquares(g, block.g, n);
                });
                for (float square : p) parameter[i] += square;
                for (float square : g) direction[i] += square;
            });
            double[] over = new double[store.stretches().size()], under = new double[over.length];
            for (int i = 0; i < parameter.length; i++) {
                over[pieces.get(i).parameter] += parameter[i];
                under[pieces.get(i).parameter] += direction[i];
            }
            double[] ratios = new double[over.length];
            for (int i = 0; i < ratios.length; i++)
                ratios[i] = decay(i) == 0 || over[i] == 0 || under[i] == 0 ? 1 : Math.sqrt(over[i] / under[i]);
            return ratios;
        }

        private void each(IntConsumer task) {
            Team.each(pieces.size(), Flat.pays((int) (store.end() / Float.BYTES)), task);
        }

        /** What a thread works on: copies in Java arrays. */
        private final class Block {
            private final float[] p = new float[Flat.BLOCK], g = new float[Flat.BLOCK];
            private final float[][] s = new float[slots.length][Flat.BLOCK];

            void read(int at, int n) {
                values.get(at, p, 0, n);
                gradients.get(at, g, 0, n);
                for (int i = 0; i < s.length; i++) remembered[i].get(at, s[i], 0, n);
            }

            void remember(int at, int n) {
                for (int i = 0; i < s.length; i++) remembered[i].put(at, s[i], 0, n);
            }
        }
    }
}
