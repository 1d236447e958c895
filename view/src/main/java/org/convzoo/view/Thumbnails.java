package org.convzoo.view;

import java.util.HashMap;
import java.util.Map;
import org.convzoo.images.Dataset;
import org.convzoo.images.Filter;
import org.convzoo.images.Picture;
import org.convzoo.images.Resize;

/** Pictures of a data set in the size of a stamp, each read once; one that cannot be read any more leaves a gap. */
final class Thumbnails {
    /** The most pixels of the longer side. */
    private static final int SIDE = 128;

    private final Dataset dataset;
    private final Map<Integer, String> images = new HashMap<>();

    Thumbnails(Dataset dataset) {
        this.dataset = dataset;
    }

    /** Picture {@code i} with its caption, which is HTML; {@code alt} is text. */
    String figure(int i, String alt, String caption) {
        return figure(images.computeIfAbsent(i, this::read), alt, dataset.name(i), caption);
    }

    /** Any picture with its caption. */
    static String figure(Picture picture, String alt, String caption) {
        return figure(image(picture), alt, alt, caption);
    }

    private static String figure(String image, String alt, String title, String caption) {
        String inside = image.isEmpty()
                ? "<span class=\"soft\">cannot be read any more</span>"
                : image.formatted(Html.escape(alt), Html.escape(title));
        return "<figure><div class=\"frame\">" + inside + "</div><figcaption>" + caption + "</figcaption></figure>\n";
    }

    /** Empty where there is nothing to show: whatever keeps a picture from being read, the page does without. */
    private String read(int i) {
        try {
            return image(dataset.picture(i));
        } catch (RuntimeException e) {
            return "";
        }
    }

    private static String image(Picture picture) {
        Picture small = small(picture);
        int longer = Math.max(small.width(), small.height());
        return "<img" + (longer < 64 ? " class=\"tiny\"" : "") + " width=\"" + small.width() + "\" height=\""
                + small.height() + "\" src=\"" + Html.dataUri(small) + "\" alt=\"%s\" title=\"%s\">";
    }

    private static Picture small(Picture picture) {
        int longer = Math.max(picture.width(), picture.height());
        if (longer <= SIDE) return picture;
        int width = Math.max(1, Math.round((float) picture.width() * SIDE / longer));
        int height = Math.max(1, Math.round((float) picture.height() * SIDE / longer));
        return Resize.resize(picture, width, height, Filter.BICUBIC);
    }
}
