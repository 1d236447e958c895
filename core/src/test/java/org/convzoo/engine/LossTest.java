package org.convzoo.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** That losses and gradients equal PyTorch's is shown by {@code LearnerConformance}. */
class LossTest {
    @Test
    void tellsWhatItIs() {
        assertThat(new Loss.Focal(2).words()).isEqualTo("focal loss with gamma 2.0");
        assertThat(LearnerOptions.DEFAULTS.loss().words()).isEqualTo("cross-entropy");
        assertThat(new Loss.BinaryCrossEntropy().words()).isEqualTo("binary cross-entropy");
    }

    @Test
    void refusesWhatIsNoGamma() {
        for (double gamma : new double[] {-0.1, Double.NaN, Double.POSITIVE_INFINITY})
            assertThatThrownBy(() -> new Loss.Focal(gamma))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("gamma of a focal loss is a number from 0 on, got " + gamma);
    }
}
