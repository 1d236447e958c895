package org.convzoo.onednn.program;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.BytePointer;
import org.convzoo.engine.LayerTime;
import org.convzoo.onednn.binding.Desc;
import org.convzoo.onednn.binding.Kernel;
import org.convzoo.onednn.binding.Memory;
import org.convzoo.onednn.binding.Natives;
import org.convzoo.onednn.binding.Primitives;
import org.jspecify.annotations.Nullable;

/**
 * Steps in order over tensors. First the steps are added; {@link #place} then gives every tensor that has no place yet
 * one in an {@link Arena}; then the program runs any number of times.
 */
public final class Program implements AutoCloseable {
    private final Memory memory;
    private final Natives natives;
    private final Primitives primitives;
    private final Arena.Sharing sharing;
    private final List<Step> steps = new ArrayList<>();
    /** The roots that get their places from this program. */
    private final List<Tensor> temporaries = new ArrayList<>();

    private final List<Execution> executions = new ArrayList<>();
    private String layer = "", pass = "";
    private @Nullable Arena arena;

    public Program(Memory memory, Natives natives, Arena.Sharing sharing) {
        this.memory = memory;
        this.natives = natives;
        this.sharing = sharing;
        primitives = new Primitives(natives);
    }

    // -- adding steps ---------------------------------------------------------------------------------

    /** Names what the steps from here on compute, for {@link #measured}. */
    public void label(String layer, String pass) {
        this.layer = layer;
        this.pass = pass;
    }

    public String layer() {
        return layer;
    }

    /** A new tensor, to be placed. */
    public Tensor tensor(Desc d) {
        return new Tensor(d);
    }

    /** Adds a primitive. */
    public Step add(Kernel k, Arguments arguments) {
        Desc scratchpad = natives.scratchpad(k);
        if (scratchpad.bytes() > 0) arguments.scratchpad(tensor(scratchpad));
        return add(Step.of(layer, pass, k, arguments));
    }

    /** Adds a loop in Java that touches {@code tensors}. */
    public Step add(String name, Runnable loop, Tensor... tensors) {
        return add(Step.of(layer, pass, name, loop, Arguments.touched(tensors)));
    }

    /**
     * Adds a primitive that adds to what {@code result} holds, which begins as what {@code start} holds: it lies over
     * that, or gets a copy of it.
     */
    public void accumulate(Kernel k, Arguments arguments, Tensor result, Tensor start) {
        add(k, arguments).accumulates(result, start);
        touch(start, steps.size() - 1, false);
    }

    private Step add(Step s) {
        int at = steps.size();
        for (Tensor t : s.arguments.tensors()) touch(t, at, t.root == s.cheapResult() || s.isScratchpad(t));
        steps.add(s);
        return s;
    }

    private void touch(Tensor t, int at, boolean anew) {
        Tensor r = t.root;
        if (r.fixed()) return;
        if (r.lifetimes.isEmpty()) temporaries.add(r);
        r.touch(at, anew);
    }

    /** Keeps {@code t} unshared from the first step to the last: what is read or written from outside. */
    public void keep(Tensor t) {
        touch(t, 0, false);
        t.root.lifetimes.clear();
        t.root.lifetimes.add(Lifetime.FOREVER);
    }

    /** The tensor in layout {@code d}: itself, or a copy. */
    public Tensor reordered(Tensor t, Desc d) {
        if (t.desc.same(d)) return t;
        Tensor copy = tensor(d);
        copy(t, copy);
        return copy;
    }

    public void copy(Tensor from, Tensor to) {
        add(primitives.reorder(from.desc, to.desc), new Arguments().src(from).dst(to));
    }

    /** The number of steps so far. */
    public int size() {
        return steps.size();
    }

    /** Lets steps from {@code turn} on find what cheap steps before it made without keeping it all the time. */
    public void recompute(int turn) {
        List<Step> all = Recomputation.of(steps, turn);
        for (Tensor t : temporaries) if (t.last() < Integer.MAX_VALUE) t.lifetimes.clear();
        temporaries.removeIf(t -> t.lifetimes.isEmpty());
        steps.clear();
        all.forEach(this::add);
    }

    // -- places ---------------------------------------------------------------------------------------

    /** Places the tensors in an arena of this program's own and makes the steps ready to run. */
    public void place() {
        place(null);
    }

    /**
     * Places the tensors, in {@code other} where that is large enough, and makes the steps ready to run.
     *
     * @param other the memory of a program that never runs at the same time
     */
    public void place(Memory.@Nullable Block other) {
        List<Step> copies = Arena.overlay(steps, sharing);
        arena = Arena.place(memory, temporaries, sharing, other);
        List<Step> all = List.copyOf(steps);
        steps.clear();
        for (Step s : all) {
            Tensor start = s.over(), result = s.result();
            if (start != null && result != null && copies.contains(s)) steps.add(copying(s, start, result));
            steps.add(s);
        }
        for (Step s : steps) executions.add(new Execution(natives, s));
    }

    /** The step that copies what {@code s} adds to. */
    private Step copying(Step s, Tensor start, Tensor result) {
        Kernel copy = primitives.reorder(start.desc, result.desc);
        return Step.of(s.layer, s.pass, copy, new Arguments().src(start).dst(result));
    }

    /** Lets the steps find {@code t}, which nothing shares and none reads image by image, at {@code to}. */
    public void move(Tensor t, BytePointer to) {
        t.put(to);
        for (Execution e : executions) e.move(t, to);
    }

    /** The memory of a program that has been placed. */
    public Memory.Block arena() {
        if (arena == null) throw new IllegalStateException("the program has not been placed");
        return arena.block();
    }

    // -- running --------------------------------------------------------------------------------------

    public void run() {
        for (Execution e : executions) e.run();
    }

    /** Runs once; the milliseconds of each step. */
    public double[] timed() {
        double[] ms = new double[executions.size()];
        for (int i = 0; i < ms.length; i++) {
            long start = System.nanoTime();
            executions.get(i).run();
            ms[i] = (System.nanoTime() - start) / 1e6;
        }
        return ms;
    }

    /** The steps with their medians of runs that were {@link #timed}. */
    public List<LayerTime> measured(List<double[]> runs) {
        if (runs.isEmpty()) throw new IllegalArgumentException("a profile needs at least one run");
        return IntStream.range(0, steps.size())
                .mapToObj(i -> steps.get(i).took(Timing.median(runs.stream().mapToDouble(ms -> ms[i]))))
                .toList();
    }

    /** The kernels in order: {@code brgconv_1x1:avx512_core}, {@code java:loss}. */
    public List<String> kernels() {
        return steps.stream().map(s -> s.name).toList();
    }

    @Override
    public void close() {
        if (arena != null) arena.close();
    }
}
