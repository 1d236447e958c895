package org.convzoo.cli;

import java.util.Optional;
import org.convzoo.graph.Shape;
import org.convzoo.images.Dataset;
import org.convzoo.images.Picture;

/** What a network for small grey images does not see of a photo. */
final class LostColour {
    private static final int COLOURED = 32, SOME = 10;
    private static final double SHARE = 0.2; // a drawing in coloured ink has fewer coloured pixels, a photo more

    private LostColour() {}

    /** One line, where the picture has colours and the network sees none. */
    static Optional<String> note(Shape image, Picture picture) {
        if (image.channels() != 1 || !isColoured(picture)) return Optional.empty();
        return Optional.of("the network sees grey images of " + image.height() + "x" + image.width()
                + ": the pictures' colours and finer details are lost to it");
    }

    /** One line, where some of a few pictures, spread over the set, have colours and the network sees none. */
    static Optional<String> note(Shape image, Dataset pictures) {
        if (image.channels() != 1) return Optional.empty();
        int step = Math.max(1, pictures.size() / SOME);
        for (int i = 0; i < pictures.size(); i += step) {
            try {
                Optional<String> note = note(image, pictures.picture(i));
                if (note.isPresent()) return note;
            } catch (RuntimeException | OutOfMemoryError e) {
                // a broken picture is told of elsewhere
            }
        }
        return Optional.empty();
    }

    private static boolean isColoured(Picture picture) {
        if (picture.channels() == 1) return false;
        byte[] pixels = picture.pixels();
        long coloured = 0;
        for (int i = 0; i + 2 < pixels.length; i += 3) {
            int r = pixels[i] & 255, g = pixels[i + 1] & 255, b = pixels[i + 2] & 255;
            if (Math.max(r, Math.max(g, b)) - Math.min(r, Math.min(g, b)) > COLOURED) coloured++;
        }
        return coloured > SHARE * pixels.length / 3;
    }
}
