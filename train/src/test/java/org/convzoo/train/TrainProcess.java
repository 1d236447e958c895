package org.convzoo.train;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.convzoo.engine.Engine;
import org.convzoo.engine.Optimizer;
import org.convzoo.engine.Tuning;
import org.convzoo.engine.Untuned;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Shape;
import org.convzoo.images.Augmentation;
import org.convzoo.images.Filter;
import org.convzoo.images.Mixing;
import org.convzoo.images.Policies;
import org.convzoo.images.Splits;
import org.convzoo.models.Models;
import org.convzoo.models.Options;
import org.convzoo.models.Task;
import org.convzoo.pretrained.Published;
import org.convzoo.pretrained.WeightsStore;
import org.convzoo.recipe.Adjustment;
import org.convzoo.recipe.EpochMetrics;
import org.convzoo.recipe.FineTuning;
import org.convzoo.recipe.Progressive;
import org.convzoo.recipe.Schedule;
import org.convzoo.recipe.Validation;

/**
 * A training in a Java of its own, which tests kill: a few epochs, a line {@code epoch/step} a step and {@code epoch} an
 * epoch.
 */
final class TrainProcess {
    private TrainProcess() {}

    public static void main(String[] args) {
        RunDirectory run = new RunDirectory(Path.of(args[0]));
        TrainListener lines = new TrainListener() {
            @Override
            public void step(Progress p) {
                System.out.println(p.epoch() + "/" + p.step());
            }

            @Override
            public void epoch(EpochMetrics metrics, int epochs, Duration left) {
                System.out.println(metrics.epoch());
            }
        };
        try (Engine engine = Engine.open(Untuned.OPTIONS.withTuning(Tuning.valueOf(args[1])))) {
            if (Files.exists(run.path().resolve(RunDirectory.CHECKPOINT))) {
                new Trainer(engine).withListener(lines).resume(run);
            } else {
                new Trainer(engine)
                        .withListener(lines)
                        .train(Work.valueOf(args[2]).request(args[3]), run);
            }
        } catch (IOException e) {
            System.err.println(e.getMessage());
            System.exit(1);
        }
    }

    /** What is trained. */
    enum Work {
        /** LeNet, as is usual. */
        LENET("-Xmx1g") {
            @Override
            TrainRequest request(Splits splits) {
                TrainRequest request = TrainRequest.of(Models.named("lenet"), splits);
                return request.withRecipe(request.recipe().withEpochs(3));
            }
        },

        /** SqueezeNet with the weights that are in the project, fine-tuned. */
        SQUEEZENET("-Xmx1g") {
            @Override
            TrainRequest request(Splits splits) {
                var squeezenet = WeightsStore.usual().open(Published.named("squeezenet1_1"));
                TrainRequest request = TrainRequest.of(squeezenet, Options.NONE, new Shape(3, 64, 64), splits);
                FineTuning tuning = request.recipe().fineTuning().withFreeze(List.of("features.0.*"));
                return request.withRecipe(
                        request.recipe().withEpochs(4).withBatch(2).withFineTuning(tuning));
            }
        },

        /** A small ResNet with all that draws or remembers, in a heap of which 8 MB are for pictures that are kept. */
        EVERYTHING("-Xmx32m") {
            @Override
            TrainRequest request(Splits splits) {
                Task task = new Task(new Shape(3, 32, 32), splits.labels().size());
                TrainRequest request = TrainRequest.of(Models.named("resnet20"), Options.NONE, task, splits);
                return request.withRecipe(request.recipe()
                        .withEpochs(8)
                        .withBatch(8)
                        .withAccumulation(2)
                        .withLearningRate(0.005)
                        .withOptimizer(Optimizer.AdamW.of(0.05).clip(1).ema(0.9))
                        .withValidation(new Validation(0.25, 0))
                        .withSchedule(new Schedule(0.1, new Schedule.Plateau(0.5, 0)))
                        .withAugmentation(Augmentation.of(
                                new Augmentation.ScaledCrop(0.3, 1, 0.75, 4 / 3.0, Filter.BILINEAR),
                                new Augmentation.Flip(0.5),
                                new Policies.TrivialAugmentWide(Filter.BILINEAR)))
                        .withMixing(new Mixing(0.2, 1, 0.7))
                        .withProgressive(new Progressive(0.5, 0.7))
                        .withAverageFrom(0.5)
                        .withNetwork(List.of(new Adjustment.DropPath(0.2)))
                        .withWatch(true));
            }
        },

        /** Two layers of 16 MB each, of which a checkpoint holds five copies, in a heap of little more than one. */
        LARGE("-Xmx80m") {
            @Override
            TrainRequest request(Splits splits) {
                Graph graph = Graph.of(
                        "large",
                        new Shape(1, 32, 32),
                        x -> x.flatten().linear(4096).relu().linear(1024).linear(2));
                TrainRequest request = TrainRequest.of(graph, splits);
                return request.withRecipe(request.recipe()
                        .withEpochs(4)
                        .withBatch(4)
                        .withOptimizer(Optimizer.AdamW.of(0.05).ema(0.9))
                        .withAverageFrom(0.25)
                        .withValidation(new Validation(0.25, 0))
                        .withWatch(true));
            }
        };

        private final String heap;

        Work(String heap) {
            this.heap = heap;
        }

        abstract TrainRequest request(Splits splits);

        TrainRequest request(String data) {
            return request(Splits.open(data));
        }
    }

    /**
     * Starts LeNet's on digits below a shell that first does {@code before}, {@code ulimit -f 1000} say; the engine measures
     * nothing.
     */
    static Process start(Path run, String before) throws IOException {
        return start(run, before, Tuning.USUAL, Work.LENET, "digits");
    }

    static Process start(Path run, String before, Tuning tuning, Work work, String data) throws IOException {
        List<String> command = new ArrayList<>(List.of("sh", "-c", before + "; exec \"$@\"", "sh"));
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(work.heap, "-cp", System.getProperty("java.class.path")));
        command.addAll(List.of(TrainProcess.class.getName(), run.toString(), tuning.name(), work.name(), data));
        return new ProcessBuilder(command)
                .redirectError(run.resolveSibling("errors.txt").toFile())
                .start();
    }

    /** Reads what it prints until it prints {@code step}, or to the end. */
    static void await(Process process, String step) throws IOException {
        var lines = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null && !line.equals(step); ) line = lines.readLine();
    }
}
