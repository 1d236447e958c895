package org.convzoo.images;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Pictures in a file that has no name once it is open, so that it is gone when the program ends, however that ends. It
 * takes half of the free space at the most. Where it cannot be made, written or read, it is done without.
 */
final class KeepFile implements AutoCloseable {
    private static final int HEAD = 4 * Integer.BYTES;

    /** Bytes that are read or written at once: each thread has a buffer of so many outside Java's heap. */
    private static final int CHUNK = 1 << 16;

    private final Path folder;
    private final AtomicLongArray places; // where each begins, from 1; 0 for none
    private final AtomicLong end = new AtomicLong();
    private final AtomicInteger count = new AtomicInteger();
    private Optional<FileChannel> channel = Optional.empty();
    private long limit;
    private volatile boolean full;

    KeepFile(int size, Path folder) {
        this.folder = folder;
        places = new AtomicLongArray(size);
    }

    int count() {
        return count.get();
    }

    long bytes() {
        return end.get();
    }

    Optional<Keep.Kept> get(int i) {
        long place = places.get(i);
        if (place == 0) return Optional.empty();
        try {
            ByteBuffer head = ByteBuffer.wrap(read(place - 1, HEAD));
            int width = head.getInt(), height = head.getInt(), channels = head.getInt();
            boolean ready = head.getInt() == 1;
            byte[] pixels = read(place - 1 + HEAD, width * height * channels);
            return Optional.of(new Keep.Kept(new Picture(width, height, channels, pixels), ready));
        } catch (IOException e) {
            return Optional.empty(); // it is decoded again
        }
    }

    void put(int i, Keep.Kept kept) {
        if (full || places.get(i) != 0) return;
        Picture p = kept.picture();
        ByteBuffer head = ByteBuffer.allocate(HEAD);
        head.putInt(p.width()).putInt(p.height()).putInt(p.channels()).putInt(kept.ready() ? 1 : 0);
        try {
            FileChannel open = open();
            long size = HEAD + p.pixels().length, at = end.getAndAdd(size);
            if (at + size > limit) throw new IOException("the file has its size");
            write(open, at, head.array());
            write(open, at + HEAD, p.pixels());
            places.set(i, at + 1);
            count.incrementAndGet();
        } catch (IOException e) {
            full = true; // what is there already is of use
        }
    }

    /** Makes the file when there is the first picture for it. */
    private synchronized FileChannel open() throws IOException {
        if (channel.isPresent()) return channel.get();
        Files.createDirectories(folder);
        limit = Files.getFileStore(folder).getUsableSpace() / 2;
        Path file = Files.createTempFile(folder, "pictures-", ".tmp");
        FileChannel opened = FileChannel.open(
                file, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.DELETE_ON_CLOSE);
        channel = Optional.of(opened);
        return opened;
    }

    private static void write(FileChannel open, long at, byte[] bytes) throws IOException {
        for (int from = 0; from < bytes.length; )
            from += open.write(ByteBuffer.wrap(bytes, from, Math.min(CHUNK, bytes.length - from)), at + from);
    }

    private byte[] read(long at, int count) throws IOException {
        byte[] bytes = new byte[count];
        FileChannel open = open();
        for (int from = 0; from < count; ) {
            int read = open.read(ByteBuffer.wrap(bytes, from, Math.min(CHUNK, count - from)), at + from);
            if (read < 0) throw new EOFException();
            from += read;
        }
        return bytes;
    }

    @Override
    public synchronized void close() {
        full = true;
        try {
            if (channel.isPresent()) channel.get().close();
        } catch (IOException e) {
            // Nothing of it is needed any more.
        }
    }
}
