package org.convzoo.images;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.random.RandomGenerator;
import org.convzoo.graph.Shape;

/**
 * Steps of an augmentation that move pixels, to the bytes of torchvision's v2 transforms on PIL pictures, which are
 * Pillow's. Black comes in from outside; the size stays.
 */
public final class Geometry {
    private Geometry() {}

    /**
     * A rotation about the middle by an angle that is uniform from {@code -degrees} to {@code degrees}: torchvision's
     * RandomRotation.
     *
     * @param degrees from 0 to 180
     * @param filter {@code NEAREST} or {@code BILINEAR}
     */
    public record Rotation(double degrees, Filter filter) implements Augmentation.Step {
        public Rotation {
            if (!(0 <= degrees && degrees <= 180))
                throw new IllegalArgumentException("a rotation is by 0 to 180 degrees, got " + degrees);
            check(filter);
        }

        @Override
        public Picture apply(Picture picture, Shape output, RandomGenerator random) {
            return rotated(picture, Augmentation.uniform(random, -degrees, degrees), filter);
        }
    }

    /**
     * The corners are moved inwards, each by its own chance, with bilinear interpolation: torchvision's
     * RandomPerspective.
     *
     * @param distortion the most that a corner moves, in halves of the width and the height, from 0 to 1
     */
    public record Perspective(double distortion) implements Augmentation.Step {
        public Perspective {
            if (!(0 <= distortion && distortion <= 1))
                throw new IllegalArgumentException("the distortion of a perspective is from 0 to 1, got " + distortion);
        }

        @Override
        public Picture apply(Picture picture, Shape output, RandomGenerator random) {
            int width = picture.width(), height = picture.height();
            int across = (int) (distortion * (width / 2)) + 1, down = (int) (distortion * (height / 2)) + 1;
            int[] corners = {
                random.nextInt(across),
                random.nextInt(down),
                width - across + random.nextInt(across),
                random.nextInt(down),
                width - across + random.nextInt(across),
                height - down + random.nextInt(down),
                random.nextInt(across),
                height - down + random.nextInt(down)
            };
            return perspective(picture, corners);
        }
    }

    static void check(Filter filter) {
        if (filter != Filter.NEAREST && filter != Filter.BILINEAR)
            throw new IllegalArgumentException(
                    "pictures are turned and sheared with the filter nearest or bilinear, got " + filter);
    }

    /** Against the clock: {@code rotate} of torchvision and Pillow. */
    static Picture rotated(Picture p, double degrees, Filter filter) {
        double angle = (degrees % 360 + 360) % 360;
        if (angle == 0) return p;
        if (angle == 180) return p.turned(3);
        if (angle % 90 == 0 && p.width() == p.height()) return p.turned(angle == 90 ? 8 : 6);
        double cos = rounded(Math.cos(-Math.toRadians(angle))), sin = rounded(Math.sin(-Math.toRadians(angle)));
        double x = p.width() / 2.0, y = p.height() / 2.0;
        return warped(p, filter, cos, sin, cos * -x + sin * -y + x, -sin, cos, -sin * -x + cos * -y + y, 0, 0);
    }

    private static double rounded(double v) {
        return new BigDecimal(v).setScale(15, RoundingMode.HALF_EVEN).doubleValue();
    }

    /**
     * Rows are moved, those below by more: torchvision's {@code affine} as its policies use it, about the left upper
     * corner.
     */
    static Picture shearedX(Picture p, double shear, Filter filter) {
        double lean = Math.tan(Math.toRadians(Math.toDegrees(Math.atan(shear))));
        return lean == 0 ? p : warped(p, filter, 1, lean, 0, 0, 1, 0, 0, 0);
    }

    /** Columns are moved, those further right by more. */
    static Picture shearedY(Picture p, double shear, Filter filter) {
        double angle = Math.toRadians(Math.toDegrees(Math.atan(shear)));
        double lean = Math.sin(angle) / Math.cos(angle);
        return lean == 0 ? p : warped(p, filter, 1, 0, 0, lean, 1, 0, 0, 0);
    }

    /**
     * torchvision's {@code perspective} with bilinear interpolation; the picture itself where corners lie on a line.
     *
     * @param corners where the left upper, right upper, right lower and left lower corner go: x, y of each
     */
    static Picture perspective(Picture p, int... corners) {
        int right = p.width() - 1, low = p.height() - 1;
        int[] from = {0, 0, right, 0, right, low, 0, low};
        double[][] rows = new double[8][];
        for (int i = 0; i < 8; i += 2) {
            double x = corners[i], y = corners[i + 1], u = from[i], v = from[i + 1];
            rows[i] = new double[] {x, y, 1, 0, 0, 0, -u * x, -u * y, u};
            rows[i + 1] = new double[] {0, 0, 0, x, y, 1, -v * x, -v * y, v};
        }
        if (!solve(rows)) return p;
        double[] a = new double[8];
        for (int i = 0; i < 8; i++) a[i] = (float) rows[i][8];
        return warped(p, Filter.BILINEAR, a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7]);
    }

    /** Gauss and Jordan's elimination: the last column becomes the solution. Whether there is one. */
    private static boolean solve(double[][] rows) {
        int n = rows.length;
        for (int k = 0; k < n; k++) {
            int best = k;
            for (int i = k + 1; i < n; i++) if (Math.abs(rows[i][k]) > Math.abs(rows[best][k])) best = i;
            double[] pivot = rows[best];
            if (Math.abs(pivot[k]) < 1e-9) return false;
            rows[best] = rows[k];
            rows[k] = pivot;
            for (int j = n; j >= k; j--) pivot[j] /= pivot[k];
            for (int i = 0; i < n; i++) {
                if (i == k || rows[i][k] == 0) continue;
                double factor = rows[i][k];
                for (int j = k; j <= n; j++) rows[i][j] -= factor * pivot[j];
            }
        }
        return true;
    }

    /**
     * Pillow's {@code Image.transform}: with (x, y) for the middle of a new pixel, it is what lies at
     * {@code (a x + b y + c, d x + e y + f) / (g x + h y + 1)}.
     */
    private static Picture warped(
            Picture p, Filter filter, double a, double b, double c, double d, double e, double f, double g, double h) {
        return filter == Filter.NEAREST
                ? nearest(p, a, b, c, d, e, f)
                : bilinear(p, new double[] {a, b, c, d, e, f, g, h});
    }

    /** In fixed point of 16 bits, as Pillow has it for pictures of under 32,768 pixels a side. */
    private static Picture nearest(Picture p, double a, double b, double c, double d, double e, double f) {
        int width = p.width(), height = p.height(), channels = p.channels();
        byte[] in = p.pixels(), out = new byte[in.length];
        long startX = fixed(c + a * 0.5 + b * 0.5), startY = fixed(f + d * 0.5 + e * 0.5);
        long xx = fixed(a), xy = fixed(b), yx = fixed(d), yy = fixed(e);
        for (int y = 0, to = 0; y < height; y++, startX += xy, startY += yy) {
            long atX = startX, atY = startY;
            for (int x = 0; x < width; x++, to += channels, atX += xx, atY += yx) {
                int column = (int) (atX >> 16), row = (int) (atY >> 16);
                if (column < 0 || row < 0 || column >= width || row >= height) continue;
                int from = (row * width + column) * channels;
                out[to] = in[from];
                if (channels == 1) continue;
                out[to + 1] = in[from + 1];
                out[to + 2] = in[from + 2];
            }
        }
        return new Picture(width, height, channels, out);
    }

    private static long fixed(double v) {
        return (long) Math.floor(v * 65536.0 + 0.5);
    }

    /** In doubles, cut off rather than rounded; beyond the outermost middles the border's pixels go on. */
    private static Picture bilinear(Picture p, double[] k) {
        int width = p.width(), height = p.height(), channels = p.channels(), line = width * channels;
        double a = k[0], b = k[1], c = k[2], d = k[3], e = k[4], f = k[5], g = k[6], h = k[7];
        boolean flat = g == 0 && h == 0;
        byte[] in = p.pixels(), out = new byte[in.length];
        for (int y = 0, to = 0; y < height; y++) {
            double newY = y + 0.5;
            for (int x = 0; x < width; x++, to += channels) {
                double newX = x + 0.5;
                double atX = a * newX + b * newY + c, atY = d * newX + e * newY + f;
                if (!flat) {
                    double depth = g * newX + h * newY + 1;
                    atX /= depth;
                    atY /= depth;
                }
                if (!(atX >= 0 && atX < width && atY >= 0 && atY < height)) continue;
                atX -= 0.5;
                atY -= 0.5;
                int left = atX < 0 ? -1 : (int) atX, top = atY < 0 ? -1 : (int) atY;
                double right = atX - left, down = atY - top;
                int above = Math.max(0, top) * line, below = Math.min(height - 1, top + 1) * line;
                int one = Math.max(0, left) * channels, two = Math.min(width - 1, left + 1) * channels;
                for (int n = 0; n < channels; n++, one++, two++) {
                    int w = in[above + one] & 255, v = in[below + one] & 255;
                    double upper = w + ((in[above + two] & 255) - w) * right;
                    double lower = v + ((in[below + two] & 255) - v) * right;
                    out[to + n] = (byte) (upper + (lower - upper) * down);
                }
            }
        }
        return new Picture(width, height, channels, out);
    }
}
