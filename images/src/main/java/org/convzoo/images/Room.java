package org.convzoo.images;

import java.util.Locale;
import java.util.concurrent.Semaphore;
import org.convzoo.failure.OutOfMemoryException;

/**
 * The memory that pictures may take while they are decoded: half of Java's heap, shared by all threads. A picture that
 * claims more is refused before it is decoded, whatever else goes on; one that claims more than is free waits for the
 * others.
 */
final class Room {
    /** In bytes. */
    static final long ALL = Runtime.getRuntime().maxMemory() / 2;

    private static final int UNIT = 1 << 10; // so that semaphores, which count in ints, reach to 2 TB
    private static final Semaphore FREE = new Semaphore((int) Math.min(Integer.MAX_VALUE, ALL / UNIT), true);

    private final int units;

    private Room(int units) {
        this.units = units;
    }

    /** Room for the decoding of a picture, until it is closed. Throws {@link OutOfMemoryException}. */
    static Room of(Encoded picture) {
        int width = picture.width(), height = picture.height();
        long pixels = Math.multiplyFull(width, height);
        check("claims " + extent(width, height), pixels, picture.bytesPerPixel());
        int units = (int) (pixels * picture.bytesPerPixel() / UNIT);
        FREE.acquireUninterruptibly(units);
        return new Room(units);
    }

    void close() {
        FREE.release(units);
    }

    /**
     * The pixels of a new picture. Throws {@link OutOfMemoryException} with one line that does not name the picture when
     * they take more than all room.
     */
    static byte[] bytes(long width, long height, int channels) {
        long pixels = Math.multiplyExact(width, height);
        check("a picture of " + extent(width, height), pixels, channels);
        return new byte[(int) (pixels * channels)];
    }

    private static void check(String what, long pixels, int bytesPerPixel) {
        if (pixels > ALL / bytesPerPixel)
            throw new OutOfMemoryException(what + ", which would take " + size((double) pixels * bytesPerPixel)
                    + "; there are " + size(ALL) + " for pictures, half of Java's heap (-Xmx)");
        if (pixels > Integer.MAX_VALUE / 3)
            throw new OutOfMemoryException(
                    what + "; at most " + String.format(Locale.ROOT, "%,d", Integer.MAX_VALUE / 3) + " are taken");
    }

    static String extent(long width, long height) {
        return String.format(Locale.ROOT, "%,d x %,d pixels", width, height);
    }

    static String size(double bytes) {
        return bytes < 1 << 30
                ? String.format(Locale.ROOT, "%.0f MB", Math.ceil(bytes / (1 << 20)))
                : String.format(Locale.ROOT, "%.1f GB", bytes / (1 << 30));
    }
}
