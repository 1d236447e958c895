package org.convzoo.images;

import com.fasterxml.jackson.databind.JsonNode;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.nio.FloatBuffer;
import java.util.random.RandomGenerator;
import org.convzoo.graph.Shape;
import org.convzoo.json.Json;

/**
 * Mixes the images of a batch with each other, and their target rows likewise, as data. Each image meets the one before
 * it in the batch, the first one the last, as in torchvision's v2 transforms MixUp and CutMix; a batch of one stays as it
 * is. A batch is mixed by one draw: the share λ of the image's own target row, and 1 - λ of the other's. Where both ways
 * are given, each batch takes one of them, with equal chances, as torchvision's and timm's training scripts do.
 *
 * @param mixup α of mixup, Zhang et al. 2017 (1710.09412): pixels are weighted means, λ is of Beta(α, α); 0 for none
 * @param cutmix α of CutMix, Yun et al. 2019 (1905.04899): a box of the other image covers 1 - λ of the area, less what
 *     lies outside; 0 for none
 * @param probability that a batch is mixed
 */
@RecordBuilder
public record Mixing(double mixup, double cutmix, double probability) implements MixingBuilder.With {
    public static final Mixing NONE = new Mixing(0, 0, 1);

    public Mixing {
        check("mixup", mixup);
        check("cutmix", cutmix);
        if (!(0 <= probability && probability <= 1))
            throw new IllegalArgumentException("the probability of mixing is from 0 to 1, got " + probability);
    }

    private static void check(String what, double alpha) {
        if (alpha != 0 && !(alpha >= 0.001 && alpha <= 1000))
            throw new IllegalArgumentException(
                    "the alpha of " + what + " is 0 for none, or from 0.001 to 1000, got " + alpha);
    }

    /**
     * Mixes {@code count} images, and their target rows, in place.
     *
     * @param images normalised, {@code [count, C, H, W]}
     * @param rows {@code [count, classes]}
     */
    void apply(FloatBuffer images, FloatBuffer rows, int count, Shape image, RandomGenerator random) {
        if (count < 2 || mixup == 0 && cutmix == 0 || random.nextDouble() >= probability) return;
        int classes = rows.remaining() / count;
        if (cutmix == 0 || mixup != 0 && random.nextBoolean()) {
            double lambda = beta(mixup, random);
            mix(images, count, (int) image.elements(), lambda);
            mix(rows, count, classes, lambda);
        } else {
            int width = image.width(), height = image.height();
            Box box = Box.around(random.nextInt(width), random.nextInt(height), beta(cutmix, random), width, height);
            box.cut(images, count, image);
            mix(rows, count, classes, 1 - box.area() / (double) (width * height));
        }
    }

    /** Each row becomes λ of itself and 1 - λ of the one before. */
    static void mix(FloatBuffer rows, int count, int length, double lambda) {
        float one = (float) lambda, two = (float) (1 - lambda);
        float[] own = new float[length], before = new float[length], last = new float[length];
        rows.get((count - 1) * length, last);
        for (int n = count - 1; n >= 0; n--) {
            rows.get(n * length, own);
            if (n > 0) rows.get((n - 1) * length, before);
            else before = last;
            for (int i = 0; i < length; i++) own[i] = before[i] * two + own[i] * one;
            rows.put(n * length, own);
        }
    }

    /** A part of an image; the right and lower ends are outside. */
    record Box(int left, int top, int right, int bottom) {
        /** The middle, and as much of 1 - λ of the area around it as lies inside. */
        static Box around(int x, int y, double lambda, int width, int height) {
            double half = 0.5 * Math.sqrt(1 - lambda);
            int across = (int) (half * width), down = (int) (half * height);
            return new Box(
                    Math.max(0, x - across),
                    Math.max(0, y - down),
                    Math.min(width, x + across),
                    Math.min(height, y + down));
        }

        int area() {
            return (right - left) * (bottom - top);
        }

        /** Each image gets this part of the one before. */
        void cut(FloatBuffer images, int count, Shape image) {
            int length = (int) image.elements(), width = image.width(), height = image.height();
            float[] last = new float[length];
            images.get((count - 1) * length, last);
            for (int n = count - 1; n >= 0; n--) {
                FloatBuffer from = n > 0 ? images : FloatBuffer.wrap(last);
                int before = n > 0 ? (n - 1) * length : 0;
                for (int c = 0; c < image.channels(); c++)
                    for (int y = top; y < bottom; y++) {
                        int at = (c * height + y) * width + left;
                        images.put(n * length + at, from, before + at, right - left);
                    }
            }
        }
    }

    /** A number of Beta(α, α). Its logarithms keep what of the gamma numbers is too small for a double. */
    static double beta(double alpha, RandomGenerator random) {
        double one = logGamma(alpha, random), two = logGamma(alpha, random);
        return 1 / (1 + Math.exp(two - one));
    }

    /** The logarithm of a number of Gamma(α): Marsaglia and Tsang 2000, from Gamma(α + 1), so that α may be under 1. */
    private static double logGamma(double alpha, RandomGenerator random) {
        double d = alpha + 2 / 3.0, c = 1 / Math.sqrt(9 * d);
        while (true) {
            double x = random.nextGaussian(), root = 1 + c * x, v = root * root * root;
            double u = 1 - random.nextDouble(); // not 0
            if (v > 0 && Math.log(u) < 0.5 * x * x + d * (1 - v + Math.log(v)))
                return Math.log(d * v) + Math.log(1 - random.nextDouble()) / alpha;
        }
    }

    public JsonNode toJson() {
        return Json.tree(this);
    }

    /** Throws {@link IllegalArgumentException} with one line when that is no mixing. */
    public static Mixing of(JsonNode json) {
        return Json.read(json, Mixing.class, "mixing");
    }
}
