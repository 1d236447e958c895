package org.convzoo.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import org.convzoo.experiment.Judgement.Outcome;
import org.junit.jupiter.api.Test;

class JudgementTest {
    private static final Claim HIGHER = new Claim("deep is worse", Measure.TEST_ERROR, "deep", "flat");

    private static List<Result> errors(String arm, double... errors) {
        List<Result> results = new ArrayList<>();
        for (double e : errors) results.add(Made.result(arm, results.size() + 1, e, 0.9, e));
        return results;
    }

    private static Judgement judged(Claim claim, List<Result> some, List<Result> others) {
        List<Result> all = new ArrayList<>(some);
        all.addAll(others);
        all.add(Made.result("another arm", 1, 0.5, 0.5));
        return Judgement.of(claim, all, 3);
    }

    @Test
    void aClaimShowsWhereAllRunsOfOneArmLieAboveAllOfTheOther() {
        Judgement shows = judged(HIGHER, errors("deep", 0.31, 0.5, 0.4), errors("flat", 0.1, 0.3, 0.2));
        assertThat(shows.outcome()).isEqualTo(Outcome.SHOWS);
        assertThat(shows.more()).containsExactly(1 - (1 - 0.31), 1 - (1 - 0.5), 1 - (1 - 0.4));
        assertThat(shows.oneOf()).as("of 6 over 3").isEqualTo(20);
    }

    @Test
    void oneRunAmongTheOthersIsEnoughForDoubt() {
        assertThat(judged(HIGHER, errors("deep", 0.6, 0.5, 0.25), errors("flat", 0.1, 0.3, 0.2))
                        .outcome())
                .as("on average it is far higher")
                .isEqualTo(Outcome.DOES_NOT_SHOW);
        assertThat(judged(HIGHER, errors("deep", 0.3, 0.3, 0.3), errors("flat", 0.3, 0.3, 0.3))
                        .outcome())
                .isEqualTo(Outcome.DOES_NOT_SHOW);
    }

    @Test
    void theOppositeIsSaidToo() {
        assertThat(judged(HIGHER, errors("deep", 0.1, 0.1, 0.1), errors("flat", 0.2, 0.3, 0.4))
                        .outcome())
                .isEqualTo(Outcome.OPPOSITE);
    }

    @Test
    void nothingIsJudgedBeforeAllRunsAreThere() {
        assertThat(judged(HIGHER, errors("deep", 0.5, 0.6), errors("flat", 0.1, 0.2, 0.3))
                        .outcome())
                .isEqualTo(Outcome.UNFINISHED);
        assertThat(judged(HIGHER, List.of(), List.of()).outcome()).isEqualTo(Outcome.UNFINISHED);
    }

    @Test
    void whatNeverGetsThereIsTheSlowest() {
        Claim sooner = new Claim("flat is sooner", Measure.epochsTo(0.25), "deep", "flat");
        List<Result> quick = List.of(
                Made.result("flat", 1, 0, 0.5, 0.2),
                Made.result("flat", 2, 0, 0.2),
                Made.result("flat", 3, 0, 0.9, 0.1));
        List<Result> never = List.of(
                Made.result("deep", 1, 0, 0.9, 0.8), Made.diverged("deep", 2, 0.2), Made.result("deep", 3, 0, 0.9));
        assertThat(judged(sooner, never, quick).outcome()).isEqualTo(Outcome.SHOWS);
        Claim neither = new Claim("", Measure.epochsTo(0.01), "deep", "flat");
        assertThat(judged(neither, never, quick).outcome()).isEqualTo(Outcome.DOES_NOT_SHOW);
    }

    @Test
    void measuresOfARun() {
        Result run = Made.result("flat", 1, 0.125, 0.8, 0.4, 0.2);
        assertThat(Measure.TRAINING_ERROR.of().applyAsDouble(run)).isCloseTo(0.2, within(1e-9));
        assertThat(Measure.TEST_ERROR.of().applyAsDouble(run)).isCloseTo(0.125, within(1e-9));
        assertThat(Measure.epochsTo(0.4).of().applyAsDouble(run)).isCloseTo(2, within(1e-9));
        assertThat(Measure.epochsTo(0.3).of().applyAsDouble(run)).isCloseTo(2.5, within(1e-9));
        assertThat(Measure.epochsTo(0.9).of().applyAsDouble(run))
                .as("in the first epoch")
                .isCloseTo(0.5, within(1e-9));
        Result diverged = Made.diverged("flat", 1);
        assertThat(Measure.TRAINING_ERROR.of().applyAsDouble(diverged)).isEqualTo(1);
        assertThat(Measure.TEST_ERROR.of().applyAsDouble(diverged)).isEqualTo(1);
    }
}
