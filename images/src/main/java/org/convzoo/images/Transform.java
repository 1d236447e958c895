package org.convzoo.images;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.FloatBuffer;
import java.util.List;
import org.convzoo.graph.Shape;

/**
 * What every picture goes through before a network sees it, as data: it is stored with the model, and training,
 * evaluation and prediction all use it. The last step is {@link Normalise}; the steps before it fix the size.
 */
public record Transform(List<Step> steps) {
    public Transform {
        steps = List.copyOf(steps);
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
        @JsonSubTypes.Type(value = Normalise.class, name = "normalise"),
    })
    public sealed interface Step {}

    /** To 1 channel (grey) or 3. */
    public record Colour(int channels) implements Step {}

    /** Whether a drawing is light on dark, as MNIST is. */
    public enum Polarity {
        AUTO,
        LIGHT_ON_DARK,
        DARK_ON_LIGHT
    }

    /** Brings drawings into MNIST's form: light on dark, the ink within a box, its centre of mass in the middle. */
    public record Ink(Polarity polarity, int size, int box) implements Step {}

    /** Resizes so that the shorter side has that many pixels. */
    public record ShorterSide(int size, Filter filter) implements Step {}

    /** Resizes to exactly that size, whatever the proportions. */
    public record Exact(int width, int height, Filter filter) implements Step {}

    /** Cuts the middle out; a smaller picture is padded with black first, as torchvision does. */
    public record CentreCrop(int width, int height) implements Step {}

    /** Adds black at all sides to reach that size. */
    public record Pad(int width, int height) implements Step {}

    /** Makes floats: {@code (byte / 255 - mean) / std}, a mean and a standard deviation a channel. */
    public record Normalise(List<Double> mean, List<Double> std) implements Step {
        public Normalise {
            mean = List.copyOf(mean);
            std = List.copyOf(std);
        }
    }

    /** The shape of what comes out, {@code [C, H, W]}. */
    public Shape output() {
        throw new UnsupportedOperationException("not yet");
    }

    /** All steps; writes C x H x W floats at the buffer's position and moves it. */
    public void apply(Picture picture, FloatBuffer into) {
        throw new UnsupportedOperationException("not yet");
    }

    /** With other ideas of what is ink; itself when it has no such step. */
    public Transform with(Polarity polarity) {
        throw new UnsupportedOperationException("not yet");
    }

    public JsonNode toJson() {
        throw new UnsupportedOperationException("not yet");
    }

    /** Throws {@link IllegalArgumentException} with one line when that is no transform. */
    public static Transform of(JsonNode json) {
        throw new UnsupportedOperationException("not yet");
    }
}
