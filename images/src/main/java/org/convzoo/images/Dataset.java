package org.convzoo.images;

import java.io.IOException;

/** Pictures with labels, numbered from 0. Safe to use from several threads. */
public interface Dataset {
    int size();

    /** The class of picture {@code i}, counted from 0. */
    int label(int i);

    /** Throws {@link IOException} with one line that names the picture when it cannot be read. */
    Picture picture(int i) throws IOException;

    /** What messages and reports call picture {@code i}: a path relative to the data set, or a number. */
    String name(int i);

    /**
     * Looks, at little cost, whether picture {@code i} can be read. Throws what {@link #picture} would; may miss damage
     * inside a file.
     */
    default void check(int i) throws IOException {}
}
