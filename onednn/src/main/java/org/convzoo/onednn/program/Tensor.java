package org.convzoo.onednn.program;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.BytePointer;
import org.convzoo.onednn.binding.Desc;
import org.convzoo.onednn.binding.Memory;
import org.jspecify.annotations.Nullable;

/**
 * An array of a program: a layout, and a place that is either fixed from the start (parameters) or given by
 * {@link Program#place} from the steps that touch it. A view shares the place of its root under another layout.
 */
public final class Tensor {
    public final Desc desc;
    public final Tensor root;
    private @Nullable BytePointer address;

    /** This root's memory once a loop in Java asked for it: a buffer over native memory costs more than a short loop. */
    private volatile @Nullable FloatBuffer whole;

    /** The root's lifetimes, and those of tensors that take over its place. */
    final List<Lifetime> lifetimes = new ArrayList<>();

    /** The tensor whose place this one takes over, once placed; itself at first. */
    private Tensor host = this;

    private final boolean owned;

    /** A tensor that a program places. */
    Tensor(Desc desc) {
        this(desc, false);
    }

    private Tensor(Desc desc, boolean owned) {
        this.desc = desc;
        this.root = this;
        this.owned = owned;
    }

    /** A tensor that its owner places, by {@link #put}; no program reuses its memory. */
    public static Tensor placedByOwner(Desc desc) {
        return new Tensor(desc, true);
    }

    private Tensor(Desc desc, Tensor root) {
        this.desc = desc;
        this.root = root;
        this.owned = root.owned;
    }

    public Tensor view(Desc as) {
        return new Tensor(as, root);
    }

    /** Whether its place does not come from this program: somebody else gives it, or another program has. */
    boolean fixed() {
        return owned || root.host().address != null;
    }

    public void put(BytePointer at) {
        root.host().address = at;
        root.whole = null;
    }

    public BytePointer address() {
        BytePointer a = root.host().address;
        if (a == null) throw new IllegalStateException("a tensor is used before it is placed");
        return a;
    }

    /** The tensor that decides this root's place. */
    Tensor host() {
        Tensor t = this;
        while (t.host != t) t = t.host;
        return t;
    }

    void takeOver(Tensor other) {
        host = other.host();
        host.lifetimes.addAll(lifetimes);
    }

    /** Step {@code at}, later than all before, touches it; {@code anew} if it makes all of it and reads none. */
    void touch(int at, boolean anew) {
        int now = lifetimes.size() - 1;
        if (now < 0 || anew && last() < Integer.MAX_VALUE) lifetimes.add(new Lifetime(at, at));
        else
            lifetimes.set(
                    now,
                    new Lifetime(
                            lifetimes.get(now).first(),
                            Math.max(at, lifetimes.get(now).last())));
    }

    int first() {
        return lifetimes.get(0).first();
    }

    /** The last step that touches it, -1 if none does. */
    int last() {
        return lifetimes.isEmpty() ? -1 : lifetimes.get(lifetimes.size() - 1).last();
    }

    /** Whether both hold something at the same time. */
    boolean meets(Tensor other) {
        for (Lifetime a : lifetimes) for (Lifetime b : other.lifetimes) if (a.meets(b)) return true;
        return false;
    }

    /** The whole memory of the root, at most 2 GiB, as a new buffer. */
    public ByteBuffer bytes() {
        return new BytePointer(address()).capacity(root.desc.bytes()).asByteBuffer();
    }

    /** The whole memory of the root as floats, in whatever layout. */
    public FloatBuffer floats() {
        return floats(0, (int) (root.desc.bytes() / Float.BYTES));
    }

    /** A stretch of the root's memory. */
    public FloatBuffer floats(long from, int count) {
        long bytes = root.desc.bytes();
        if (bytes > Integer.MAX_VALUE) return Memory.floats(address().getPointer(from * Float.BYTES), count);
        FloatBuffer all = root.whole;
        if (all == null) root.whole = all = Memory.floats(address(), bytes / Float.BYTES);
        return all.slice((int) from, count);
    }
}
