package org.convzoo.graph;

/**
 * A sliding window: kernel, stride, zero padding and dilation (each height, width), and the rounding of the output size.
 * Immutable; start from {@link #k(int)}. What a convolution has beside it is in {@link Filters}. Engines read the padding
 * from {@link #pads}.
 *
 * @param ph rows of padding above and below, unless {@code same}
 * @param ceil rounds the output size up, as Caffe does; the last window, even the only one, may reach beyond
 *     the image, but must start inside input or left padding
 * @param same pads as TensorFlow's SAME does, by the size of what comes in, so that the output is its size / stride,
 *     rounded up; where the padding is odd, the one more is below and right
 */
public record Window(int kh, int kw, int sh, int sw, int ph, int pw, int dh, int dw, boolean ceil, boolean same) {

    /** Throws {@link IllegalArgumentException} for a size or step under 1, or less than no padding. */
    public Window {
        if (Math.min(Math.min(Math.min(kh, kw), Math.min(sh, sw)), Math.min(dh, dw)) < 1)
            throw new IllegalArgumentException("a window's kernel, stride and dilation are at least 1, got " + kh + "x"
                    + kw + ", " + sh + "x" + sw + " and " + dh + "x" + dw);
        if (Math.min(ph, pw) < 0)
            throw new IllegalArgumentException("a window's padding is at least 0, got " + ph + "x" + pw);
    }

    /**
     * The padding for one size of image: {@code bottom} and {@code right} reach just as far as the last window does (0
     * where that ends inside), so they may be more than {@code top} and {@code left} in ceil mode and less elsewhere.
     */
    public record Pads(int top, int left, int bottom, int right) {}

    /** A square kernel; an odd one is padded to keep the size at stride 1, an even one is not. */
    public static Window k(int k) {
        return k(k, k);
    }

    /** A kernel of {@code kh} x {@code kw}; odd sides are padded to keep the size at stride 1. */
    public static Window k(int kh, int kw) {
        return new Window(kh, kw, 1, 1, half(kh), half(kw), 1, 1, false, false);
    }

    private static int half(int k) {
        return k % 2 == 1 ? k / 2 : 0;
    }

    public Window stride(int s) {
        return stride(s, s);
    }

    public Window stride(int h, int w) {
        return new Window(kh, kw, h, w, ph, pw, dh, dw, ceil, same);
    }

    public Window pad(int p) {
        return pad(p, p);
    }

    public Window pad(int h, int w) {
        return new Window(kh, kw, sh, sw, h, w, dh, dw, ceil, false);
    }

    public Window padSame() {
        return new Window(kh, kw, sh, sw, 0, 0, dh, dw, ceil, true);
    }

    /** Sets the dilation; the padding stays what it was. */
    public Window dilation(int h, int w) {
        return new Window(kh, kw, sh, sw, ph, pw, h, w, ceil, same);
    }

    public Window ceilMode() {
        return new Window(kh, kw, sh, sw, ph, pw, dh, dw, true, same);
    }

    /** A convolution that sees its channels in groups. */
    public Filters groups(int g) {
        return new Filters(this).groups(g);
    }

    public Filters withBias() {
        return new Filters(this).withBias();
    }

    /** The feature map that this window makes of {@code in}; throws when the kernel does not fit. */
    Shape slide(Shape in, int channels) {
        if (in.rank() != 3) throw new IllegalArgumentException("needs a feature map, got the vector " + in);
        return new Shape(channels, out(in.height(), kh, sh, ph, dh), out(in.width(), kw, sw, pw, dw));
    }

    private int out(int n, int k, int s, int p, int d) {
        if (same) return (n - 1) / s + 1;
        long span = n + 2L * p - (long) d * (k - 1) - 1 + (ceil ? s - 1 : 0);
        if (span < 0) {
            throw new IllegalArgumentException("a kernel of " + k + " does not fit in a size of " + n + " padded by "
                    + p + "; use a larger image");
        }
        int o = Math.toIntExact(span / s + 1);
        return ceil && (long) (o - 1) * s >= (long) n + p ? o - 1 : o;
    }

    /** The padding of an image of shape {@code in}. */
    public Pads pads(Shape in) {
        int down = reach(in.height(), kh, sh, ph, dh), across = reach(in.width(), kw, sw, pw, dw);
        int top = same ? Math.max(0, down) / 2 : ph, left = same ? Math.max(0, across) / 2 : pw;
        return new Pads(top, left, Math.max(0, down - top), Math.max(0, across - left));
    }

    /** How much longer than the image all windows together are. */
    private int reach(int n, int k, int s, int p, int d) {
        return (out(n, k, s, p, d) - 1) * s + d * (k - 1) + 1 - n;
    }

    /** {@code 3x3/2} and what departs from the plain form. */
    @Override
    public String toString() {
        var s = new StringBuilder().append(kh).append('x').append(kw);
        if (sh != 1 || sw != 1) s.append('/').append(sh == sw ? "" + sh : sh + "x" + sw);
        if (same) s.append(" pad same");
        else if (ph != half(kh) || pw != half(kw)) s.append(" pad ").append(ph == pw ? "" + ph : ph + "x" + pw);
        if (dh != 1 || dw != 1) s.append(" dilation ").append(dh == dw ? "" + dh : dh + "x" + dw);
        if (ceil) s.append(" ceil");
        return s.toString();
    }
}
