package org.convzoo.graph;

/**
 * A sliding window: kernel, stride, zero padding and dilation (each height, width), for convolutions also groups and
 * bias, for pooling the rounding of the output size. Immutable; start from {@link #k(int)}.
 *
 * @param ceil rounds the output size up, as Caffe does; the last window must still start inside input or left padding
 */
public record Window(
        int kh, int kw, int sh, int sw, int ph, int pw, int dh, int dw, int groups, boolean bias, boolean ceil) {

    /** A square kernel; an odd one is padded to keep the size at stride 1, an even one is not. */
    public static Window k(int k) {
        return k(k, k);
    }

    /** A kernel of {@code kh} x {@code kw}; odd sides are padded to keep the size at stride 1. */
    public static Window k(int kh, int kw) {
        return new Window(kh, kw, 1, 1, same(kh), same(kw), 1, 1, 1, false, false);
    }

    private static int same(int k) {
        return k % 2 == 1 ? k / 2 : 0;
    }

    public Window stride(int s) {
        return stride(s, s);
    }

    public Window stride(int h, int w) {
        return new Window(kh, kw, h, w, ph, pw, dh, dw, groups, bias, ceil);
    }

    public Window pad(int p) {
        return pad(p, p);
    }

    public Window pad(int h, int w) {
        return new Window(kh, kw, sh, sw, h, w, dh, dw, groups, bias, ceil);
    }

    /** Sets the dilation; the padding stays what it was. */
    public Window dilation(int h, int w) {
        return new Window(kh, kw, sh, sw, ph, pw, h, w, groups, bias, ceil);
    }

    public Window groups(int g) {
        return new Window(kh, kw, sh, sw, ph, pw, dh, dw, g, bias, ceil);
    }

    public Window withBias() {
        return new Window(kh, kw, sh, sw, ph, pw, dh, dw, groups, true, ceil);
    }

    public Window ceilMode() {
        return new Window(kh, kw, sh, sw, ph, pw, dh, dw, groups, bias, true);
    }

    /** The feature map that this window makes of {@code in}; throws when the kernel does not fit. */
    Shape slide(Shape in, int channels) {
        if (in.rank() != 3) throw new IllegalArgumentException("needs a feature map, got the vector " + in);
        return new Shape(channels, out(in.height(), kh, sh, ph, dh), out(in.width(), kw, sw, pw, dw));
    }

    private int out(int n, int k, int s, int p, int d) {
        int span = n + 2 * p - d * (k - 1) - 1;
        if (span < 0) {
            throw new IllegalArgumentException("a kernel of " + k + " does not fit in a size of " + n + " padded by "
                    + p + "; use a larger image");
        }
        int o = (ceil ? (span + s - 1) / s : span / s) + 1;
        return ceil && (o - 1) * s >= n + p ? o - 1 : o;
    }

    /** {@code 3x3/2} and what departs from the plain form. */
    @Override
    public String toString() {
        var s = new StringBuilder().append(kh).append('x').append(kw);
        if (sh != 1 || sw != 1) s.append('/').append(sh == sw ? "" + sh : sh + "x" + sw);
        if (ph != same(kh) || pw != same(kw)) s.append(" pad ").append(ph == pw ? "" + ph : ph + "x" + pw);
        if (dh != 1 || dw != 1) s.append(" dilation ").append(dh == dw ? "" + dh : dh + "x" + dw);
        if (groups != 1) s.append(" groups ").append(groups);
        if (ceil) s.append(" ceil");
        return s.toString();
    }
}
