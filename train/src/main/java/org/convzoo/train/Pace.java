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

    /** The epochs of the run after some of them: those of the recipe, or as many as fit now where it is time to plan anew. */
    int epochs(Recipe recipe, List<EpochMetrics> history) {
        int done = history.size(), planned = recipe.epochs();
        boolean due = done == Math.max(LEAST, (int) Math.ceil(EARLY * planned))
                && done < Math.min(planned, recipe.averagesFrom())
                && recipe.progressive().equals(Progressive.NONE);
        if (!due) return planned;
        List<Double> seconds = history.subList(UNLIKE, done).stream()
                .map(EpochMetrics::seconds)
                .toList();
        return done + budget.later(new Spread(seconds).median()).fitting(time, spent());
    }

    private Duration spent() {
        return Duration.ofNanos(System.nanoTime() - began);
    }
}
