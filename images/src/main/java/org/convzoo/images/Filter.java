package org.convzoo.images;

/** How {@link Resize} weighs the pixels that make a new one. */
public enum Filter {
    NEAREST,
    BOX,
    BILINEAR,
    HAMMING,
    BICUBIC,
    LANCZOS
}
