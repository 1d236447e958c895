package org.convzoo.recipe;

import java.util.stream.IntStream;
import org.convzoo.graph.Shape;

/**
 * Images that grow over a run, as data: small ones are learnt from several times faster. Tan, Le 2021 (2104.00298), section
 * 4.2, in {@value #STAGES} stages of epochs; regularisation stays as it is.
 *
 * @param smallest the side of the first stage's images as a share of the full one, over 0 to 1; 1 for images of one size
 * @param until the share of the epochs, over 0 to 1, after which images have the full size
 */
public record Progressive(double smallest, double until) {
    /** Images of one size. */
    public static final Progressive NONE = new Progressive(1, 1);

    private static final int STAGES = 4;

    private static final int PARTS = 100;

    /** Sides are whole multiples of this, so that maps halve without a rest as often as in most networks. */
    private static final int MULTIPLE = 16;

    public Progressive {
        if (!(smallest > 0 && smallest <= 1))
            throw new IllegalArgumentException(
                    "the smallest images are a share over 0 to 1 of the full size, got " + smallest);
        if (!(until > 0 && until <= 1))
            throw new IllegalArgumentException("images grow until a share over 0 to 1 of the epochs, got " + until);
    }

    /** The image of epoch {@code epoch}, from 1, of {@code epochs}. */
    public Shape image(Shape full, int epoch, int epochs) {
        double done = (epoch - 1) / (until * epochs);
        int stage = Math.min(STAGES - 1, (int) (done * (STAGES - 1) + 1e-9));
        double share = share(stage);
        return share == 1 ? full : new Shape(full.channels(), side(full.height(), share), side(full.width(), share));
    }

    /** The pixels of the run's images as a share of those of the full ones, on average, to a hundredth or so. */
    public double meanArea(Shape full) {
        return IntStream.rangeClosed(1, PARTS)
                .mapToDouble(part -> image(full, part, PARTS).elements() / (double) full.elements())
                .average()
                .orElseThrow();
    }

    private double share(int stage) {
        return smallest + (1 - smallest) * stage / (STAGES - 1);
    }

    private static int side(int full, double share) {
        return (int) Math.min(full, MULTIPLE * Math.max(1, Math.round(share * full / MULTIPLE)));
    }
}
