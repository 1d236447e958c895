package org.convzoo.classify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class ClassificationTest {
    private final Classification said = new Classification(List.of("a", "b", "c", "d"), new float[] {1, 3, -2, 3});

    @Test
    void theBestIsTheFirstOfEquals() {
        assertThat(said.best().label()).isEqualTo("b");
        assertThat(said.best().index()).isEqualTo(1);
        assertThat(said.best().probability()).isEqualTo(said.probability(1));
        assertThat(said.top(3)).extracting(Prediction::label).containsExactly("b", "d", "a");
        assertThat(said.top(99)).hasSize(4);
        assertThat(said.top(1)).containsExactly(said.best());
        assertThatIllegalArgumentException().isThrownBy(() -> said.top(0));
    }

    @Test
    void probabilitiesAreTheSoftmaxOfTheLogits() {
        assertThat(Arrays.stream(said.probabilities()).sum()).isCloseTo(1, within(1e-12));
        assertThat(said.probability(0) / said.probability(2)).isCloseTo(Math.exp(3), within(1e-9));
        assertThat(said.loss(0)).isCloseTo(-Math.log(said.probability(0)), within(1e-12));
        assertThat(said.logits()).containsExactly(1, 3, -2, 3);
        assertThat(new Classification(List.of("a", "b"), new float[] {1e30f, -1e30f}).probabilities())
                .containsExactly(1, 0);
    }

    @Test
    void ranksCountWhatComesBefore() {
        assertThat(List.of(said.rank(0), said.rank(1), said.rank(2), said.rank(3)))
                .containsExactly(2, 0, 3, 1);
    }

    @Test
    void nobodyChangesItFromOutside() {
        said.logits()[0] = 99;
        assertThat(said.logits()[0]).isEqualTo(1);
    }
}
