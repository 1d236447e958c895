package org.convzoo.view;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.convzoo.images.Dataset;
import org.convzoo.images.Filter;
import org.convzoo.images.Picture;
import org.convzoo.images.PictureReader;
import org.convzoo.images.Resize;

/** Pictures of a data set in the size of a stamp, each read once; one that cannot be read any more leaves a gap. */
final class Thumbnails {
    /** The most pixels of the longer side. */
    static final int SIDE = 128;

    private final Dataset dataset;
    private final Map<Integer, Optional<Image>> images = new HashMap<>();

    Thumbnails(Dataset dataset) {
        this.dataset = dataset;
    }

    /** A picture of that size, inside a URL. */
    record Image(String url, int width, int height) {
        /** Whether it is to be enlarged without being smoothed. */
        boolean tiny() {
            return Math.max(width, height) < 64;
        }
    }

    /**
     * A picture on a page.
     *
     * @param image empty where it cannot be read
     * @param alt says what it shows
     * @param title what it is called
     */
    record Framed(Optional<Image> image, String alt, String title) {}

    /** Picture {@code i}. */
    Framed framed(int i, String alt) {
        return new Framed(images.computeIfAbsent(i, k -> image(() -> dataset.picture(k))), alt, dataset.name(i));
    }

    /** Any picture, called what it shows. */
    static Framed framed(Picture picture, String alt) {
        return new Framed(Optional.of(image(picture)), alt, alt);
    }

    /** A file, called by its name. */
    static Framed framed(Path file) {
        String name = String.valueOf(file.getFileName());
        return new Framed(image(() -> PictureReader.read(file)), name, file.toString());
    }

    /** A picture; empty where it cannot be read, for whatever reason: the page does without. */
    private static Optional<Image> image(Supplier<Picture> picture) {
        try {
            return Optional.of(image(picture.get()));
        } catch (RuntimeException e) {
            return Optional.empty();
        }
    }

    private static Image image(Picture picture) {
        Picture small = small(picture);
        return new Image(Html.dataUri(small), small.width(), small.height());
    }

    /** The picture itself where it is no larger. */
    static Picture small(Picture picture) {
        int longer = Math.max(picture.width(), picture.height());
        if (longer <= SIDE) return picture;
        int width = Math.max(1, Math.round((float) picture.width() * SIDE / longer));
        int height = Math.max(1, Math.round((float) picture.height() * SIDE / longer));
        return Resize.resize(picture, width, height, Filter.BICUBIC);
    }
}
