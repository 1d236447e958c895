package org.convzoo.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.FloatBuffer;
import org.junit.jupiter.api.Test;

/** That the loss then equals PyTorch's is shown by the operator cases. */
class TargetsTest {
    @Test
    void theWholeProbabilityOnTheLabel() {
        assertThat(array(Targets.rows(new int[] {2, 0}, 3))).containsExactly(0, 0, 1, 1, 0, 0);
    }

    @Test
    void smoothingKeepsTheSum() {
        assertThat(array(Targets.rows(new int[] {1}, 4, 0.2, new float[0])))
                .containsExactly(0.05f, 0.85f, 0.05f, 0.05f);
    }

    @Test
    void weightsAreRelativeToTheLabelsOfTheBatch() {
        assertThat(array(Targets.rows(new int[] {0, 1}, 2, 0, new float[] {1, 3})))
                .containsExactly(0.5f, 0, 0, 1.5f);
    }

    @Test
    void refusesWhatIsNoTarget() {
        assertThatThrownBy(() -> Targets.rows(new int[] {3}, 3)).hasMessage("label 3 is not one of 3 classes");
        assertThatThrownBy(() -> Targets.rows(new int[] {-1}, 3)).hasMessage("label -1 is not one of 3 classes");
        assertThatThrownBy(() -> Targets.rows(new int[] {0}, 3, 1.5, new float[0]))
                .hasMessage("label smoothing is from 0 to 1, got 1.5");
        assertThatThrownBy(() -> Targets.rows(new int[] {0}, 3, 0, new float[2]))
                .hasMessage("3 classes need as many weights, got 2");
        assertThatThrownBy(() -> Targets.rows(new int[] {0}, 2, 0, new float[] {0, 1}))
                .hasMessage("the labels' class weights add up to 0.0");
    }

    private static float[] array(FloatBuffer rows) {
        float[] a = new float[rows.remaining()];
        rows.get(a);
        return a;
    }
}
