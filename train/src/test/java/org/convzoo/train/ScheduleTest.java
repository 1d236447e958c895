package org.convzoo.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class ScheduleTest {
    @Test
    void risesEvenlyThenFollowsTheCurve() {
        Schedule s = new Schedule(0.1, new Schedule.Constant());
        assertThat(s.factor(0, 100)).isCloseTo(1 / 11.0, within(1e-12));
        assertThat(s.factor(9, 100)).isCloseTo(10 / 11.0, within(1e-12));
        assertThat(s.factor(10, 100)).isEqualTo(1);
        assertThat(s.factor(99, 100)).isEqualTo(1);
    }

    @Test
    void neverStepsWithoutARate() {
        for (Schedule.Curve curve :
                List.of(new Schedule.Linear(), new Schedule.Cosine(), new Schedule.Steps(List.of(0.5), 0.1)))
            for (double warmUp : new double[] {0, 0.1, 0.9})
                for (int steps : new int[] {1, 2, 100})
                    for (int step = 0; step < steps; step++)
                        assertThat(new Schedule(warmUp, curve).factor(step, steps))
                                .isGreaterThan(0)
                                .isLessThanOrEqualTo(1);
    }

    /** PyTorch 2.15: CosineAnnealingLR(T_max=10), LinearLR(1, 0, 10), MultiStepLR([5, 8], 0.1). */
    @Test
    void curvesArePyTorchs() {
        double[] cosine = {1, 0.9755282581, 0.9045084972, 0.7938926261, 0.6545084972, 0.5};
        for (int i = 0; i < cosine.length; i++)
            assertThat(new Schedule(0, new Schedule.Cosine()).factor(i, 10)).isCloseTo(cosine[i], within(1e-9));
        assertThat(new Schedule(0, new Schedule.Linear()).factor(3, 10)).isCloseTo(0.7, within(1e-12));
        Schedule steps = new Schedule(0, new Schedule.Steps(List.of(0.5, 0.8), 0.1));
        assertThat(steps.factor(4, 10)).isEqualTo(1);
        assertThat(steps.factor(5, 10)).isCloseTo(0.1, within(1e-12));
        assertThat(steps.factor(8, 10)).isCloseTo(0.01, within(1e-12));
    }

    @Test
    void aWarmUpIsAShare() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Schedule(1, new Schedule.Constant()))
                .withMessageContaining("from 0 to under 1");
    }
}
