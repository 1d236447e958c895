package org.convzoo.images;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/**
 * What training adds to a {@link Transform} at random, as data. What happens to a picture depends only on the seed, the
 * epoch and the picture's number.
 */
public record Augmentation(List<Step> steps) {
    public static final Augmentation NONE = new Augmentation(List.of());

    public Augmentation {
        steps = List.copyOf(steps);
    }

    public static Augmentation of(Step... steps) {
        return new Augmentation(List.of(steps));
    }

    /** One random change of a picture. */
    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "step")
    @JsonSubTypes({
        @JsonSubTypes.Type(value = ScaledCrop.class, name = "scaled crop"),
        @JsonSubTypes.Type(value = PaddedCrop.class, name = "padded crop"),
        @JsonSubTypes.Type(value = Flip.class, name = "flip"),
        @JsonSubTypes.Type(value = Affine.class, name = "affine"),
    })
    public sealed interface Step {}

    /**
     * A crop of random area and proportions, resized to the transform's size in place of the transform's own resizing
     * and cropping; torchvision's RandomResizedCrop.
     *
     * @param smallest the least share of the picture's area, 0.08 for ImageNet
     * @param largest the greatest, 1
     * @param narrowest the least width / height, 3/4
     * @param widest the greatest, 4/3
     */
    public record ScaledCrop(double smallest, double largest, double narrowest, double widest, Filter filter)
            implements Step {}

    /** Padding with black at all sides, then a crop of the old size anywhere: the usual one for CIFAR-10. */
    public record PaddedCrop(int padding) implements Step {}

    /** Left becomes right with that probability. */
    public record Flip(double probability) implements Step {}

    /**
     * A small rotation, scaling, shear and shift at once, each uniform.
     *
     * @param degrees the most that it is turned by, either way
     * @param scale the most that it grows or shrinks by, 0.1 for 10 %
     * @param shift the most that it moves by, in pixels
     * @param shear the most that it leans by, in degrees
     */
    public record Affine(double degrees, double scale, double shift, double shear) implements Step {}

    public JsonNode toJson() {
        throw new UnsupportedOperationException("not yet");
    }

    /** Throws {@link IllegalArgumentException} with one line when that is no augmentation. */
    public static Augmentation of(JsonNode json) {
        throw new UnsupportedOperationException("not yet");
    }
}
