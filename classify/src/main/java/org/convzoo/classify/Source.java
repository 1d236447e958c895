package org.convzoo.classify;

import java.awt.image.BufferedImage;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.function.Supplier;
import org.convzoo.images.Picture;
import org.convzoo.images.PictureReader;

/**
 * A picture to be looked at, wherever it comes from.
 *
 * @param name what messages call it
 * @param picture gives it when its turn comes, on a thread of the classifier
 */
public record Source(String name, Supplier<Picture> picture) {
    private static final String NAMELESS = "the picture";

    /** A file, read when its turn comes. */
    public static Source of(Path file) {
        return new Source(file.toString(), () -> PictureReader.read(file));
    }

    /** The content of a file. */
    public static Source of(byte[] file) {
        return new Source(NAMELESS, () -> PictureReader.read(file, NAMELESS));
    }

    /** The content of a file, read to its end now; it is not closed. Throws as {@link PictureReader} does. */
    public static Source of(InputStream file) {
        return of(PictureReader.read(file, NAMELESS));
    }

    public static Source of(BufferedImage image) {
        return new Source(NAMELESS, () -> Picture.of(image));
    }

    public static Source of(Picture picture) {
        return new Source(NAMELESS, () -> picture);
    }
}
