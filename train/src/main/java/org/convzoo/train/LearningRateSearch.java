package org.convzoo.train;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.convzoo.engine.Engine;
import org.convzoo.failure.DivergedException;
import org.convzoo.images.Loader;
import org.convzoo.recipe.Recipe;

/**
 * Which learning rate suits a training: some steps of it, each at a higher rate than the one before, Smith 2015
 * (1506.01186), section 3.3. The weights that come of them are thrown away.
 *
 * @param points the steps in order
 */
public record LearningRateSearch(List<Point> points) {
    /** From a ten thousandth of the recipe's rate to a hundred times it. */
    private static final double LOWEST = 1e-4, HIGHEST = 1e2;

    private static final int STEPS = 120;

    /** Of the loss before, in the smoothed one. */
    private static final double SMOOTHING = 0.9;

    /** Times the least smoothed loss is what ends the search, as in fastai's. */
    private static final double END = 4;

    /** How far the rate of the least loss, after which the steps overshoot, is above one to train at. */
    private static final double ABOVE = 3;

    /**
     * A step.
     *
     * @param loss of its batch, before the step
     * @param smoothed exponential mean of the losses so far, its start corrected
     */
    public record Point(double rate, double loss, double smoothed) {}

    public LearningRateSearch {
        points = List.copyOf(points);
    }

    /**
     * Searches for what {@code request} would be trained at, from its starting weights.
     *
     * @throws DivergedException where even the lowest rate's loss is no number
     * @throws RuntimeException what {@link Trainer#train} throws for what cannot be trained
     */
    public static LearningRateSearch of(Engine engine, TrainRequest request) {
        Recipe recipe = request.recipe();
        List<Point> points = new ArrayList<>();
        try (Trial trial = new Trial(engine, request.withRecipe(recipe.withAccumulation(1)), request.weights())) {
            double mean = 0, least = Double.POSITIVE_INFINITY;
            for (int epoch = 1; points.size() < STEPS; epoch++) {
                try (Loader.Epoch batches = trial.train.epoch(epoch, Loader.Order.SHUFFLED)) {
                    while (batches.hasNext() && points.size() < STEPS) {
                        double rate = rate(recipe.learningRate(), points.size());
                        double loss =
                                trial.learner.gradients(batches.next().batch()).loss();
                        if (!Double.isFinite(loss)) return ended(points);
                        mean = SMOOTHING * mean + (1 - SMOOTHING) * loss;
                        double smoothed = mean / (1 - Math.pow(SMOOTHING, points.size() + 1));
                        least = Math.min(least, smoothed);
                        points.add(new Point(rate, loss, smoothed));
                        if (smoothed > END * least) return ended(points);
                        trial.learner.update(rate);
                    }
                }
            }
        }
        return ended(points);
    }

    private static double rate(double recipe, int step) {
        return recipe * LOWEST * Math.pow(HIGHEST / LOWEST, step / (STEPS - 1.0));
    }

    private static LearningRateSearch ended(List<Point> points) {
        if (points.isEmpty())
            throw new DivergedException("the loss is no finite number even before the first step; the network or the"
                    + " pictures are at fault, no learning rate is");
        return new LearningRateSearch(points);
    }

    /** The step of the least smoothed loss. */
    public Point least() {
        return points.stream().min(Comparator.comparingDouble(Point::smoothed)).orElseThrow();
    }

    /** A rate to train at: a third of that of the least loss. */
    public double suggested() {
        return least().rate() / ABOVE;
    }
}
