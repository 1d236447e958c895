package org.convzoo.images;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * What a JPEG file says before its pixels, as far as it decides how to read them.
 *
 * @param colour what the components are
 * @param orientation Exif's, 1 to 8
 */
record JpegHeader(Colour colour, int orientation) {
    enum Colour {
        GREY(1),
        RGB(3),
        YCC(3),
        CMYK(4),
        YCCK(4);

        final int components;

        Colour(int components) {
            this.components = components;
        }
    }

    static boolean is(byte[] bytes) {
        return bytes.length > 3 && bytes[0] == (byte) 0xFF && bytes[1] == (byte) 0xD8 && bytes[2] == (byte) 0xFF;
    }

    /** Reads the markers up to the first scan. Throws {@link IOException} when the file ends before it. */
    static JpegHeader of(byte[] bytes) throws IOException {
        boolean jfif = false;
        int transform = -1, orientation = Exif.UPRIGHT;
        byte[] components = new byte[0];
        int at = 2;
        while (true) {
            while (at + 1 < bytes.length && (bytes[at] != (byte) 0xFF || bytes[at + 1] == (byte) 0xFF)) at++;
            if (at + 4 > bytes.length) throw new IOException("it ends before its pixels");
            int marker = bytes[at + 1] & 255;
            at += 2;
            if (marker == 0 || marker == 1 || marker >= 0xD0 && marker <= 0xD8) continue; // no content
            if (marker == 0xD9) throw new IOException("it has no pixels");
            int start = at + 2, end = at + (int) Exif.number(bytes, at, 2, false);
            if (end < start || end > bytes.length) throw new IOException("it ends before its pixels");
            at = end;
            switch (marker) {
                case 0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF -> {
                    if (end - start < 6 || end - start < 6 + 3 * bytes[start + 5])
                        throw new IOException("its frame header is too short");
                    components = new byte[bytes[start + 5]];
                    for (int i = 0; i < components.length; i++) components[i] = bytes[start + 6 + 3 * i];
                }
                case 0xDA -> {
                    return new JpegHeader(colour(components, jfif, transform), orientation);
                }
                case 0xE0 -> jfif |= end - start >= 14 && starts(bytes, start, "JFIF\0");
                case 0xE1 -> {
                    if (starts(bytes, start, "Exif\0\0") && orientation == Exif.UPRIGHT)
                        orientation = Exif.orientation(bytes, start + 6, end);
                }
                case 0xEE -> {
                    if (end - start >= 12 && starts(bytes, start, "Adobe")) transform = bytes[start + 11];
                }
                default -> {}
            }
        }
    }

    /** libjpeg's guess: there is no field for it in the format. */
    private static Colour colour(byte[] components, boolean jfif, int transform) throws IOException {
        return switch (components.length) {
            case 1 -> Colour.GREY;
            case 3 -> {
                boolean rgb = transform == 0
                        || transform < 0 && components[0] == 'R' && components[1] == 'G' && components[2] == 'B';
                yield rgb && !jfif ? Colour.RGB : Colour.YCC;
            }
            case 4 -> transform <= 0 ? Colour.CMYK : Colour.YCCK;
            default -> throw new IOException("it has " + components.length + " components");
        };
    }

    private static boolean starts(byte[] bytes, int at, String text) {
        byte[] expected = text.getBytes(StandardCharsets.ISO_8859_1);
        return at + expected.length <= bytes.length
                && Arrays.equals(bytes, at, at + expected.length, expected, 0, expected.length);
    }
}
