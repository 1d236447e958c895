package org.convzoo.onednn.program;

import static org.bytedeco.dnnl.global.dnnl.*;
import static org.convzoo.onednn.binding.Dnnl.check;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bytedeco.dnnl.dnnl_exec_arg_t;
import org.bytedeco.dnnl.dnnl_memory;
import org.bytedeco.dnnl.dnnl_primitive;
import org.bytedeco.javacpp.BytePointer;
import org.convzoo.engine.LayerTime;
import org.convzoo.onednn.binding.Dnnl;
import org.convzoo.onednn.binding.Memory;
import org.convzoo.onednn.binding.Natives;
import org.convzoo.onednn.binding.Natives.Desc;
import org.convzoo.onednn.binding.Natives.Kernel;
import org.jspecify.annotations.Nullable;

/**
 * Steps in order over tensors. First the steps are added; {@link #place} then gives every tensor that has no place yet
 * one in an arena, so that tensors whose lifetimes do not meet share memory, and a result lies over an argument that
 * nothing reads afterwards where the step allows it; then the program runs any number of times.
 */
public final class Program implements AutoCloseable {
    private static final long MOMENT = 200_000_000;
    private static final Tensor.Life FOREVER = new Tensor.Life(0, Integer.MAX_VALUE);

    private final Memory memory;
    private final Natives natives;
    private final boolean reuse;
    private final List<Step> steps = new ArrayList<>();
    private final List<Tensor> temporaries = new ArrayList<>();
    private String layer = "", pass = "";
    private Memory.@Nullable Block arena;
    private boolean ownsArena;

    /** @param reuse whether tensors may share memory; a probe keeps them all */
    public Program(Memory memory, Natives natives, boolean reuse) {
        this.memory = memory;
        this.natives = natives;
        this.reuse = reuse;
    }

    /** One primitive or one Java loop. */
    public static final class Step {
        private final String layer, pass;
        private final String name;
        private final @Nullable Kernel kernel;
        private final Runnable java;
        private final int[] roles;
        private final Tensor[] tensors;
        private @Nullable Tensor result, over;
        private boolean accumulates;
        private long macs = -1;
        private @Nullable dnnl_primitive primitive;
        private boolean eachImage;
        /** Of each run of the primitive. */
        private final List<dnnl_exec_arg_t> args = new ArrayList<>();

        private Step(
                String layer,
                String pass,
                String name,
                @Nullable Kernel kernel,
                Runnable java,
                int[] roles,
                Tensor[] tensors) {
            this.layer = layer;
            this.pass = pass;
            this.name = name;
            this.kernel = kernel;
            this.java = java;
            this.roles = roles;
            this.tensors = tensors;
        }

        private boolean reads(Tensor t) {
            for (Tensor own : tensors) if (own.root.host() == t.root.host()) return true;
            return false;
        }

        /**
         * What a run makes anew from the other arguments, at little cost beside a product with weights: all of one
         * tensor. Whatever else it writes it writes again.
         */
        @Nullable
        Tensor made() {
            Tensor all = kernel == null ? result : tensor(DNNL_ARG_DST);
            boolean gradient = tensor(DNNL_ARG_DIFF_DST) != null; // its DST is what it reads
            if (all == null || gradient || accumulates || tensor(DNNL_ARG_WEIGHTS) != null) return null;
            long touched = Stream.of(tensors).filter(t -> t.root == all.root).count();
            return touched == 1 && all.desc.elements() == all.root.desc.elements() ? all.root : null;
        }

        Tensor[] tensors() {
            return tensors;
        }

        private @Nullable Tensor tensor(int role) {
            for (int i = 0; i < roles.length; i++) if (roles[i] == role) return tensors[i];
            return null;
        }

        boolean isScratch(Tensor t) {
            return kernel != null && t == tensor(DNNL_ARG_SCRATCHPAD);
        }

        /** The same on the way back. */
        public Step again() {
            Step s = new Step(layer, "backward", name, kernel, java, roles, tensors);
            s.result = result;
            s.over = over;
            s.eachImage = eachImage;
            return s;
        }

        private LayerTime took(double milliseconds) {
            return new LayerTime(
                    layer, pass, kernel == null ? name : kernel.what() + " " + name, milliseconds, macs(), bytes());
        }

        /** One for each result and weight of its channel, whichever of output, data and weight gradient is made. */
        private long macs() {
            if (macs >= 0) return macs;
            Desc results = argument(DNNL_ARG_DST, DNNL_ARG_DIFF_DST);
            Desc weights = argument(DNNL_ARG_WEIGHTS, DNNL_ARG_DIFF_WEIGHTS);
            if (results == null || weights == null) return 0;
            return results.elements() * (weights.elements() / results.dims()[1]);
        }

        private @Nullable Desc argument(int role, int orRole) {
            for (int i = 0; i < roles.length; i++) if (roles[i] == role || roles[i] == orRole) return tensors[i].desc;
            return null;
        }

        private long bytes() {
            long sum = accumulates ? result.desc.elementBytes() : 0;
            for (int i = 0; i < tensors.length; i++) {
                boolean again = kernel != null && roles[i] == DNNL_ARG_DIFF_DST && tensors[i] == tensor(DNNL_ARG_SRC);
                if (!again && !isScratch(tensors[i])) sum += tensors[i].desc.elementBytes();
            }
            return sum;
        }

        /** The step does so many multiply-accumulates, where its arguments do not tell. */
        public void counts(long macs) {
            this.macs = macs;
        }

        /** The kernel is one for single images and runs once for each, whose channels may be some of a larger map. */
        public void eachImage() {
            eachImage = true;
        }

        /** Lets {@code result} lie over {@code argument} if nothing reads that afterwards. */
        public void inPlace(Tensor result, Tensor argument) {
            this.result = result;
            this.over = argument;
        }

        /**
         * The kernel adds to what {@code result} holds: it lies over {@code argument}, or gets a copy of it, as where
         * the kernel also reads {@code argument} itself.
         */
        public void onto(Tensor result, Tensor argument) {
            inPlace(result, argument);
            accumulates = true;
        }
    }

    /** Names what the steps from here on compute, for {@link #measured}. */
    public void at(String layer, String pass) {
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

    /** Adds a primitive; {@code arguments} are pairs of a role ({@code DNNL_ARG_SRC}) and a tensor. */
    public Step add(Kernel k, Object... arguments) {
        Desc scratch = natives.scratchpad(k);
        int n = arguments.length / 2, all = scratch.bytes() > 0 ? n + 1 : n;
        int[] roles = new int[all];
        Tensor[] tensors = new Tensor[all];
        for (int i = 0; i < n; i++) {
            roles[i] = (Integer) arguments[2 * i];
            tensors[i] = (Tensor) arguments[2 * i + 1];
        }
        if (all > n) {
            roles[n] = DNNL_ARG_SCRATCHPAD;
            tensors[n] = tensor(scratch);
        }
        return add(new Step(layer, pass, k.name(), k, () -> {}, roles, tensors));
    }

    /** Adds a loop in Java that touches {@code tensors}. */
    public Step add(String name, Runnable loop, Tensor... tensors) {
        return add(new Step(layer, pass, "java:" + name, null, loop, new int[0], tensors));
    }

    private Step add(Step s) {
        int at = steps.size();
        for (Tensor t : s.tensors) touch(t, at, t.root == s.made() || s.isScratch(t));
        steps.add(s);
        return s;
    }

    private void touch(Tensor t, int at, boolean anew) {
        Tensor r = t.root;
        if (r.fixed()) return;
        if (r.lives.isEmpty()) temporaries.add(r);
        r.touch(at, anew);
    }

    /** Counts the step added last as one that reads {@code t}: what it adds to without naming it as an argument. */
    public void touchNow(Tensor t) {
        touch(t, steps.size() - 1, false);
    }

    /** Keeps {@code t} unshared from the first step to the last: what is read or written from outside. */
    public void keep(Tensor t) {
        touch(t, 0, false);
        t.root.lives.clear();
        t.root.lives.add(FOREVER);
    }

    /** The tensor in layout {@code d}: itself, or a copy. */
    public Tensor reordered(Tensor t, Desc d) {
        if (t.desc.same(d)) return t;
        Tensor copy = tensor(d);
        add(copying(t.desc, d), DNNL_ARG_FROM, t, DNNL_ARG_TO, copy);
        return copy;
    }

    public void copy(Tensor from, Tensor to) {
        add(copying(from.desc, to.desc), DNNL_ARG_FROM, from, DNNL_ARG_TO, to);
    }

    private Kernel copying(Desc from, Desc to) {
        return natives.kernel(
                "reorder",
                (pd, attr) ->
                        dnnl_reorder_primitive_desc_create(pd, from.handle(), Dnnl.CPU, to.handle(), Dnnl.CPU, attr));
    }

    /** The number of steps so far. */
    public int size() {
        return steps.size();
    }

    /** Lets steps from {@code turn} on find what cheap steps before it made without keeping it all the time. */
    public void recompute(int turn) {
        List<Step> all = Recomputation.of(steps, turn);
        for (Tensor t : temporaries) if (t.last() < Integer.MAX_VALUE) t.lives.clear();
        temporaries.removeIf(t -> t.lives.isEmpty());
        steps.clear();
        all.forEach(this::add);
    }

    /** Places the tensors in an arena of its own and makes the steps ready to run. */
    public void place() {
        place(null);
    }

    /** The same, in {@code shared} where that is large enough: the arena of a program that never runs at the same time. */
    public void place(Memory.@Nullable Block shared) {
        List<Step> copies = new ArrayList<>();
        for (int i = 0; i < steps.size(); i++) {
            Step s = steps.get(i);
            if (s.over == null || s.result == null) continue;
            if (reuse && fitsOver(s.result, s.over) && !(s.accumulates && s.reads(s.over)))
                s.result.root.takeOver(s.over.root);
            else if (s.accumulates) copies.add(s);
        }
        List<Tensor> hosts = new ArrayList<>();
        for (Tensor t : temporaries) if (t.host() == t) hosts.add(t);
        Map<Tensor, Long> offsets = new IdentityHashMap<>();
        long size = Math.max(64, reuse ? pack(hosts, offsets) : stack(hosts, offsets));
        ownsArena = shared == null || shared.size() < size;
        arena = ownsArena ? memory.block(size) : shared;
        for (Tensor t : hosts) t.put(arena.at(offsets.get(t)));
        for (int i = 0; i < steps.size(); i++) {
            Step s = steps.get(i);
            if (copies.contains(s)) {
                Tensor from = s.over, to = s.result;
                Kernel k = copying(from.desc, to.desc);
                Step copy = new Step(
                        s.layer, s.pass, k.name(), k, () -> {}, new int[] {DNNL_ARG_FROM, DNNL_ARG_TO}, new Tensor[] {
                            from, to
                        });
                steps.add(i++, copy);
                prepare(copy);
            }
            prepare(s);
        }
    }

    /** Whether, wherever both hold something, the step just makes the one from the other. */
    private static boolean fitsOver(Tensor result, Tensor argument) {
        Tensor r = result.root, a = argument.root.host();
        if (r != result
                || argument.root != argument
                || argument.fixed()
                || result.fixed()
                || r.host() != r
                || r == a
                || !result.desc.same(argument.desc)) return false;
        for (Tensor.Life of : r.lives)
            for (Tensor.Life before : a.lives) if (of.meets(before) && before.last() != of.first()) return false;
        return true;
    }

    /** First fit, the largest first. */
    static long pack(List<Tensor> tensors, Map<Tensor, Long> offsets) {
        List<Tensor> bySize = new ArrayList<>(tensors);
        bySize.sort(Comparator.comparingLong((Tensor t) -> -t.desc.bytes()).thenComparingInt(t -> t.first()));
        List<Tensor> placed = new ArrayList<>();
        long end = 0;
        for (Tensor t : bySize) {
            long at = 0, size = Memory.aligned(t.desc.bytes());
            for (Tensor p : placed) { // in order of their offsets
                if (!p.meets(t)) continue;
                long from = offsets.get(p);
                if (at + size <= from) break;
                at = Math.max(at, from + Memory.aligned(p.desc.bytes()));
            }
            offsets.put(t, at);
            int i = placed.size();
            while (i > 0 && offsets.get(placed.get(i - 1)) > at) i--;
            placed.add(i, t);
            end = Math.max(end, at + size);
        }
        return end;
    }

    /** Side by side, in their order. */
    public static long stack(List<Tensor> tensors, Map<Tensor, Long> offsets) {
        long end = 0;
        for (Tensor t : tensors) {
            offsets.put(t, end);
            end += Memory.aligned(t.desc.bytes());
        }
        return end;
    }

    private void prepare(Step s) {
        if (s.kernel == null) return;
        s.primitive = natives.primitive(s.kernel);
        int n = s.roles.length;
        dnnl_memory[] whole = new dnnl_memory[n];
        Desc[] image = new Desc[n];
        for (int i = 0; i < n; i++) {
            Tensor t = s.tensors[i];
            if (s.eachImage && t.desc.dims().length > 1) image[i] = natives.image(t.desc);
            else whole[i] = natives.memory(t.desc, t.address());
        }
        int runs = s.eachImage ? (int) s.tensor(DNNL_ARG_DST).desc.dims()[0] : 1;
        for (int run = 0; run < runs; run++) {
            dnnl_exec_arg_t args = new dnnl_exec_arg_t(n);
            for (int i = 0; i < n; i++) {
                dnnl_memory m = whole[i];
                if (m == null) {
                    Tensor t = s.tensors[i];
                    m = natives.memory(image[i], t.address().getPointer(natives.imageOffset(t.desc, run)));
                }
                args.getPointer(i).arg(s.roles[i]).memory(m);
            }
            natives.onClose(args::close);
            s.args.add(args);
        }
    }

    /** Milliseconds of the fastest of the runs of a moment, at least two. */
    public double best() {
        return best(this::run);
    }

    public static double best(Runnable run) {
        long start = System.nanoTime(), now = start, before = now, best = Long.MAX_VALUE;
        for (int i = 0; i < 2 || now - start < MOMENT; i++) {
            run.run();
            now = System.nanoTime();
            best = Math.min(best, now - before);
            before = now;
        }
        return best / 1e6;
    }

    /** Makes the steps find {@code t}, which nothing shares and none reads image by image, at {@code to}. */
    public void move(Tensor t, BytePointer to) {
        t.put(to);
        for (Step s : steps) {
            if (s.kernel == null) continue;
            for (int i = 0; i < s.tensors.length; i++)
                if (s.tensors[i].root == t)
                    check(
                            dnnl_memory_set_data_handle(
                                    s.args.get(0).getPointer(i).memory(), to),
                            "memory");
        }
    }

    public void run() {
        for (Step s : steps) run(s);
    }

    private static void run(Step s) {
        if (s.kernel == null) s.java.run();
        for (dnnl_exec_arg_t args : s.args)
            check(dnnl_primitive_execute(s.primitive, Dnnl.STREAM, s.roles.length, args), s.name);
    }

    /** Runs once; the milliseconds of each step. */
    public double[] timed() {
        double[] ms = new double[steps.size()];
        for (int i = 0; i < ms.length; i++) {
            long start = System.nanoTime();
            run(steps.get(i));
            ms[i] = (System.nanoTime() - start) / 1e6;
        }
        return ms;
    }

    /** The steps with their medians of runs that were {@link #timed}. */
    public List<LayerTime> measured(List<double[]> runs) {
        if (runs.isEmpty()) throw new IllegalArgumentException("a profile needs at least one run");
        return IntStream.range(0, steps.size())
                .mapToObj(i -> steps.get(i).took(median(runs.stream().mapToDouble(ms -> ms[i]))))
                .toList();
    }

    public static double median(DoubleStream times) {
        double[] t = times.sorted().toArray();
        return (t[t.length / 2] + t[(t.length - 1) / 2]) / 2;
    }

    /** The kernels in order: {@code brgconv_1x1:avx512_core}, {@code java:loss}. */
    public List<String> kernels() {
        return steps.stream().map(s -> s.name).toList();
    }

    public Memory.Block arena() {
        return arena;
    }

    @Override
    public void close() {
        if (arena != null && ownsArena) arena.close();
    }
}
