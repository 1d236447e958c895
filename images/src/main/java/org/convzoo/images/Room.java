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
    /** What all pictures that are being decoded may take together, in bytes. */
    static final long ALL = Runtime.getRuntime().maxMemory() / 2;

    private static final int UNIT = 1 << 10; // so that semaphores, which count in ints, reach to 2 TB
    private static final Semaphore FREE = new Semaphore((int) Math.min(Integer.MAX_VALUE, ALL / UNIT), true);

    private static final int MOST_PIXELS = Integer.MAX_VALUE / 3;

    private final int units;

    private Room(int units) {
        this.units = units;
    }

    /** Room for the decoding of a picture, until it is closed. Throws {@link OutOfMemoryException}. */
    static Room of(Encoded picture) {
        int width = picture.width(), height = picture.height();
        check("claims", width, height, picture.bytesPerPixel());
        int units = (int) (Math.multiplyFull(width, height) * picture.bytesPerPixel() / UNIT);
        FREE.acquireUninterruptibly(units);
        return new Room(units);
    }

    void close() {
        FREE.release(units);
    }

    /** The pixels of a new picture. Throws what {@link #check} throws. */
    static byte[] bytes(long width, long height, int channels) {
        check(width, height, channels);
        return new byte[(int) (width * height * channels)];
    }

    /**
     * Throws {@link OutOfMemoryException} with one line, which does not name the picture, when it would take more than
     * all room.
     */
    static void check(long width, long height, int channels) {
        check("becomes", width, height, channels);
    }

    private static void check(String verb, long width, long height, int bytesPerPixel) {
        double pixels = (double) width * height; // no overflow
        if (pixels * bytesPerPixel <= ALL && pixels <= MOST_PIXELS) return;
        String what = "it " + verb + " " + extent(width, height);
        if (pixels * bytesPerPixel > ALL)
            throw new OutOfMemoryException(what + ", which would take " + size(pixels * bytesPerPixel) + "; there are "
                    + size(ALL) + " for pictures, half of Java's heap (-Xmx)");
        throw new OutOfMemoryException(
                what + "; at most " + String.format(Locale.ROOT, "%,d", MOST_PIXELS) + " pixels fit into an array");
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
