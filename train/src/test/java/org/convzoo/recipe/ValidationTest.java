package org.convzoo.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ValidationTest {
    /** Epochs of validation loss and share right. */
    private static List<EpochMetrics> run(double[]... rows) {
        List<EpochMetrics> epochs = new ArrayList<>();
        for (double[] r : rows)
            epochs.add(new EpochMetrics(epochs.size() + 1, epochs.size() + 1, 0.1, 1, 0.5, r[0], r[1], 1, 1, 1, 0, 0));
        return epochs;
    }

    private static double[] epoch(double loss, double top1) {
        return new double[] {loss, top1};
    }

    @Test
    void theBestIsTheLastWithinAStandardErrorOfTheHighest() {
        List<EpochMetrics> epochs = run(epoch(2, 0.5), epoch(1, 0.7), epoch(0.9, 0.66), epoch(0.8, 0.6));
        // of 100 images the standard error is 4.6 points, of 1,000,000 it is 0.05, of 10 it is 14
        assertThat(Validation.best(epochs, 100)).hasValueSatisfying(best(3));
        assertThat(Validation.best(epochs, 1_000_000)).hasValueSatisfying(best(2));
        assertThat(Validation.best(epochs, 10)).hasValueSatisfying(best(4));
        assertThat(Validation.best(run(epoch(2, 1), epoch(1, 1)), 10))
                .as("no error")
                .hasValueSatisfying(best(2));
        assertThat(Validation.best(run(epoch(Double.NaN, Double.NaN)), 0)).isEmpty();
    }

    /** What is best after an epoch is that epoch, or what was best before: its weights need no keeping until then. */
    @Test
    void theBestIsNeverOneThatWasNotBestInItsTime() {
        var random = new java.util.SplittableRandom(1);
        for (int n = 0; n < 200; n++) {
            List<EpochMetrics> epochs = new ArrayList<>();
            int kept = 0;
            for (int e = 1; e <= 30; e++) {
                epochs.add(new EpochMetrics(e, e, 0, 0, 0, 1, random.nextInt(40, 60) / 100.0, 1, 1, 1, 0, 0));
                int best = Validation.best(epochs, 100).orElseThrow().epoch();
                assertThat(best == kept || best == e).isTrue();
                kept = best;
            }
        }
    }

    private static java.util.function.Consumer<EpochMetrics> best(int epoch) {
        return m -> assertThat(m.epoch()).isEqualTo(epoch);
    }

    @Test
    void patienceCountsEpochsWithoutABetterOne() {
        List<EpochMetrics> epochs = run(epoch(1, 0.7), epoch(1, 0.6), epoch(1, 0.7));
        assertThat(new Validation(0.1, 2).ends(epochs)).isTrue();
        assertThat(new Validation(0.1, 3).ends(epochs)).isFalse();
        assertThat(new Validation(0.1, 0).ends(epochs)).isFalse();
        assertThat(new Validation(0.1, 1).ends(List.of())).isFalse();
    }

    @Test
    void whatCannotBe() {
        assertThatIllegalArgumentException().isThrownBy(() -> new Validation(0.51, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> new Validation(0.1, -1));
        assertThatIllegalArgumentException().isThrownBy(() -> new Validation(0, 1));
    }
}
