package org.convzoo.onednn.tuning;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.convzoo.onednn.compile.Plan;
import org.convzoo.onednn.program.Timing;

/**
 * Measures in rounds which plan is the fastest. In a round each plan that is left runs once. A machine is busy now and
 * then, for seconds or minutes, so only times of one round are compared: a plan's ratio is its time by the least of its
 * round, and what counts in the end is the median of its ratios.
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
     * The limit of each round, the last of them for all later rounds: a plan is dropped if the least of its ratios so
     * far is above it. In the first round Java has not compiled its loops yet, so that the limit is wide, and the
     * ratios of that round are forgotten after the second.
     */
    private static final double[] CLOSE = {4, 1.3, 1.15, 1.1};

    /** The number of rounds, at most: many if the fastest run takes between the times below, else few. */
    private static final int FEW = 6, MANY = 15;

    /** Milliseconds: in less, one measurement takes the best of enough runs; with more, a round takes too long. */
    private static final int SHORT = 10, LONG = 100;

    /** The part of the usual plan's ratio that another's must be below to win, so that noise does not decide. */
    private static final double CLEARLY = 0.985;

    /** The plans that are left, each with its network. */
    private final Map<Plan, Trial> trials = new LinkedHashMap<>();

    /** The ratios of each plan, round by round. */
    private final Map<Plan, List<Double>> ratios = new LinkedHashMap<>();

    private Race() {}

    /** The fastest plan; the first of {@code all}, the usual one, unless another is clearly faster. */
    static Plan fastest(List<Plan> all, Function<Plan, Trial> start) {
        Plan usual = all.get(0);
        if (all.size() == 1) return usual;
        try (Race race = new Race()) {
            for (Plan plan : all) {
                race.trials.put(plan, start.apply(plan));
                race.ratios.put(plan, new ArrayList<>());
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

    /** Lets all that are left run once and drops those beyond the limit {@code close}; the least time. */
    private double round(double close) {
        Map<Plan, Double> times = new LinkedHashMap<>();
        trials.forEach((plan, trial) -> times.put(plan, trial.milliseconds()));
        double least = Collections.min(times.values());
        times.forEach((plan, t) -> ratios(plan).add(t / least));
        for (Plan plan : times.keySet())
            if (Collections.min(ratios(plan)) > close) trials.remove(plan).close();
        return least;
    }

    private List<Double> ratios(Plan plan) {
        return Objects.requireNonNull(ratios.get(plan));
    }

    private double median(Plan plan) {
        return Timing.median(ratios(plan).stream().mapToDouble(r -> r));
    }

    @Override
    public void close() {
        trials.values().forEach(Trial::close);
    }
}
