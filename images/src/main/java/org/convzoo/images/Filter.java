package org.convzoo.images;

import java.util.function.DoubleUnaryOperator;

/**
 * How {@link Resize} weighs the pixels that make a new one: a curve over the distance from the new pixel's centre, in
 * new pixels when shrinking and in old ones when growing. The curves are those of Pillow's filters of these names.
 */
public enum Filter {
    /** The one pixel under the centre; no weights. */
    NEAREST(0, x -> 0),
    BOX(0.5, x -> x > -0.5 && x <= 0.5 ? 1 : 0),
    BILINEAR(1, x -> Math.max(0, 1 - Math.abs(x))),
    /** With the coefficients 0.54 and 0.46 in single precision, as Pillow has them. */
    HAMMING(1, x -> Math.abs(x) < 1 ? sinc(x) * (0.54f + 0.46f * Math.cos(Math.PI * x)) : 0),
    /** Keys' cubic convolution with a = -0.5. */
    BICUBIC(2, x -> cubic(Math.abs(x))),
    LANCZOS(3, x -> -3 <= x && x < 3 ? sinc(x) * sinc(x / 3) : 0);

    private final double radius;
    private final DoubleUnaryOperator curve;

    Filter(double radius, DoubleUnaryOperator curve) {
        this.radius = radius;
        this.curve = curve;
    }

    /** Beyond this distance the weight is 0. */
    double radius() {
        return radius;
    }

    double weight(double distance) {
        return curve.applyAsDouble(distance);
    }

    private static double sinc(double x) {
        return x == 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
    }

    private static double cubic(double x) {
        if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
        if (x < 2) return ((-0.5 * x + 2.5) * x - 4) * x + 2;
        return 0;
    }
}
