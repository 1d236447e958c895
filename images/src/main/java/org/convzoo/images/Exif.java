package org.convzoo.images;

/** The orientation in a camera's Exif data: a TIFF header and one directory (Exif 2.3, section 4.5). */
final class Exif {
    static final int UPRIGHT = 1;
    private static final int ORIENTATION = 0x0112;

    private Exif() {}

    /** 1 to 8; 1 where the data says nothing sensible, as broken Exif data does not make a picture useless. */
    static int orientation(byte[] bytes, int start, int end) {
        if (end - start < 8) return UPRIGHT;
        boolean little = bytes[start] == 'I' && bytes[start + 1] == 'I';
        if (!little && !(bytes[start] == 'M' && bytes[start + 1] == 'M')) return UPRIGHT;
        long directory = start + number(bytes, start + 4, 4, little);
        if (directory + 2 > end) return UPRIGHT;
        int entries = (int) number(bytes, (int) directory, 2, little);
        for (int i = 0; i < entries; i++) {
            long entry = directory + 2 + 12L * i;
            if (entry + 12 > end) return UPRIGHT;
            if (number(bytes, (int) entry, 2, little) != ORIENTATION) continue;
            int size = number(bytes, (int) entry + 2, 2, little) == 4 ? 4 : 2; // LONG, else SHORT
            long value = number(bytes, (int) entry + 8, size, little);
            return value >= 1 && value <= 8 ? (int) value : UPRIGHT;
        }
        return UPRIGHT;
    }

    /** An unsigned number of {@code size} bytes. */
    static long number(byte[] bytes, int at, int size, boolean little) {
        long value = 0;
        for (int i = 0; i < size; i++) value = value << 8 | bytes[at + (little ? size - 1 - i : i)] & 255;
        return value;
    }
}
