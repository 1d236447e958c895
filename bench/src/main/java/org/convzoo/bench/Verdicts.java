package org.convzoo.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/** Which goals a machine reached, and where convzoo was slower. */
final class Verdicts {
    private final List<String> slower = new ArrayList<>(), slowerThanFloat = new ArrayList<>();
    private int goals, reached, missing, compared;

    /** Counts a goal, which is reached by a value at least as high, and says whether it is. */
    String of(OptionalDouble value, double goal) {
        goals++;
        if (value.isEmpty()) {
            missing++;
            return "not measured";
        }
        if (value.getAsDouble() >= goal) {
            reached++;
            return "reached";
        }
        return "**not reached**";
    }

    /** Counts a comparison and its goal, if it has one, and says how it ended. */
    String of(Contest contest, Comparison comparison) {
        OptionalDouble ratio = comparison.ratio();
        boolean behind = ratio.isPresent() && ratio.getAsDouble() < 1;
        if (ratio.isPresent()) compared++;
        if (behind) slower.add(words(contest, comparison) + ", " + Markdown.number(ratio) + ")");
        if (comparison.goal().ratio() > 0) return of(ratio, comparison.goal().ratio());
        return behind ? "slower" : "";
    }

    /** Remembers that bfloat16 did not pay. */
    void slowerThanFloat(String network, OptionalDouble ratio) {
        slowerThanFloat.add(network + " (" + Markdown.number(ratio) + ")");
    }

    private static String words(Contest contest, Comparison comparison) {
        return (contest.work() == Contest.Work.TRAINING ? "training" : "prediction")
                + (contest.ours().endsWith("bf16") ? " in bf16" : "") + " of "
                + comparison.goal().network() + " (batch "
                + comparison.goal().batch();
    }

    String summary() {
        String words = "Of %s goals %s are reached, %s are not, %s are not measured. "
                .formatted(goals, reached, goals - reached - missing, missing);
        words += slower.isEmpty()
                ? "In none of " + compared + " comparisons is convzoo slower than the best of the others."
                : "convzoo is slower than the best of the others in " + String.join("; ", slower) + ".";
        if (!slowerThanFloat.isEmpty())
            words += " Its training in bfloat16 is slower than its own in float32 for "
                    + String.join(", ", slowerThanFloat) + ".";
        return words;
    }
}
