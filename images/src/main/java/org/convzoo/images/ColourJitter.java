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
        byte[] grey = picture.grey().pixels();
        for (byte b : grey) sum += b & 255;
        return mixed(picture, (int) ((double) sum / grey.length + 0.5), factor);
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
        byte[] grey = picture.grey().pixels(), in = picture.pixels(), out = new byte[in.length];
        for (int i = 0; i < in.length; i++) out[i] = mixed(grey[i / 3] & 255, in[i] & 255, factor);
        return new Picture(picture.width(), picture.height(), 3, out);
    }

    /** Pillow's {@code Image.blend} of a byte. */
    static byte mixed(int from, int to, float factor) {
        return (byte) Math.max(0, Math.min(255, from + factor * (to - from)));
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
                hue = (float) ((hue / 6.0 + 1.0) % 1.0);
                h = Math.min(255, (int) (hue * 255.0));
                s = Math.min(255, (int) (range / most * 255.0));
            }
            back(h + add & 255, s, most, out, i);
        }
        return new Picture(picture.width(), picture.height(), 3, out);
    }

    private static void back(int h, int s, int v, byte[] out, int at) {
        float sixth = (float) (h * 6.0 / 255.0), part = s / 255f;
        int side = (int) Math.floor(sixth);
        float f = sixth - side;
        int p = rounded(v * (1.0 - part)), q = rounded(v * (1.0 - part * f)), t = rounded(v * (1.0 - part * (1.0 - f)));
        int[] rgb =
                switch (s == 0 ? -1 : side % 6) {
                    case -1 -> new int[] {v, v, v};
                    case 0 -> new int[] {v, t, p};
                    case 1 -> new int[] {q, v, p};
                    case 2 -> new int[] {p, v, t};
                    case 3 -> new int[] {p, q, v};
                    case 4 -> new int[] {t, p, v};
                    default -> new int[] {v, p, q};
                };
        for (int c = 0; c < 3; c++) out[at + c] = (byte) rgb[c];
    }

    private static int rounded(double v) {
        return Math.max(0, Math.min(255, (int) Math.floor(v + 0.5)));
    }
}
