package org.convzoo.onednn;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.convzoo.onednn.Natives.Desc;
import org.convzoo.weights.Weights;

/** What a predictor's programs read: parameters, folded as the programs need them, shared by all of them. */
final class Constants implements AutoCloseable {
    private record Entry(
            String name, Desc plain, Tensor tensor, Memory.Block block, Function<Weights, float[]> source) {}

    private final Memory memory;
    private final Natives natives;
    private final List<Entry> entries = new ArrayList<>();
    private Weights weights;

    Constants(Memory memory, Natives natives, Weights weights) {
        this.memory = memory;
        this.natives = natives;
        this.weights = weights;
    }

    /** The constant of that name in layout {@code wanted}, made now by {@code source} and again when others come. */
    Tensor get(String name, Desc wanted, Function<Weights, float[]> source) {
        for (Entry e : entries) if (e.name.equals(name) && e.tensor.desc.same(wanted)) return e.tensor;
        Memory.Block block = memory.block(Math.max(64, wanted.bytes()));
        Entry e = new Entry(name, natives.plain(wanted.dims()), new Tensor(natives.copy(wanted), true), block, source);
        e.tensor.put(block.at(0));
        entries.add(e);
        fill(e);
        return e.tensor;
    }

    Weights weights() {
        return weights;
    }

    void load(Weights w) {
        weights = w;
        entries.forEach(this::fill);
    }

    private void fill(Entry e) {
        Transfer.write(memory, FloatBuffer.wrap(e.source.apply(weights)), e.plain, e.tensor.desc, e.block.at(0));
    }

    @Override
    public void close() {
        entries.forEach(e -> e.block.close());
        entries.clear();
    }
}
