package org.convzoo.onednn.binding;

import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.convzoo.failure.OutOfMemoryException;
import org.convzoo.system.Machine;

/** Native memory of an engine: zeroed blocks, counted. */
public final class Memory {
    /** Kernels load and store whole cache lines; huge pages start at multiples of 2 MiB. */
    private static final long LINE = 64, HUGE = 2 << 20;

    /**
     * Bytes from which on a block is held against the memory that is free, for which files of the system's are read.
     */
    private static final long LARGE = 64 << 20;

    private final AtomicLong bytes = new AtomicLong();

    /** Bytes in blocks that are not yet closed. */
    public long bytes() {
        return bytes.get();
    }

    public Block block(long size) {
        return new Block(size);
    }

    public static FloatBuffer floats(BytePointer at, long count) {
        return new BytePointer(at)
                .capacity(count * Float.BYTES)
                .asByteBuffer()
                .order(ByteOrder.nativeOrder())
                .asFloatBuffer();
    }

    public static long aligned(long size) {
        return (size + LINE - 1) / LINE * LINE;
    }

    private static OutOfMemoryException tooLarge(long size) {
        return new OutOfMemoryException(String.format(
                Locale.ROOT,
                "%,d MiB of memory at once are needed, and %,d MiB are free",
                size >> 20,
                Machine.availableMemory() >> 20));
    }

    /** A zeroed stretch of native memory that starts at a cache line, a large one at a huge page. */
    public final class Block implements AutoCloseable {
        private final Pointer whole;
        private final BytePointer start;
        private final long size;
        private boolean closed;

        private Block(long size) {
            // The system promises more memory than it has, and ends a process that then uses it.
            if (size >= LARGE && size > Machine.availableMemory()) throw tooLarge(size);
            long alignment = size >= 4 * HUGE ? HUGE : LINE;
            whole = Pointer.calloc(1, size + alignment); // the system's fresh pages are zero as they come
            if (whole == null || whole.isNull()) throw tooLarge(size);
            this.size = size;
            start = new BytePointer(whole).getPointer((alignment - whole.address() % alignment) % alignment);
            bytes.addAndGet(size);
        }

        public long size() {
            return size;
        }

        public BytePointer at(long offset) {
            return start.getPointer(offset);
        }

        /** The whole block, at most 2 GiB, as floats. */
        public FloatBuffer floats() {
            return Memory.floats(start, size / Float.BYTES);
        }

        public void clear() {
            Pointer.memset(start, 0, size);
        }

        @Override
        public void close() {
            if (closed) return;
            closed = true;
            bytes.addAndGet(-size);
            Pointer.free(whole);
        }
    }
}
