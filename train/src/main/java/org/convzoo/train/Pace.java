package org.convzoo.train;

import java.time.Duration;
import java.util.List;
import org.convzoo.recipe.EpochMetrics;
import org.convzoo.recipe.Progressive;
import org.convzoo.recipe.Recipe;

/**
 * How a run keeps to a time: its epochs are planned by a few steps before it, and once more by its first epochs, because a
 * program is slower in its first seconds than later, by as much as a third.
 *
 * @param time what is given
 * @param began when it was, by {@link System#nanoTime}
 */
record Pace(Duration time, long began, Budget budget) {
    /** The share of the epochs after which they are planned anew, in the schedule's usual warm-up, and the least of them. */
    private static final double EARLY = 0.05;

    private static final int LEAST = 3;

    /** Epochs that are not like those to come: of the first the pictures are decoded, or it is the head's alone. */
    private static final int UNLIKE = 2;

    /** The epochs of the run, before its first step. */
    int epochs() {
        return budget.epochs(time, spent());
    }

    /** Whether a run's epochs so far are those to plan the others by. */
    boolean isDue(Recipe recipe, int done) {
        return done == Math.max(LEAST, (int) Math.ceil(EARLY * recipe.epochs()))
                && done < Math.min(recipe.epochs(), recipe.averagesFrom())
                && recipe.progressive().equals(Progressive.NONE);
    }

    /** The epochs of the run, with those that are done; at least {@value #LEAST}. */
    int epochs(List<EpochMetrics> done) {
        List<Double> seconds = done.subList(UNLIKE, done.size()).stream()
                .map(EpochMetrics::seconds)
                .toList();
        return done.size() + budget.later(new Spread(seconds).median()).fitting(time, spent());
    }

    private Duration spent() {
        return Duration.ofNanos(System.nanoTime() - began);
    }
}
