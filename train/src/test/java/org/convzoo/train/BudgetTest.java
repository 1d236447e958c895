package org.convzoo.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.convzoo.engine.Engine;
import org.convzoo.engine.EngineOptions;
import org.convzoo.failure.StoppedException;
import org.convzoo.failure.WrongUseException;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Shape;
import org.convzoo.images.Splits;
import org.convzoo.recipe.EpochMetrics;
import org.convzoo.recipe.Progressive;
import org.convzoo.recipe.Recipe;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BudgetTest {
    @TempDir
    Path temp;

    @Test
    void epochsFillATimeLessWhatIsSpentAndWhatDecodingAndTheTestTake() {
        Budget budget = new Budget(5, 2, 3);
        // 0.95 of 60 s, less 10, 5 and 3
        assertThat(budget.epochs(Duration.ofSeconds(60), Duration.ofSeconds(10)))
                .isEqualTo(19);
        assertThatExceptionOfType(WrongUseException.class)
                .isThrownBy(() -> budget.epochs(Duration.ofSeconds(15), Duration.ofSeconds(10)))
                .withMessageStartingWith("an epoch takes 2 s on this machine, so that none fits into 15 s");
    }

    private static EpochMetrics epoch(int number, double seconds) {
        return new EpochMetrics(number, number, 0.1, 1, 0.5, 1, 0.5, 0.5, 1, seconds, 0, 0);
    }

    @Test
    void theFirstEpochsPlanTheOthers() {
        Pace pace = new Pace(Duration.ofSeconds(61), System.nanoTime(), new Budget(5, 2, 3));
        assertThat(pace.epochs()).isEqualTo(24);
        Recipe recipe = Recipe.PLAIN.withEpochs(24);
        assertThat(IntStream.rangeClosed(1, 24).filter(done -> pace.isDue(recipe, done)))
                .containsExactly(3);
        assertThat(IntStream.rangeClosed(1, 81).filter(done -> pace.isDue(recipe.withEpochs(81), done)))
                .as("a twentieth")
                .containsExactly(5);
        assertThat(pace.isDue(recipe.withProgressive(new Progressive(0.5, 0.5)), 3))
                .as("the next ones are larger")
                .isFalse();
        // 0.95 of 61 s, less 3 for the test and the blink that has passed
        List<EpochMetrics> history = new ArrayList<>(List.of(epoch(1, 20), epoch(2, 10), epoch(3, 1)));
        assertThat(pace.epochs(history)).isEqualTo(3 + 54);
        Pace late = new Pace(Duration.ofSeconds(61), System.nanoTime() - 100_000_000_000L, new Budget(5, 2, 3));
        assertThat(late.epochs(history)).isEqualTo(3);
    }

    @Test
    void whatIsPlannedAnewIsWhatARunGoesOnWith() throws Exception {
        TrainRequest request = Drawings.request(Drawings.write(temp.resolve("drawings")));
        RunDirectory run = new RunDirectory(temp.resolve("run"));
        Pace pace = new Pace(Duration.ofSeconds(20), System.nanoTime(), new Budget(0, 1, 0));
        List<Integer> planned = new ArrayList<>(), told = new ArrayList<>();
        try (Engine engine = Engine.open(EngineOptions.DEFAULTS)) {
            TrainListener listener = new TrainListener() {
                @Override
                public void planned(int epochs) {
                    planned.add(epochs);
                }

                @Override
                public void epoch(EpochMetrics metrics, int epochs, Duration left) {
                    told.add(epochs);
                    if (metrics.epoch() >= 4) Thread.currentThread().interrupt();
                }
            };
            Trainer trainer = new Trainer(engine).withListener(listener);
            assertThatExceptionOfType(StoppedException.class)
                    .isThrownBy(() -> trainer.begin(
                            request, Optional.of(pace), request.splits().scan(), run));
            assertThat(Thread.interrupted()).isTrue();
            assertThatExceptionOfType(StoppedException.class).isThrownBy(() -> trainer.resume(run));
            assertThat(Thread.interrupted()).isTrue();
        }
        assertThat(planned).hasSize(1);
        int before = told.get(0), epochs = planned.get(0);
        assertThat(told).containsExactly(before, before, epochs, epochs, epochs);
        assertThat(epochs).isGreaterThan(before);
        assertThat(Recipe.of(run.resumable().provenance().recipe()))
                .isEqualTo(request.recipe().withEpochs(epochs));
    }

    /** A step's time does not shrink as the number of its pixels does: those of the smallest images are measured, too. */
    @Test
    void imagesThatGrowAreMeasuredAtBothEnds() throws Exception {
        Splits splits = Splits.open("folder:" + Drawings.write(temp.resolve("drawings")));
        Graph graph = Graph.of(
                "mine",
                new Shape(1, 48, 48),
                x -> x.conv(4, 3, 2).relu().avgPoolTo(1).flatten().linear(2));
        TrainRequest request = TrainRequest.of(graph, splits);
        request = request.withRecipe(request.recipe().withBatch(4).withProgressive(new Progressive(0.3, 1)));
        List<Shape> asked = new ArrayList<>();
        try (Engine engine = Engine.open(EngineOptions.DEFAULTS)) {
            Engine noting = (Engine) Proxy.newProxyInstance(
                    Engine.class.getClassLoader(), new Class<?>[] {Engine.class}, (p, method, args) -> {
                        if (method.getName().equals("learner"))
                            asked.add(((Graph) args[0]).input().shape());
                        return method.invoke(engine, args);
                    });
            assertThat(Budget.of(noting, request).epoch()).isPositive();
        }
        assertThat(asked).containsExactly(new Shape(1, 48, 48), new Shape(1, 16, 16));
    }

    @Test
    void aTrainingOfATimeHasAsManyEpochsAsFit() throws Exception {
        TrainRequest request = Drawings.request(Drawings.write(temp.resolve("drawings")));
        RunDirectory run = new RunDirectory(temp.resolve("run"));
        try (Engine engine = Engine.open(EngineOptions.DEFAULTS)) {
            Trainer trainer = new Trainer(engine).withListener(new TrainListener() {
                @Override
                public void epoch(EpochMetrics metrics, int epochs, Duration left) {
                    if (metrics.epoch() == 2) Thread.currentThread().interrupt();
                }
            });
            assertThatExceptionOfType(StoppedException.class)
                    .isThrownBy(() -> trainer.train(request.withTime(Optional.of(Duration.ofDays(1))), run));
            assertThat(Thread.interrupted()).isTrue();
        }
        Recipe recipe = Recipe.of(run.resumable().provenance().recipe());
        assertThat(recipe.epochs()).as("tiny ones in a day").isGreaterThan(1000);
        assertThat(recipe).isEqualTo(request.recipe().withEpochs(recipe.epochs()));
    }
}
