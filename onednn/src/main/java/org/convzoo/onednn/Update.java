package org.convzoo.onednn;

import java.nio.FloatBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.IntStream;
import org.convzoo.engine.Optimizer;
import org.convzoo.weights.Weights;

/**
 * The optimizer's step: one pass over parameters, gradients and slots as long arrays, in pieces that stay in the
 * cache. Padding inside a layout has zero gradients and stays zero.
 */
final class Update {
    /** Floats a piece; its arrays fit in the first-level cache together. */
    private static final int PIECE = 2048;

    /** Below this the threads cost more than they save. */
    private static final int SERIAL = 1 << 18;

    private final Store store;
    private final Optimizer optimizer;
    private final Memory.Block[] slots;
    private final String[] names;

    Update(Store store, Optimizer optimizer) {
        this.store = store;
        this.optimizer = optimizer;
        this.names = optimizer instanceof Optimizer.AdamW
                ? new String[] {"mean/", "square/"}
                : ((Optimizer.Sgd) optimizer).momentum() == 0 ? new String[0] : new String[] {"momentum/"};
        this.slots = new Memory.Block[names.length];
        for (int i = 0; i < slots.length; i++) slots[i] = store.block(store.end());
    }

    Weights slots() {
        Map<String, Weights.Tensor> all = new LinkedHashMap<>();
        for (int i = 0; i < slots.length; i++) store.read(all, names[i], slots[i]);
        return new Weights(all);
    }

    void load(Weights w) {
        for (int i = 0; i < slots.length; i++) store.load(w, names[i], slots[i]);
    }

    /** What a step reads and writes: parameters and slots, and the gradients once. */
    long bytes() {
        return store.end() * (3 + 2 * slots.length);
    }

    /** The update number {@code t}, counted from 1. */
    void step(double rate, long t) {
        int matrices = (int) (store.matrices() / Float.BYTES), end = (int) (store.end() / Float.BYTES);
        int pieces = (end + PIECE - 1) / PIECE;
        IntStream all = IntStream.range(0, pieces);
        (end < SERIAL ? all : all.parallel()).forEach(i -> {
            int from = i * PIECE, to = Math.min(end, from + PIECE), middle = Math.min(to, Math.max(from, matrices));
            piece(from, middle, optimizer.decay().rate(), rate, t);
            piece(middle, to, optimizer.decay().everywhere() ? optimizer.decay().rate() : 0, rate, t);
        });
    }

    private void piece(int from, int to, double decay, double rate, long t) {
        int n = to - from;
        if (n == 0) return;
        FloatBuffer pb = floats(store.values(), from, n);
        float[] p = get(pb, n), g = get(floats(store.gradients(), from, n), n);
        FloatBuffer[] sb = new FloatBuffer[slots.length];
        float[][] s = new float[slots.length][];
        for (int i = 0; i < s.length; i++) s[i] = get(sb[i] = floats(slots[i], from, n), n);
        if (optimizer instanceof Optimizer.Sgd sgd) sgd(sgd, p, g, s, (float) decay, (float) rate);
        else adamW((Optimizer.AdamW) optimizer, p, g, s[0], s[1], decay, rate, t);
        pb.put(0, p);
        for (int i = 0; i < s.length; i++) sb[i].put(0, s[i]);
    }

    private static void sgd(Optimizer.Sgd sgd, float[] p, float[] g, float[][] slots, float decay, float rate) {
        if (slots.length == 0) {
            for (int i = 0; i < p.length; i++) p[i] -= rate * (g[i] + decay * p[i]);
            return;
        }
        float[] v = slots[0];
        float momentum = (float) sgd.momentum();
        if (sgd.nesterov()) {
            for (int i = 0; i < p.length; i++) {
                float d = g[i] + decay * p[i];
                v[i] = momentum * v[i] + d;
                p[i] -= rate * (d + momentum * v[i]);
            }
        } else {
            for (int i = 0; i < p.length; i++) {
                v[i] = momentum * v[i] + (g[i] + decay * p[i]);
                p[i] -= rate * v[i];
            }
        }
    }

    private static void adamW(
            Optimizer.AdamW a, float[] p, float[] g, float[] m, float[] s, double decay, double rate, long t) {
        float b1 = (float) a.beta1(), b2 = (float) a.beta2(), eps = (float) a.eps();
        float r1 = (float) (1 - a.beta1()), r2 = (float) (1 - a.beta2()), keep = (float) (1 - rate * decay);
        float step = (float) (rate / (1 - Math.pow(a.beta1(), t)));
        float root = (float) (1 / Math.sqrt(1 - Math.pow(a.beta2(), t)));
        for (int i = 0; i < p.length; i++) {
            m[i] = b1 * m[i] + r1 * g[i];
            s[i] = b2 * s[i] + r2 * g[i] * g[i];
            p[i] = keep * p[i] - step * m[i] / ((float) Math.sqrt(s[i]) * root + eps);
        }
    }

    private static FloatBuffer floats(Memory.Block b, int from, int n) {
        return Memory.floats(b.at((long) from * Float.BYTES), n);
    }

    private static float[] get(FloatBuffer b, int n) {
        float[] a = new float[n];
        b.get(0, a);
        return a;
    }
}
