package org.convzoo.images;

import java.io.IOException;
import java.util.Arrays;

/**
 * The first frame of a GIF file (GIF89a), on its logical screen as Pillow puts it there: what the frame leaves free has
 * the transparent colour, else the first one.
 *
 * @param width the screen's, and at least as far as the frame reaches
 * @param frameAt where the frame's descriptor is in the file
 * @param background an index of the palette
 */
record Gif(byte[] bytes, int width, int height, int frameAt, int background, byte[] globalPalette) implements Encoded {
    private static final int EXTENSION = 0x21, FRAME = 0x2C, GRAPHIC_CONTROL = 0xF9;
    private static final int LONGEST_CODE = 12;

    static Gif of(byte[] bytes) throws IOException {
        if (bytes.length < 13) throw new IOException("it ends in its header");
        int width = two(bytes, 6), height = two(bytes, 8);
        int at = 13 + paletteLength(bytes[10]);
        byte[] palette = Arrays.copyOfRange(bytes, 13, at);
        int clear = 0;
        while (at + 10 <= bytes.length && bytes[at] == EXTENSION) {
            if ((bytes[at + 1] & 255) == GRAPHIC_CONTROL && bytes[at + 2] == 4 && (bytes[at + 3] & 1) != 0)
                clear = bytes[at + 6] & 255;
            at += 2;
            while (at < bytes.length && bytes[at] != 0) at += 1 + (bytes[at] & 255);
            at++;
        }
        if (at + 10 > bytes.length) throw new IOException("it ends before its pixels");
        if (bytes[at] != FRAME) throw new IOException("it has no frame");
        int right = two(bytes, at + 1) + two(bytes, at + 5), bottom = two(bytes, at + 3) + two(bytes, at + 7);
        if (two(bytes, at + 5) == 0 || two(bytes, at + 7) == 0) throw new IOException("its frame has no pixels");
        return new Gif(bytes, Math.max(width, right), Math.max(height, bottom), at, clear, palette);
    }

    private static int two(byte[] bytes, int at) {
        return bytes[at] & 255 | (bytes[at + 1] & 255) << 8;
    }

    private static int paletteLength(int flags) {
        return (flags & 0x80) == 0 ? 0 : 3 << (flags & 7) + 1;
    }

    @Override
    public int bytesPerPixel() {
        return 4;
    }

    @Override
    public Picture decode() throws IOException {
        int left = two(bytes, frameAt + 1), top = two(bytes, frameAt + 3);
        int frameWidth = two(bytes, frameAt + 5), frameHeight = two(bytes, frameAt + 7), flags = bytes[frameAt + 9];
        int start = frameAt + 10 + paletteLength(flags);
        byte[] colours = rgb(Arrays.copyOfRange(bytes, frameAt + 10, start));
        if (start == frameAt + 10) colours = globalPalette.length == 0 ? greys() : rgb(globalPalette);
        byte[] indices = indices(start, frameWidth * frameHeight);
        byte[] out = Room.bytes(width, height, 3);
        if (frameWidth < width || frameHeight < height)
            for (int to = 0; to < out.length; to += 3) System.arraycopy(colours, 3 * background, out, to, 3);
        int[] rows = (flags & 0x40) == 0 ? inOrder(frameHeight) : interlaced(frameHeight);
        for (int y = 0, from = 0; y < frameHeight; y++)
            for (int x = 0, to = ((top + rows[y]) * width + left) * 3; x < frameWidth; x++, to += 3)
                System.arraycopy(colours, 3 * (indices[from++] & 255), out, to, 3);
        return new Picture(width, height, 3, out);
    }

    /** 256 colours; those that a palette lacks are black. */
    private static byte[] rgb(byte[] palette) {
        return Arrays.copyOf(palette, 3 * 256);
    }

    private static byte[] greys() {
        byte[] out = new byte[3 * 256];
        for (int i = 0; i < out.length; i++) out[i] = (byte) (i / 3);
        return out;
    }

    private static int[] inOrder(int height) {
        int[] rows = new int[height];
        for (int y = 0; y < height; y++) rows[y] = y;
        return rows;
    }

    private static int[] interlaced(int height) {
        int[] rows = new int[height];
        int[][] passes = {{0, 8}, {4, 8}, {2, 4}, {1, 2}};
        int n = 0;
        for (int[] pass : passes) for (int y = pass[0]; y < height; y += pass[1]) rows[n++] = y;
        return rows;
    }

    /** Undoes GIF's LZW: codes of growing length, packed from the lowest bit on into blocks of up to 255 bytes. */
    private byte[] indices(int start, int count) throws IOException {
        if (start >= bytes.length) throw new IOException("it ends before its pixels");
        int literalBits = bytes[start];
        if (literalBits < 1 || literalBits >= LONGEST_CODE) throw new IOException("its codes have no valid length");
        int clear = 1 << literalBits, end = clear + 1, next = end + 1, bits = literalBits + 1, previous = -1;
        // A code is the string of another code and one index more; strings of literals have no code before them.
        short[] before = new short[1 << LONGEST_CODE];
        byte[] last = new byte[1 << LONGEST_CODE], first = new byte[1 << LONGEST_CODE];
        int[] lengths = new int[1 << LONGEST_CODE];
        for (int i = 0; i < clear; i++) {
            last[i] = first[i] = (byte) i;
            lengths[i] = 1;
        }
        byte[] out = new byte[count];
        int to = 0, at = start + 1, left = 0, buffer = 0, held = 0;
        while (to < count) {
            while (held < bits) {
                if (left == 0) {
                    left = at < bytes.length ? bytes[at++] & 255 : 0;
                    if (left == 0) throw new IOException("it ends too early");
                }
                if (at == bytes.length) throw new IOException("it ends too early");
                buffer |= (bytes[at++] & 255) << held;
                held += 8;
                left--;
            }
            int code = buffer & (1 << bits) - 1;
            buffer >>>= bits;
            held -= bits;
            if (code == clear) {
                next = end + 1;
                bits = literalBits + 1;
                previous = -1;
                continue;
            }
            if (code == end) throw new IOException("it ends too early");
            if (code > next || code == next && previous < 0 || previous < 0 && code > end)
                throw new IOException("its codes make no sense");
            if (previous >= 0 && next < 1 << LONGEST_CODE) {
                before[next] = (short) previous;
                first[next] = first[previous];
                lengths[next] = lengths[previous] + 1;
                last[next] = first[code == next ? previous : code];
                next++;
                if (next == 1 << bits && bits < LONGEST_CODE) bits++;
            } else if (code == next) {
                throw new IOException("its codes make no sense");
            }
            int length = lengths[code];
            for (int i = to + length - 1, c = code; i >= to; i--, c = before[c]) if (i < count) out[i] = last[c];
            to += length;
            previous = code;
        }
        return out;
    }
}
