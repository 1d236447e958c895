package org.convzoo.images;

import java.util.List;
import java.util.Locale;
import java.util.random.RandomGenerator;
import org.convzoo.graph.Shape;

/**
 * Steps of an augmentation that draw what they do to a picture. Operations, magnitudes, and what they make of a picture are
 * those of torchvision's v2 transforms of the same names on PIL pictures; black comes in from outside.
 */
public final class Policies {
    /** The places on the scale of a magnitude in RandAugment and TrivialAugment. */
    private static final int LEVELS = 31;

    private Policies() {}

    /**
     * Some operations, each as likely, with the same magnitude: Cubuk et al. 2019 (1909.13719).
     *
     * @param operations how many, one after the other, 2 in torchvision; up to 16
     * @param magnitude from 0 to 30, 9 in torchvision
     * @param filter of rotations and shears, {@code NEAREST} or {@code BILINEAR}
     */
    public record RandAugment(int operations, int magnitude, Filter filter) implements Augmentation.Step {
        public RandAugment {
            if (operations < 1 || operations > 16 || magnitude < 0 || magnitude >= LEVELS)
                throw new IllegalArgumentException("RandAugment takes 1 to 16 operations of magnitude 0 to 30, got "
                        + operations + " of " + magnitude);
            Geometry.check(filter);
        }

        @Override
        public Picture apply(Picture picture, Shape output, RandomGenerator random) {
            for (int i = 0; i < operations; i++) {
                Operation operation = drawn(random);
                double drawn = Scale.NARROW.magnitude(operation, picture, LEVELS, magnitude);
                picture = operation.apply(picture, signed(operation, drawn, random), filter);
            }
            return picture;
        }
    }

    /**
     * One operation of any magnitude: Müller and Hutter 2021 (2103.10158), with the wide range of magnitudes.
     *
     * @param filter of rotations and shears, {@code NEAREST} or {@code BILINEAR}
     */
    public record TrivialAugmentWide(Filter filter) implements Augmentation.Step {
        public TrivialAugmentWide {
            Geometry.check(filter);
        }

        @Override
        public Picture apply(Picture picture, Shape output, RandomGenerator random) {
            Operation operation = drawn(random);
            double drawn = Scale.WIDE.magnitude(operation, picture, LEVELS, random.nextInt(LEVELS));
            return operation.apply(picture, signed(operation, drawn, random), filter);
        }
    }

    /**
     * One of the pairs of operations that were found for ImageNet: Cubuk et al. 2018 (1805.09501), table 9.
     *
     * @param filter of rotations and shears, {@code NEAREST} or {@code BILINEAR}
     */
    public record AutoAugment(Filter filter) implements Augmentation.Step {
        public AutoAugment {
            Geometry.check(filter);
        }

        @Override
        public Picture apply(Picture picture, Shape output, RandomGenerator random) {
            for (Part part : IMAGENET.get(random.nextInt(IMAGENET.size()))) {
                if (random.nextDouble() >= part.probability) continue;
                double drawn = Scale.NARROW.magnitude(part.operation, picture, PAPERS_LEVELS, part.level);
                picture = part.operation.apply(picture, signed(part.operation, drawn, random), filter);
            }
            return picture;
        }
    }

    /** What a policy can do to a picture. */
    enum Operation {
        IDENTITY,
        SHEAR_X,
        SHEAR_Y,
        TRANSLATE_X,
        TRANSLATE_Y,
        ROTATE,
        BRIGHTNESS,
        COLOR,
        CONTRAST,
        SHARPNESS,
        POSTERIZE,
        SOLARIZE,
        AUTO_CONTRAST,
        EQUALIZE,
        INVERT;

        /** Whether a magnitude is as likely to be negative. */
        boolean signed() {
            return SHEAR_X.compareTo(this) <= 0 && compareTo(SHARPNESS) <= 0;
        }

        /**
         * What torchvision's {@code _apply_image_or_video_transform} makes of a PIL picture.
         *
         * @param magnitude a shear as a tangent, a translation in pixels, a rotation in degrees, of tones what a factor
         *     differs from 1 by, the bits to keep, or the threshold as a share of 255
         */
        Picture apply(Picture p, double magnitude, Filter filter) {
            float factor = (float) (1 + magnitude);
            return switch (this) {
                case IDENTITY -> p;
                case SHEAR_X -> Geometry.shearedX(p, magnitude, filter);
                case SHEAR_Y -> Geometry.shearedY(p, magnitude, filter);
                case TRANSLATE_X -> p.place((int) magnitude, 0, p.width(), p.height());
                case TRANSLATE_Y -> p.place(0, (int) magnitude, p.width(), p.height());
                case ROTATE -> Geometry.rotated(p, magnitude, filter);
                case BRIGHTNESS -> ColourJitter.brighter(p, factor);
                case COLOR -> ColourJitter.saturated(p, factor);
                case CONTRAST -> ColourJitter.contrasted(p, factor);
                case SHARPNESS -> Tones.sharpened(p, factor);
                case POSTERIZE -> Tones.posterized(p, (int) magnitude);
                case SOLARIZE -> Tones.solarized(p, 255 * magnitude);
                case AUTO_CONTRAST -> Tones.stretched(p);
                case EQUALIZE -> Tones.equalized(p);
                case INVERT -> Tones.inverted(p);
            };
        }
    }

    /** All but the last one, {@code INVERT}, which only AutoAugment has. */
    private static Operation drawn(RandomGenerator random) {
        return Operation.values()[random.nextInt(Operation.INVERT.ordinal())];
    }

    private static double signed(Operation operation, double magnitude, RandomGenerator random) {
        return operation.signed() && random.nextBoolean() ? -magnitude : magnitude;
    }

    /**
     * The greatest magnitudes.
     *
     * @param pixels of a translation; 0 for 150/331 of the side
     * @param bits the fewest that are kept
     */
    record Scale(double shear, double pixels, double degrees, double tone, int bits) {
        static final Scale NARROW = new Scale(0.3, 0, 30, 0.9, 4);
        static final Scale WIDE = new Scale(0.99, 32, 135, 0.99, 2);

        double magnitude(Operation operation, Picture p, int levels, int level) {
            return switch (operation) {
                case SHEAR_X, SHEAR_Y -> between(0, shear, levels, level);
                case TRANSLATE_X -> between(0, pixels == 0 ? 150.0 / 331.0 * p.width() : pixels, levels, level);
                case TRANSLATE_Y -> between(0, pixels == 0 ? 150.0 / 331.0 * p.height() : pixels, levels, level);
                case ROTATE -> between(0, degrees, levels, level);
                case BRIGHTNESS, COLOR, CONTRAST, SHARPNESS -> between(0, tone, levels, level);
                case POSTERIZE -> Math.rint(between(8, bits, levels, level));
                case SOLARIZE -> between(1, 0, levels, level);
                case IDENTITY, AUTO_CONTRAST, EQUALIZE, INVERT -> 0;
            };
        }

        /**
         * PyTorch's {@code linspace} in single precision, multiplied and added at once as on processors with AVX2: whole
         * pixels and thresholds show the last bit.
         */
        private static float between(double from, double to, int levels, int level) {
            float step = ((float) to - (float) from) / (levels - 1);
            return level < levels / 2
                    ? Math.fma(step, level, (float) from)
                    : Math.fma(-step, levels - 1 - level, (float) to);
        }
    }

    /** A part of a pair; of an operation without magnitude the level is 0. */
    record Part(Operation operation, double probability, int level) {}

    /** The places on the scale of a magnitude in AutoAugment's paper. */
    private static final int PAPERS_LEVELS = 10;

    /** A pair a line: operation, probability and, where it has a magnitude, its level. */
    static final List<List<Part>> IMAGENET = pairs("""
            posterize 0.4 8, rotate 0.6 9
            solarize 0.6 5, auto_contrast 0.6
            equalize 0.8, equalize 0.6
            posterize 0.6 7, posterize 0.6 6
            equalize 0.4, solarize 0.2 4
            equalize 0.4, rotate 0.8 8
            solarize 0.6 3, equalize 0.6
            posterize 0.8 5, equalize 1.0
            rotate 0.2 3, solarize 0.6 8
            equalize 0.6, posterize 0.4 6
            rotate 0.8 8, color 0.4 0
            rotate 0.4 9, equalize 0.6
            equalize 0.0, equalize 0.8
            invert 0.6, equalize 1.0
            color 0.6 4, contrast 1.0 8
            rotate 0.8 8, color 1.0 2
            color 0.8 8, solarize 0.8 7
            sharpness 0.4 7, invert 0.6
            shear_x 0.6 5, equalize 1.0
            color 0.4 0, equalize 0.6
            equalize 0.4, solarize 0.2 4
            solarize 0.6 5, auto_contrast 0.6
            invert 0.6, equalize 1.0
            color 0.6 4, contrast 1.0 8
            equalize 0.8, equalize 0.6
            """);

    private static List<List<Part>> pairs(String table) {
        return table.lines()
                .map(line ->
                        List.of(line.split(", ")).stream().map(Policies::part).toList())
                .toList();
    }

    private static Part part(String text) {
        String[] words = text.split(" ");
        return new Part(
                Operation.valueOf(words[0].toUpperCase(Locale.ROOT)),
                Double.parseDouble(words[1]),
                words.length == 2 ? 0 : Integer.parseInt(words[2]));
    }
}
