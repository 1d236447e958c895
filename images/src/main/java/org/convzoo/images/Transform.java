package org.convzoo.images;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.convzoo.graph.Shape;
import org.convzoo.json.Json;

/**
 * What every picture goes through before a network sees it, as data: it is stored with the model, and training,
 * evaluation and prediction all use it.
 *
 * @param steps from picture to picture; afterwards all have one size and number of channels
 * @param normalise from bytes to floats
 */
public record Transform(List<Step> steps, Normalise normalise) {
    /** Two sizes of pictures; what steps make of both, they make of every picture. */
    private static final List<Extent> PROBES = List.of(new Extent(1, 2, 3), new Extent(3, 5, 4));

    private static final int MOST_STEPS = 32;
    private static final int LONGEST = 1 << 16; // of the sides that steps name
    private static final long MOST_WORK = 1L << 28; // in pixels, of all steps

    /**
     * @throws IllegalArgumentException when pictures would come out in different shapes, or in other channels than
     *     {@code normalise} has, or when there are so many steps, or such large pictures on the way, that no use is
     *     known
     */
    public Transform {
        steps = List.copyOf(steps);
        if (steps.size() > MOST_STEPS)
            throw new IllegalArgumentException("a transform has at most " + MOST_STEPS + " steps, got " + steps.size());
        Extent one = extent(steps, PROBES.get(0)), other = extent(steps, PROBES.get(1));
        if (!one.equals(other))
            throw new IllegalArgumentException("pictures leave the transform in no fixed shape: " + one + ", " + other);
        if (one.channels() != normalise.mean.size())
            throw new IllegalArgumentException("pictures leave the transform with " + one.channels()
                    + " channels, but there are means of " + normalise.mean.size());
    }

    /** The channels and sides of a picture that need not exist. */
    public record Extent(int channels, long width, long height) {
        private Extent resized(long width, long height) {
            return new Extent(channels, width, height);
        }

        @Override
        public String toString() {
            return channels + "x" + height + "x" + width;
        }
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

        /** What {@link #apply} makes of a picture of that extent. */
        Extent extent(Extent picture);
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

        @Override
        public Extent extent(Extent picture) {
            return new Extent(channels, picture.width, picture.height);
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

        @Override
        public Extent extent(Extent picture) {
            long shorter = Math.min(picture.width, picture.height);
            return picture.resized(size * picture.width / shorter, size * picture.height / shorter);
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

        @Override
        public Extent extent(Extent picture) {
            return picture.resized(width, height);
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
            return p.crop((int) start(p.width(), width), (int) start(p.height(), height), width, height);
        }

        /** Resizes and cuts out, with the same pixels as one after the other, but makes only the middle. */
        private Picture ofResized(Picture picture, Extent whole, Filter filter) {
            long w = Math.min(width, whole.width), h = Math.min(height, whole.height);
            long left = start(whole.width, w), top = start(whole.height, h);
            return apply(Resize.part(picture, whole.width, whole.height, filter, left, top, w, h));
        }

        private static long start(long whole, long part) {
            return (long) Math.rint((whole - part) / 2.0);
        }

        @Override
        public Extent extent(Extent picture) {
            return picture.resized(width, height);
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

        @Override
        public Extent extent(Extent picture) {
            return picture.resized(Math.max(width, picture.width), Math.max(height, picture.height));
        }
    }

    /** Makes floats: {@code (byte / 255 - mean) / std}, with a mean and a standard deviation a channel. */
    public record Normalise(List<Double> mean, List<Double> std) {
        public Normalise {
            mean = List.copyOf(mean);
            std = List.copyOf(std);
            boolean finite = Stream.of(mean, std).flatMap(List::stream).allMatch(Double::isFinite);
            if (mean.size() != std.size() || !finite || std.stream().anyMatch(s -> !(s > 0)))
                throw new IllegalArgumentException("normalising takes a mean and a standard deviation over 0 a channel,"
                        + " all finite, got " + mean + ", " + std);
        }

        /** This for pictures of so many channels: of another number, each has the mean of all. */
        Normalise to(int channels) {
            return channels == mean.size() ? this : new Normalise(each(mean, channels), each(std, channels));
        }

        private static List<Double> each(List<Double> values, int channels) {
            double mean = values.stream().mapToDouble(v -> v).average().orElseThrow();
            return Collections.nCopies(channels, mean);
        }

        /** Writes C x H x W floats at the buffer's position and moves it. */
        void apply(Picture picture, FloatBuffer into) {
            int channels = picture.channels(), plane = Math.multiplyExact(picture.width(), picture.height());
            byte[] pixels = picture.pixels();
            float[] table = new float[256], out = new float[plane];
            for (int c = 0; c < channels; c++) {
                double m = mean.get(c), s = std.get(c);
                for (int v = 0; v < 256; v++) table[v] = (float) ((v / 255.0 - m) / s);
                // With steps that the compiler knows it leaves the checks of the places out.
                if (channels == 3) for (int i = 0; i < plane; i++) out[i] = table[pixels[3 * i + c] & 255];
                else for (int i = 0; i < plane; i++) out[i] = table[pixels[i] & 255];
                into.put(out);
            }
        }
    }

    private static Picture apply(List<Step> steps, Picture picture) {
        for (int i = 0; i < steps.size(); i++) {
            Step step = steps.get(i);
            Optional<Filter> filter = filter(step);
            if (filter.isPresent() && i + 1 < steps.size() && steps.get(i + 1) instanceof CentreCrop crop) {
                Extent whole = step.extent(new Extent(picture.channels(), picture.width(), picture.height()));
                picture = crop.ofResized(picture, whole, filter.get());
                i++;
            } else {
                picture = step.apply(picture);
            }
        }
        return picture;
    }

    private static Extent extent(List<Step> steps, Extent picture) {
        double work = 0;
        for (Step step : steps) {
            picture = step.extent(picture);
            work += (double) picture.width * picture.height;
            if (work > MOST_WORK)
                throw new IllegalArgumentException("the steps make pictures of more than "
                        + String.format(Locale.ROOT, "%,d", MOST_WORK) + " pixels, one of them " + picture);
        }
        return picture;
    }

    private static Picture pad(Picture p, int width, int height) {
        return width == p.width() && height == p.height()
                ? p
                : p.place((width - p.width()) / 2, (height - p.height()) / 2, width, height);
    }

    static void check(int width, int height) {
        if (width < 1 || height < 1 || width > LONGEST || height > LONGEST)
            throw new IllegalArgumentException(
                    "sizes are from 1 to " + LONGEST + " pixels, got " + width + "x" + height);
    }

    /** The shape of what comes out, {@code [C, H, W]}. */
    public Shape output() {
        Extent extent = extent(steps, PROBES.get(0));
        return new Shape(extent.channels, (int) extent.height, (int) extent.width);
    }

    /** The steps: still a picture, of the shape {@link #output}. */
    public Picture picture(Picture picture) {
        return apply(steps, picture);
    }

    /** The steps, then floats; writes C x H x W floats at the buffer's position and moves it. */
    public void apply(Picture picture, FloatBuffer into) {
        normalise.apply(picture(picture), into);
    }

    /** This transform with another idea of what is ink; unchanged where it has no such step. */
    public Transform with(Ink.Polarity polarity) {
        return new Transform(
                steps.stream()
                        .map(s -> s instanceof Ink ink ? new Ink(polarity, ink.size(), ink.box()) : s)
                        .toList(),
                normalise);
    }

    /**
     * This transform for images of another shape: the sizes in its steps change in proportion, rounded down, so that a
     * shorter side of 256 before a crop of 224 is one of 182 before a crop of 160. Where images get another number of
     * channels, each has the mean of the means and of the standard deviations.
     */
    public Transform to(Shape image) {
        Shape now = output();
        int width = image.width(), height = image.height();
        boolean wider = (long) width * now.height() >= (long) height * now.width();
        long part = wider ? width : height, whole = wider ? now.width() : now.height();
        List<Step> sized = new ArrayList<>();
        for (Step step : steps) {
            if (step instanceof ShorterSide s) {
                sized.add(new ShorterSide((int) (s.size * part / whole), s.filter));
            } else if (step instanceof Exact e) {
                sized.add(new Exact(e.width * width / now.width(), e.height * height / now.height(), e.filter));
            } else if (step instanceof CentreCrop c) {
                sized.add(new CentreCrop(c.width * width / now.width(), c.height * height / now.height()));
            } else if (step instanceof Pad p) {
                sized.add(new Pad(p.width * width / now.width(), p.height * height / now.height()));
            } else {
                sized.add(step);
            }
        }
        Extent end = extent(sized, PROBES.get(0));
        if (end.width != width || end.height != height) sized.add(new Exact(width, height, filter()));
        if (image.channels() != now.channels()) {
            sized.removeIf(Colour.class::isInstance);
            sized.add(new Colour(image.channels()));
        }
        return new Transform(sized, normalise.to(image.channels()));
    }

    /** How the pictures are resized; bilinear where they are not. */
    public Filter filter() {
        return steps.stream().flatMap(s -> filter(s).stream()).findFirst().orElse(Filter.BILINEAR);
    }

    private static Optional<Filter> filter(Step step) {
        if (step instanceof ShorterSide s) return Optional.of(s.filter);
        return step instanceof Exact e ? Optional.of(e.filter) : Optional.empty();
    }

    public JsonNode toJson() {
        return Json.tree(this);
    }

    /** Throws {@link IllegalArgumentException} with one line when that is no transform. */
    public static Transform of(JsonNode json) {
        return Json.read(json, Transform.class, "transform");
    }
}
