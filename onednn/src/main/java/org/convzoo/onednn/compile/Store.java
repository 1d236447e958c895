package org.convzoo.onednn.compile;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.convzoo.engine.LearnerOptions;
import org.convzoo.engine.ParameterGroup;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Node;
import org.convzoo.graph.Param;
import org.convzoo.onednn.binding.Desc;
import org.convzoo.onednn.binding.Memory;
import org.convzoo.onednn.binding.Natives;
import org.convzoo.onednn.binding.Transfer;
import org.convzoo.onednn.program.Tensor;
import org.convzoo.weights.Weights;
import org.jspecify.annotations.Nullable;

/**
 * The state of a network in training. Parameters that learn, their gradients and the optimizer's slots lie in flat blocks
 * of equal layout, so that an update is one pass over long arrays whatever layout each parameter has inside; running
 * statistics that move have a block of their own, and so has what is frozen. The first program compiled decides the
 * layouts.
 */
public final class Store implements AutoCloseable {
    /** How training changes a parameter or running statistic. */
    private enum Change {
        LEARNS,
        MOVES,
        NONE
    }

    /** A parameter or running statistic; {@code offset} counts bytes in its block. */
    private static final class Entry {
        final String name;
        final Param param;
        final Change change;
        final ParameterGroup group;
        final Desc plain;
        final Tensor value;
        final Tensor gradient;
        long offset;

        Entry(String name, Param param, Change change, ParameterGroup group, Desc plain, Desc wanted) {
            this.name = name;
            this.param = param;
            this.change = change;
            this.group = group;
            this.plain = plain;
            this.value = Tensor.placedByOwner(wanted);
            this.gradient = Tensor.placedByOwner(wanted);
        }

        boolean isMatrix() {
            return param.shape().rank() > 1;
        }
    }

    /**
     * Floats {@code from} to {@code to} of all that learn: those of one parameter, padding included.
     *
     * @param matrix whether it is a matrix or kernel, not a vector
     */
    public record Stretch(int from, int to, boolean matrix, double rate, double decay) {}

    /**
     * The blocks that hold a state: one for what learns, one for running statistics that move, one for what is frozen.
     * What belongs into a block that is missing is left out.
     */
    private record State(Memory.Block learning, Memory.@Nullable Block moving, Memory.@Nullable Block frozen) {
        Memory.@Nullable Block of(Entry e) {
            return switch (e.change) {
                case LEARNS -> learning;
                case MOVES -> moving;
                case NONE -> frozen;
            };
        }
    }

    private final Memory memory;
    private final Natives natives;
    private final Graph graph;
    private final LearnerOptions options;
    private final Map<String, Entry> entries = new LinkedHashMap<>();
    private final List<Memory.Block> blocks = new ArrayList<>();
    private final List<Stretch> stretches = new ArrayList<>();
    /** What layers that are compiled as for prediction read; their parameters lie nowhere else. */
    private final Constants constants;

    private Memory.@Nullable Block values, gradients, buffers, frozen;
    private long end;

    /** @param options whose groups say what learns, and how */
    public Store(Memory memory, Natives natives, Graph graph, LearnerOptions options) {
        this.memory = memory;
        this.natives = natives;
        this.graph = graph;
        this.options = options;
        constants = new Constants(memory, natives, new Weights(Map.of()));
    }

    private Change change(String name) {
        boolean trainable =
                Objects.requireNonNull(graph.parameters().get(name), name).trainable();
        return !options.group(name).trainable() ? Change.NONE : trainable ? Change.LEARNS : Change.MOVES;
    }

    /** Whether a parameter learns. */
    boolean learns(String name) {
        return change(name) == Change.LEARNS;
    }

    /** Whether any of a node's parameters learns. */
    boolean learns(Node n) {
        return n.params().stream().anyMatch(p -> learns(n.name(p)));
    }

    /** Whether anything is frozen. */
    boolean freezes() {
        return options.groups().stream().anyMatch(g -> !g.trainable());
    }

    /** What is folded of frozen parameters; made by {@link #load}, and what is asked for later by {@link #fill}. */
    Constants constants() {
        return constants;
    }

    /** Makes the constants that were asked for since the last time, once there is something to make them of. */
    void fill() {
        if (placed()) constants.fill();
    }

    /** Whether a running statistic moves. */
    boolean moves(String name) {
        return change(name) == Change.MOVES;
    }

    /**
     * The parameter or buffer of that name, in the layout that was asked for first.
     *
     * @param dims the sizes under which kernels know it, equal in row-major order to its own
     */
    Tensor value(String name, Desc wanted, long... dims) {
        return entry(name, wanted, dims).value;
    }

    /** The parameter of that name, which has been asked for before. */
    Tensor known(String name) {
        return knownEntry(name).value;
    }

    /** The gradient of a parameter that learns. */
    Tensor gradient(String name) {
        return knownEntry(name).gradient;
    }

    private Entry knownEntry(String name) {
        return Objects.requireNonNull(entries.get(name), name);
    }

    private Entry entry(String name, Desc wanted, long... dims) {
        Entry e = entries.get(name);
        if (e == null) {
            Param param = Objects.requireNonNull(graph.parameters().get(name), name);
            e = new Entry(name, param, change(name), options.group(name), natives.plain(dims), wanted);
            entries.put(name, e);
        }
        return e;
    }

    /** Places everything. */
    public void place() {
        List<Entry> learning = with(Change.LEARNS);
        end = assign(learning);
        learning.forEach(e -> stretches.add(stretch(e)));
        values = block(end);
        gradients = block(end);
        buffers = block(assign(with(Change.MOVES)));
        frozen = block(assign(with(Change.NONE)));
        State all = new State(values, buffers, frozen);
        for (Entry e : entries.values())
            e.value.put(Objects.requireNonNull(all.of(e)).at(e.offset));
        for (Entry e : learning) e.gradient.put(gradients.at(e.offset));
    }

    public boolean placed() {
        return values != null;
    }

    private List<Entry> with(Change change) {
        return entries.values().stream().filter(e -> e.change == change).toList();
    }

    /** Gives each its offset, side by side; the end of the last. */
    private static long assign(List<Entry> some) {
        long at = 0;
        for (Entry e : some) {
            e.offset = at;
            at += Memory.aligned(e.value.desc.bytes());
        }
        return at;
    }

    private static Stretch stretch(Entry e) {
        int from = Math.toIntExact(e.offset / Float.BYTES);
        int to = Math.toIntExact((e.offset + Memory.aligned(e.value.desc.bytes())) / Float.BYTES);
        return new Stretch(from, to, e.isMatrix(), e.group.rate(), e.group.decay());
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

    /** Bytes of all parameters that learn, padding included. */
    public long end() {
        return end;
    }

    /** The parameters that learn as they lie, from 0 to {@link #end} without gaps. */
    public List<Stretch> stretches() {
        return stretches;
    }

    /** Running statistics that move, padding included. */
    public Memory.Block buffers() {
        return placed(buffers);
    }

    private State state(Memory.Block learning, Memory.@Nullable Block moving) {
        return new State(learning, moving, placed(frozen));
    }

    public void load(Weights w) {
        load(w, "", state(values(), buffers()));
        Map<String, Weights.Tensor> kept = new LinkedHashMap<>();
        for (String name : graph.parameters().keySet()) if (change(name) == Change.NONE) kept.put(name, w.get(name));
        constants.load(new Weights(kept).copy());
        constants.fill();
    }

    /** Everything, in the order of the published state. */
    public Weights weights() {
        return weights(values(), buffers());
    }

    /** Everything, with other numbers in place of what learns and moves. */
    public Weights weights(Memory.Block learning, Memory.@Nullable Block moving) {
        return new Weights(read("", state(learning, moving)));
    }

    /**
     * Puts {@code prefix}NAME into {@code learning} for each parameter that learns, and into {@code moving}, if there is
     * such a block, for each running statistic that moves.
     */
    public void load(Weights w, String prefix, Memory.Block learning, Memory.@Nullable Block moving) {
        load(w, prefix, new State(learning, moving, null));
    }

    private void load(Weights w, String prefix, State to) {
        for (Entry e : entries.values()) {
            Memory.Block home = to.of(e);
            if (home != null) write(e, home, w.get(prefix + e.name).values());
        }
    }

    /**
     * The arrays that {@link #load} puts into the same blocks, in the order of the published state. They are read when they
     * are asked for.
     */
    public Map<String, Weights.Tensor> read(String prefix, Memory.Block learning, Memory.@Nullable Block moving) {
        return read(prefix, new State(learning, moving, null));
    }

    private Map<String, Weights.Tensor> read(String prefix, State from) {
        Map<String, Weights.Tensor> all = new LinkedHashMap<>();
        for (String name : graph.parameters().keySet()) {
            Entry e = entries.get(name);
            Memory.Block home = e == null ? null : from.of(e);
            if (e != null && home != null) all.put(prefix + name, read(e, home));
            if (e == null && from.frozen != null)
                all.put(prefix + name, constants.weights().get(name));
        }
        return all;
    }

    /** Copies what the graph trains, in its order, each in plain layout, one after another; zeros for what is frozen. */
    public void readFlat(Memory.Block from, FloatBuffer to) {
        graph.parameters().forEach((name, p) -> {
            if (!p.trainable()) return;
            if (learns(name)) read(knownEntry(name), from, to);
            else for (long i = 0; i < p.shape().elements(); i++) to.put(0f);
        });
    }

    /** Copies back what {@link #readFlat} copied, or numbers that lie alike; what is frozen is passed over. */
    public void writeFlat(Memory.Block to, FloatBuffer from) {
        graph.parameters().forEach((name, p) -> {
            if (!p.trainable()) return;
            int at = from.position(), n = Math.toIntExact(p.shape().elements());
            if (learns(name)) write(knownEntry(name), to, from.slice(at, n));
            from.position(at + n);
        });
    }

    private void write(Entry e, Memory.Block block, FloatBuffer values) {
        Transfer.write(memory, values, e.plain, e.value.desc, block.at(e.offset));
    }

    private void read(Entry e, Memory.Block block, FloatBuffer into) {
        Transfer.read(memory, e.value.desc, block.at(e.offset), e.plain, into);
    }

    private Weights.Tensor read(Entry e, Memory.Block block) {
        return Weights.Tensor.read(e.param.shape(), () -> {
            FloatBuffer into =
                    FloatBuffer.allocate(Math.toIntExact(e.param.shape().elements()));
            read(e, block, into);
            return into.flip();
        });
    }

    @Override
    public void close() {
        constants.close();
        blocks.forEach(Memory.Block::close);
        blocks.clear();
    }
}
