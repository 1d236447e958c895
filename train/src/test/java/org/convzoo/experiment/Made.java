package org.convzoo.experiment;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.convzoo.models.Models;
import org.convzoo.models.Options;
import org.convzoo.recipe.EpochMetrics;

/** Results that nobody trained for. */
final class Made {
    private Made() {}

    static Arm arm(String name, String... recipe) {
        return new Arm(name, "lenet", Options.of("modern", true), UnaryOperator.identity(), 28, List.of(recipe));
    }

    /** @param errors of the training, one an epoch */
    static Result result(String arm, long seed, double testError, double... errors) {
        List<EpochMetrics> history = new ArrayList<>();
        for (double error : errors) {
            int epoch = history.size() + 1;
            double none = Double.NaN;
            history.add(new EpochMetrics(epoch, epoch, 0.1, 1, 1 - error, none, none, none, 100, 1, 0, 0));
        }
        return new Result(arm(arm), Models.named("lenet").graph(), seed, Path.of(arm), history, 1 - testError, "");
    }

    static Result diverged(String arm, long seed, double... errors) {
        Result r = result(arm, seed, Double.NaN, errors);
        return new Result(r.arm(), r.graph(), seed, r.run(), r.history(), Double.NaN, "at step 7");
    }
}
