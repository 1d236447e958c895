package org.convzoo.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.convzoo.recipe.EpochMetrics;
import org.convzoo.recipe.Recipe;
import org.junit.jupiter.api.Test;

class KeptTest {
    private static List<EpochMetrics> epochs(int count, double top1) {
        return IntStream.rangeClosed(1, count)
                .mapToObj(e -> new EpochMetrics(e, e, 0, 0, 0, 1, top1, 1, 1, 1, 0, 0))
                .toList();
    }

    @Test
    void saysWhichOfHowManyAndHowItDid() {
        Recipe recipe = Recipe.PLAIN.withEpochs(20);
        List<EpochMetrics> whole = epochs(20, 0.8414), ended = epochs(12, 0.8414);

        Kept last = Kept.one(whole.get(19), whole, recipe), before = Kept.one(whole.get(16), whole, recipe);
        Kept early = Kept.one(ended.get(11), ended, recipe);
        assertThat(last).hasToString("kept epoch 20 of 20: validation 84.1 %");
        assertThat(before).hasToString("kept epoch 17 of 20: validation 84.1 %");
        assertThat(early).hasToString("kept epoch 12 of 12 (20 planned): validation 84.1 %");
        assertThat(last.usual()).isTrue();
        assertThat(List.of(before, early)).noneMatch(Kept::usual);
    }

    @Test
    void withoutValidationThereIsNothingToJudgeBy() {
        List<EpochMetrics> whole = epochs(3, Double.NaN);
        assertThat(Kept.one(whole.get(2), whole, Recipe.PLAIN.withEpochs(3))).hasToString("kept epoch 3 of 3");
    }

    @Test
    void aMeanIsNoEpochOfItsOwn() {
        Recipe recipe = Recipe.PLAIN.withEpochs(20).withAverageFrom(0.7);
        Kept mean = Kept.mean(epochs(20, 0.8), recipe);
        assertThat(mean).hasToString("kept the mean of epochs 15 to 20 of 20");
        assertThat(mean.usual()).isFalse();
        assertThat(Kept.mean(epochs(15, 0.8), recipe).mean())
                .as("one epoch's weights are their own mean")
                .isFalse();
    }
}
