package org.convzoo.images;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.GZIPInputStream;

/** The IDX format of MNIST: a big-endian header, then bytes; gzipped or plain. */
final class Idx implements Dataset {
    private static final int IMAGES = 0x803;
    private static final int LABELS = 0x801;

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
     * Reads a data set called {@code name}. Throws {@link IOException} with one line when a file is broken or the two
     * do not belong together.
     */
    static Idx read(String name, File images, File labels) throws IOException {
        ByteBuffer pixels = content(images, IMAGES, "images", 4), classes = content(labels, LABELS, "labels", 2);
        int count = pixels.getInt(), height = pixels.getInt(), width = pixels.getInt(), labelled = classes.getInt();
        if (count < 1 || height < 1 || width < 1)
            throw new IOException(images.name + ": it says it has " + count + " images of " + width + "x" + height);
        if (count != labelled)
            throw new IOException(
                    images.name + " has " + count + " images, but " + labels.name + " has " + labelled + " labels");
        check(images.name, pixels, (long) count * height * width);
        check(labels.name, classes, count);
        Picture[] pictures = new Picture[count];
        for (int i = 0; i < count; i++) {
            byte[] one = new byte[height * width];
            pixels.get(one);
            pictures[i] = new Picture(width, height, 1, one);
        }
        byte[] each = new byte[count];
        classes.get(each);
        return new Idx(name, pictures, each);
    }

    private static ByteBuffer content(File file, int magic, String what, int numbers) throws IOException {
        byte[] bytes = file.bytes;
        if (bytes.length > 2 && bytes[0] == 0x1F && bytes[1] == (byte) 0x8B) {
            try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(bytes))) {
                bytes = in.readAllBytes();
            } catch (IOException e) {
                throw new IOException(file.name + ": broken or cut short, it cannot be unzipped", e);
            }
        }
        ByteBuffer content = ByteBuffer.wrap(bytes);
        if (bytes.length < 4 * numbers) throw new IOException(file.name + ": cut short, it ends in its header");
        int found = content.getInt();
        if (found != magic)
            throw new IOException(String.format(
                    "%s: no IDX file of %s, it starts with %08x, not %08x", file.name, what, found, magic));
        return content;
    }

    private static void check(String name, ByteBuffer content, long expected) throws IOException {
        if (content.remaining() < expected)
            throw new IOException(
                    name + ": cut short, " + content.remaining() + " of " + expected + " bytes are there");
        if (content.remaining() > expected)
            throw new IOException(
                    name + ": longer than its header says, " + content.remaining() + " bytes instead of " + expected);
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
