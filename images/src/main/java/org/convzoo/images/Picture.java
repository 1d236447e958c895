package org.convzoo.images;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.Raster;

/**
 * A decoded picture of 8 bits a channel.
 *
 * @param channels 1 for grey, 3 for red, green, blue
 * @param pixels width x height x channels bytes, row by row, a pixel's channels side by side; not copied, so not to be
 *     changed
 */
public record Picture(int width, int height, int channels, byte[] pixels) {
    public Picture {
        if (width < 1 || height < 1) throw new IllegalArgumentException("a picture of " + width + "x" + height);
        if (channels != 1 && channels != 3)
            throw new IllegalArgumentException("a picture has 1 or 3 channels, got " + channels);
        if (pixels.length != (long) width * height * channels)
            throw new IllegalArgumentException("a picture of " + width + "x" + height + " with " + channels
                    + " channels has " + (long) width * height * channels + " bytes, got " + pixels.length);
    }

    /**
     * The pixels of Java's image: of grey its samples in 8 bits, of all else its sRGB colours. Alpha is dropped, not
     * blended.
     */
    public static Picture of(BufferedImage image) {
        int width = image.getWidth(), height = image.getHeight();
        Raster raster = image.getRaster();
        boolean grey = image.getColorModel() instanceof ComponentColorModel model
                && model.getColorSpace().getType() == ColorSpace.TYPE_GRAY
                && model.getTransferType() <= DataBuffer.TYPE_USHORT;
        byte[] out = Room.bytes(width, height, grey ? 1 : 3);
        int[] line = new int[width];
        int most = grey ? (1 << raster.getSampleModel().getSampleSize(0)) - 1 : 0;
        for (int y = 0, to = 0; y < height; y++) {
            if (grey) {
                for (int sample : raster.getSamples(0, y, width, 1, 0, line))
                    out[to++] = (byte) ((sample * 255 + most / 2) / most);
                continue;
            }
            for (int colour : image.getRGB(0, y, width, 1, line, 0, width)) {
                out[to++] = (byte) (colour >> 16);
                out[to++] = (byte) (colour >> 8);
                out[to++] = (byte) colour;
            }
        }
        return new Picture(width, height, grey ? 1 : 3, out);
    }

    /** This picture in three channels: grey is repeated. */
    public Picture rgb() {
        if (channels == 3) return this;
        byte[] out = Room.bytes(width, height, 3);
        for (int i = 0; i < pixels.length; i++) out[3 * i] = out[3 * i + 1] = out[3 * i + 2] = pixels[i];
        return new Picture(width, height, 3, out);
    }

    /** The luma of ITU-R 601-2, Pillow's "L": {@code (19595 R + 38470 G + 7471 B + 32768) / 65536}. */
    public Picture grey() {
        if (channels == 1) return this;
        byte[] out = Room.bytes(width, height, 1);
        for (int i = 0; i < out.length; i++) {
            int r = pixels[3 * i] & 255, g = pixels[3 * i + 1] & 255, b = pixels[3 * i + 2] & 255;
            out[i] = (byte) luma(r, g, b);
        }
        return new Picture(width, height, 1, out);
    }

    static int luma(int r, int g, int b) {
        return 19595 * r + 38470 * g + 7471 * b + 32768 >> 16;
    }

    /** A part. Throws {@link IllegalArgumentException} when it reaches beyond the picture. */
    public Picture crop(int left, int top, int width, int height) {
        if (left < 0 || top < 0 || width < 1 || height < 1 || width > this.width - left || height > this.height - top)
            throw new IllegalArgumentException("no crop of " + width + "x" + height + " at " + left + "," + top
                    + " in a picture of " + this.width + "x" + this.height);
        if (width == this.width && height == this.height) return this;
        byte[] out = Room.bytes(width, height, channels);
        for (int y = 0; y < height; y++)
            System.arraycopy(
                    pixels, ((top + y) * this.width + left) * channels, out, y * width * channels, width * channels);
        return new Picture(width, height, channels, out);
    }

    /** On a black canvas of that size with its left upper corner at that place, which may lie outside. */
    public Picture place(int left, int top, int width, int height) {
        byte[] out = Room.bytes(width, height, channels);
        if (width < 1 || height < 1) throw new IllegalArgumentException("a picture of " + width + "x" + height);
        // A place near the ends of the range of int is far outside.
        int from = (int) Math.max(0, -(long) left), to = (int) Math.min(this.width, (long) width - left);
        int last = (int) Math.min(this.height, (long) height - top);
        for (int y = (int) Math.max(0, -(long) top); y < last && from < to; y++)
            System.arraycopy(
                    pixels,
                    (y * this.width + from) * channels,
                    out,
                    ((top + y) * width + left + from) * channels,
                    (to - from) * channels);
        return new Picture(width, height, channels, out);
    }

    /** Left and right changed. */
    public Picture mirrored() {
        return turned(2);
    }

    /**
     * Turned upright.
     *
     * @param orientation Exif's: 1 as it is, 2 mirrored, 3 upside down, 4 both, 5 transposed, 6 to be turned right, 7
     *     transposed across the other diagonal, 8 to be turned left
     */
    Picture turned(int orientation) {
        if (orientation == 1) return this;
        boolean transposed = orientation > 4;
        boolean fromRight = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
        boolean fromBottom = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
        int alongRow = fromRight ? -channels : channels;
        int alongColumn = (fromBottom ? -width : width) * channels;
        int start = ((fromBottom ? height - 1 : 0) * width + (fromRight ? width - 1 : 0)) * channels;
        int newWidth = transposed ? height : width, newHeight = transposed ? width : height;
        int right = transposed ? alongColumn : alongRow, down = transposed ? alongRow : alongColumn;
        byte[] out = new byte[pixels.length];
        int to = 0;
        for (int y = 0; y < newHeight; y++)
            for (int x = 0, from = start + y * down; x < newWidth; x++, from += right, to += channels) {
                out[to] = pixels[from];
                if (channels == 1) continue;
                out[to + 1] = pixels[from + 1];
                out[to + 2] = pixels[from + 2];
            }
        return new Picture(newWidth, newHeight, channels, out);
    }
}
