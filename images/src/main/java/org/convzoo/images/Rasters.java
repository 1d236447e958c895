package org.convzoo.images;

import java.awt.image.BufferedImage;
import java.awt.image.ComponentSampleModel;
import java.awt.image.DataBufferByte;
import java.awt.image.DataBufferUShort;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.IOException;

/** Samples as they are in Java's rasters, never through its colour management. */
final class Rasters {
    private Rasters() {}

    /** Palettes looked up; else the first band, or the first three if there are so many, in 8 bits. */
    static Picture picture(BufferedImage image) throws IOException {
        Raster raster = image.getRaster();
        if (image.getColorModel() instanceof IndexColorModel palette) return lookUp(palette, raster);
        int channels = raster.getNumBands() < 3 ? 1 : 3;
        return new Picture(raster.getWidth(), raster.getHeight(), channels, samples(raster, channels));
    }

    private static Picture lookUp(IndexColorModel palette, Raster raster) {
        int width = raster.getWidth(), height = raster.getHeight();
        int[] colours = new int[1 << raster.getSampleModel().getSampleSize(0)];
        palette.getRGBs(colours); // what lies beyond stays black
        int[] line = new int[width];
        byte[] out = Room.bytes(width, height, 3);
        for (int y = 0, to = 0; y < height; y++)
            for (int index : raster.getSamples(0, y, width, 1, 0, line)) {
                out[to++] = (byte) (colours[index] >> 16);
                out[to++] = (byte) (colours[index] >> 8);
                out[to++] = (byte) colours[index];
            }
        return new Picture(width, height, 3, out);
    }

    /** The first bands, in 8 bits. */
    static byte[] samples(Raster raster, int bands) throws IOException {
        int width = raster.getWidth(), height = raster.getHeight();
        int bits = raster.getSampleModel().getSampleSize(0);
        byte[] out = Room.bytes(width, height, bands);
        if (bits >= 8 && raster.getSampleModel() instanceof ComponentSampleModel model) {
            int step = model.getPixelStride(), line = model.getScanlineStride();
            for (int c = 0; c < bands; c++) {
                int start = model.getBandOffsets()[c], bank = model.getBankIndices()[c];
                if (raster.getDataBuffer() instanceof DataBufferByte b) {
                    byte[] in = b.getData(bank);
                    for (int y = 0, to = c; y < height; y++)
                        for (int x = 0, from = start + y * line; x < width; x++, from += step, to += bands)
                            out[to] = in[from];
                } else if (raster.getDataBuffer() instanceof DataBufferUShort s) {
                    short[] in = s.getData(bank);
                    for (int y = 0, to = c; y < height; y++)
                        for (int x = 0, from = start + y * line; x < width; x++, from += step, to += bands)
                            out[to] = eight(in[from] & 0xFFFF);
                } else {
                    throw new IOException("it has " + bits + " bits a sample");
                }
            }
        } else if (bits <= 16) {
            int most = (1 << bits) - 1;
            int[] in = new int[width];
            for (int y = 0; y < height; y++)
                for (int c = 0; c < bands; c++) {
                    raster.getSamples(0, y, width, 1, c, in);
                    for (int x = 0, to = y * width * bands + c; x < width; x++, to += bands)
                        out[to] = (byte) (bits > 8 ? eight(in[x]) : in[x] * 255 / most);
                }
        } else {
            throw new IOException("it has " + bits + " bits a sample");
        }
        return out;
    }

    /** 16 bits in 8, rounded: 65535 becomes 255. */
    private static byte eight(int sample) {
        return (byte) ((sample + 128) / 257);
    }
}
