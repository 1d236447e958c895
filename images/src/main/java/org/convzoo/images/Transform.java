package org.convzoo.images;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.FloatBuffer;
import java.util.List;
import org.convzoo.graph.Shape;

/**
 * What every picture goes through before a network sees it, as data: it is stored with the model, and training,
 * evaluation and prediction all use it.
 *
 * @param steps from picture to picture; afterwards all have one size and number of channels
 * @param normalise from bytes to floats
 */
public record Transform(List<Step> steps, Normalise normalise) {
    /** Whatever these become, every picture must. */
    private static final List<Picture> PROBES =
            List.of(new Picture(2, 3, 1, new byte[2 * 3]), new Picture(5, 4, 3, new byte[5 * 4 * 3]));

    /**
     * @throws IllegalArgumentException when pictures would come out in different shapes, or in other channels than
     *     {@code normalise} has
     */
    public Transform {
        steps = List.copyOf(steps);
        Shape one = shape(apply(steps, PROBES.get(0))), other = shape(apply(steps, PROBES.get(1)));
        if (!one.equals(other))
            throw new IllegalArgumentException("pictures leave the transform in no fixed shape: " + one + ", " + other);
        if (one.channels() != normalise.mean.size())
            throw new IllegalArgumentException("pictures leave the transform with " + one.channels()
                    + " channels, but there are means of " + normalise.mean.size());
    }

    /** One thing done to a picture. */
    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "step")
    @JsonSubTypes({
        @JsonSubTypes.Type(value = Colour.class, name = "colour"),
        @JsonSubTypes.Type(value = Ink.class, name = "ink"),
        @JsonSubTypes.Type(value = ShorterSide.class, name = "shorter side"),
        @JsonSubTypes.Type(value = Exact.class, name = "resize"),
        @JsonSubTypes.Type(value = CentreCrop.class, name = "centre crop"),
        @JsonSubTypes.Type(value = Pad.class, name = "pad"),
    })
    public sealed interface Step permits Colour, Ink, ShorterSide, Exact, CentreCrop, Pad {
        Picture apply(Picture picture);
    }

    /** To 1 channel (grey) or 3. */
    public record Colour(int channels) implements Step {
        public Colour {
            if (channels != 1 && channels != 3)
                throw new IllegalArgumentException("pictures have 1 or 3 channels, not " + channels);
        }

        @Override
        public Picture apply(Picture picture) {
            return channels == 1 ? picture.grey() : picture.rgb();
        }
    }

    /** Resizes so that the shorter side has that many pixels. */
    public record ShorterSide(int size, Filter filter) implements Step {
        public ShorterSide {
            check(size, size);
        }

        @Override
        public Picture apply(Picture picture) {
            return Resize.shorterSide(picture, size, filter);
        }
    }

    /** Resizes to exactly that size, whatever the proportions. */
    public record Exact(int width, int height, Filter filter) implements Step {
        public Exact {
            check(width, height);
        }

        @Override
        public Picture apply(Picture picture) {
            return Resize.resize(picture, width, height, filter);
        }
    }

    /** Cuts the middle out, as torchvision does: halves round to even, a smaller picture is padded with black first. */
    public record CentreCrop(int width, int height) implements Step {
        public CentreCrop {
            check(width, height);
        }

        @Override
        public Picture apply(Picture picture) {
            Picture p = pad(picture, Math.max(width, picture.width()), Math.max(height, picture.height()));
            int left = (int) Math.rint((p.width() - width) / 2.0), top = (int) Math.rint((p.height() - height) / 2.0);
            return p.crop(left, top, width, height);
        }
    }

    /** Adds black around the picture to reach that size; what is larger already stays. */
    public record Pad(int width, int height) implements Step {
        public Pad {
            check(width, height);
        }

        @Override
        public Picture apply(Picture picture) {
            return pad(picture, Math.max(width, picture.width()), Math.max(height, picture.height()));
        }
    }

    /** Makes floats: {@code (byte / 255 - mean) / std}, with a mean and a standard deviation a channel. */
    public record Normalise(List<Double> mean, List<Double> std) {
        public Normalise {
            mean = List.copyOf(mean);
            std = List.copyOf(std);
            if (mean.size() != std.size() || std.stream().anyMatch(s -> !(s > 0)))
                throw new IllegalArgumentException(
                        "normalising takes a mean and a standard deviation over 0 a channel, got " + mean + ", " + std);
        }

        /** Writes C x H x W floats at the buffer's position and moves it. */
        void apply(Picture picture, FloatBuffer into) {
            int channels = picture.channels(), plane = picture.width() * picture.height();
            byte[] pixels = picture.pixels();
            float[] table = new float[256], out = new float[plane];
            for (int c = 0; c < channels; c++) {
                double m = mean.get(c), s = std.get(c);
                for (int v = 0; v < 256; v++) table[v] = (float) ((v / 255.0 - m) / s);
                for (int i = 0, from = c; i < plane; i++, from += channels) out[i] = table[pixels[from] & 255];
                into.put(out);
            }
        }
    }

    private static Picture apply(List<Step> steps, Picture picture) {
        for (Step step : steps) picture = step.apply(picture);
        return picture;
    }

    private static Shape shape(Picture picture) {
        return new Shape(picture.channels(), picture.height(), picture.width());
    }

    private static Picture pad(Picture p, int width, int height) {
        return width == p.width() && height == p.height()
                ? p
                : p.place((width - p.width()) / 2, (height - p.height()) / 2, width, height);
    }

    private static void check(int width, int height) {
        if (width < 1 || height < 1)
            throw new IllegalArgumentException("sizes start at 1, got " + width + "x" + height);
    }

    /** The shape of what comes out, {@code [C, H, W]}. */
    public Shape output() {
        return shape(picture(PROBES.get(0)));
    }

    /** The steps: still a picture, of the shape {@link #output}. */
    public Picture picture(Picture picture) {
        return apply(steps, picture);
    }

    /** The steps, then floats; writes C x H x W floats at the buffer's position and moves it. */
    public void apply(Picture picture, FloatBuffer into) {
        normalise.apply(picture(picture), into);
    }

    /** With another idea of what is ink; the same when it has no such step. */
    public Transform with(Ink.Polarity polarity) {
        return new Transform(
                steps.stream()
                        .map(s -> s instanceof Ink ink ? new Ink(polarity, ink.size(), ink.box()) : s)
                        .toList(),
                normalise);
    }

    public JsonNode toJson() {
        return Json.write(this);
    }

    /** Throws {@link IllegalArgumentException} with one line when that is no transform. */
    public static Transform of(JsonNode json) {
        return Json.read(json, Transform.class, "transform");
    }
}
