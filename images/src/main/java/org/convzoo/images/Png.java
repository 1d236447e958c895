package org.convzoo.images;

import com.twelvemonkeys.imageio.stream.ByteArrayImageInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.spi.ImageReaderSpi;

/**
 * A PNG file (ISO/IEC 15948). The JDK's decoder sees nothing but header, palette and pixels: other chunks decide
 * nothing, and unpacking compressed ones can take any amount of memory.
 *
 * @param bytesPerSample 1 or 2
 * @param core the file with only the chunks that matter
 */
record Png(int width, int height, int bands, int bytesPerSample, int orientation, byte[] core) implements Encoded {
    private static final ImageReaderSpi READER =
            ImageIO.getImageReadersByFormatName("png").next().getOriginatingProvider();
    private static final Set<String> KEPT = Set.of("IHDR", "PLTE", "IDAT", "IEND");
    private static final int SIGNATURE = 8, HEADER = 13;
    private static final int[] BANDS = {1, 0, 3, 1, 2, 0, 4}; // by colour type

    /** The most that deflate packs into a byte, by its longest matches of 258 bytes at two bits each. */
    private static final int DENSEST = 1032;

    static Png of(byte[] bytes) throws IOException {
        if (bytes.length < SIGNATURE + 8 + HEADER || !name(bytes, SIGNATURE).equals("IHDR"))
            throw new IOException("it ends before its pixels");
        int header = SIGNATURE + 8;
        long width = Exif.number(bytes, header, 4, false), height = Exif.number(bytes, header + 4, 4, false);
        int depth = bytes[header + 8], type = bytes[header + 9];
        int bands = type >= 0 && type < BANDS.length ? BANDS[type] : 0;
        if (bands == 0 || depth < 1 || depth > 16 || width < 1 || height < 1 || Math.max(width, height) >> 31 != 0)
            throw new IOException("its header is none of PNG");
        ByteArrayOutputStream core = new ByteArrayOutputStream(bytes.length);
        core.write(bytes, 0, SIGNATURE);
        int orientation = Exif.UPRIGHT;
        long packed = 0, at = SIGNATURE;
        while (at + 8 <= bytes.length) {
            int from = (int) at;
            long length = Exif.number(bytes, from, 4, false);
            int end = (int) Math.min(bytes.length, at + 12 + length);
            String name = name(bytes, from);
            if (KEPT.contains(name)) core.write(bytes, from, end - from);
            if (name.equals("IDAT")) packed += length;
            if (name.equals("eXIf") && end == at + 12 + length)
                orientation = Exif.orientation(bytes, from + 8, end - 4);
            if (name.equals("IEND")) break;
            at = end;
        }
        double unpacked = ((double) width * bands * depth / 8 + 1) * height;
        if (unpacked > (double) Math.min(packed, bytes.length) * DENSEST)
            throw new IOException("it claims " + Room.extent(width, height) + ", which its "
                    + Math.min(packed, bytes.length) + " bytes of them cannot hold");
        return new Png((int) width, (int) height, bands, depth > 8 ? 2 : 1, orientation, core.toByteArray());
    }

    private static String name(byte[] bytes, int chunk) {
        return new String(bytes, chunk + 4, 4, StandardCharsets.ISO_8859_1);
    }

    @Override
    public int bytesPerPixel() {
        return bands * bytesPerSample + 3;
    }

    @Override
    public Picture decode() throws IOException {
        ImageReader reader = READER.createReaderInstance();
        try {
            reader.setInput(new ByteArrayImageInputStream(core), true, true);
            return Rasters.picture(reader.read(0));
        } finally {
            reader.dispose();
        }
    }
}
