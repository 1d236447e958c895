package org.convzoo.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.List;
import org.convzoo.engine.Engine;
import org.convzoo.engine.EngineOptions;
import org.convzoo.recipe.Recipe;
import org.convzoo.train.BatchSize.Measured;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BatchSizeTest {
    @Test
    void theSmallestOfTheFastestIsTaken() {
        BatchSize sizes = new BatchSize(List.of(
                new Measured(16, 0.02), new Measured(32, 0.0104), new Measured(64, 0.01), new Measured(128, 0.011)));
        assertThat(sizes.chosen()).isEqualTo(32);
        Recipe recipe = Recipe.PLAIN.withBatch(8).withLearningRate(0.1);
        assertThat(sizes.applied(recipe).batch()).isEqualTo(32);
        assertThat(sizes.applied(recipe).learningRate()).isCloseTo(0.2, within(1e-12));
    }

    @Test
    void anEpochKeepsItsSteps(@TempDir Path temp) throws Exception {
        TrainRequest request = Drawings.request(Drawings.write(temp.resolve("drawings")));
        try (Engine engine = Engine.open(EngineOptions.DEFAULTS)) {
            List<Measured> measured = BatchSize.of(engine, request).measured();
            assertThat(measured).extracting(Measured::batch).as("of 12 images").containsExactly(16);
            assertThat(measured.get(0).perImage()).isPositive();
        }
    }
}
