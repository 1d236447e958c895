package org.convzoo.onednn.tuning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import org.convzoo.onednn.binding.Layout;
import org.convzoo.onednn.compile.Plan;
import org.convzoo.onednn.winograd.WinogradUse;
import org.junit.jupiter.api.Test;

class RaceTest {
    private static final Plan USUAL = Plan.direct(Layout.BLOCKED),
            OTHER = Plan.direct(Layout.CHANNELS_LAST),
            THIRD = new Plan(Layout.BLOCKED, WinogradUse.WHERE_FASTER);

    private final Map<Plan, Deque<Double>> times = new HashMap<>();

    private final List<Plan> closed = new ArrayList<>();

    /** The winner if those that start take so long, round by round. */
    private Plan race(Plan... all) {
        return Race.fastest(List.of(all), this::start);
    }

    private Race.Trial start(Plan c) {
        return new Race.Trial() {
            @Override
            public double milliseconds() {
                return times.get(c).remove();
            }

            @Override
            public void close() {
                closed.add(c);
            }
        };
    }

    private void takes(Plan c, double... seconds) {
        Deque<Double> all = new ArrayDeque<>();
        for (double s : seconds) all.add(1000 * s);
        times.put(c, all);
    }

    @Test
    void theFastestWins() {
        takes(USUAL, 10, 10);
        takes(OTHER, 5, 5);
        assertThat(race(USUAL, OTHER)).isEqualTo(OTHER);
    }

    @Test
    void theUsualWinsUnlessAnotherIsClearlyFaster() {
        takes(USUAL, 10, 10, 10, 10, 10, 10);
        takes(OTHER, 9.9, 9.9, 9.9, 9.9, 9.9, 9.9);
        assertThat(race(USUAL, OTHER)).isEqualTo(USUAL);
    }

    @Test
    void twoPerCentAreClear() {
        takes(USUAL, 10, 10, 10, 10, 10, 10);
        takes(OTHER, 9.8, 9.8, 9.8, 9.8, 9.8, 9.8);
        assertThat(race(USUAL, OTHER)).isEqualTo(OTHER);
    }

    @Test
    void whatJavaHasNotCompiledYetIsNotJudged() {
        takes(USUAL, 10, 10, 10, 10, 10, 10);
        takes(OTHER, 35, 5, 5, 5, 5, 5);
        assertThat(race(USUAL, OTHER)).isEqualTo(OTHER);
    }

    @Test
    void whoIsFarBehindIsNotMeasuredAgain() {
        takes(USUAL, 10, 10, 10, 10, 10, 10);
        takes(OTHER, 50);
        takes(THIRD, 10, 9.5, 9.5, 9.5, 9.5, 9.5);
        assertThat(race(USUAL, OTHER, THIRD)).isEqualTo(THIRD);
        assertThat(times.get(OTHER)).isEmpty();
        assertThat(closed).containsExactly(OTHER, USUAL, THIRD);
    }

    @Test
    void aMachineThatIsBusyInSomeRoundsDoesNotDecide() {
        takes(USUAL, 10, 10, 20, 20, 10, 10);
        takes(OTHER, 9, 9, 18, 18, 9, 9);
        takes(THIRD, 10.5, 10.5, 10, 20.5, 10.5, 10.5); // the machine came to rest while it ran
        assertThat(race(USUAL, OTHER, THIRD)).isEqualTo(OTHER);
    }

    @Test
    void norDoesOneThatIsBusyInTheSecond() {
        takes(USUAL, 10, 10, 10, 10, 10, 10);
        takes(OTHER, 9, 18, 9, 9, 9, 9);
        assertThat(race(USUAL, OTHER)).isEqualTo(OTHER);
    }

    @Test
    void quickRunsAreComparedMoreOften() {
        double ms = 0.001;
        double[] usual = new double[15], other = new double[15];
        for (int i = 0; i < 15; i++) {
            usual[i] = 50 * ms;
            other[i] = (i < 7 ? 52.5 : 45) * ms;
        }
        takes(USUAL, usual);
        takes(OTHER, other);
        assertThat(race(USUAL, OTHER)).isEqualTo(OTHER);
        assertThat(times.get(OTHER)).isEmpty();
    }

    @Test
    void whatCannotRunLeavesNothingOpen() {
        takes(USUAL, 10);
        takes(OTHER);
        assertThatThrownBy(() -> race(USUAL, OTHER)).isInstanceOf(NoSuchElementException.class);
        assertThat(closed).containsExactly(USUAL, OTHER);
        closed.clear();
        assertThatThrownBy(() -> Race.fastest(List.of(USUAL, OTHER), c -> {
                    if (c == OTHER) throw new IllegalStateException("no memory");
                    return start(c);
                }))
                .hasMessage("no memory");
        assertThat(closed).containsExactly(USUAL);
    }

    @Test
    void oneAloneIsNotMeasured() {
        assertThat(race(USUAL)).isEqualTo(USUAL);
    }
}
