package org.convzoo.images;

import java.util.zip.CRC32;
import org.convzoo.failure.BrokenFileException;

/**
 * Pictures with labels, numbered from 0. Safe to use from several threads. A data set of one's own is trained on
 * through {@link Splits#of}.
 */
public interface Dataset {
    int size();

    /** The class of picture {@code i}, counted from 0. */
    int label(int i);

    /** Throws {@link BrokenFileException} with one line that names the picture when it cannot be read. */
    Picture picture(int i);

    /**
     * How much picture {@code i} counts in the loss of a training, from 0 on: twice as much as another of half its weight.
     * A test counts all alike.
     */
    default double weight(int i) {
        return 1;
    }

    /**
     * What messages and reports call picture {@code i}: a path relative to the data set, or a number. No two are equal.
     */
    String name(int i);

    /**
     * A number that changes with the content of picture {@code i}. Throws what {@link #picture} would: all pictures are
     * asked for it before they are trained on. By default a checksum of the pixels; files have better.
     */
    default long fingerprint(int i) {
        Picture p = picture(i);
        CRC32 crc = new CRC32();
        crc.update(p.pixels());
        return crc.getValue() ^ (long) p.width() << 32 ^ (long) p.channels() << 56;
    }

    /** The same number of a picture that has just been read: what was read need not be read once more to see if it can. */
    default long fingerprint(int i, Picture read) {
        return fingerprint(i);
    }
}
