package org.convzoo.recipe;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * What a training does with pictures that it holds out of its training pictures, as data. They decide which epoch's
 * weights are kept as the best, and the test pictures need not be looked at before the end.
 *
 * @param holdOut the share of each class, from 0 to a half: {@link org.convzoo.images.Splits#holdOut}. Where none is
 *     held out, the last epoch's weights are kept
 * @param patience the number of epochs in a row without more images right, or as many at a lower loss, after which the
 *     run ends early; 0 for never
 */
public record Validation(double holdOut, int patience) {
    /** Nothing is held out. */
    public static final Validation NONE = new Validation(0, 0);

    public Validation {
        if (!(holdOut >= 0 && holdOut <= 0.5))
            throw new IllegalArgumentException("the share held out is from 0 to a half, got " + holdOut);
        if (patience < 0) throw new IllegalArgumentException("patience is a number of epochs, got " + patience);
        if (patience > 0 && holdOut == 0)
            throw new IllegalArgumentException("patience needs pictures that are held out, by which it judges");
    }

    /**
     * The epoch whose weights are kept: the last of those whose share of validation images right is within a standard
     * error of the highest. Few images tell neighbouring epochs apart by chance alone, and then later ones, of lower
     * learning rates, are the better guess: the one-standard-error rule of Breiman et al. 1984, "Classification and
     * Regression Trees", section 3.4.3, with the length of the training for a tree's size. Empty where none were classified.
     *
     * @param images how many validation images there are
     */
    public static Optional<EpochMetrics> best(List<EpochMetrics> epochs, int images) {
        double highest = highest(epochs).map(EpochMetrics::top1).orElse(Double.NaN);
        double error = Math.sqrt(highest * (1 - highest) / Math.max(1, images));
        return epochs.stream().filter(e -> e.top1() >= highest - error).reduce((earlier, later) -> later);
    }

    /** The epoch after which most validation images were right; of equals the one with the lower loss, then the earlier. */
    private static Optional<EpochMetrics> highest(List<EpochMetrics> epochs) {
        return epochs.stream()
                .filter(EpochMetrics::validated)
                .max(Comparator.comparingDouble(EpochMetrics::top1)
                        .thenComparing(
                                Comparator.comparingDouble(EpochMetrics::loss).reversed())
                        .thenComparing(
                                Comparator.comparingInt(EpochMetrics::epoch).reversed()));
    }

    /** Whether a run of these epochs ends here, whatever its recipe had planned. */
    public boolean ends(List<EpochMetrics> epochs) {
        if (patience == 0) return false;
        return highest(epochs)
                .map(h -> epochs.get(epochs.size() - 1).epoch() - h.epoch() >= patience)
                .orElse(false);
    }

    /** A phrase for people. */
    @Override
    public String toString() {
        if (holdOut == 0) return "nothing held out";
        return Math.round(100 * holdOut) + " % held out"
                + (patience == 0
                        ? ""
                        : ", ends after " + patience + (patience == 1 ? " epoch" : " epochs")
                                + " without a better one");
    }
}
