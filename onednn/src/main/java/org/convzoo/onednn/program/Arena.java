package org.convzoo.onednn.program;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.convzoo.onednn.binding.Memory;
import org.jspecify.annotations.Nullable;

/**
 * The memory of a program's tensors: those whose lifetimes do not meet share it, and a result lies over an argument that
 * nothing reads afterwards where its step allows it.
 */
public final class Arena {
    /** Whether tensors may share memory; those of a probe, which are read from outside, may not. */
    public enum Sharing {
        BY_LIFETIME,
        NONE
    }

    private final Memory.Block block;
    private final boolean owned;

    private Arena(Memory.Block block, boolean owned) {
        this.block = block;
        this.owned = owned;
    }

    /**
     * Gives each of {@code tensors} its place, in {@code other} where that is large enough: the arena of a program that
     * never runs at the same time.
     */
    static Arena place(Memory memory, List<Tensor> tensors, Sharing sharing, Memory.@Nullable Block other) {
        List<Tensor> hosts = tensors.stream().filter(t -> t.host() == t).toList();
        Map<Tensor, Long> offsets = new IdentityHashMap<>();
        long size = Math.max(64, sharing == Sharing.BY_LIFETIME ? pack(hosts, offsets) : stack(hosts, offsets));
        boolean owned = other == null || other.size() < size;
        Memory.Block block = other == null || owned ? memory.block(size) : other;
        for (Tensor t : hosts) t.put(block.at(offset(offsets, t)));
        return new Arena(block, owned);
    }

    private static long offset(Map<Tensor, Long> offsets, Tensor placed) {
        return Objects.requireNonNull(offsets.get(placed));
    }

    /**
     * Lets the results of {@code steps} lie over arguments where that is allowed.
     *
     * @return the steps that add to a copy of their argument instead
     */
    static List<Step> overlay(List<Step> steps, Sharing sharing) {
        List<Step> copies = new ArrayList<>();
        for (Step s : steps) {
            Tensor result = s.result(), over = s.over();
            if (over == null || result == null) continue;
            boolean fits = sharing == Sharing.BY_LIFETIME && fitsOver(result, over);
            if (fits && !(s.accumulates() && s.reads(over))) result.root.takeOver(over.root);
            else if (s.accumulates()) copies.add(s);
        }
        return copies;
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
        for (Lifetime of : r.lifetimes)
            for (Lifetime before : a.lifetimes) if (of.meets(before) && before.last() != of.first()) return false;
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
                long from = offset(offsets, p);
                if (at + size <= from) break;
                at = Math.max(at, from + Memory.aligned(p.desc.bytes()));
            }
            offsets.put(t, at);
            int i = placed.size();
            while (i > 0 && offset(offsets, placed.get(i - 1)) > at) i--;
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

    Memory.Block block() {
        return block;
    }

    void close() {
        if (owned) block.close();
    }
}
