package org.convzoo.images;

import java.io.IOException;
import java.util.List;

/**
 * A data set for training and test.
 *
 * @param spec what {@link #open} was given
 * @param labels the names of the classes
 * @param form what its pictures are, and so what they go through by default
 */
public record Splits(String spec, List<String> labels, Form form, Dataset train, Dataset test) {
    public Splits {
        labels = List.copyOf(labels);
    }

    /**
     * Opens {@code digits}, {@code fashion} (both embedded), {@code mnist:DIR} (IDX files, plain or gzipped),
     * {@code folder:DIR} or just {@code DIR} (a folder a class).
     *
     * @throws IllegalArgumentException with one line when there is no such kind of data set
     * @throws IOException with one line that says what is broken, or what was expected
     */
    public static Splits open(String spec) throws IOException {
        throw new UnsupportedOperationException("not yet");
    }

    /** A line for each picture that cannot be decoded; empty when all is well. Cheap beside an epoch. */
    public List<String> scan() {
        throw new UnsupportedOperationException("not yet");
    }
}
