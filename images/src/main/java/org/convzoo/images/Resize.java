package org.convzoo.images;

/** Resizes pictures to the very bytes that Pillow's {@code Image.resize} gives. */
public final class Resize {
    private Resize() {}

    /** The part of a picture that is resized, in pixels from its left upper corner; fractions are allowed. */
    public record Box(float left, float top, float right, float bottom) {}

    public static Picture resize(Picture picture, int width, int height, Filter filter) {
        return resize(picture, width, height, filter, new Box(0, 0, picture.width(), picture.height()));
    }

    /** Throws {@link IllegalArgumentException} for a size under 1 and a box that is empty or leaves the picture. */
    public static Picture resize(Picture picture, int width, int height, Filter filter, Box box) {
        throw new UnsupportedOperationException("not yet");
    }

    /** So that the shorter side is {@code size}, the longer in proportion, rounded down, as torchvision does. */
    public static Picture shorterSide(Picture picture, int size, Filter filter) {
        throw new UnsupportedOperationException("not yet");
    }
}
