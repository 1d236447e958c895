package org.convzoo.onednn.loops;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.FloatBuffer;
import org.convzoo.engine.Loss;
import org.junit.jupiter.api.Test;

/** What float64 cannot tell from certainty; {@code LearnerConformance} has the rest. */
class LossGradientTest {
    private static final float[] CERTAIN = {1000, 0, -1000};

    private final float[] gradient = new float[3];

    @Test
    void certaintyThatIsRightCostsNothing() {
        for (Loss loss :
                new Loss[] {new Loss.CrossEntropy(), new Loss.Focal(0), new Loss.Focal(0.5), new Loss.Focal(2)}) {
            assertThat(of(loss, 1, 0, 0)).as(loss.words()).isZero();
            for (float g : gradient) assertThat(g).as(loss.words()).isZero();
        }
    }

    @Test
    void certaintyThatIsWrongCostsTheDistanceOfTheLogits() {
        for (Loss loss : new Loss[] {new Loss.CrossEntropy(), new Loss.Focal(0.5), new Loss.Focal(2)}) {
            assertThat(of(loss, 0, 0, 1)).as(loss.words()).isEqualTo(2000);
            assertThat(gradient).as(loss.words()).containsExactly(1, 0, -1);
        }
    }

    @Test
    void aQuestionForEachClass() {
        assertThat(of(new Loss.BinaryCrossEntropy(), 0, 1, 1)).isEqualTo((2000 + Math.log(2)) / 3);
        assertThat(gradient).containsExactly(1 / 3f, -1 / 6f, -1 / 3f);
    }

    @Test
    void logitsThatAreNoNumbersGiveALossThatIsNone() {
        for (Loss loss : new Loss[] {new Loss.CrossEntropy(), new Loss.Focal(2), new Loss.BinaryCrossEntropy()})
            for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
                for (int k = 0; k < 3; k++) {
                    float[] logits = {1, 0, -1};
                    logits[k] = bad;
                    assertThat(of(loss, logits, 0.1f, 0.8f, 0.1f))
                            .as(loss.words() + " " + bad)
                            .isNotFinite();
                }
    }

    private double of(Loss loss, float... targets) {
        return of(loss, CERTAIN, targets);
    }

    private double of(Loss loss, float[] logits, float... targets) {
        return LossGradient.of(
                loss,
                FloatBuffer.wrap(logits),
                FloatBuffer.wrap(targets),
                FloatBuffer.wrap(gradient),
                new float[3],
                1,
                1);
    }
}
