package org.convzoo.images;

import com.twelvemonkeys.imageio.plugins.tiff.TIFFImageReaderSpi;
import com.twelvemonkeys.imageio.stream.ByteArrayImageInputStream;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import javax.imageio.ImageReader;
import javax.imageio.spi.ImageReaderSpi;

/**
 * The first page of a TIFF file (TIFF 6.0). TwelveMonkeys' decoder sees a directory of nothing but the fields that
 * decide about pixels; strips and tiles in JPEG are decoded as {@link Jpeg}.
 */
final class Tiff implements Encoded {
    private static final ImageReaderSpi READER = new TIFFImageReaderSpi();

    private static final int WIDTH = 256, HEIGHT = 257, BITS = 258, COMPRESSION = 259, PHOTOMETRIC = 262;
    private static final int OFFSETS = 273, ORIENTATION = 274, SAMPLES = 277, ROWS = 278, COUNTS = 279, PLANAR = 284;
    private static final int TILE_WIDTH = 322, TILE_HEIGHT = 323, TILE_OFFSETS = 324, TILE_COUNTS = 325;
    private static final int FORMAT = 339, JPEG_TABLES = 347;

    /** The tags that decoding needs; the numbers are fill order, fax options, predictor, palette, extra samples, chroma. */
    private static final Set<Integer> KEPT = Set.of(
            WIDTH,
            HEIGHT,
            BITS,
            COMPRESSION,
            PHOTOMETRIC,
            266,
            OFFSETS,
            SAMPLES,
            ROWS,
            COUNTS,
            PLANAR,
            292,
            293,
            317,
            320,
            TILE_WIDTH,
            TILE_HEIGHT,
            TILE_OFFSETS,
            TILE_COUNTS,
            338,
            FORMAT,
            529,
            530,
            531,
            532);

    private static final int DNG_VERSION = 0xC612, COLOUR_FILTERS = 32803; // of cameras
    private static final int JPEG = 7, OLD_JPEG = 6;
    private static final int GREY_FROM_WHITE = 0, RGB = 2, CMYK = 5, CHROMA = 6;
    private static final int[] SIZES = {0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8}; // of a field's types

    /** One entry of the directory: {@code count} values from {@code at} on. */
    private record Field(int entryAt, int type, int count, int at) {}

    private final ByteBuffer file;
    private final Map<Integer, Field> fields = new HashMap<>();
    private final int width;
    private final int height;
    private final int orientation;

    private Tiff(byte[] bytes) throws IOException {
        file = ByteBuffer.wrap(bytes);
        file.order(bytes[0] == 'I' ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
        long directory = bytes.length < 8 ? bytes.length : file.getInt(4) & 0xFFFFFFFFL;
        if (directory + 2 > bytes.length) throw new IOException("it ends before its directory");
        int entries = file.getShort((int) directory) & 0xFFFF;
        if (directory + 2 + 12L * entries > bytes.length) throw new IOException("it ends in its directory");
        for (int i = 0; i < entries; i++) {
            int at = (int) directory + 2 + 12 * i, type = file.getShort(at + 2) & 0xFFFF;
            long count = file.getInt(at + 4) & 0xFFFFFFFFL;
            long size = count * (type < SIZES.length ? SIZES[type] : 0);
            long values = size <= 4 ? at + 8 : file.getInt(at + 8) & 0xFFFFFFFFL;
            if (size > 0 && values + size <= bytes.length)
                fields.put(file.getShort(at) & 0xFFFF, new Field(at, type, (int) count, (int) values));
        }
        if (fields.containsKey(DNG_VERSION) || number(PHOTOMETRIC, 1) == COLOUR_FILTERS)
            throw new IOException("it is a raw picture of a camera, which is not read");
        width = number(WIDTH, 0);
        height = number(HEIGHT, 0);
        if (width < 1 || height < 1) throw new IOException("it claims no pixels");
        orientation = number(ORIENTATION, Exif.UPRIGHT);
    }

    static Tiff of(byte[] bytes) throws IOException {
        return new Tiff(bytes);
    }

    private int number(int tag, int otherwise) throws IOException {
        Field field = fields.get(tag);
        return field == null ? otherwise : value(field, 0);
    }

    /** Throws {@link IOException} for a value that is no whole number, or over 2^31. */
    private int value(Field field, int i) throws IOException {
        long value =
                switch (field.type) {
                    case 1 -> file.get(field.at + i) & 0xFF;
                    case 3 -> file.getShort(field.at + 2 * i) & 0xFFFF;
                    case 4 -> file.getInt(field.at + 4 * i) & 0xFFFFFFFFL;
                    default -> -1;
                };
        if (value < 0 || value > Integer.MAX_VALUE) throw new IOException("a field has no valid value");
        return (int) value;
    }

    @Override
    public int width() {
        return width;
    }

    @Override
    public int height() {
        return height;
    }

    @Override
    public int orientation() {
        return orientation >= 1 && orientation <= 8 ? orientation : Exif.UPRIGHT;
    }

    @Override
    public int bytesPerPixel() {
        try {
            return Math.min(64, Math.max(1, number(SAMPLES, 1))) * Math.max(1, Math.min(8, number(BITS, 1) / 8)) + 6;
        } catch (IOException e) {
            return 3 + 6;
        }
    }

    @Override
    public Picture decode() throws IOException {
        int samples = number(SAMPLES, 1), bits = number(BITS, 1), photometric = number(PHOTOMETRIC, 1);
        int compression = number(COMPRESSION, 1);
        if (samples < 1 || samples > 8 || bits < 1 || bits > 16)
            throw new IOException("it has " + samples + " samples of " + bits + " bits a pixel");
        if (photometric > CHROMA) throw new IOException("its colours (photometric " + photometric + ") are not read");
        if (compression == OLD_JPEG) throw new IOException("its compression, JPEG of before 1995, is not read");
        if (compression == JPEG) return jpeg(photometric);
        // A tile that is much larger than the picture is a claim as well.
        if (number(TILE_WIDTH, 0) > Math.max(width, 1 << 16))
            throw new IOException("it claims tiles of " + number(TILE_WIDTH, 0) + " pixels");
        ImageReader reader = READER.createReaderInstance();
        try {
            reader.setInput(new ByteArrayImageInputStream(core()), true, true);
            BufferedImage image = reader.read(0);
            if (photometric != CMYK) return Rasters.picture(image);
            if (samples < 4) throw new IOException("it has only " + samples + " inks");
            return ofInks(Rasters.samples(image.getRaster(), 4));
        } finally {
            reader.dispose();
        }
    }

    private Picture ofInks(byte[] samples) {
        byte[] inks = Room.bytes(width, height, 3);
        for (int from = 0, to = 0; to < inks.length; from += 4, to += 3) {
            System.arraycopy(samples, from, inks, to, 3);
            samples[from + 3] = (byte) ~samples[from + 3];
        }
        return new Picture(width, height, 3, Jpeg.rgbOfInks(inks, samples));
    }

    /** The file with another directory at its end, of the fields that matter and without a next page. */
    private byte[] core() {
        byte[] bytes = file.array();
        SortedMap<Integer, Field> kept = new TreeMap<>(fields);
        kept.keySet().retainAll(KEPT);
        int directory = bytes.length + bytes.length % 2;
        ByteBuffer out = ByteBuffer.wrap(Arrays.copyOf(bytes, directory + 2 + 12 * kept.size() + 4));
        out.order(file.order()).putInt(4, directory).position(directory).putShort((short) kept.size());
        for (Field f : kept.values()) out.put(bytes, f.entryAt, 12);
        return out.array();
    }

    private Picture jpeg(int photometric) throws IOException {
        boolean tiled = fields.containsKey(TILE_OFFSETS);
        int partWidth = tiled ? number(TILE_WIDTH, 0) : width;
        int partHeight = tiled ? number(TILE_HEIGHT, 0) : Math.min(height, number(ROWS, height));
        Field offsets = fields.get(tiled ? TILE_OFFSETS : OFFSETS), counts = fields.get(tiled ? TILE_COUNTS : COUNTS);
        if (partWidth < 1 || partHeight < 1 || offsets == null || counts == null || number(PLANAR, 1) != 1)
            throw new IOException("it does not say where its pixels are");
        int channels = photometric == RGB || photometric == CHROMA ? 3 : 1;
        byte[] out = Room.bytes(width, height, channels);
        int part = 0;
        for (long top = 0; top < height; top += partHeight)
            for (long left = 0; left < width; left += partWidth, part++) {
                if (part >= Math.min(offsets.count, counts.count)) throw new IOException("it ends too early");
                Picture p = part(value(offsets, part), value(counts, part), photometric == RGB);
                long wide = Math.min(partWidth, width - left), high = Math.min(partHeight, height - top);
                if (p.channels() != channels || p.width() < wide || p.height() < high)
                    throw new IOException("a part of it has other samples than its header says");
                for (int y = 0; y < high; y++)
                    System.arraycopy(
                            p.pixels(),
                            y * p.width() * channels,
                            out,
                            (int) ((top + y) * width + left) * channels,
                            (int) wide * channels);
            }
        if (photometric == GREY_FROM_WHITE) for (int i = 0; i < out.length; i++) out[i] = (byte) ~out[i];
        return new Picture(width, height, channels, out);
    }

    /** A strip or tile: a JPEG file without its tables, which are in one without pixels. */
    private Picture part(int at, int length, boolean rgb) throws IOException {
        byte[] bytes = file.array();
        if (length < 4 || (long) at + length > bytes.length) throw new IOException("it ends too early");
        Field tables = fields.get(JPEG_TABLES);
        int shared = tables == null || tables.count < 4 ? 0 : tables.count - 4; // less their start and end markers
        byte[] whole = new byte[length + shared];
        System.arraycopy(bytes, at, whole, 0, 2);
        if (tables != null && shared > 0) System.arraycopy(bytes, tables.at + 2, whole, 2, shared);
        System.arraycopy(bytes, at + 2, whole, 2 + shared, length - 2);
        Jpeg jpeg = Jpeg.of(whole);
        if ((long) jpeg.width() * jpeg.height() > Math.max(1 << 20, 4L * width * height))
            throw new IOException("a part of it claims " + Room.extent(jpeg.width(), jpeg.height()));
        return (rgb ? jpeg.inRgb() : jpeg).decode();
    }
}
