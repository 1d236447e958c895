package org.convzoo.train;

import java.util.List;
import java.util.Locale;
import org.convzoo.recipe.EpochMetrics;
import org.convzoo.recipe.Recipe;

/**
 * Which weights a run ends with: those of one epoch, or the mean of those of several.
 *
 * @param epoch the one whose weights are kept; of a mean, the last that counts
 * @param from the first epoch of the mean; {@code epoch} itself where its weights alone are kept
 * @param epochs that were done
 * @param planned the epochs that the recipe wanted; fewer are done where patience ends the run
 */
public record Kept(EpochMetrics epoch, int from, int epochs, int planned) {
    /** The weights of one epoch. */
    static Kept one(EpochMetrics epoch, List<EpochMetrics> history, Recipe recipe) {
        return new Kept(epoch, epoch.epoch(), history.size(), recipe.epochs());
    }

    /** The mean of the weights of all epochs from {@link Recipe#averagesFrom} on. */
    static Kept mean(List<EpochMetrics> history, Recipe recipe) {
        return new Kept(history.get(history.size() - 1), recipe.averagesFrom(), history.size(), recipe.epochs());
    }

    /** Whether it is not one epoch whose weights are kept. */
    public boolean mean() {
        return from < epoch.epoch();
    }

    /** Whether a run does all its epochs and keeps the last, which needs no telling. */
    public boolean usual() {
        return !mean() && epoch.epoch() == epochs && epochs == planned;
    }

    /** {@code kept epoch 12 of 22 (60 planned): validation 84.1 %}. */
    @Override
    public String toString() {
        String which = mean() ? "the mean of epochs " + from + " to " : "epoch ";
        String judged = mean() || !epoch.validated()
                ? ""
                : String.format(Locale.ROOT, ": validation %.1f %%", 100 * epoch.top1());
        return "kept " + which + epoch.epoch() + " of " + epochs
                + (epochs == planned ? "" : " (" + planned + " planned)") + judged;
    }
}
