package org.convzoo.images;

import org.convzoo.graph.Shape;

/** What the pictures of a data set are, and so the {@link Transform} they go through unless told otherwise. */
public enum Form {
    /** Handwritten digits, light on dark, in MNIST's form; the statistics are those of the embedded ones. */
    DIGITS,
    /** Clothing articles, light on dark, in Fashion-MNIST's form. */
    GARMENTS,
    /** Photos; the statistics are ImageNet's. */
    PHOTOS;

    /** The default transform to images of that shape, {@code [C, H, W]} with 1 or 3 channels. */
    public Transform transform(Shape image) {
        throw new UnsupportedOperationException("not yet");
    }
}
