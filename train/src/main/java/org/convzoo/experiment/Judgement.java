package org.convzoo.experiment;

import java.util.List;
import org.convzoo.train.Spread;

/**
 * Whether a claim shows in the results. It does where every run of the one arm lies above every run of the other, which
 * is Mann's and Whitney's test at its strictest: of equal arms, three runs each, chance alone does that in one of twenty
 * cases. It takes no measure of the spread, so that few runs are enough to judge by.
 *
 * @param more of the arm of which the measure is more by the claim, a value a run
 * @param less of the other
 */
public record Judgement(Claim claim, List<Double> more, List<Double> less, Outcome outcome) {
    /** What the results say of a claim. */
    public enum Outcome {
        SHOWS,
        /** The runs overlap. */
        DOES_NOT_SHOW,
        /** It is more of the other arm. */
        OPPOSITE,
        /** There are runs to come. */
        UNFINISHED
    }

    /** Judges by the results of all runs so far, of which there are to be {@code seeds} for each arm. */
    public static Judgement of(Claim claim, List<Result> results, int seeds) {
        List<Double> more = values(claim, claim.more(), results), less = values(claim, claim.less(), results);
        return new Judgement(claim, more, less, outcome(more, less, seeds));
    }

    private static List<Double> values(Claim claim, String arm, List<Result> results) {
        return claim.measure()
                .values(results.stream().filter(r -> r.arm().name().equals(arm)).toList());
    }

    private static Outcome outcome(List<Double> more, List<Double> less, int seeds) {
        if (Math.min(more.size(), less.size()) < seeds) return Outcome.UNFINISHED;
        Spread one = new Spread(more), other = new Spread(less);
        if (one.least() > other.most()) return Outcome.SHOWS;
        return one.most() < other.least() ? Outcome.OPPOSITE : Outcome.DOES_NOT_SHOW;
    }

    /** In one of how many cases chance alone would set equal arms apart like that, in this direction. */
    public long oneOf() {
        long ways = 1;
        for (int i = 1; i <= less.size(); i++) ways = ways * (more.size() + i) / i;
        return ways;
    }
}
