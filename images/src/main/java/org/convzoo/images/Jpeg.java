package org.convzoo.images;

import com.twelvemonkeys.imageio.plugins.jpeg.JPEGImageReaderSpi;
import com.twelvemonkeys.imageio.stream.ByteArrayImageInputStream;
import java.awt.Transparency;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.DataBufferByte;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Set;
import javax.imageio.ImageReadParam;
import javax.imageio.ImageReader;
import javax.imageio.spi.IIORegistry;
import javax.imageio.spi.ImageReaderSpi;

/**
 * A JPEG file (ITU-T T.81). The decoder is the JDK's, behind TwelveMonkeys' repairs of odd files; it sees only the
 * segments that decide about pixels. Colours are converted by libjpeg, or with its integers. With that the bytes are those of
 * Pillow's libjpeg-turbo, but for one thing: where the JDK brings a libjpeg 6b, chroma that is halved only vertically
 * (4:4:0, rare) is spread without smoothing.
 *
 * @param colour what the components are
 * @param scans passes over the pixels, counted where there can be several
 * @param core the file with only the segments that matter
 */
record Jpeg(int width, int height, Colour colour, int scans, int orientation, byte[] core) implements Encoded {
    private static final ImageReaderSpi READER = reader();

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

    /** As many scans as an encoder makes use of; more are taken for small pictures only. */
    private static final int USUAL_SCANS = 12;

    /** Pixels times scans beyond the usual number, decoded in about ten seconds. */
    private static final long MOST_WORK = 1L << 30;

    /** The most pixels in a byte: 8 blocks of 8 x 8, as each takes at least a bit. */
    private static final int DENSEST = 512;

    /** The start of a file and a header that says to all decoders that three components are YCbCr. */
    private static final byte[] JFIF =
            HexFormat.of().parseHex("ffd8" + "ffe00010" + "4a46494600" + "0102" + "00" + "00010001" + "0000");

    private static final ColorModel SRGB = new ComponentColorModel(
            ColorSpace.getInstance(ColorSpace.CS_sRGB), false, false, Transparency.OPAQUE, DataBuffer.TYPE_BYTE);

    private static final int START_OF_SCAN = 0xDA, END = 0xD9;

    private static ImageReaderSpi reader() {
        IIORegistry registry = IIORegistry.getDefaultInstance();
        ImageReaderSpi found = registry.getServiceProviderByClass(JPEGImageReaderSpi.class);
        if (found != null) return found;
        // ImageIO only finds plug-ins of the class loader that the first thread to use it happened to have.
        ImageReaderSpi own = new JPEGImageReaderSpi();
        registry.registerServiceProvider(own);
        return own;
    }

    static Jpeg of(byte[] bytes) throws IOException {
        ByteArrayOutputStream core = new ByteArrayOutputStream(bytes.length), about = new ByteArrayOutputStream();
        about.write(bytes, 0, 2);
        boolean jfif = false, progressive = false;
        int transform = -1, orientation = Exif.UPRIGHT, width = 0, height = 0;
        byte[] components = new byte[0];
        int at = 2;
        while (true) {
            at = nextMarker(bytes, at);
            int marker = bytes[at + 1] & 255;
            if (marker == END) throw new IOException("it has no pixels");
            int start = at + 4, end = segmentEnd(bytes, at);
            if (marker == START_OF_SCAN) {
                if (width == 0 || height == 0) throw new IOException("it claims no pixels");
                if (end == start) throw new IOException("the header of its scan is too short");
                if (Math.multiplyFull(width, height) > (long) DENSEST * (bytes.length - at))
                    throw new IOException("it claims " + Room.extent(width, height) + ", which its "
                            + (bytes.length - at) + " bytes of them cannot hold");
                boolean several = progressive || bytes[start] < components.length;
                core.write(bytes, at, bytes.length - at);
                Colour colour = colour(components, jfif, transform);
                byte[] head = colour == Colour.YCC ? JFIF : about.toByteArray();
                byte[] whole = Arrays.copyOf(head, head.length + core.size());
                System.arraycopy(core.toByteArray(), 0, whole, head.length, core.size());
                return new Jpeg(width, height, colour, several ? scans(bytes, at) : 1, orientation, whole);
            }
            boolean kept = true;
            ByteArrayOutputStream part = core;
            switch (marker) {
                case 0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF -> {
                    if (end - start < 6 || end - start < 6 + 3 * (bytes[start + 5] & 255))
                        throw new IOException("its frame header is too short");
                    progressive = marker != 0xC0 && marker != 0xC1;
                    height = (int) Exif.number(bytes, start + 1, 2, false);
                    width = (int) Exif.number(bytes, start + 3, 2, false);
                    components = new byte[bytes[start + 5] & 255];
                    for (int i = 0; i < components.length; i++) components[i] = bytes[start + 6 + 3 * i];
                }
                case 0xE0 -> {
                    kept = jfif |= end - start >= 14 && starts(bytes, start, "JFIF\0");
                    part = about;
                }
                case 0xE1 -> {
                    kept = false;
                    if (starts(bytes, start, "Exif\0\0") && orientation == Exif.UPRIGHT)
                        orientation = Exif.orientation(bytes, start + 6, end);
                }
                case 0xEE -> {
                    kept = end - start >= 12 && starts(bytes, start, "Adobe");
                    if (kept) transform = bytes[start + 11];
                    part = about;
                }
                default -> kept = marker < 0xE0;
            }
            if (kept) part.write(bytes, at, end - at);
            at = end;
        }
    }

    /** Where the next marker with content, or the end marker, begins; what lies before it is skipped. */
    private static int nextMarker(byte[] bytes, int from) throws IOException {
        for (int at = from; at + 1 < bytes.length; at++) {
            int marker = bytes[at + 1] & 255;
            boolean empty = marker < 2 || marker >= 0xD0 && marker <= 0xD8 || marker == 0xFF;
            if (bytes[at] == (byte) 0xFF && !empty) return at;
        }
        throw new IOException("it ends before its pixels");
    }

    private static int segmentEnd(byte[] bytes, int marker) throws IOException {
        if (marker + 4 > bytes.length) throw new IOException("it ends before its pixels");
        int length = (int) Exif.number(bytes, marker + 2, 2, false);
        if (length < 2 || marker + 2 + length > bytes.length) throw new IOException("it ends before its pixels");
        return marker + 2 + length;
    }

    /** Counted from the first one, which begins at {@code at}, as far as the file goes. */
    private static int scans(byte[] bytes, int at) {
        int scans = 0;
        try {
            for (; (bytes[at + 1] & 255) != END; at = nextMarker(bytes, segmentEnd(bytes, at)))
                if ((bytes[at + 1] & 255) == START_OF_SCAN) scans++;
        } catch (IOException e) {
            return scans; // whether the file is whole, the decoder will say
        }
        return scans;
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

    /** This file with its three components taken for red, green and blue, as some containers say. */
    Jpeg inRgb() {
        return colour == Colour.YCC ? new Jpeg(width, height, Colour.RGB, scans, orientation, core) : this;
    }

    /** Where there are several scans, libjpeg keeps all coefficients, two bytes each. */
    @Override
    public int bytesPerPixel() {
        return (scans > 1 ? 3 : 1) * colour.components + 3;
    }

    @Override
    public Picture decode() throws IOException {
        if (scans > USUAL_SCANS && Math.multiplyFull(width, height) * scans > MOST_WORK)
            throw new IOException("it goes over its " + Room.extent(width, height) + " in " + scans
                    + " scans, which would take too long; up to " + USUAL_SCANS + " are usual");
        Set<String> warnings = new HashSet<>();
        ImageReader reader = READER.createReaderInstance();
        byte[] samples;
        try {
            reader.setInput(new ByteArrayImageInputStream(core), true, true);
            reader.addIIOReadWarningListener((source, warning) -> warnings.add(warning));
            samples = colour == Colour.YCC ? rgb(reader) : samples(reader.readRaster(0, null));
        } finally {
            reader.dispose();
        }
        // To libjpeg a warning, after which it makes up the rest; to Pillow an error.
        if (warnings.contains("Truncated File - Missing EOI marker")) throw new IOException("it ends too early");
        byte[] out =
                switch (colour) {
                    case GREY, RGB, YCC -> samples;
                    case CMYK -> rgbOfInks(inverted(samples), samples);
                    case YCCK -> rgbOfInks(rgbOfYcck(samples), samples);
                };
        return new Picture(width, height, colour == Colour.GREY ? 1 : 3, out);
    }

    /** Converted by libjpeg, which takes a third of the time that Java does. */
    private byte[] rgb(ImageReader reader) throws IOException {
        byte[] out = new byte[width * height * 3];
        WritableRaster raster = Raster.createInterleavedRaster(
                new DataBufferByte(out, out.length), width, height, 3 * width, 3, new int[] {0, 1, 2}, null);
        ImageReadParam param = reader.getDefaultReadParam();
        param.setDestination(new BufferedImage(SRGB, raster, false, null));
        reader.read(0, param);
        if (reader.getWidth(0) != width || reader.getHeight(0) != height) throw other();
        return out;
    }

    private byte[] samples(Raster raster) throws IOException {
        if (raster.getWidth() == width
                && raster.getHeight() == height
                && raster.getDataBuffer() instanceof DataBufferByte data
                && data.getData().length == width * height * colour.components) return data.getData();
        throw other();
    }

    private static IOException other() {
        return new IOException("it has other samples than its header says");
    }

    /** ITU-R 601 in fixed point of 16 bits, rounded where libjpeg rounds; of the fourth component nothing. */
    private static byte[] rgbOfYcck(byte[] samples) {
        byte[] out = new byte[samples.length / 4 * 3];
        for (int from = 0, to = 0; to < out.length; from += 4, to += 3) {
            int y = samples[from] & 255, cb = (samples[from + 1] & 255) - 128, cr = (samples[from + 2] & 255) - 128;
            out[to] = clip(y + (91881 * cr + 32768 >> 16));
            out[to + 1] = clip(y + (-22554 * cb - 46802 * cr + 32768 >> 16));
            out[to + 2] = clip(y + (116130 * cb + 32768 >> 16));
        }
        return out;
    }

    /** Cyan, magenta and yellow of inverted CMYK samples. */
    private static byte[] inverted(byte[] samples) {
        byte[] out = new byte[samples.length / 4 * 3];
        for (int from = 0, to = 0; to < out.length; from += 4, to += 3)
            for (int c = 0; c < 3; c++) out[to + c] = (byte) ~samples[from + c];
        return out;
    }

    /**
     * Pillow's colours of inks: what black leaves, less each ink's share of it.
     *
     * @param inks cyan, magenta and yellow; changed to the colours
     * @param samples the fourth of four is what black leaves, black inverted
     */
    static byte[] rgbOfInks(byte[] inks, byte[] samples) {
        for (int i = 0; i < inks.length; i++) {
            int light = samples[i / 3 * 4 + 3] & 255;
            int product = (inks[i] & 255) * light + 128;
            inks[i] = clip(light - ((product >> 8) + product >> 8));
        }
        return inks;
    }

    private static byte clip(int value) {
        return (byte) Math.max(0, Math.min(255, value));
    }
}
