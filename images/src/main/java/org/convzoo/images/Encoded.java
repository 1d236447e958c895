package org.convzoo.images;

import java.io.IOException;

/** A picture's file whose header has been read, its pixels not yet. */
interface Encoded {
    int width();

    int height();

    /** The memory that decoding takes, in bytes a pixel: what decoders keep, the picture, and the picture turned. */
    int bytesPerPixel();

    /** Exif's, 1 to 8. */
    default int orientation() {
        return Exif.UPRIGHT;
    }

    /**
     * As the file has it, not turned upright. Throws {@link IOException}, or any {@link RuntimeException}, with the
     * reason when the file is broken.
     */
    Picture decode() throws IOException;
}
