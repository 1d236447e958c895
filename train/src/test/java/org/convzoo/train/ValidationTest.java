package org.convzoo.train;

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
    void theBestIsTheOneWithMostRightThenOfLeastLossThenTheFirst() {
        assertThat(Validation.best(run(epoch(2, 0.5), epoch(1, 0.7), epoch(0.5, 0.6))))
                .hasValueSatisfying(best(2));
        assertThat(Validation.best(run(epoch(2, 0.7), epoch(1, 0.7), epoch(1, 0.7))))
                .hasValueSatisfying(best(2));
        assertThat(Validation.best(run(epoch(Double.NaN, Double.NaN)))).isEmpty();
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
