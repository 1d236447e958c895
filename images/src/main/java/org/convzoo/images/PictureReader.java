package org.convzoo.images;

import com.twelvemonkeys.imageio.plugins.jpeg.JPEGImageReaderSpi;
import com.twelvemonkeys.imageio.stream.ByteArrayImageInputStream;
import java.awt.image.BufferedImage;
import java.awt.image.ComponentSampleModel;
import java.awt.image.DataBufferByte;
import java.awt.image.DataBufferUShort;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.spi.IIORegistry;
import javax.imageio.spi.ImageReaderSpi;

/**
 * Decodes PNG and JPEG files as Pillow's {@code exif_transpose} and {@code convert("RGB")} do, except that what is grey
 * stays in one channel. Alpha is dropped, not blended; palettes are looked up; of 16 bits the upper 8 count, but 16-bit
 * grey is cut off at 255 (Pillow's way with its mode "I;16"); CMYK is taken as Adobe writes it, inverted; colour
 * profiles are ignored.
 *
 * <p>The decoders are the JDK's, behind TwelveMonkeys' repairs of odd JPEGs. Samples are taken from rasters, never
 * through Java's colour management, and JPEG's colours are converted with libjpeg's integers. With that the bytes are
 * those of Pillow's libjpeg-turbo, but for one thing: where the JDK brings a libjpeg 6b, chroma that is halved only
 * vertically (4:4:0, rare) is spread without smoothing.
 */
public final class PictureReader {
    private static final ImageReaderSpi PNG =
            ImageIO.getImageReadersByFormatName("png").next().getOriginatingProvider();
    private static final ImageReaderSpi JPEG = jpegSpi();

    private static final int PNG_COLOUR_TYPE = 25; // its place in the file

    private PictureReader() {}

    private static ImageReaderSpi jpegSpi() {
        IIORegistry registry = IIORegistry.getDefaultInstance();
        ImageReaderSpi found = registry.getServiceProviderByClass(JPEGImageReaderSpi.class);
        if (found != null) return found;
        // ImageIO only finds plug-ins of the class loader that the first thread to use it happened to have.
        ImageReaderSpi own = new JPEGImageReaderSpi();
        registry.registerServiceProvider(own);
        return own;
    }

    /** Throws {@link IOException} with one line that names the file when it cannot be read or is broken. */
    public static Picture read(Path file) throws IOException {
        byte[] bytes;
        try {
            bytes = Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            throw new IOException(file + ": no such file", e);
        } catch (IOException e) {
            throw new IOException(file + ": cannot be read, " + reason(e), e);
        }
        return read(bytes, file.toString());
    }

    /**
     * Decodes the content of a file.
     *
     * @param name what the errors call it
     */
    public static Picture read(byte[] bytes, String name) throws IOException {
        if (bytes.length == 0) throw new IOException(name + ": the file is empty");
        try {
            if (isPng(bytes)) return png(bytes).turned(Exif.ofPng(bytes));
            if (JpegHeader.is(bytes)) {
                JpegHeader header = JpegHeader.of(bytes);
                return jpeg(bytes, header).turned(header.orientation());
            }
        } catch (IOException | RuntimeException e) {
            throw new IOException(name + ": broken picture, " + reason(e), e);
        }
        throw new IOException(name + ": neither a PNG nor a JPEG picture");
    }

    private static String reason(Exception e) {
        String message = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        return message.lines().findFirst().orElse("no reason given");
    }

    private static boolean isPng(byte[] bytes) {
        return bytes.length > PNG_COLOUR_TYPE
                && bytes[0] == (byte) 0x89
                && bytes[1] == 'P'
                && bytes[2] == 'N'
                && bytes[3] == 'G';
    }

    private static Picture png(byte[] bytes) throws IOException {
        ImageReader reader = PNG.createReaderInstance();
        try {
            reader.setInput(new ByteArrayImageInputStream(bytes), true, true);
            BufferedImage image = reader.read(0);
            return image.getColorModel() instanceof IndexColorModel palette
                    ? lookUp(palette, image.getRaster())
                    : samples(image.getRaster(), bytes[PNG_COLOUR_TYPE] == 0);
        } finally {
            reader.dispose();
        }
    }

    private static Picture lookUp(IndexColorModel palette, Raster raster) {
        int[] colours = new int[palette.getMapSize()];
        palette.getRGBs(colours);
        int[] indices = raster.getSamples(0, 0, raster.getWidth(), raster.getHeight(), 0, (int[]) null);
        byte[] out = new byte[3 * indices.length];
        for (int i = 0; i < indices.length; i++) {
            int colour = indices[i] < colours.length ? colours[indices[i]] : 0;
            out[3 * i] = (byte) (colour >> 16);
            out[3 * i + 1] = (byte) (colour >> 8);
            out[3 * i + 2] = (byte) colour;
        }
        return new Picture(raster.getWidth(), raster.getHeight(), 3, out);
    }

    /**
     * The first band, or the first three if there are so many, in 8 bits.
     *
     * @param grey whether the format is plain grey: Pillow then cuts 16 bits off at 255
     */
    private static Picture samples(Raster raster, boolean grey) throws IOException {
        int width = raster.getWidth(), height = raster.getHeight();
        int channels = raster.getNumBands() < 3 ? 1 : 3;
        byte[] out = new byte[Math.multiplyExact(Math.multiplyExact(width, height), channels)];
        int bits = raster.getSampleModel().getSampleSize(0);
        if (raster.getSampleModel() instanceof ComponentSampleModel model) {
            int step = model.getPixelStride(), line = model.getScanlineStride();
            for (int c = 0; c < channels; c++) {
                int start = model.getBandOffsets()[c];
                if (raster.getDataBuffer() instanceof DataBufferByte b) {
                    byte[] in = b.getData();
                    for (int y = 0, to = c; y < height; y++)
                        for (int x = 0, from = start + y * line; x < width; x++, from += step, to += channels)
                            out[to] = in[from];
                } else if (raster.getDataBuffer() instanceof DataBufferUShort s) {
                    short[] in = s.getData();
                    for (int y = 0, to = c; y < height; y++)
                        for (int x = 0, from = start + y * line; x < width; x++, from += step, to += channels)
                            out[to] = (byte) (grey ? Math.min(in[from] & 0xFFFF, 255) : in[from] >> 8);
                }
            }
        } else if (channels == 1 && bits < 8) {
            int[] in = raster.getSamples(0, 0, width, height, 0, (int[]) null);
            for (int i = 0; i < in.length; i++) out[i] = (byte) (in[i] * 255 / ((1 << bits) - 1));
        } else {
            throw new IOException("it has " + bits + " bits a sample");
        }
        return new Picture(width, height, channels, out);
    }

    private static Picture jpeg(byte[] bytes, JpegHeader header) throws IOException {
        Set<String> warnings = new HashSet<>();
        ImageReader reader = JPEG.createReaderInstance();
        Raster raster;
        try {
            reader.setInput(new ByteArrayImageInputStream(bytes), true, true);
            reader.addIIOReadWarningListener((source, warning) -> warnings.add(warning));
            raster = reader.readRaster(0, null);
        } finally {
            reader.dispose();
        }
        // To libjpeg a warning, after which it makes up the rest; to Pillow an error.
        if (warnings.contains("Truncated File - Missing EOI marker")) throw new IOException("it ends too early");
        int pixels = raster.getWidth() * raster.getHeight();
        if (!(raster.getDataBuffer() instanceof DataBufferByte data)
                || data.getData().length != pixels * header.colour().components)
            throw new IOException("it has other samples than its header says");
        byte[] samples = data.getData();
        byte[] out =
                switch (header.colour()) {
                    case GREY, RGB -> samples;
                    case YCC -> rgbOfYcc(samples, 3);
                    case CMYK -> rgbOfInks(inverted(samples), samples);
                    case YCCK -> rgbOfInks(rgbOfYcc(samples, 4), samples);
                };
        return new Picture(
                raster.getWidth(), raster.getHeight(), header.colour() == JpegHeader.Colour.GREY ? 1 : 3, out);
    }

    /** ITU-R 601 in fixed point of 16 bits, rounded where libjpeg rounds. */
    private static byte[] rgbOfYcc(byte[] samples, int components) {
        byte[] out = new byte[samples.length / components * 3];
        for (int from = 0, to = 0; to < out.length; from += components, to += 3) {
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

    /** Pillow's colours of inks: what black leaves, less each ink's share of it. */
    private static byte[] rgbOfInks(byte[] inks, byte[] samples) {
        for (int i = 0; i < inks.length; i++) {
            int light = samples[i / 3 * 4 + 3] & 255; // black is stored inverted as well
            int product = (inks[i] & 255) * light + 128;
            inks[i] = clip(light - ((product >> 8) + product >> 8));
        }
        return inks;
    }

    private static byte clip(int value) {
        return (byte) Math.max(0, Math.min(255, value));
    }
}
