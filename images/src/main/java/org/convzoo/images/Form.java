package org.convzoo.images;

import java.util.ArrayList;
import java.util.List;
import org.convzoo.graph.Shape;

/** What the pictures of a data set are, and so the {@link Transform} they go through unless told otherwise. */
public enum Form {
    /** Handwritten digits in MNIST's form, 28x28, light on dark in a box of 20; the statistics of the embedded ones. */
    DIGITS(List.of(0.1316), List.of(0.3090), 20),
    /** Clothing articles in Fashion-MNIST's form, 28x28, light on dark; the statistics of the embedded ones. */
    GARMENTS(List.of(0.2864), List.of(0.3537), 28),
    /** Photos; the statistics are ImageNet's. */
    PHOTOS(List.of(0.485, 0.456, 0.406), List.of(0.229, 0.224, 0.225), 0);

    private static final int DRAWN = 28;

    private final List<Double> mean;
    private final List<Double> std;
    private final int box;

    Form(List<Double> mean, List<Double> std, int box) {
        this.mean = mean;
        this.std = std;
        this.box = box;
    }

    /** What pictures in three channels, or drawings in one, are normalised with. */
    public Transform.Normalise normalise() {
        return new Transform.Normalise(mean, std);
    }

    /**
     * The default transform to images of that shape, {@code [C, H, W]} with 1 or 3 channels. Photos: the shorter side
     * resized so that a twentieth of it is cut off, then the middle; with an eighth, which is usual on ImageNet, networks do
     * worse on photos that their objects fill (docs/recipes.md). Drawings: brought into their 28x28 form, then padded up
     * to 36 pixels a side, resized to any other size.
     */
    public Transform transform(Shape image) {
        int channels = image.channels(), width = image.width(), height = image.height();
        List<Transform.Step> steps = new ArrayList<>();
        if (this == PHOTOS) {
            steps.add(new Transform.Colour(channels));
            int shorter = (int) Math.ceil(Math.max(width, height) / 0.95);
            steps.add(new Transform.ShorterSide(shorter, Filter.BILINEAR));
            steps.add(new Transform.CentreCrop(width, height));
        } else {
            steps.add(new Ink(Ink.Polarity.AUTO, DRAWN, box));
            boolean padded = Math.min(width, height) >= DRAWN && Math.max(width, height) <= DRAWN + 8;
            if (padded && (width > DRAWN || height > DRAWN)) steps.add(new Transform.Pad(width, height));
            if (!padded) steps.add(new Transform.Exact(width, height, Filter.BILINEAR));
            if (channels == 3) steps.add(new Transform.Colour(3));
        }
        return new Transform(steps, normalise().to(channels));
    }
}
