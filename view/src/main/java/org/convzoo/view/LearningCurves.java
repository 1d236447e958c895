package org.convzoo.view;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import org.convzoo.recipe.EpochMetrics;
import org.convzoo.recipe.Recipe;
import org.convzoo.train.Kept;

/**
 * How a run learned, as curves over its epochs, and why those of training and validation are not of the same thing.
 *
 * @param kept which weights are kept, an epoch's of which is marked
 */
record LearningCurves(List<EpochMetrics> epochs, Optional<Recipe> recipe, int classes, Kept kept) {
    /** The points of a learning rate's curve. */
    private static final int POINTS = 240;

    /** Labels that are smoothed: by what share, and the least loss that leaves. */
    record Smoothing(String share, String least) {}

    private int best() {
        return epochs.size() == 1 || kept.mean() ? 0 : kept.epoch().epoch();
    }

    Svg top1() {
        return new Curves(
                        "Share of images right by epoch",
                        Curves.Axis.epochs(epochs.size()),
                        best(),
                        Numbers::shortPercent,
                        false,
                        1,
                        line("training", EpochMetrics::trainTop1),
                        line("validation", EpochMetrics::top1))
                .svg();
    }

    Svg loss() {
        return new Curves(
                        "Loss by epoch",
                        Curves.Axis.epochs(epochs.size()),
                        best(),
                        Numbers::decimals,
                        true,
                        Double.NaN,
                        line("training", EpochMetrics::trainLoss),
                        line("validation", EpochMetrics::loss))
                .svg();
    }

    Svg rate() {
        return new Curves(
                        "Learning rate by step",
                        Curves.Axis.epochs(epochs.size()),
                        0,
                        Numbers::decimals,
                        true,
                        Double.NaN,
                        rates())
                .svg();
    }

    private Curves.Line line(String style, ToDoubleFunction<EpochMetrics> of) {
        return new Curves.Line(
                style, style, ended(), epochs.stream().mapToDouble(of).toArray());
    }

    private double[] ended() {
        return epochs.stream().mapToDouble(EpochMetrics::epoch).toArray();
    }

    /**
     * The learning rate step by step, so that a warm-up shows that is shorter than an epoch; the ends of epochs where
     * the recipe does not lead to the rates that were used, as in a run that was lengthened.
     */
    private Curves.Line rates() {
        double[] used = epochs.stream().mapToDouble(EpochMetrics::learningRate).toArray();
        EpochMetrics last = epochs.get(epochs.size() - 1);
        if (recipe.isEmpty() || recipe.get().epochs() != last.epoch() || last.step() == 0)
            return new Curves.Line("rate", "rate", ended(), used);
        Recipe r = recipe.get();
        int without = headFirst() ? 1 : 0; // the head's own epoch has no steps
        for (EpochMetrics e : epochs.subList(without, epochs.size())) {
            double planned = r.learningRate() * r.schedule().factor(e.step() - 1, last.step());
            if (Math.abs(planned - e.learningRate()) > 1e-6 * r.learningRate())
                return new Curves.Line("rate", "rate", ended(), used);
        }
        int points = (int) Math.min(POINTS, last.step());
        double[] x = new double[points], y = new double[points];
        for (int i = 0; i < points; i++) {
            long step = points == 1 ? 0 : Math.round(i * (last.step() - 1.0) / (points - 1));
            x[i] = without + (step + 1.0) / last.step() * (last.epoch() - without);
            y[i] = r.learningRate() * r.schedule().factor(step, last.step());
        }
        return new Curves.Line("rate", "rate", x, y);
    }

    /** Whether the first epoch fitted the head alone. */
    boolean headFirst() {
        return epochs.get(0).step() == 0;
    }

    boolean augmented() {
        return recipe.isPresent() && !recipe.get().augmentation().steps().isEmpty();
    }

    /** How the training's labels are smoothed; empty if they are not. */
    Optional<Smoothing> smoothing() {
        double s = recipe.map(Recipe::smoothing).orElse(0.0);
        if (s <= 0) return Optional.empty();
        double other = s / classes, own = 1 - s + other;
        double least = -own * Math.log(own) - (classes - 1) * other * Math.log(other);
        return Optional.of(new Smoothing(Numbers.decimals(s), String.format(Locale.ROOT, "%.2f", least)));
    }

    /** Whether pictures were held out. */
    boolean validated() {
        return epochs.get(epochs.size() - 1).validated();
    }

    /** Whether the validation is of averaged weights. */
    boolean averaged() {
        return recipe.map(r -> r.optimizer().ema() > 0).orElse(false);
    }
}
