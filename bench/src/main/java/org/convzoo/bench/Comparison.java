package org.convzoo.bench;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Predicate;
import org.convzoo.bench.Contest.Goal;
import org.convzoo.bench.Results.Network;

/**
 * Our time for one network beside that of the fastest of the others, in milliseconds; either may be unmeasured.
 *
 * @param fastest the others' variant, empty if there is none
 */
record Comparison(Goal goal, OptionalDouble ours, OptionalDouble theirs, String fastest) {
    static Comparison of(Map<String, Network> networks, Goal goal, String ours, Predicate<String> theirs) {
        Network n = networks.get(goal.network());
        if (n == null) return new Comparison(goal, OptionalDouble.empty(), OptionalDouble.empty(), "");
        Optional<String> fastest = n.variants().stream()
                .filter(theirs.and(v -> n.time(v, goal.batch()).isPresent()))
                .min(Comparator.comparingDouble(v -> n.time(v, goal.batch()).getAsDouble()));
        return new Comparison(
                goal,
                n.time(ours, goal.batch()),
                fastest.map(v -> n.time(v, goal.batch())).orElse(OptionalDouble.empty()),
                fastest.orElse(""));
    }

    /** How many times as fast convzoo is. */
    OptionalDouble ratio() {
        return ratio(theirs, ours);
    }

    static OptionalDouble ratio(OptionalDouble part, OptionalDouble whole) {
        return part.isPresent() && whole.isPresent()
                ? OptionalDouble.of(part.getAsDouble() / whole.getAsDouble())
                : OptionalDouble.empty();
    }

    /** The ratios that were measured. */
    static List<Double> ratios(List<Comparison> comparisons) {
        return comparisons.stream()
                .flatMapToDouble(c -> c.ratio().stream())
                .boxed()
                .toList();
    }

    /** The geometric mean; empty where there are no ratios. */
    static OptionalDouble geometricMean(List<Double> ratios) {
        OptionalDouble log = ratios.stream().mapToDouble(Math::log).average();
        return log.isPresent() ? OptionalDouble.of(Math.exp(log.getAsDouble())) : log;
    }
}
