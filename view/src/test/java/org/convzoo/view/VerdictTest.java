package org.convzoo.view;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.convzoo.recipe.EpochMetrics;
import org.convzoo.train.Evaluation;
import org.convzoo.view.Verdict.Kind;
import org.junit.jupiter.api.Test;

class VerdictTest {
    /** Three of four right, at a loss of 0.5. */
    private static final Evaluation TEST = new Evaluation(
            List.of("a", "b"),
            IntStream.range(0, 4)
                    .mapToObj(i -> new Evaluation.Prediction(i, "", 0, i == 0 ? 1 : 0, 0.6, 0.6, 0.5, i == 0 ? 1 : 0))
                    .toList());

    /** Epochs of training loss, training share, test loss, test share. */
    private static List<EpochMetrics> run(double[]... rows) {
        List<EpochMetrics> epochs = new ArrayList<>();
        for (double[] r : rows) {
            int e = epochs.size() + 1;
            epochs.add(new EpochMetrics(e, 10L * e, 0.1, r[0], r[1], r[2], r[3], 1, 100, 1, 0, 0));
        }
        return epochs;
    }

    private static double[] epoch(double trainLoss, double trainTop1, double loss, double top1) {
        return new double[] {trainLoss, trainTop1, loss, top1};
    }

    private static Verdict verdict(List<EpochMetrics> epochs) {
        return verdict(epochs, 10, 1000);
    }

    private static Verdict verdict(List<EpochMetrics> epochs, int classes, int validated) {
        return Verdict.of(epochs, classes, validated, TEST, Sample.kept(epochs));
    }

    @Test
    void muchBetterInTrainingIsOverfitting() {
        List<EpochMetrics> epochs = new ArrayList<>();
        for (int e = 1; e <= 40; e++) {
            double test = 0.67 - (e == 33 ? 0 : 0.01);
            epochs.addAll(run(epoch(2.0 / e, 0.9, 1, e == 40 ? 0.669 : test)).stream()
                    .map(m ->
                            new EpochMetrics(epochs.size() + 1, 1, 0.1, m.trainLoss(), 0.9, 1, m.top1(), 1, 1, 1, 0, 0))
                    .toList());
        }
        assertThat(verdict(epochs).line())
                .isEqualTo("training 90 %, validation 66.9 %: overfitting; kept epoch 40 of 40: validation 66.9 %");
    }

    @Test
    void aTestLossThatRisesAgainIsOverfittingThoughTheSharesAreClose() {
        var rising = run(epoch(2, 0.5, 1.5, 0.5), epoch(1, 0.8, 0.5, 0.8), epoch(0.5, 0.85, 0.7, 0.8));
        assertThat(verdict(rising).kind()).isEqualTo(Kind.OVERFITTING);
    }

    @Test
    void aGapThatAFewTestImagesMayMakeIsNone() {
        var epochs = run(epoch(2, 0.5, 0.6, 0.75), epoch(1, 0.9, 0.6, 0.75));
        assertThat(verdict(epochs, 10, 12).kind()).isEqualTo(Kind.FINE);
        assertThat(verdict(epochs, 10, 1200).kind()).isEqualTo(Kind.OVERFITTING);
    }

    @Test
    void aTrainingLossThatRisesIsDiverging() {
        assertThat(verdict(run(epoch(1, 0.6, 1, 0.6), epoch(0.5, 0.8, 0.5, 0.8), epoch(1.01, 0.6, 1, 0.6)))
                        .kind())
                .isEqualTo(Kind.DIVERGING);
        assertThat(verdict(run(epoch(2.3, 0.1, 2.3, 0.1), epoch(40, 0.1, 40, 0.1)))
                        .kind())
                .isEqualTo(Kind.DIVERGING);
        // near nothing, twice as much is nothing
        assertThat(verdict(run(epoch(1, 0.8, 0.05, 0.99), epoch(0.01, 0.99, 0.05, 0.99), epoch(0.03, 0.99, 0.05, 0.99)))
                        .kind())
                .isEqualTo(Kind.FINE);
    }

    @Test
    void aTestLossThatStillFallsIsImproving() {
        var falling = run(epoch(2, 0.3, 2, 0.3), epoch(1.5, 0.5, 1.4, 0.5), epoch(1.2, 0.6, 1.1, 0.6));
        assertThat(verdict(falling).line())
                .isEqualTo("training 60 %, validation 60 %: still improving; kept epoch 3 of 3: validation 60.0 %");
    }

    @Test
    void littleLearntAndNoProgressIsUnderfitting() {
        var flat = run(epoch(2.2, 0.2, 2.1, 0.2), epoch(2.1, 0.25, 2.0, 0.25), epoch(2.1, 0.25, 2.0, 0.25));
        assertThat(verdict(flat).kind()).isEqualTo(Kind.UNDERFITTING);
        // of two classes, half is guessing
        var two = run(epoch(0.7, 0.6, 0.69, 0.6), epoch(0.69, 0.7, 0.69, 0.7));
        assertThat(verdict(two, 2, 1000).kind()).isEqualTo(Kind.UNDERFITTING);
    }

    @Test
    void oneEpochIsTooShort() {
        assertThat(verdict(run(epoch(2, 0.3, 2, 0.4))).line())
                .isEqualTo("training 30 %, validation 40 %: too short to judge");
    }

    /** The head's training loss is lower than that of all epochs that follow, which is no divergence. */
    @Test
    void theHeadsOwnEpochIsComparedWithNoOther() {
        List<EpochMetrics> epochs = new ArrayList<>(
                run(epoch(0.4, 0.93, 1, 0.67), epoch(1.4, 0.64, 1.2, 0.6), epoch(1.2, 0.72, 0.83, 0.725)));
        assertThat(verdict(epochs).kind()).isEqualTo(Kind.DIVERGING);
        EpochMetrics h = epochs.get(0);
        EpochMetrics head = new EpochMetrics(1, 0, 0, h.trainLoss(), h.trainTop1(), h.loss(), h.top1(), 1, 1, 1, 0, 0);
        epochs.set(0, head);
        assertThat(verdict(epochs).line())
                .isEqualTo("training 72 %, validation 72.5 %: still improving; kept epoch 3 of 3: validation 72.5 %");
        assertThat(verdict(List.of(head)).kind()).isEqualTo(Kind.SHORT);
    }

    @Test
    void withoutValidationTheTestJudgesTheLastEpoch() {
        double none = Double.NaN;
        var epochs = run(epoch(2, 0.5, none, none), epoch(1, 0.7, none, none));
        assertThat(verdict(epochs).line()).isEqualTo("training 70 %, test 75 %: fine; kept epoch 2 of 2");
        assertThat(verdict(run(epoch(2, 0.5, none, none), epoch(0.5, 0.95, none, none)))
                        .kind())
                .isEqualTo(Kind.FINE); // of four test images
    }
}
