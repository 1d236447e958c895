package org.convzoo.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import org.convzoo.engine.Engine;
import org.convzoo.engine.Optimizer;
import org.convzoo.engine.Untuned;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Shape;
import org.convzoo.images.Mixing;
import org.convzoo.images.Splits;
import org.convzoo.recipe.Recipe;
import org.convzoo.recipe.Validation;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A long run. */
class EnduranceIT {
    private static final int STEPS = 50_000, EACH = 250, BATCH = 4;

    /**
     * What there is at one moment.
     *
     * @param resident megabytes of this process in memory
     * @param heap megabytes of Java's heap in use
     * @param speed images a second since the moment before, all that is between steps included
     */
    private record Sample(double resident, double heap, double speed) {
        static Sample of(double speed) {
            System.gc();
            Runtime java = Runtime.getRuntime();
            return new Sample(inMemory(), (java.totalMemory() - java.freeMemory()) / 1048576.0, speed);
        }

        private static double inMemory() {
            try {
                return Files.readAllLines(Path.of("/proc/self/status")).stream()
                        .filter(l -> l.startsWith("VmRSS:"))
                        .mapToDouble(l -> Long.parseLong(l.replaceAll("\\D", "")) / 1024.0)
                        .findFirst()
                        .orElseThrow();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /**
     * With all that goes on in a run: augmentation, mixing, averages, validation, what is watched, checkpoints. The speed
     * is printed; by what else the machine does it varies more than a test could tell.
     */
    @Test
    @Tag("thorough")
    @EnabledOnOs(OS.LINUX)
    void fiftyThousandStepsInLevelMemory(@TempDir Path temp) throws Exception {
        Graph graph = Graph.of("small", new Shape(1, 28, 28), x -> x.conv(4, 5, 2)
                .bn()
                .relu()
                .conv(8, 3, 2)
                .bn()
                .relu()
                .avgPoolTo(1)
                .flatten()
                .linear(10));
        TrainRequest usual = TrainRequest.of(graph, Splits.open("digits"));
        Recipe recipe = usual.recipe()
                .withBatch(BATCH)
                .withOptimizer(Optimizer.AdamW.of(0.01).clip(1).ema(0.99))
                .withMixing(new Mixing(0.2, 1, 0.5))
                .withValidation(new Validation(0.1, 0))
                .withWatch(true);
        int stepsAnEpoch = usual.splits().holdOut(0.1).train().size() / BATCH;
        recipe = recipe.withEpochs((STEPS + stepsAnEpoch - 1) / stepsAnEpoch);
        List<Sample> samples = new ArrayList<>();
        TrainListener sampling = new TrainListener() {
            private int steps;
            private long since = System.nanoTime();

            @Override
            public void step(Progress progress) {
                if (++steps % EACH != 0) return;
                samples.add(Sample.of(EACH * BATCH / ((System.nanoTime() - since) * 1e-9)));
                since = System.nanoTime();
            }
        };
        RunDirectory run = new RunDirectory(temp.resolve("run"));
        try (Engine engine = Engine.open(Untuned.OPTIONS.withThreads(1))) {
            new Trainer(engine).withListener(sampling).train(usual.withRecipe(recipe), run);
        }
        assertThat(run.checkpoint().step()).isGreaterThanOrEqualTo(STEPS);
        int tenth = samples.size() / 10;
        List<Sample> second = samples.subList(tenth, 2 * tenth);
        List<Sample> last = samples.subList(samples.size() - tenth, samples.size());
        System.out.printf(
                Locale.ROOT,
                "%,d steps, the second tenth and the last: %.0f and %.0f MB resident, %.1f and %.1f MB of heap, %.0f and"
                        + " %.0f images/s%n",
                run.checkpoint().step(),
                mean(second, Sample::resident),
                mean(last, Sample::resident),
                mean(second, Sample::heap),
                mean(last, Sample::heap),
                mean(second, Sample::speed),
                mean(last, Sample::speed));
        assertThat(mean(last, Sample::resident))
                .as("resident megabytes")
                .isLessThan(1.05 * mean(second, Sample::resident));
        assertThat(mean(last, Sample::heap)).as("megabytes of heap").isLessThan(1.1 * mean(second, Sample::heap));
    }

    private static double mean(List<Sample> samples, ToDoubleFunction<Sample> of) {
        return samples.stream().mapToDouble(of).average().orElseThrow();
    }
}
