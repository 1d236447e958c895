package org.convzoo.experiment;

import java.util.List;
import java.util.function.ToDoubleFunction;
import org.convzoo.recipe.EpochMetrics;

/** A number that each run of an experiment comes to. A run that has diverged has everything wrong and reaches nothing. */
public record Measure(String name, Unit unit, ToDoubleFunction<Result> of) {
    /** What the number counts. */
    public enum Unit {
        /** Of images, 0 to 1. */
        SHARE,
        /** Infinity stands for never. */
        EPOCHS
    }

    /** The share of training images that were wrong in the last epoch, as the steps saw them. */
    public static final Measure TRAINING_ERROR = new Measure(
            "training error",
            Unit.SHARE,
            r -> r.diverged() ? 1 : 1 - r.history().get(r.history().size() - 1).trainTop1());

    /** The share of test images that the trained network has wrong. */
    public static final Measure TEST_ERROR =
            new Measure("test error", Unit.SHARE, r -> r.diverged() ? 1 : 1 - r.top1());

    /** How long it took to a training error, with a straight line between epochs. */
    public static Measure epochsTo(double error) {
        String name = "epochs to a training error of " + Math.round(100 * error) + " %";
        return new Measure(name, Unit.EPOCHS, r -> r.diverged() ? Double.POSITIVE_INFINITY : reached(r, error));
    }

    /** Its value for each run. */
    public List<Double> values(List<Result> runs) {
        return runs.stream().map(of::applyAsDouble).toList();
    }

    private static double reached(Result result, double error) {
        List<EpochMetrics> history = result.history();
        double before = 1;
        for (EpochMetrics e : history) {
            double now = 1 - e.trainTop1();
            if (now <= error) return e.epoch() - (error - now) / Math.max(before - now, 1e-9);
            before = now;
        }
        return Double.POSITIVE_INFINITY;
    }
}
