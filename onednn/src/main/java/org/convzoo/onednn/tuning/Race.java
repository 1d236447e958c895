package org.convzoo.onednn.tuning;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.convzoo.onednn.compile.Plan;
import org.convzoo.onednn.program.Timing;

/**
 * Measures in rounds which plan is the fastest. A machine is busy now and then, for seconds or minutes, so only times of
 * one round are compared: what counts is the median of a plan's times by the least of their rounds.
 */
public final class Race implements AutoCloseable {
    /** A network that can run as one plan has it; it may hold nothing between its runs. */
    public interface Trial extends AutoCloseable {
        /** How long a run takes, at best. */
        double milliseconds();

        @Override
        default void close() {}
    }

    /**
     * Who took up to so many times as long as the fastest in any round so far is in the next; in all later ones the last
     * counts. In the first, Java has not compiled its loops yet; it is forgotten after the second.
     */
    private static final double[] CLOSE = {4, 1.3, 1.15, 1.1};

    /** Rounds at most. */
    private static final int FEW = 6, MANY = 15;

    /** Milliseconds of a run that make it many: with less, a measurement has enough runs; with more, a round takes long. */
    private static final int SHORT = 10, LONG = 100;

    /** How much faster than the usual plan another must be, so that noise does not decide. */
    private static final double CLEARLY = 0.985;

    /** Those still in. */
    private final Map<Plan, Trial> trials = new LinkedHashMap<>();

    /** Their times by the least of each round. */
    private final Map<Plan, List<Double>> ratios = new LinkedHashMap<>();

    private Race() {}

    /** The fastest; the first of {@code all}, the usual one, unless another is clearly faster. */
    static Plan fastest(List<Plan> all, Function<Plan, Trial> start) {
        Plan usual = all.get(0);
        if (all.size() == 1) return usual;
        try (Race race = new Race()) {
            for (Plan c : all) {
                race.trials.put(c, start.apply(c));
                race.ratios.put(c, new ArrayList<>());
            }
            for (int round = 0, rounds = FEW; round < rounds && race.trials.size() > 1; round++) {
                double least = race.round(CLOSE[Math.min(round, CLOSE.length - 1)]);
                if (least > SHORT && least < LONG) rounds = MANY;
                if (round == 1) race.ratios.values().forEach(r -> r.remove(0));
            }
            Plan fastest = Collections.min(race.trials.keySet(), Comparator.comparingDouble(race::median));
            boolean close = race.trials.containsKey(usual) && race.median(fastest) > CLEARLY * race.median(usual);
            return close ? usual : fastest;
        }
    }

    /** Lets all run and drops who is not so close; the least time. */
    private double round(double close) {
        Map<Plan, Double> times = new LinkedHashMap<>();
        trials.forEach((c, trial) -> times.put(c, trial.milliseconds()));
        double least = Collections.min(times.values());
        times.forEach((c, t) -> ratios.get(c).add(t / least));
        for (Plan c : times.keySet())
            if (Collections.min(ratios.get(c)) > close) trials.remove(c).close();
        return least;
    }

    private double median(Plan c) {
        return Timing.median(ratios.get(c).stream().mapToDouble(r -> r));
    }

    @Override
    public void close() {
        trials.values().forEach(Trial::close);
    }
}
