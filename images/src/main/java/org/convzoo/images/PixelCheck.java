package org.convzoo.images;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.List;
import org.convzoo.verify.Finding;

/** Holds decoding, resizing and the usual evaluation pipeline against what Pillow made of the same files. */
public final class PixelCheck {
    private PixelCheck() {}

    /**
     * A finding a case.
     *
     * @param file the content of a {@code resize.json}
     * @param directory where its pictures lie
     */
    public static List<Finding> check(JsonNode file, Path directory) {
        throw new UnsupportedOperationException("not yet");
    }
}
