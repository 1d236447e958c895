package org.convzoo.images;

import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import org.convzoo.failure.BrokenFileException;
import org.convzoo.failure.OutOfMemoryException;

/** The IDX format of MNIST: a big-endian header, then bytes; gzipped or plain. */
final class Idx implements Dataset {
    private static final int IMAGES = 0x803;
    private static final int LABELS = 0x801;
    private static final int OVERHEAD = 64; // bytes an image beside its pixels

    private final String name;
    private final Picture[] pictures;
    private final byte[] labels;

    private Idx(String name, Picture[] pictures, byte[] labels) {
        this.name = name;
        this.pictures = pictures;
        this.labels = labels;
    }

    /** A file of that format. */
    record File(String name, byte[] bytes) {}

    /**
     * Reads a data set called {@code name}. Throws {@link BrokenFileException} with one line when a file is broken or
     * the two do not belong together, and {@link OutOfMemoryException} when a file claims more than there is room for,
     * before it is unzipped.
     */
    static Idx read(String name, File images, File labels) {
        try (DataInputStream pixels = content(images, IMAGES, "images");
                DataInputStream classes = content(labels, LABELS, "labels")) {
            int[] sizes = numbers(images, pixels, 3);
            int count = sizes[0], height = sizes[1], width = sizes[2], labelled = numbers(labels, classes, 1)[0];
            if (count < 1 || height < 1 || width < 1 || count != labelled) {
                // Where a packed file is damaged, its numbers are wrong, too: the damage is what is to be told.
                drain(images, pixels);
                drain(labels, classes);
            }
            if (count < 1 || height < 1 || width < 1)
                throw new BrokenFileException(
                        images.name + ": it says it has " + count + " images of " + width + "x" + height);
            if (count != labelled)
                throw new BrokenFileException(
                        images.name + " has " + count + " images, but " + labels.name + " has " + labelled + " labels");
            double claimed = count * ((double) height * width + OVERHEAD);
            if (claimed > Room.ALL || (double) height * width > Integer.MAX_VALUE)
                throw new OutOfMemoryException(images.name + ": claims " + count + " images of " + width + "x" + height
                        + ", which would take " + Room.size(claimed) + "; there are " + Room.size(Room.ALL)
                        + " for pictures, half of Java's heap (-Xmx)");
            Picture[] pictures = new Picture[count];
            long expected = (long) count * height * width;
            for (int i = 0; i < count; i++) {
                byte[] one = bytes(images, pixels, height * width, (long) i * height * width, expected);
                pictures[i] = new Picture(width, height, 1, one);
            }
            byte[] each = bytes(labels, classes, count, 0, count);
            end(images, pixels);
            end(labels, classes);
            return new Idx(name, pictures, each);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // not from an array
        }
    }

    /** What follows the first number, unzipped as it is read. */
    private static DataInputStream content(File file, int magic, String what) {
        byte[] bytes = file.bytes;
        InputStream in = new ByteArrayInputStream(bytes);
        try {
            if (bytes.length > 2 && bytes[0] == 0x1F && bytes[1] == (byte) 0x8B) in = new GZIPInputStream(in, 1 << 16);
        } catch (IOException e) {
            throw unzipped(file, e);
        }
        DataInputStream content = new DataInputStream(new BufferedInputStream(in));
        int found = numbers(file, content, 1)[0];
        if (found != magic)
            throw new BrokenFileException(String.format(
                    Locale.ROOT,
                    "%s: no IDX file of %s, it starts with %08x, not %08x",
                    file.name,
                    what,
                    found,
                    magic));
        return content;
    }

    private static BrokenFileException unzipped(File file, IOException e) {
        return new BrokenFileException(file.name + ": broken or cut short, it cannot be unzipped", e);
    }

    private static int[] numbers(File file, DataInputStream in, int count) {
        try {
            int[] numbers = new int[count];
            for (int i = 0; i < count; i++) numbers[i] = in.readInt();
            return numbers;
        } catch (EOFException e) {
            throw new BrokenFileException(file.name + ": cut short, it ends in its header", e);
        } catch (IOException e) {
            throw unzipped(file, e);
        }
    }

    private static byte[] bytes(File file, DataInputStream in, int count, long before, long expected) {
        try {
            byte[] bytes = in.readNBytes(count);
            if (bytes.length < count)
                throw new BrokenFileException(
                        file.name + ": cut short, " + (before + bytes.length) + " of " + expected + " bytes are there");
            return bytes;
        } catch (IOException e) {
            throw unzipped(file, e);
        }
    }

    /** Reads on, which fails in a broken packed file, but not without end. */
    private static void drain(File file, DataInputStream in) {
        try {
            long left = 1 << 28, skipped;
            while (left > 0 && (skipped = in.skip(left)) > 0) left -= skipped;
        } catch (IOException e) {
            throw unzipped(file, e);
        }
    }

    private static void end(File file, DataInputStream in) {
        try {
            if (in.read() >= 0) throw new BrokenFileException(file.name + ": longer than its header says");
        } catch (IOException e) {
            throw unzipped(file, e);
        }
    }

    @Override
    public int size() {
        return labels.length;
    }

    @Override
    public int label(int i) {
        return labels[i] & 255;
    }

    @Override
    public Picture picture(int i) {
        return pictures[i];
    }

    @Override
    public String name(int i) {
        return name + "/" + i;
    }

    int classes() {
        int most = 0;
        for (byte label : labels) most = Math.max(most, label & 255);
        return most + 1;
    }
}
