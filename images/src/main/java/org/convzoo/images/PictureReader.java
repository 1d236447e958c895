package org.convzoo.images;

import java.io.IOException;
import java.nio.file.Path;

/** Decodes PNG and JPEG files as Pillow's {@code exif_transpose} and {@code convert("RGB")} do. */
public final class PictureReader {
    private PictureReader() {}

    /** Throws {@link IOException} with one line that names the file when it cannot be read or is broken. */
    public static Picture read(Path file) throws IOException {
        throw new UnsupportedOperationException("not yet");
    }

    /**
     * Decodes the content of a file.
     *
     * @param name what the errors call it
     */
    public static Picture read(byte[] bytes, String name) throws IOException {
        throw new UnsupportedOperationException("not yet");
    }
}
