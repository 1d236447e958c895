package org.convzoo.images;

import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.convzoo.graph.Shape;

/**
 * Steps of an augmentation that change what pixels hold. Those of torchvision have its names and give the bytes of its v2
 * transforms on PIL pictures, which are Pillow's, unless they say otherwise. Each acts on every picture:
 * {@link Augmentation.Sometimes} makes a step rarer.
 */
public final class Tones {
    private Tones() {}

    /** A grey picture, in as many channels as before: torchvision's Grayscale. */
    public record Grey() implements Augmentation.Step {
        @Override
        public Picture apply(Picture picture, Shape output, RandomGenerator random) {
            return picture.channels() == 1 ? picture : picture.grey().rgb();
        }
    }

    /** 255 less each value: torchvision's RandomInvert. */
    public record Invert() implements Augmentation.Step {
        @Override
        public Picture apply(Picture picture, Shape output, RandomGenerator random) {
            return inverted(picture);
        }
    }

    /**
     * The highest bits of each value alone: torchvision's RandomPosterize.
     *
     * @param bits how many are kept, from 1 to 8
     */
    public record Posterize(int bits) implements Augmentation.Step {
        public Posterize {
            if (bits < 1 || bits > 8) throw new IllegalArgumentException("1 to 8 bits can be kept, got " + bits);
        }

        @Override
        public Picture apply(Picture picture, Shape output, RandomGenerator random) {
            return posterized(picture, bits);
        }
    }

    /**
     * Bright values inverted: torchvision's RandomSolarize.
     *
     * @param threshold the least value that is inverted, from 0 to 256
     */
    public record Solarize(double threshold) implements Augmentation.Step {
        public Solarize {
            if (!(0 <= threshold && threshold <= 256))
                throw new IllegalArgumentException("the threshold of solarizing is from 0 to 256, got " + threshold);
        }

        @Override
        public Picture apply(Picture picture, Shape output, RandomGenerator random) {
            return solarized(picture, threshold);
        }
    }

    /** A flat histogram of each channel: torchvision's RandomEqualize. */
    public record Equalize() implements Augmentation.Step {
        @Override
        public Picture apply(Picture picture, Shape output, RandomGenerator random) {
            return equalized(picture);
        }
    }

    /** Each channel stretched to 0 to 255: torchvision's RandomAutocontrast. */
    public record AutoContrast() implements Augmentation.Step {
        @Override
        public Picture apply(Picture picture, Shape output, RandomGenerator random) {
            return stretched(picture);
        }
    }

    /**
     * A mixture with the smoothed picture: torchvision's RandomAdjustSharpness.
     *
     * @param factor 0 for the smoothed picture, 1 for no change, more for a sharper one
     */
    public record Sharpness(double factor) implements Augmentation.Step {
        public Sharpness {
            if (!(0 <= factor && factor <= 100))
                throw new IllegalArgumentException("the factor of sharpness is from 0 to 100, got " + factor);
        }

        @Override
        public Picture apply(Picture picture, Shape output, RandomGenerator random) {
            return sharpened(picture, (float) factor);
        }
    }

    /**
     * Each pixel as the mean of those around it under a Gaussian curve of uniformly drawn width, mirrored at the border:
     * torchvision's GaussianBlur, which computes it in single precision. Sums in another order may differ by 1 where a
     * value lies between two.
     *
     * @param size of the window, odd, up to 99
     * @param least the least standard deviation, in pixels
     * @param most the greatest
     */
    public record GaussianBlur(int size, double least, double most) implements Augmentation.Step {
        public GaussianBlur {
            if (size < 1 || size % 2 == 0 || size > 99)
                throw new IllegalArgumentException("the window of a blur is an odd size from 1 to 99, got " + size);
            if (!(0 < least && least <= most && most < Double.POSITIVE_INFINITY))
                throw new IllegalArgumentException("a blur takes standard deviations 0 < " + least + " <= " + most);
        }

        @Override
        public Picture apply(Picture picture, Shape output, RandomGenerator random) {
            return blurred(picture, size, Augmentation.uniform(random, least, most));
        }
    }

    /**
     * Noise of a normal distribution on each value, cut off to a whole number: torchvision's GaussianNoise on uint8
     * tensors with mean 0.
     *
     * @param deviation the standard deviation as a share of 255, from 0 to 1
     */
    public record GaussianNoise(double deviation) implements Augmentation.Step {
        public GaussianNoise {
            if (!(0 <= deviation && deviation <= 1))
                throw new IllegalArgumentException("the deviation of noise is from 0 to 1, got " + deviation);
        }

        @Override
        public Picture apply(Picture picture, Shape output, RandomGenerator random) {
            byte[] in = picture.pixels(), out = new byte[in.length];
            float scale = (float) (deviation * 255);
            for (int i = 0; i < in.length; i++)
                out[i] = clipped((in[i] & 255) + (int) ((float) random.nextGaussian() * scale));
            return new Picture(picture.width(), picture.height(), picture.channels(), out);
        }
    }

    /**
     * AlexNet's other light: colours moved along the principal components of ImageNet's, by normally distributed shares
     * of their size (Krizhevsky et al. 2012, section 4.1), rounded to whole numbers. torchvision has no such transform;
     * the components are those of PyTorch's and Torch's scripts for ImageNet. A picture of one channel moves by what the
     * colours' grey would.
     *
     * @param deviation the standard deviation of the shares, 0.1 in the paper
     */
    public record Lighting(double deviation) implements Augmentation.Step {
        private static final double[] SIZES = {0.2175, 0.0188, 0.0045};
        private static final double[][] COMPONENTS = {
            {-0.5675, 0.7192, 0.4009}, {-0.5808, -0.0045, -0.8140}, {-0.5836, -0.6948, 0.4203}
        };

        public Lighting {
            if (!(0 <= deviation && deviation <= 10))
                throw new IllegalArgumentException("the deviation of a lighting is from 0 to 10, got " + deviation);
        }

        @Override
        public Picture apply(Picture picture, Shape output, RandomGenerator random) {
            double[] shares = new double[3];
            for (int k = 0; k < 3; k++) shares[k] = deviation * random.nextGaussian();
            return lit(picture, shares);
        }

        static Picture lit(Picture picture, double... shares) {
            double[] add = new double[3];
            for (int c = 0; c < 3; c++)
                for (int k = 0; k < 3; k++) add[c] += 255 * COMPONENTS[c][k] * shares[k] * SIZES[k];
            if (picture.channels() == 1) add = new double[] {0.299 * add[0] + 0.587 * add[1] + 0.114 * add[2]};
            byte[][] tables = new byte[add.length][256];
            for (int c = 0; c < add.length; c++)
                for (int v = 0; v < 256; v++) tables[c][v] = clipped((int) Math.rint(v + add[c]));
            return mapped(picture, tables);
        }
    }

    private static byte clipped(int v) {
        return (byte) Math.max(0, Math.min(255, v));
    }

    static Picture inverted(Picture p) {
        byte[] table = new byte[256];
        for (int v = 0; v < 256; v++) table[v] = (byte) (255 - v);
        return mapped(p, table);
    }

    static Picture posterized(Picture p, int bits) {
        byte[] table = new byte[256];
        for (int v = 0; v < 256; v++) table[v] = (byte) (v & -1 << 8 - bits);
        return mapped(p, table);
    }

    static Picture solarized(Picture p, double threshold) {
        byte[] table = new byte[256];
        for (int v = 0; v < 256; v++) table[v] = (byte) (v < threshold ? v : 255 - v);
        return mapped(p, table);
    }

    /** Pillow's {@code ImageOps.equalize}: channels of one value, and tiny pictures, stay. */
    static Picture equalized(Picture p) {
        byte[][] tables = new byte[p.channels()][256];
        for (int c = 0; c < tables.length; c++) {
            int[] counts = counts(p, c);
            int brightest = 255;
            while (counts[brightest] == 0) brightest--;
            int step = (p.width() * p.height() - counts[brightest]) / 255;
            for (int v = 0, sum = step / 2; v < 256; sum += counts[v++])
                tables[c][v] = step == 0 ? (byte) v : clipped(sum / step);
        }
        return mapped(p, tables);
    }

    /** Pillow's {@code ImageOps.autocontrast}: a channel of one value stays. */
    static Picture stretched(Picture p) {
        byte[][] tables = new byte[p.channels()][256];
        for (int c = 0; c < tables.length; c++) {
            int[] counts = counts(p, c);
            int darkest = 0, brightest = 255;
            while (counts[darkest] == 0) darkest++;
            while (counts[brightest] == 0) brightest--;
            double scale = 255.0 / (brightest - darkest), offset = -darkest * scale;
            for (int v = 0; v < 256; v++)
                tables[c][v] = brightest == darkest ? (byte) v : clipped((int) (v * scale + offset));
        }
        return mapped(p, tables);
    }

    private static int[] counts(Picture p, int channel) {
        int[] counts = new int[256];
        byte[] in = p.pixels();
        for (int i = channel; i < in.length; i += p.channels()) counts[in[i] & 255]++;
        return counts;
    }

    /** Each value replaced: by one table for all channels, or by its channel's. */
    private static Picture mapped(Picture p, byte[]... tables) {
        byte[] in = p.pixels(), out = new byte[in.length];
        if (tables.length == 1) {
            byte[] table = tables[0];
            for (int i = 0; i < in.length; i++) out[i] = table[in[i] & 255];
        } else {
            byte[] red = tables[0], green = tables[1], blue = tables[2];
            for (int i = 0; i < in.length; i += 3) {
                out[i] = red[in[i] & 255];
                out[i + 1] = green[in[i + 1] & 255];
                out[i + 2] = blue[in[i + 2] & 255];
            }
        }
        return new Picture(p.width(), p.height(), p.channels(), out);
    }

    /** Pillow's {@code ImageEnhance.Sharpness}: the border stays. */
    static Picture sharpened(Picture p, float factor) {
        int line = p.width() * p.channels(), step = p.channels();
        byte[] in = p.pixels(), out = in.clone();
        for (int y = 1; y < p.height() - 1; y++)
            for (int i = y * line + step, end = (y + 1) * line - step; i < end; i++) {
                int above = i - line, below = i + line, middle = in[i] & 255;
                int sum = (in[above - step] & 255) + (in[above] & 255) + (in[above + step] & 255);
                sum += (in[i - step] & 255) + 5 * middle + (in[i + step] & 255);
                sum += (in[below - step] & 255) + (in[below] & 255) + (in[below + step] & 255);
                out[i] = ColourJitter.mixed((2 * sum + 13) / 26, middle, factor);
            }
        return new Picture(p.width(), p.height(), p.channels(), out);
    }

    static Picture blurred(Picture p, int size, double deviation) {
        int width = p.width(), height = p.height(), channels = p.channels(), line = width * channels;
        float[] curve = curve(size, deviation), rows = new float[line * height], sums = new float[line];
        int[] from = mirrored(width, size), row = mirrored(height, size);
        float[] wide = new float[from.length * channels];
        byte[] in = p.pixels(), out = new byte[in.length];
        for (int y = 0; y < height; y++) {
            for (int x = 0, to = 0; x < from.length; x++)
                for (int c = 0; c < channels; c++) wide[to++] = in[y * line + from[x] * channels + c] & 255;
            for (int k = 0; k < size; k++) added(sums, curve[k], wide, k * channels);
            System.arraycopy(sums, 0, rows, y * line, line);
            Arrays.fill(sums, 0);
        }
        for (int y = 0; y < height; y++) {
            for (int k = 0; k < size; k++) added(sums, curve[k], rows, row[y + k] * line);
            for (int i = 0; i < line; i++) out[y * line + i] = (byte) (int) Math.rint(sums[i]);
            Arrays.fill(sums, 0);
        }
        return new Picture(width, height, channels, out);
    }

    private static void added(float[] sums, float weight, float[] values, int from) {
        for (int i = 0; i < sums.length; i++) sums[i] += weight * values[from + i];
    }

    private static float[] curve(int size, double deviation) {
        double sum = 0;
        double[] exact = new double[size];
        for (int k = 0; k < size; k++) {
            double distance = (k - size / 2) / deviation;
            sum += exact[k] = Math.exp(-distance * distance / 2);
        }
        float[] curve = new float[size];
        for (int k = 0; k < size; k++) curve[k] = (float) (exact[k] / sum);
        return curve;
    }

    /** The pixels along a side with half a window more at both ends, where it is mirrored, without its last one twice. */
    private static int[] mirrored(int side, int window) {
        int[] places = new int[side + window - 1];
        int period = Math.max(1, 2 * side - 2);
        for (int i = 0; i < places.length; i++) {
            int place = Math.floorMod(i - window / 2, period);
            places[i] = Math.min(place, period - place);
        }
        if (side == 1) Arrays.fill(places, 0);
        return places;
    }
}
