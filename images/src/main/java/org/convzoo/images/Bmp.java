package org.convzoo.images;

import java.io.IOException;

/**
 * A BMP file: Windows' headers from 40 bytes on and OS/2's of 12, with palettes, run lengths and bit masks. An alpha
 * channel is left out.
 *
 * @param bits a pixel
 * @param masks where red, green and blue are in a pixel; of no meaning when there is a palette
 * @param paletteAt where the palette begins
 * @param entrySize bytes a colour of the palette
 */
record Bmp(
        byte[] bytes,
        int width,
        int height,
        boolean upsideDown,
        int bits,
        int compression,
        int[] masks,
        int paletteAt,
        int colours,
        int entrySize,
        int pixelsAt)
        implements Encoded {
    private static final int FILE_HEADER = 14, OLD_HEADER = 12;
    private static final int NONE = 0, RLE8 = 1, RLE4 = 2, MASKS = 3, ALPHA_MASKS = 6;

    static Bmp of(byte[] bytes) throws IOException {
        if (bytes.length < FILE_HEADER + OLD_HEADER) throw new IOException("it ends in its header");
        int header = number(bytes, FILE_HEADER, 4);
        boolean old = header == OLD_HEADER;
        if (!old && header < 40 || bytes.length < FILE_HEADER + header)
            throw new IOException("it ends in its header, which has " + header + " bytes");
        int width = number(bytes, 18, old ? 2 : 4), height = number(bytes, old ? 20 : 22, old ? 2 : 4);
        int bits = number(bytes, old ? 24 : 28, 2), compression = old ? NONE : number(bytes, 30, 4);
        boolean upsideDown = height >= 0;
        height = Math.abs(height);
        if (width < 1 || height < 1) throw new IOException("it claims " + width + " x " + height + " pixels");
        boolean known =
                switch (compression) {
                    case NONE ->
                        bits == 1 || bits == 2 || bits == 4 || bits == 8 || bits == 16 || bits == 24 || bits == 32;
                    case RLE8 -> bits == 8;
                    case RLE4 -> bits == 4;
                    case MASKS, ALPHA_MASKS -> bits == 16 || bits == 32;
                    default -> false;
                };
        if (!known) throw new IOException("it has " + bits + " bits a pixel in compression " + compression);
        int[] masks = bits == 16 ? new int[] {0x7C00, 0x3E0, 0x1F} : new int[] {0xFF0000, 0xFF00, 0xFF};
        int paletteAt = FILE_HEADER + header;
        if (compression == MASKS || compression == ALPHA_MASKS) {
            // They are in longer headers, and follow on short ones, at the same place.
            if (bytes.length < 66) throw new IOException("it ends in its header");
            for (int c = 0; c < 3; c++) masks[c] = number(bytes, 54 + 4 * c, 4);
        }
        int named = old ? 0 : number(bytes, 46, 4), colours = 0;
        if (bits <= 8) colours = named > 0 && named <= 1 << bits ? named : 1 << bits;
        int pixelsAt = number(bytes, 10, 4);
        if (pixelsAt == 0) pixelsAt = paletteAt + colours * (old ? 3 : 4);
        if (pixelsAt < FILE_HEADER || pixelsAt > bytes.length) throw new IOException("it ends before its pixels");
        Bmp bmp = new Bmp(
                bytes, width, height, upsideDown, bits, compression, masks, paletteAt, colours, old ? 3 : 4, pixelsAt);
        if (compression != RLE8 && compression != RLE4 && bmp.stride() * height > bytes.length - pixelsAt)
            throw new IOException("it ends too early, it claims " + Room.extent(width, height));
        return bmp;
    }

    private static int number(byte[] bytes, int at, int size) {
        return (int) Exif.number(bytes, at, size, true);
    }

    /** The bytes of a row, padded to fours. */
    private long stride() {
        return ((long) width * bits + 31) / 32 * 4;
    }

    @Override
    public int bytesPerPixel() {
        return 4;
    }

    @Override
    public Picture decode() throws IOException {
        byte[] out = Room.bytes(width, height, 3);
        if (compression == RLE8 || compression == RLE4) lookUp(runs(), out);
        else if (bits <= 8) lookUp(indices(), out);
        else direct(out);
        return new Picture(width, height, 3, out);
    }

    /** The row of the picture that row {@code y} of the file is. */
    private int row(int y) {
        return upsideDown ? height - 1 - y : y;
    }

    private byte[] indices() {
        byte[] indices = Room.bytes(width, height, 1);
        int perByte = 8 / bits, mask = (1 << bits) - 1;
        for (int y = 0; y < height; y++) {
            int line = (int) (pixelsAt + y * stride());
            for (int x = 0, to = y * width; x < width; x++, to++)
                indices[to] = (byte) (bytes[line + x / perByte] >> 8 - bits - x % perByte * bits & mask);
        }
        return indices;
    }

    /** Undoes run lengths: pairs of a number and an index, and commands that begin with a 0. */
    private byte[] runs() throws IOException {
        byte[] indices = Room.bytes(width, height, 1);
        long to = 0;
        int at = pixelsAt;
        while (to < indices.length) {
            if (at + 2 > bytes.length) throw new IOException("it ends too early");
            int count = bytes[at++] & 255, value = bytes[at++] & 255;
            if (count > 0) {
                int run = (int) Math.min(count, width - to % width);
                for (int i = 0; i < run; i++, to++) indices[(int) to] = index(value, i);
            } else if (value == 0) { // end of line
                to = (to + width - 1) / width * width;
            } else if (value == 1) { // end of picture
                break;
            } else if (value == 2) { // to the right and up
                if (at + 2 > bytes.length) throw new IOException("it ends too early");
                to += (bytes[at] & 255) + (bytes[at + 1] & 255) * (long) width;
                at += 2;
            } else { // indices one by one, padded to an even number of bytes
                int length = compression == RLE4 ? (value + 1) / 2 : value;
                if (at + length > bytes.length) throw new IOException("it ends too early");
                for (int i = 0; i < value && to < indices.length; i++, to++)
                    indices[(int) to] = index(bytes[at + (compression == RLE4 ? i / 2 : i)], i);
                at += length + length % 2;
            }
        }
        return indices;
    }

    private byte index(int value, int i) {
        return (byte) (compression == RLE8 ? value : i % 2 == 0 ? value >> 4 & 15 : value & 15);
    }

    private void lookUp(byte[] indices, byte[] out) {
        byte[] palette = new byte[3 * 256]; // what lies beyond stays black
        for (int i = 0; i < colours && paletteAt + i * entrySize + 2 < bytes.length; i++)
            for (int c = 0; c < 3; c++) palette[3 * i + c] = bytes[paletteAt + i * entrySize + 2 - c];
        for (int y = 0, from = 0; y < height; y++)
            for (int x = 0, to = row(y) * width * 3; x < width; x++, to += 3)
                System.arraycopy(palette, 3 * (indices[from++] & 255), out, to, 3);
    }

    private void direct(byte[] out) {
        int size = bits / 8;
        for (int y = 0; y < height; y++) {
            int from = (int) (pixelsAt + y * stride());
            for (int x = 0, to = row(y) * width * 3; x < width; x++, from += size) {
                long pixel = Exif.number(bytes, from, size, true);
                for (int c = 0; c < 3; c++) out[to++] = sample(pixel, masks[c] & 0xFFFFFFFFL);
            }
        }
    }

    /** The bits under the mask, stretched to 8. */
    private static byte sample(long pixel, long mask) {
        if (mask == 0) return 0;
        int low = Long.numberOfTrailingZeros(mask);
        return (byte) (((pixel & mask) >> low) * 255 / (mask >> low));
    }
}
