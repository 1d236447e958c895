package org.convzoo.onednn.compile;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.bytedeco.javacpp.BytePointer;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Param;
import org.convzoo.onednn.binding.Desc;
import org.convzoo.onednn.binding.Memory;
import org.convzoo.onednn.binding.Natives;
import org.convzoo.onednn.binding.Transfer;
import org.convzoo.onednn.program.Tensor;
import org.convzoo.weights.Weights;
import org.jspecify.annotations.Nullable;

/**
 * The state of a network in training. Parameters, their gradients and the optimizer's slots lie in flat blocks of equal
 * layout, so that an update is one pass over long arrays whatever layout each parameter has inside; running statistics
 * have a block of their own. The first program compiled decides the layouts.
 */
public final class Store implements AutoCloseable {
    /** A parameter or buffer; {@code offset} counts bytes in its block. */
    private static final class Entry {
        final String name;
        final Param param;
        final Desc plain;
        final Tensor value;
        final Tensor gradient;
        long offset;

        Entry(String name, Param param, Desc plain, Desc wanted) {
            this.name = name;
            this.param = param;
            this.plain = plain;
            this.value = Tensor.placedByOwner(wanted);
            this.gradient = Tensor.placedByOwner(wanted);
        }
    }

    private final Memory memory;
    private final Natives natives;
    private final Graph graph;
    private final Map<String, Entry> entries = new LinkedHashMap<>();
    private final List<Memory.Block> blocks = new ArrayList<>();
    private Memory.@Nullable Block values, gradients, buffers;
    private long matrices, end;

    public Store(Memory memory, Natives natives, Graph graph) {
        this.memory = memory;
        this.natives = natives;
        this.graph = graph;
    }

    /**
     * The parameter or buffer of that name, in the layout that was asked for first.
     *
     * @param dims the sizes under which kernels know it, equal in row-major order to its own
     */
    Tensor value(String name, Desc wanted, long... dims) {
        return entry(name, wanted, dims).value;
    }

    Tensor gradient(String name) {
        return known(name).gradient;
    }

    private Entry known(String name) {
        return Objects.requireNonNull(entries.get(name), name);
    }

    private Entry entry(String name, Desc wanted, long... dims) {
        Entry e = entries.get(name);
        if (e == null) {
            e = new Entry(
                    name, Objects.requireNonNull(graph.parameters().get(name), name), natives.plain(dims), wanted);
            entries.put(name, e);
        }
        return e;
    }

    /** Places everything: matrices and kernels first, then vectors, so that each kind is one stretch. */
    public void place() {
        matrices = assign(true, 1, true, 0);
        end = assign(true, 1, false, matrices);
        values = block(end);
        gradients = block(end);
        buffers = block(assign(false, 0, true, 0));
        for (Entry e : entries.values()) {
            e.value.put((e.param.trainable() ? values() : buffers()).at(e.offset));
            if (e.param.trainable()) e.gradient.put(gradients().at(e.offset));
        }
    }

    public boolean placed() {
        return values != null;
    }

    private long assign(boolean trainable, int rank, boolean over, long at) {
        for (Entry e : entries.values()) {
            if (e.param.trainable() != trainable || e.param.shape().rank() > rank != over) continue;
            e.offset = at;
            at += Memory.aligned(e.value.desc.bytes());
        }
        return at;
    }

    /** A block of {@code bytes}, or of the size of all parameters, freed with the store. */
    public Memory.Block block(long bytes) {
        Memory.Block b = memory.block(Math.max(64, bytes));
        blocks.add(b);
        return b;
    }

    private static Memory.Block placed(Memory.@Nullable Block block) {
        if (block == null) throw new IllegalStateException("the parameters have no places yet");
        return block;
    }

    public Memory.Block values() {
        return placed(values);
    }

    public Memory.Block gradients() {
        return placed(gradients);
    }

    /** Bytes of all trainable parameters, padding included; those of rank 2 and more end at {@link #matrices}. */
    public long end() {
        return end;
    }

    public long matrices() {
        return matrices;
    }

    /** Running statistics, padding included. */
    public Memory.Block buffers() {
        return placed(buffers);
    }

    public void load(Weights w) {
        load(w, "", values(), buffers());
    }

    /** Everything, in the order of the published state. */
    public Weights weights() {
        return new Weights(read("", values(), buffers()));
    }

    /**
     * Puts {@code prefix}NAME into {@code first} for every trainable parameter, and into {@code second}, if
     * any, for the rest.
     */
    public void load(Weights w, String prefix, Memory.Block first, Memory.@Nullable Block second) {
        for (Entry e : entries.values()) {
            Memory.Block home = e.param.trainable() ? first : second;
            if (home != null) write(e, home, w.get(prefix + e.name));
        }
    }

    /** The arrays that {@link #load} puts into the same blocks, in the order of the published state. */
    public Map<String, Weights.Tensor> read(String prefix, Memory.Block first, Memory.@Nullable Block second) {
        Map<String, Weights.Tensor> all = new LinkedHashMap<>();
        for (String name : graph.parameters().keySet()) {
            Entry e = known(name);
            Memory.Block home = e.param.trainable() ? first : second;
            if (home != null) all.put(prefix + name, read(e, home));
        }
        return all;
    }

    /** Copies what the graph trains, in its order, each in plain layout, one after another. */
    public void readFlat(Memory.Block from, FloatBuffer to) {
        trained().forEach(e -> Transfer.read(memory, e.value.desc, from.at(e.offset), e.plain, to));
    }

    /** Copies back what {@link #readFlat} copied, or numbers that lie alike. */
    public void writeFlat(Memory.Block to, FloatBuffer from) {
        trained().forEach(e -> {
            int end = from.position() + Math.toIntExact(e.param.shape().elements());
            Transfer.write(
                    memory, from.slice(from.position(), end - from.position()), e.plain, e.value.desc, to.at(e.offset));
            from.position(end);
        });
    }

    private Stream<Entry> trained() {
        return graph.parameters().keySet().stream().map(this::known).filter(e -> e.param.trainable());
    }

    private void write(Entry e, Memory.Block block, Weights.Tensor t) {
        Transfer.write(memory, t.values(), e.plain, e.value.desc, block.at(e.offset));
    }

    private Weights.Tensor read(Entry e, Memory.Block block) {
        FloatBuffer into = FloatBuffer.allocate(Math.toIntExact(e.param.shape().elements()));
        BytePointer at = block.at(e.offset);
        Transfer.read(memory, e.value.desc, at, e.plain, into);
        return new Weights.Tensor(e.param.shape(), into.flip());
    }

    @Override
    public void close() {
        blocks.forEach(Memory.Block::close);
        blocks.clear();
    }
}
