package org.convzoo.onednn;

import static org.convzoo.onednn.loops.Flat.combine;

import java.nio.FloatBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.convzoo.engine.Optimizer;
import org.convzoo.onednn.binding.Memory;
import org.convzoo.onednn.compile.Store;
import org.convzoo.onednn.loops.Flat;
import org.convzoo.weights.Weights;
import org.jspecify.annotations.Nullable;

/**
 * The optimizer's step: one pass over parameters, gradients, slots and averages as long arrays, after one over the
 * gradients if they are clipped. Padding inside a layout has zero gradients and stays zero.
 */
final class Update {
    private static final String AVERAGE = "average/";

    private final Store store;
    private final Optimizer optimizer;
    private final String[] names;
    private final Memory.Block[] slots;
    private final Memory.@Nullable Block average, averageBuffers;
    private Memory.@Nullable Block kept;

    /** Averages begin with what {@code store} holds. */
    Update(Store store, Optimizer optimizer) {
        this.store = store;
        this.optimizer = optimizer;
        this.names = optimizer instanceof Optimizer.AdamW
                ? new String[] {"mean/", "square/"}
                : ((Optimizer.Sgd) optimizer).momentum() == 0 ? new String[0] : new String[] {"momentum/"};
        this.slots = new Memory.Block[names.length];
        for (int i = 0; i < slots.length; i++) slots[i] = store.block(store.end());
        boolean averages = optimizer.ema() != 0;
        average = averages ? copy(store.values(), store.end()) : null;
        averageBuffers = averages ? copy(store.buffers(), store.buffers().size()) : null;
    }

    private Memory.Block copy(Memory.Block block, long bytes) {
        Memory.Block copy = store.block(bytes);
        Flat.copy(block.floats(), copy.floats());
        return copy;
    }

    Weights slots() {
        Map<String, Weights.Tensor> all = new LinkedHashMap<>();
        for (int i = 0; i < slots.length; i++) all.putAll(store.read(names[i], slots[i], null));
        if (average != null) all.putAll(store.read(AVERAGE, average, averageBuffers));
        return new Weights(all);
    }

    Weights averages() {
        return average == null ? store.weights() : store.weights(average, averageBuffers);
    }

    void load(Weights w) {
        for (int i = 0; i < slots.length; i++) store.load(w, names[i], slots[i], null);
        if (average != null) store.load(w, AVERAGE, average, averageBuffers);
    }

    /** The bytes that a step reads and writes. */
    long bytes() {
        int passes = 3 + 2 * slots.length + (average == null ? 0 : 2) + (optimizer.clip() == 0 ? 0 : 1);
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
        Pass pass = new Pass(rate, clip, ema, t);
        Flat.parallel(0, (int) (store.end() / Float.BYTES), () -> pass.new Piece());
        if (averageBuffers != null)
            Flat.combine(averageBuffers.floats(), (float) ema, store.buffers().floats(), (float) (1 - ema));
    }

    /** What all pieces of a step have in common: its numbers, and the arrays that it reads and writes. */
    private final class Pass {
        private final FloatBuffer values = store.values().floats(),
                gradients = store.gradients().floats();
        private final FloatBuffer[] remembered = new FloatBuffer[slots.length];
        private final @Nullable FloatBuffer averages = average == null ? null : average.floats();
        private final double rate, clip, ema;
        /** What AdamW divides its two moments by, as they begin at 0. */
        private final double first, second;

        Pass(double rate, double clip, double ema, long t) {
            this.rate = rate;
            this.clip = clip;
            this.ema = ema;
            first = optimizer instanceof Optimizer.AdamW a ? 1 - Math.pow(a.beta1(), t) : 1;
            second = optimizer instanceof Optimizer.AdamW a ? 1 - Math.pow(a.beta2(), t) : 1;
            for (int i = 0; i < slots.length; i++) remembered[i] = slots[i].floats();
        }

        /** Moves the parameters of a piece, each stretch by its own factors. */
        private final class Piece implements Flat.Work {
            /** The number of the stretch that comes next. */
            private int next;

            private final float[] p = new float[Flat.BLOCK], g = new float[Flat.BLOCK];
            private final float[][] s = new float[slots.length][Flat.BLOCK];

            @Override
            public void on(int at, int n) {
                int end = at + n;
                for (int from = at; from < end; ) {
                    while (store.stretches().get(next).to() <= from) next++;
                    Store.Stretch s = store.stretches().get(next);
                    int to = Math.min(end, s.to());
                    on(from, to - from, s);
                    from = to;
                }
            }

            private void on(int at, int n, Store.Stretch stretch) {
                values.get(at, p, 0, n);
                gradients.get(at, g, 0, n);
                for (int i = 0; i < s.length; i++) remembered[i].get(at, s[i], 0, n);
                Optimizer.Decay all = optimizer.decay();
                double own = rate * stretch.rate();
                double decay = stretch.matrix() || all.everywhere() ? all.rate() * stretch.decay() : 0;
                if (optimizer instanceof Optimizer.Sgd sgd) sgd(sgd, own, decay, n);
                else adamW((Optimizer.AdamW) optimizer, own, decay, n);
                values.put(at, p, 0, n);
                for (int i = 0; i < s.length; i++) remembered[i].put(at, s[i], 0, n);
                if (averages == null) return;
                averages.get(at, g, 0, n);
                combine(g, (float) ema, p, (float) (1 - ema), n);
                averages.put(at, g, 0, n);
            }

            private void sgd(Optimizer.Sgd sgd, double rate, double decay, int n) {
                float momentum = (float) sgd.momentum();
                combine(g, (float) clip, p, (float) decay, n);
                if (momentum != 0) combine(s[0], momentum, g, 1, n);
                if (sgd.nesterov()) combine(g, 1, s[0], momentum, n);
                combine(p, 1, momentum == 0 || sgd.nesterov() ? g : s[0], (float) -rate, n);
            }

            private void adamW(Optimizer.AdamW a, double rate, double decay, int n) {
                float step = (float) (rate / first), root = (float) (1 / Math.sqrt(second));
                combine(s[0], (float) a.beta1(), g, (float) ((1 - a.beta1()) * clip), n);
                combineSquares(s[1], (float) a.beta2(), g, (float) ((1 - a.beta2()) * clip * clip), n);
                descend(p, (float) (1 - rate * decay), s[0], s[1], step, root, (float) a.eps(), n);
            }
        }
    }

    private static void combineSquares(float[] x, float a, float[] y, float b, int n) {
        for (int k = 0; k < n; k++) x[k] = a * x[k] + b * (y[k] * y[k]);
    }

    private static void descend(
            float[] p, float keep, float[] mean, float[] square, float step, float root, float eps, int n) {
        for (int k = 0; k < n; k++) p[k] = keep * p[k] - step * mean[k] / ((float) Math.sqrt(square[k]) * root + eps);
    }
}
