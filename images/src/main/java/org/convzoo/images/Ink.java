package org.convzoo.images;

/**
 * Brings drawings and photographs of digits into MNIST's form: light on dark, the ink fitted into a box with its
 * proportions kept, its centre of mass in the middle of the square (LeCun et al. 1998, section III.A).
 *
 * <p>A drawing counts as dark on light when its border is nearer to its lightest pixel than to its darkest; every
 * picture of MNIST and Fashion-MNIST counts as light on dark by this rule. A picture that has the size already is taken
 * to be in this form: it is turned light on dark, otherwise unchanged. In any other
 *
 * <ol>
 *   <li>what a brush of half the picture's width can cover without touching ink is paper and is taken away (a
 *       morphological closing), so that shadows and uneven light go;
 *   <li>ink of less than a fifth of the greatest strength goes, more than four fifths is full;
 *   <li>strokes thinner than an eighth of the box, MNIST's, are thickened to that;
 *   <li>the bounding box of all half-strong ink is resized into the box, and shifted by whole pixels.
 * </ol>
 *
 * One drawing a picture is expected, with paper all around.
 *
 * @param polarity whether drawings are light on dark; found out for each by default
 * @param size the side of the square that comes out, 28 for MNIST
 * @param box the side of the box that the ink is fitted into, 20 for MNIST
 */
public record Ink(Polarity polarity, int size, int box) implements Transform.Step {
    /** Whether a drawing is light on dark, as MNIST is. */
    public enum Polarity {
        AUTO,
        LIGHT_ON_DARK,
        DARK_ON_LIGHT
    }

    /** Five times the usual size shows all that counts, with little noise and at little cost. */
    private static final int LARGEST = 140;

    /** Fainter drawings than this, of 255, are none. */
    private static final int FAINTEST = 16;

    private static final int TRANSPOSED = 5; // Exif's number

    public Ink {
        Transform.check(size, size);
        if (box < 1 || box > size)
            throw new IllegalArgumentException("the ink's box is from 1 to " + size + ", the size, got " + box);
    }

    @Override
    public Picture apply(Picture picture) {
        Picture grey = picture.grey();
        if (darkOnLight(grey)) grey = inverted(grey);
        if (grey.width() == size && grey.height() == size) return grey;
        double scale = (double) LARGEST / Math.max(grey.width(), grey.height());
        if (scale < 1)
            grey = Resize.resize(grey, scaled(grey.width(), scale), scaled(grey.height(), scale), Filter.BOX);
        return fitted(withoutPaper(grey));
    }

    @Override
    public Transform.Extent extent(Transform.Extent picture) {
        return new Transform.Extent(1, size, size);
    }

    private static int scaled(int length, double scale) {
        return Math.max(1, (int) Math.rint(length * scale));
    }

    private boolean darkOnLight(Picture p) {
        if (polarity != Polarity.AUTO) return polarity == Polarity.DARK_ON_LIGHT;
        int darkest = 255, lightest = 0;
        long sum = 0, border = 0;
        for (int y = 0, i = 0; y < p.height(); y++)
            for (int x = 0; x < p.width(); x++, i++) {
                int v = p.pixels()[i] & 255;
                darkest = Math.min(darkest, v);
                lightest = Math.max(lightest, v);
                if (x == 0 || y == 0 || x == p.width() - 1 || y == p.height() - 1) {
                    sum += v;
                    border++;
                }
            }
        return 2 * sum > (darkest + lightest) * border;
    }

    private static Picture inverted(Picture p) {
        byte[] out = new byte[p.pixels().length];
        for (int i = 0; i < out.length; i++) out[i] = (byte) ~p.pixels()[i];
        return new Picture(p.width(), p.height(), 1, out);
    }

    /** Ink from 0 to 255, paper 0. */
    private static Picture withoutPaper(Picture p) {
        int brush = Math.min(p.width(), p.height()) / 2 | 1;
        Picture paper = extreme(extreme(p, brush, false), brush, true);
        int[] ink = new int[p.pixels().length];
        int most = 0;
        for (int i = 0; i < ink.length; i++)
            most = Math.max(most, ink[i] = (p.pixels()[i] & 255) - (paper.pixels()[i] & 255));
        byte[] out = new byte[ink.length];
        if (most >= FAINTEST)
            for (int i = 0; i < out.length; i++)
                out[i] = (byte) Math.max(0, Math.min(255, (5 * ink[i] - most) * 255 / (3 * most)));
        return new Picture(p.width(), p.height(), 1, out);
    }

    /** The lightest or darkest pixel of the square around each. */
    private static Picture extreme(Picture p, int side, boolean lightest) {
        Picture alongRows = extremeOfRows(p, side, lightest);
        return extremeOfRows(alongRows.turned(TRANSPOSED), side, lightest).turned(TRANSPOSED);
    }

    private static Picture extremeOfRows(Picture p, int length, boolean lightest) {
        byte[] in = p.pixels(), out = new byte[in.length];
        for (int y = 0, i = 0; y < p.height(); y++)
            for (int x = 0; x < p.width(); x++, i++) {
                int from = i - Math.min(x, length / 2), to = i + Math.min(p.width() - 1 - x, length / 2);
                int found = in[i] & 255;
                for (int k = from; k <= to; k++)
                    found = lightest ? Math.max(found, in[k] & 255) : Math.min(found, in[k] & 255);
                out[i] = (byte) found;
            }
        return new Picture(p.width(), p.height(), 1, out);
    }

    private Picture fitted(Picture p) {
        int left = p.width(), top = p.height(), right = -1, bottom = -1;
        for (int y = 0; y < p.height(); y++)
            for (int x = 0; x < p.width(); x++)
                if (strong(p, x, y)) {
                    left = Math.min(left, x);
                    top = Math.min(top, y);
                    right = Math.max(right, x);
                    bottom = Math.max(bottom, y);
                }
        if (right < 0) return new Picture(size, size, 1, Room.bytes(size, size, 1)); // a blank sheet
        Picture drawing = thickened(p.crop(left, top, right - left + 1, bottom - top + 1));
        double scale = (double) box / Math.max(drawing.width(), drawing.height());
        int width = scaled(drawing.width(), scale), height = scaled(drawing.height(), scale);
        return centred(Resize.resize(drawing, width, height, Filter.BICUBIC));
    }

    private static boolean strong(Picture p, int x, int y) {
        return x >= 0 && y >= 0 && x < p.width() && y < p.height() && (p.pixels()[y * p.width() + x] & 255) >= 128;
    }

    private static Picture thickened(Picture p) {
        int area = 0, edge = 0;
        for (int y = 0; y < p.height(); y++)
            for (int x = 0; x < p.width(); x++)
                if (strong(p, x, y)) {
                    area++;
                    if (!strong(p, x - 1, y) || !strong(p, x + 1, y) || !strong(p, x, y - 1) || !strong(p, x, y + 1))
                        edge++;
                }
        double wanted = Math.max(p.width(), p.height()) / 8.0, found = 2.0 * area / edge;
        int radius = (int) Math.rint((wanted - found) / 2);
        return radius > 0
                ? dilated(p.place(radius, radius, p.width() + 2 * radius, p.height() + 2 * radius), radius)
                : p;
    }

    /** The lightest pixel of the disc around each. */
    private static Picture dilated(Picture p, int radius) {
        byte[] out = new byte[p.pixels().length];
        for (int dy = -radius; dy <= radius; dy++)
            for (int dx = -radius; dx <= radius; dx++) {
                if (dx * dx + dy * dy > radius * radius) continue;
                byte[] moved = p.place(dx, dy, p.width(), p.height()).pixels();
                for (int i = 0; i < out.length; i++) out[i] = (byte) Math.max(out[i] & 255, moved[i] & 255);
            }
        return new Picture(p.width(), p.height(), 1, out);
    }

    /** The ink as strong as can be, its centre of mass within half a pixel of the middle unless ink would be lost. */
    private Picture centred(Picture p) {
        long mass = 0, across = 0, down = 0;
        int most = 1;
        for (int y = 0, i = 0; y < p.height(); y++)
            for (int x = 0; x < p.width(); x++, i++) {
                int v = p.pixels()[i] & 255;
                mass += v;
                across += (long) v * x;
                down += (long) v * y;
                most = Math.max(most, v);
            }
        byte[] out = new byte[p.pixels().length];
        for (int i = 0; i < out.length; i++) out[i] = (byte) ((p.pixels()[i] & 255) * 255 / most);
        return new Picture(p.width(), p.height(), 1, out)
                .place(start(across, mass, p.width()), start(down, mass, p.height()), size, size);
    }

    private int start(long moment, long mass, int length) {
        int middle = (int) Math.floor(size / 2.0 - (double) moment / Math.max(1, mass) + 0.5);
        return Math.max(0, Math.min(size - length, middle));
    }
}
