package org.convzoo.images;

import java.util.random.RandomGenerator;
import org.convzoo.graph.Shape;

/**
 * Another brightness, contrast, saturation and hue, in an order that is drawn, too: torchvision's ColorJitter, with the
 * bytes that Pillow makes. Factors are uniform around 1, {@code 1 - limit} to {@code 1 + limit}.
 *
 * @param brightness the limit for mixing with black
 * @param contrast the limit for mixing with the mean of the grey picture
 * @param saturation the limit for mixing with the grey picture
 * @param hue the most that hues are turned by either way, in turns, up to 0.5
 */
public record ColourJitter(double brightness, double contrast, double saturation, double hue)
        implements Augmentation.Step {
    public ColourJitter {
        boolean factors = 0 <= brightness && 0 <= contrast && 0 <= saturation;
        if (!(factors && brightness <= 1 && contrast <= 1 && saturation <= 1 && 0 <= hue && hue <= 0.5))
            throw new IllegalArgumentException("a colour jitter takes limits from 0 to 1, and of the hue to 0.5, got "
                    + brightness + ", " + contrast + ", " + saturation + ", " + hue);
    }

    @Override
    public Picture apply(Picture picture, Shape output, RandomGenerator random) {
        int[] order = {0, 1, 2, 3};
        for (int i = 3; i > 0; i--) {
            int other = random.nextInt(i + 1), kept = order[i];
            order[i] = order[other];
            order[other] = kept;
        }
        double[] limits = {brightness, contrast, saturation, hue};
        for (int what : order) {
            double drawn = limits[what] * (2 * random.nextDouble() - 1);
            if (drawn == 0) continue;
            picture = switch (what) {
                case 0 -> brighter(picture, (float) (1 + drawn));
                case 1 -> contrasted(picture, (float) (1 + drawn));
                case 2 -> saturated(picture, (float) (1 + drawn));
                default -> turned(picture, drawn);
            };
        }
        return picture;
    }

    /** Pillow's {@code ImageEnhance.Brightness}. */
    static Picture brighter(Picture picture, float factor) {
        return mixed(picture, 0, factor);
    }

    /** Pillow's {@code ImageEnhance.Contrast}. */
    static Picture contrasted(Picture picture, float factor) {
        long sum = 0;
        byte[] in = picture.pixels();
        int channels = picture.channels();
        if (channels == 1) for (byte b : in) sum += b & 255;
        else for (int i = 0; i < in.length; i += 3) sum += Picture.luma(in[i] & 255, in[i + 1] & 255, in[i + 2] & 255);
        return mixed(picture, (int) ((double) sum / (in.length / channels) + 0.5), factor);
    }

    private static Picture mixed(Picture picture, int with, float factor) {
        byte[] table = new byte[256], in = picture.pixels(), out = new byte[in.length];
        for (int v = 0; v < 256; v++) table[v] = mixed(with, v, factor);
        for (int i = 0; i < in.length; i++) out[i] = table[in[i] & 255];
        return new Picture(picture.width(), picture.height(), picture.channels(), out);
    }

    /** Pillow's {@code ImageEnhance.Color}. */
    static Picture saturated(Picture picture, float factor) {
        if (picture.channels() == 1) return picture;
        byte[] in = picture.pixels(), out = new byte[in.length];
        int[] steps = new int[511];
        boolean whole = wholeSteps(factor, steps);
        for (int i = 0; i < in.length; i += 3) {
            int r = in[i] & 255, g = in[i + 1] & 255, b = in[i + 2] & 255, grey = Picture.luma(r, g, b);
            if (whole) {
                int zero = 255 - grey;
                out[i] = clipped(grey + steps[zero + r]);
                out[i + 1] = clipped(grey + steps[zero + g]);
                out[i + 2] = clipped(grey + steps[zero + b]);
            } else {
                out[i] = mixed(grey, r, factor);
                out[i + 1] = mixed(grey, g, factor);
                out[i + 2] = mixed(grey, b, factor);
            }
        }
        return new Picture(picture.width(), picture.height(), 3, out);
    }

    /**
     * Fills {@code steps} with {@code factor} times -255 to 255, rounded down, and tells whether these give what
     * {@link #mixed(int, int, float)} gives. They do unless one lies so close under a whole number that the sum with a byte
     * might be rounded up to the next: floats from 512 on are 2^-14 apart.
     */
    private static boolean wholeSteps(float factor, int[] steps) {
        for (int i = 0; i < steps.length; i++) {
            float step = factor * (i - 255);
            steps[i] = (int) Math.floor(step);
            if (step - (double) steps[i] > 1 - 0x1p-14) return false;
        }
        return true;
    }

    /** Pillow's {@code Image.blend} of a byte. */
    static byte mixed(int from, int to, float factor) {
        return clipped((int) (from + factor * (to - from)));
    }

    private static byte clipped(int value) {
        return (byte) Math.max(0, Math.min(255, value));
    }

    /**
     * The hue of Pillow's mode HSV, eight bits, turned by a share of a turn; Pillow's way there and back loses a little
     * even where nothing is turned.
     */
    static Picture turned(Picture picture, double turns) {
        if (picture.channels() == 1) return picture;
        byte[] in = picture.pixels(), out = new byte[in.length];
        int add = (int) (turns * 255);
        for (int i = 0; i < in.length; i += 3) {
            int r = in[i] & 255, g = in[i + 1] & 255, b = in[i + 2] & 255;
            int most = Math.max(r, Math.max(g, b)), least = Math.min(r, Math.min(g, b));
            int h = 0, s = 0;
            if (most > least) {
                float range = most - least;
                float rc = (most - r) / range, gc = (most - g) / range, bc = (most - b) / range;
                float hue = r == most ? bc - gc : g == most ? (float) (2.0 + rc - bc) : (float) (4.0 + gc - rc);
                double turn = hue / 6.0 + 1.0; // from 5/6 to under 2
                h = Math.min(255, (int) ((float) (turn < 1 ? turn : turn - 1) * 255.0));
                s = Math.min(255, (int) (range / most * 255.0));
            }
            back(h + add & 255, s, most, out, i);
        }
        return new Picture(picture.width(), picture.height(), 3, out);
    }

    private static void back(int h, int s, int v, byte[] out, int at) {
        double sixth = h * 6.0 / 255.0;
        int side = (int) sixth;
        float f = (float) (sixth - side), part = s / 255f;
        byte most = (byte) v, p = rounded(v * (1.0 - part));
        byte falling = rounded(v * (1.0 - part * f)), rising = rounded(v * (1.0 - part * (1.0 - f)));
        switch (s == 0 ? -1 : side % 6) {
            case -1 -> put(out, at, most, most, most);
            case 0 -> put(out, at, most, rising, p);
            case 1 -> put(out, at, falling, most, p);
            case 2 -> put(out, at, p, most, rising);
            case 3 -> put(out, at, p, falling, most);
            case 4 -> put(out, at, rising, p, most);
            default -> put(out, at, most, p, falling);
        }
    }

    private static void put(byte[] out, int at, byte red, byte green, byte blue) {
        out[at] = red;
        out[at + 1] = green;
        out[at + 2] = blue;
    }

    /** Of a value from 0 to 255. */
    private static byte rounded(double v) {
        return (byte) (int) (v + 0.5);
    }
}
