package org.convzoo.images;

import java.lang.ref.SoftReference;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.convzoo.system.Machine;

/**
 * The pictures of a data set as they are before anything is left to chance, kept for the epochs to come: in memory while
 * there is room, then in a file. Whatever cannot be kept is decoded again. Safe to use from several threads.
 */
final class Keep implements AutoCloseable {
    /** The bytes that are left for all: a quarter of Java's heap. What takes them is given up before memory runs out. */
    private static final AtomicLong ROOM = new AtomicLong(Runtime.getRuntime().maxMemory() / 4);

    /**
     * A picture.
     *
     * @param ready whether it has gone through the transform's steps, if it is to
     */
    record Kept(Picture picture, boolean ready) {
        /** The picture before the steps or after them, whichever takes less. */
        static Kept smaller(Picture before, Picture after) {
            boolean ready = after.pixels().length <= before.pixels().length;
            return new Kept(ready ? after : before, ready);
        }

        int bytes() {
            return picture.pixels().length;
        }
    }

    private final AtomicLong room;
    private final AtomicReferenceArray<SoftReference<Kept>> memory;
    private final AtomicInteger count = new AtomicInteger();
    private final AtomicLong taken = new AtomicLong();
    private final KeepFile file;

    /** For so many pictures, with the room that all share and a file in the user's cache. */
    Keep(int size) {
        this(size, ROOM, Machine.cache());
    }

    /** @param room bytes that are left; what is taken is given back by {@link #close} */
    Keep(int size, AtomicLong room, Path folder) {
        this.room = room;
        memory = new AtomicReferenceArray<>(size);
        file = new KeepFile(size, folder);
    }

    Optional<Kept> get(int i) {
        SoftReference<Kept> reference = memory.get(i);
        Optional<Kept> kept = reference == null ? Optional.empty() : Optional.ofNullable(reference.get());
        return kept.or(() -> file.get(i));
    }

    /** @param wanted whether it is sure to be asked for again, so that writing it to a file pays */
    void put(int i, Kept kept, boolean wanted) {
        SoftReference<Kept> reference = new SoftReference<>(kept);
        if (memory.get(i) != null) {
            memory.set(i, reference); // was given up, but for its room
        } else if (room.addAndGet(-kept.bytes()) < 0) {
            room.addAndGet(kept.bytes());
            if (wanted) file.put(i, kept);
        } else if (memory.compareAndSet(i, null, reference)) {
            count.incrementAndGet();
            taken.addAndGet(kept.bytes());
        } else {
            room.addAndGet(kept.bytes()); // another thread was faster
        }
    }

    /** {@code "1,100 in 120 MB of memory, 30 in a file of 4 MB"}; empty where nothing is kept. */
    @Override
    public String toString() {
        List<String> parts = new ArrayList<>();
        if (count.get() > 0) parts.add(number(count.get()) + " in " + Room.size(taken.get()) + " of memory");
        if (file.count() > 0) parts.add(number(file.count()) + " in a file of " + Room.size(file.bytes()));
        return String.join(", ", parts);
    }

    private static String number(int n) {
        return String.format(Locale.ROOT, "%,d", n);
    }

    @Override
    public void close() {
        for (int i = 0; i < memory.length(); i++) memory.set(i, null);
        room.addAndGet(taken.getAndSet(0));
        count.set(0);
        file.close();
    }
}
