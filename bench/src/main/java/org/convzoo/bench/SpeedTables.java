package org.convzoo.bench;

import static org.convzoo.bench.Markdown.number;

import java.util.List;
import java.util.OptionalDouble;

/** A section for each contest that a machine took part in: a row a network, our time beside the best of the others. */
final class SpeedTables {
    private static final double FASTER_THAN_FLOAT = 1.4;

    private final Results results;
    private final Verdicts verdicts;
    private final Markdown page;

    SpeedTables(Results results, Verdicts verdicts, Markdown page) {
        this.results = results;
        this.verdicts = verdicts;
        this.page = page;
    }

    void write() {
        for (Contest contest : Contest.ALL) {
            if (!contest.isMeasured(results)) continue;
            page.heading(3, contest.title());
            page.paragraph(contest.explanation());
            table(contest);
            mean(contest);
            if (contest == Contest.HALF_TRAINING) ofFloat();
        }
    }

    /** Writes a row for each comparison that has a goal or a ratio. */
    private void table(Contest contest) {
        page.head("network", "batch>", "convzoo ms>", "the best ms>", "of", "ratio>", "goal>", "");
        for (Comparison c : contest.comparisons(results)) {
            double goal = c.goal().ratio();
            if (goal == 0 && c.ratio().isEmpty()) continue;
            page.row(
                    c.goal().network(),
                    "" + c.goal().batch(),
                    number(c.ours()),
                    number(c.theirs()),
                    Variants.name(c.fastest()),
                    number(c.ratio()),
                    goal > 0 ? number(goal) : "",
                    verdicts.of(contest, c));
        }
        page.end();
    }

    private void mean(Contest contest) {
        List<Double> ratios = Comparison.ratios(contest.comparisons(results));
        OptionalDouble mean = Comparison.geometricMean(ratios);
        String words =
                "Geometric mean" + (mean.isPresent() ? " of " + ratios.size() + ": **" + number(mean) + "**" : "");
        if (contest.mean().isPresent()) {
            double goal = contest.mean().getAsDouble();
            words += "; goal " + number(goal) + ": " + verdicts.of(mean, goal);
        }
        page.paragraph(words + ".");
    }

    private void ofFloat() {
        page.paragraph("Against convzoo's own float32; the goal is " + FASTER_THAN_FLOAT + " times as fast.");
        page.head("network", "batch>", "f32 ms>", "bf16 ms>", "times as fast>", "goal>", "");
        for (Comparison half : Contest.HALF_TRAINING.comparisons(results)) {
            var network = results.training().get(half.goal().network());
            OptionalDouble full = network == null
                    ? OptionalDouble.empty()
                    : network.time("ours", half.goal().batch());
            OptionalDouble ratio = Comparison.ratio(full, half.ours());
            boolean goal = half.goal().ratio() > 0;
            if (!goal && ratio.isEmpty()) continue;
            boolean behind = ratio.isPresent() && ratio.getAsDouble() < 1;
            if (behind) verdicts.slowerThanFloat(half.goal().network(), ratio);
            page.row(
                    half.goal().network(),
                    "" + half.goal().batch(),
                    number(full),
                    number(half.ours()),
                    number(ratio),
                    goal ? number(FASTER_THAN_FLOAT) : "",
                    goal ? verdicts.of(ratio, FASTER_THAN_FLOAT) : behind ? "slower" : "");
        }
        page.end();
    }
}
