package org.convzoo.onednn.compile;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.BytePointer;
import org.convzoo.onednn.binding.Desc;
import org.convzoo.onednn.binding.Memory;
import org.convzoo.onednn.binding.Natives;
import org.convzoo.onednn.binding.Transfer;
import org.convzoo.onednn.program.Arena;
import org.convzoo.onednn.program.Tensor;
import org.convzoo.weights.Weights;

/** What programs read of parameters that do not learn, folded as they need it, shared by all programs of a network. */
public final class Constants implements AutoCloseable {
    /** Writes a constant's values, made of the weights, in row-major order. */
    interface Source {
        void write(Weights weights, FloatBuffer into);
    }

    private record Entry(String name, Desc plain, Tensor tensor, Source source) {}

    private final Memory memory;
    private final Natives natives;
    private final List<Entry> entries = new ArrayList<>();
    private final List<Memory.Block> blocks = new ArrayList<>();
    private int filled;
    private Weights weights;

    public Constants(Memory memory, Natives natives, Weights weights) {
        this.memory = memory;
        this.natives = natives;
        this.weights = weights;
    }

    /** The constant of that name in layout {@code wanted}; {@link #fill} makes it by {@code source}. */
    Tensor get(String name, Desc wanted, Source source) {
        for (Entry e : entries) if (e.name.equals(name) && e.tensor.desc.same(wanted)) return e.tensor;
        Entry e = new Entry(name, natives.plain(wanted.dims()), Tensor.placedByOwner(natives.copy(wanted)), source);
        entries.add(e);
        return e.tensor;
    }

    public Weights weights() {
        return weights;
    }

    /** Places and makes what is asked for since the last time; side by side, so that it lies in huge pages. */
    void fill() {
        List<Entry> some = entries.subList(filled, entries.size());
        if (some.isEmpty()) return;
        Map<Tensor, Long> offsets = new IdentityHashMap<>();
        long size = Arena.stack(some.stream().map(Entry::tensor).toList(), offsets);
        Memory.Block block = memory.block(Math.max(64, size));
        blocks.add(block);
        offsets.forEach((t, at) -> t.put(block.at(at)));
        fill(some);
        filled = entries.size();
    }

    /** Makes all that is filled, and what comes, from other weights. */
    public void load(Weights w) {
        weights = w;
        fill(entries.subList(0, filled));
    }

    private void fill(List<Entry> some) {
        long largest = some.stream().mapToLong(e -> e.plain.bytes()).max().orElse(0);
        try (Memory.Block working = memory.block(largest)) {
            for (Entry e : some) {
                boolean ready = e.tensor.desc.same(e.plain);
                BytePointer at = ready ? e.tensor.address() : working.at(0);
                e.source.write(weights, Memory.floats(at, e.plain.elements()));
                if (!ready) Transfer.reorder(e.plain, at, e.tensor.desc, e.tensor.address());
            }
        }
    }

    @Override
    public void close() {
        blocks.forEach(Memory.Block::close);
        blocks.clear();
        entries.clear();
    }
}
