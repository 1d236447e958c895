package org.convzoo.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.stream.IntStream;
import org.convzoo.graph.Shape;
import org.junit.jupiter.api.Test;

class ProgressiveTest {
    @Test
    void imagesGrowInStagesToTheFullSize() {
        Progressive half = new Progressive(0.5, 0.75);
        Shape full = new Shape(3, 128, 96);
        assertThat(IntStream.rangeClosed(1, 8).map(e -> half.image(full, e, 8).height()))
                .containsExactly(64, 64, 80, 80, 112, 112, 128, 128);
        assertThat(half.image(full, 1, 8)).isEqualTo(new Shape(3, 64, 48));
        assertThat(half.image(full, 8, 8)).isEqualTo(full);
        assertThat(half.image(new Shape(1, 28, 28), 1, 8))
                .as("whole multiples of 16")
                .isEqualTo(new Shape(1, 16, 16));
        // 0.75 of the run has areas of 1/4, 4/9 and 25/36
        assertThat(half.meanArea(new Shape(3, 96, 96)))
                .isCloseTo(0.25 + 0.25 * (0.25 + 4 / 9.0 + 25 / 36.0), within(1e-12));
    }

    @Test
    void noneChangesNothing() {
        Shape full = new Shape(3, 65, 33);
        for (int e = 1; e <= 3; e++)
            assertThat(Progressive.NONE.image(full, e, 3)).isEqualTo(full);
        assertThat(Progressive.NONE.meanArea(full)).isEqualTo(1);
        assertThatIllegalArgumentException().isThrownBy(() -> new Progressive(0, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> new Progressive(0.5, 0));
    }
}
