package org.convzoo.images;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.random.RandomGenerator;
import org.convzoo.graph.Shape;
import org.convzoo.json.Json;

/**
 * What training adds to a {@link Transform} at random, as data. The steps act on pictures that have gone through the
 * transform's steps, in their order, before bytes become floats. What happens to a picture depends only on the seed, the
 * epoch and the picture's number.
 */
public record Augmentation(List<Step> steps) {
    public static final Augmentation NONE = new Augmentation(List.of());

    /** @throws IllegalArgumentException when a scaled crop is not the first step */
    public Augmentation {
        steps = List.copyOf(steps);
        if (steps.stream().skip(1).anyMatch(ScaledCrop.class::isInstance))
            throw new IllegalArgumentException("a scaled crop is the first step, as it takes the whole picture");
    }

    public static Augmentation of(Step... steps) {
        return new Augmentation(List.of(steps));
    }

    /** One random change of a picture. A new kind is a new record here, with its name. */
    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "step")
    @JsonSubTypes({
        @JsonSubTypes.Type(value = ScaledCrop.class, name = "scaled crop"),
        @JsonSubTypes.Type(value = PaddedCrop.class, name = "padded crop"),
        @JsonSubTypes.Type(value = Flip.class, name = "flip"),
        @JsonSubTypes.Type(value = Affine.class, name = "affine"),
        @JsonSubTypes.Type(value = Geometry.Rotation.class, name = "rotation"),
        @JsonSubTypes.Type(value = Geometry.Perspective.class, name = "perspective"),
        @JsonSubTypes.Type(value = ColourJitter.class, name = "colour jitter"),
        @JsonSubTypes.Type(value = Tones.Lighting.class, name = "lighting"),
        @JsonSubTypes.Type(value = Tones.GaussianNoise.class, name = "gaussian noise"),
        @JsonSubTypes.Type(value = Tones.GaussianBlur.class, name = "gaussian blur"),
        @JsonSubTypes.Type(value = Tones.Grey.class, name = "grey"),
        @JsonSubTypes.Type(value = Tones.Invert.class, name = "invert"),
        @JsonSubTypes.Type(value = Tones.Posterize.class, name = "posterize"),
        @JsonSubTypes.Type(value = Tones.Solarize.class, name = "solarize"),
        @JsonSubTypes.Type(value = Tones.Equalize.class, name = "equalize"),
        @JsonSubTypes.Type(value = Tones.AutoContrast.class, name = "auto contrast"),
        @JsonSubTypes.Type(value = Tones.Sharpness.class, name = "sharpness"),
        @JsonSubTypes.Type(value = Policies.RandAugment.class, name = "rand augment"),
        @JsonSubTypes.Type(value = Policies.TrivialAugmentWide.class, name = "trivial augment wide"),
        @JsonSubTypes.Type(value = Policies.AutoAugment.class, name = "auto augment"),
        @JsonSubTypes.Type(value = Erasing.class, name = "erasing"),
        @JsonSubTypes.Type(value = Sometimes.class, name = "sometimes"),
    })
    public sealed interface Step
            permits ScaledCrop,
                    PaddedCrop,
                    Flip,
                    Affine,
                    Geometry.Rotation,
                    Geometry.Perspective,
                    ColourJitter,
                    Tones.Lighting,
                    Tones.GaussianNoise,
                    Tones.GaussianBlur,
                    Tones.Grey,
                    Tones.Invert,
                    Tones.Posterize,
                    Tones.Solarize,
                    Tones.Equalize,
                    Tones.AutoContrast,
                    Tones.Sharpness,
                    Policies.RandAugment,
                    Policies.TrivialAugmentWide,
                    Policies.AutoAugment,
                    Erasing,
                    Sometimes {
        /** The changed picture, of the shape {@code output}. */
        Picture apply(Picture picture, Shape output, RandomGenerator random);
    }

    /**
     * A crop of random area and proportions, resized to the transform's size in place of all of the transform's steps but
     * its colours: torchvision's RandomResizedCrop, Szegedy et al. 2014 (1409.4842), section 6.
     *
     * @param smallest the least share of the picture's area, 0.08 for ImageNet
     * @param largest the greatest, 1
     * @param narrowest the least width / height, 3/4
     * @param widest the greatest, 4/3
     */
    public record ScaledCrop(double smallest, double largest, double narrowest, double widest, Filter filter)
            implements Step {
        public ScaledCrop {
            if (!(0 < smallest && smallest <= largest && largest <= 1 && 0 < narrowest && narrowest <= widest))
                throw new IllegalArgumentException("a scaled crop takes areas 0 < " + smallest + " <= " + largest
                        + " <= 1 and proportions 0 < " + narrowest + " <= " + widest);
        }

        @Override
        public Picture apply(Picture picture, Shape output, RandomGenerator random) {
            return Resize.resize(crop(picture, random), output.width(), output.height(), filter);
        }

        private Picture crop(Picture p, RandomGenerator random) {
            double area = (double) p.width() * p.height();
            for (int attempt = 0; attempt < 10; attempt++) {
                double part = area * uniform(random, smallest, largest);
                double proportion = Math.exp(uniform(random, Math.log(narrowest), Math.log(widest)));
                int width = (int) Math.rint(Math.sqrt(part * proportion));
                int height = (int) Math.rint(Math.sqrt(part / proportion));
                if (width > 0 && width <= p.width() && height > 0 && height <= p.height())
                    return p.crop(
                            random.nextInt(p.width() - width + 1),
                            random.nextInt(p.height() - height + 1),
                            width,
                            height);
            }
            // The middle, as much of it as the proportions allow.
            double proportion = Math.max(narrowest, Math.min(widest, (double) p.width() / p.height()));
            int width = Math.min(p.width(), Math.max(1, (int) Math.rint(p.height() * proportion)));
            int height = Math.min(p.height(), Math.max(1, (int) Math.rint(p.width() / proportion)));
            return p.crop((p.width() - width) / 2, (p.height() - height) / 2, width, height);
        }
    }

    /** Padding with black at all sides, then a crop of the old size anywhere: the usual one for CIFAR-10. */
    public record PaddedCrop(int padding) implements Step {
        public PaddedCrop {
            if (padding < 1) throw new IllegalArgumentException("padding starts at 1 pixel, got " + padding);
        }

        @Override
        public Picture apply(Picture picture, Shape output, RandomGenerator random) {
            int right = random.nextInt(2 * padding + 1) - padding, down = random.nextInt(2 * padding + 1) - padding;
            return picture.place(right, down, picture.width(), picture.height());
        }
    }

    /** Left becomes right with that probability. */
    public record Flip(double probability) implements Step {
        public Flip {
            checkProbability(probability);
        }

        @Override
        public Picture apply(Picture picture, Shape output, RandomGenerator random) {
            return random.nextDouble() < probability ? picture.mirrored() : picture;
        }
    }

    /**
     * A small rotation, scaling, shear and shift at once, each uniform, with bilinear interpolation; black comes in at
     * the sides.
     *
     * @param degrees the most that it is turned by, either way
     * @param scale the most that it grows or shrinks by, 0.1 for 10 %
     * @param shift the most that it moves by, in pixels
     * @param shear the most that it leans by, in degrees
     */
    public record Affine(double degrees, double scale, double shift, double shear) implements Step {
        public Affine {
            if (!(degrees >= 0 && scale >= 0 && scale < 1 && shift >= 0 && shear >= 0 && shear < 90))
                throw new IllegalArgumentException("an affine step takes limits of at least 0, scale under 1 and shear"
                        + " under 90 degrees, got " + degrees + ", " + scale + ", " + shift + ", " + shear);
        }

        @Override
        public Picture apply(Picture picture, Shape output, RandomGenerator random) {
            double angle = Math.toRadians(uniform(random, -degrees, degrees));
            double lean = Math.tan(Math.toRadians(uniform(random, -shear, shear)));
            double size = 1 + uniform(random, -scale, scale);
            double right = uniform(random, -shift, shift), down = uniform(random, -shift, shift);
            // From the new pixel to the old one, around the middle.
            double cos = Math.cos(angle) / size, sin = Math.sin(angle) / size;
            double xx = cos + lean * sin, xy = sin - lean * cos, yx = -sin, yy = cos;
            double middleX = (picture.width() - 1) / 2.0, middleY = (picture.height() - 1) / 2.0;
            double startX = middleX - xx * (middleX + right) - xy * (middleY + down);
            double startY = middleY - yx * (middleX + right) - yy * (middleY + down);
            return warped(picture, startX, xx, xy, startY, yx, yy);
        }
    }

    /**
     * A rectangle of random area and proportions filled with one colour or with noise: torchvision's RandomErasing on
     * uint8 tensors; Zhong et al. 2017 (1708.04896). A tenth try that does not fit leaves the picture as it is.
     *
     * @param smallest the least share of the picture's area, 0.02 in torchvision
     * @param largest the greatest, 0.33
     * @param flattest the least height / width, 0.3
     * @param tallest the greatest, 3.3
     * @param colour the values of the channels, or one for all, from 0 to 255; none for noise: each value as likely, the
     *     paper's choice
     */
    public record Erasing(double smallest, double largest, double flattest, double tallest, List<Integer> colour)
            implements Step {
        public Erasing {
            colour = List.copyOf(colour);
            if (!(0 < smallest && smallest <= largest && largest <= 1 && 0 < flattest && flattest <= tallest))
                throw new IllegalArgumentException("erasing takes areas 0 < " + smallest + " <= " + largest
                        + " <= 1 and proportions 0 < " + flattest + " <= " + tallest);
            if (colour.size() == 2 || colour.size() > 3 || colour.stream().anyMatch(v -> v < 0 || v > 255))
                throw new IllegalArgumentException(
                        "a colour has no, 1 or 3 values from 0 to 255, got " + colour.size() + ": " + colour);
        }

        @Override
        public Picture apply(Picture picture, Shape output, RandomGenerator random) {
            double area = (double) picture.width() * picture.height();
            for (int attempt = 0; attempt < 10; attempt++) {
                double part = area * uniform(random, smallest, largest);
                double proportion = Math.exp(uniform(random, Math.log(flattest), Math.log(tallest)));
                int height = (int) Math.rint(Math.sqrt(part * proportion));
                int width = (int) Math.rint(Math.sqrt(part / proportion));
                if (height >= picture.height() || width >= picture.width()) continue;
                int left = random.nextInt(picture.width() - width + 1);
                int top = random.nextInt(picture.height() - height + 1);
                return erased(picture, left, top, width, height, random);
            }
            return picture;
        }

        Picture erased(Picture picture, int left, int top, int width, int height, RandomGenerator random) {
            int channels = picture.channels();
            byte[] out = picture.pixels().clone();
            for (int y = top; y < top + height; y++)
                for (int x = left, to = (y * picture.width() + left) * channels; x < left + width; x++)
                    for (int c = 0; c < channels; c++) out[to++] = value(c, random);
            return new Picture(picture.width(), picture.height(), channels, out);
        }

        /** Of a colour, a picture of one channel takes the first value. */
        private byte value(int channel, RandomGenerator random) {
            if (colour.isEmpty()) return (byte) random.nextInt(256);
            return colour.get(colour.size() == 1 ? 0 : channel).byteValue();
        }
    }

    /** A step that happens with that probability: torchvision's RandomApply. */
    public record Sometimes(double probability, Step then) implements Step {
        /** @throws IllegalArgumentException for a scaled crop, without which a picture would not get its size */
        public Sometimes {
            checkProbability(probability);
            if (then instanceof ScaledCrop || then instanceof Sometimes)
                throw new IllegalArgumentException("sometimes takes a step other than a scaled crop and sometimes");
        }

        @Override
        public Picture apply(Picture picture, Shape output, RandomGenerator random) {
            return random.nextDouble() < probability ? then.apply(picture, output, random) : picture;
        }
    }

    private static void checkProbability(double probability) {
        if (!(0 <= probability && probability <= 1))
            throw new IllegalArgumentException("a probability is from 0 to 1, got " + probability);
    }

    static double uniform(RandomGenerator random, double from, double to) {
        return from + (to - from) * random.nextDouble();
    }

    /** New pixel (x, y) is what lies at (startX + xx x + xy y, startY + yx x + yy y), in fixed point of 8 bits. */
    private static Picture warped(Picture p, double startX, double xx, double xy, double startY, double yx, double yy) {
        int width = p.width(), height = p.height(), channels = p.channels(), line = width * channels;
        byte[] in = p.pixels(), out = new byte[in.length];
        int stepX = (int) Math.rint(xx * 65536), stepY = (int) Math.rint(yx * 65536);
        for (int y = 0, to = 0; y < height; y++) {
            int atX = (int) Math.rint((startX + xy * y) * 65536), atY = (int) Math.rint((startY + yy * y) * 65536);
            for (int x = 0; x < width; x++, to += channels, atX += stepX, atY += stepY) {
                int left = atX >> 16, top = atY >> 16;
                if (left < -1 || top < -1 || left >= width || top >= height) continue;
                int right = atX >> 8 & 255, down = atY >> 8 & 255;
                int a = (256 - right) * (256 - down),
                        b = right * (256 - down),
                        c = (256 - right) * down,
                        d = right * down;
                int from = top * line + left * channels;
                boolean inside = left >= 0 && top >= 0 && left < width - 1 && top < height - 1;
                for (int k = 0; k < channels; k++, from++) {
                    int sum = 1 << 15;
                    if (inside) {
                        sum += a * (in[from] & 255) + b * (in[from + channels] & 255);
                        sum += c * (in[from + line] & 255) + d * (in[from + line + channels] & 255);
                    } else {
                        if (top >= 0 && left >= 0) sum += a * (in[from] & 255);
                        if (top >= 0 && left < width - 1) sum += b * (in[from + channels] & 255);
                        if (top < height - 1 && left >= 0) sum += c * (in[from + line] & 255);
                        if (top < height - 1 && left < width - 1) sum += d * (in[from + line + channels] & 255);
                    }
                    out[to + k] = (byte) (sum >> 16);
                }
            }
        }
        return new Picture(width, height, channels, out);
    }

    private boolean crops() {
        return !steps.isEmpty() && steps.get(0) instanceof ScaledCrop;
    }

    /** What is the same each time: the transform's steps; nothing where a scaled crop takes their place. */
    Picture start(Picture picture, Transform transform) {
        return crops() ? picture : transform.picture(picture);
    }

    /**
     * These steps.
     *
     * @param start what {@link #start} gave
     * @param output the transform's output shape
     */
    Picture change(Picture start, Shape output, RandomGenerator random) {
        Picture changed = crops() ? new Transform.Colour(output.channels()).apply(start) : start;
        for (Step step : steps) changed = step.apply(changed, output, random);
        return changed;
    }

    public JsonNode toJson() {
        return Json.tree(this);
    }

    /** Throws {@link IllegalArgumentException} with one line when that is no augmentation. */
    public static Augmentation of(JsonNode json) {
        return Json.read(json, Augmentation.class, "augmentation");
    }
}
