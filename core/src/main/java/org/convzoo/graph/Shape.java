package org.convzoo.graph;

import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A shape without its batch axis: {@code [C, H, W]} for feature maps, {@code [C]} for vectors. Parameters use it with
 * whatever rank they have.
 */
public record Shape(int... dims) {
    /**
     * Copies {@code dims}; throws {@link IllegalArgumentException} unless every size is positive, and where the elements
     * are more than a long can count.
     */
    public Shape {
        dims = dims.clone();
        long elements = 1;
        for (int d : dims) {
            if (d < 1) throw new IllegalArgumentException("a shape needs positive sizes, got " + text(dims));
            if (elements > Long.MAX_VALUE / d)
                throw new IllegalArgumentException(
                        "a shape of " + text(dims) + " has more elements than can be counted");
            elements *= d;
        }
    }

    @Override
    public int[] dims() {
        return dims.clone();
    }

    public int dim(int i) {
        return dims[i];
    }

    public int rank() {
        return dims.length;
    }

    public int channels() {
        return dims[0];
    }

    /** The height of a feature map, 1 for a vector. */
    public int height() {
        return rank() > 1 ? dims[1] : 1;
    }

    /** The width of a feature map, 1 for a vector. */
    public int width() {
        return rank() > 2 ? dims[2] : 1;
    }

    public long elements() {
        long elements = 1;
        for (int d : dims) elements *= d;
        return elements;
    }

    /** The elements of {@code count} of this shape; {@link Long#MAX_VALUE} where they are more than a long can count. */
    public long elements(int count) {
        long each = elements();
        return count > 0 && each > Long.MAX_VALUE / count ? Long.MAX_VALUE : count * each;
    }

    public Shape withChannels(int c) {
        int[] d = dims.clone();
        d[0] = c;
        return new Shape(d);
    }

    /** Reads {@code 3x224x224}. Throws {@link IllegalArgumentException} for anything else. */
    public static Shape parse(String text) {
        try {
            return new Shape(Arrays.stream(text.trim().split("[x,]"))
                    .mapToInt(Integer::parseInt)
                    .toArray());
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("'" + text + "' is no shape; write it like 3x224x224", e);
        }
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof Shape s && Arrays.equals(s.dims, dims);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(dims);
    }

    /** {@code 3x224x224}; {@code scalar} for rank 0. */
    @Override
    public String toString() {
        return text(dims);
    }

    private static String text(int[] dims) {
        return dims.length == 0
                ? "scalar"
                : IntStream.of(dims).mapToObj(Integer::toString).collect(Collectors.joining("x"));
    }
}
