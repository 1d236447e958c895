package org.convzoo.train;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.convzoo.engine.Batch;
import org.convzoo.engine.Engine;
import org.convzoo.engine.Learner;
import org.convzoo.engine.LearnerOptions;
import org.convzoo.failure.DivergedException;
import org.convzoo.failure.OutOfMemoryException;
import org.convzoo.graph.Graph;
import org.convzoo.images.Loader;
import org.convzoo.recipe.EpochMetrics;
import org.convzoo.recipe.Recipe;
import org.convzoo.weights.Weights;

/** The steps of a run, epoch by epoch. */
final class Epochs {
    private final Trainer trainer;
    private final RunDirectory run;
    private Recipe recipe;
    private final Graph graph;
    private final Learner learner;
    private final Loader train;
    private final int accumulation;
    private final long resumed;
    private long began = System.nanoTime();

    /** @param graph what {@code learner} trains */
    Epochs(Trainer trainer, RunDirectory run, Recipe recipe, Graph graph, Learner learner, Loader train) {
        this.trainer = trainer;
        this.run = run;
        this.recipe = recipe;
        this.graph = graph;
        this.learner = learner;
        this.train = train;
        this.accumulation = accumulation(recipe, train);
        this.resumed = learner.steps();
    }

    /** A learner as the recipe asks for it, of a network that takes what {@code train} gives. */
    static Learner learner(Engine engine, Graph graph, Weights weights, Recipe recipe, Loader train) {
        return engine.learner(
                graph,
                weights,
                recipe.optimizer(),
                LearnerOptions.DEFAULTS
                        .withSeed(recipe.seed())
                        .withPrecision(recipe.precision())
                        .withCheckpointing(recipe.checkpointing())
                        .withLoss(recipe.loss())
                        .withAccumulation(accumulation(recipe, train))
                        .withGroups(recipe.fineTuning().groups(graph)));
    }

    /** Batches a step; an epoch with fewer than the recipe asks for is one step. */
    private static int accumulation(Recipe recipe, Loader train) {
        return Math.min(recipe.accumulation(), train.batches());
    }

    /** The next epochs are those of a recipe that differs in their number only. */
    void planned(Recipe recipe) {
        this.recipe = recipe;
    }

    /** The steps of an epoch. Throws {@link IOException} where what is watched cannot be written. */
    Pass pass(List<EpochMetrics> before) throws IOException {
        int epoch = before.size() + 1;
        Pass pass = new Pass(epoch);
        double highest = recipe.learningRate() * recipe.schedule().factor(before);
        try (Loader.Epoch batches = train.epoch(epoch, Loader.Order.SHUFFLED)) {
            while (pass.steps < stepsAnEpoch()) {
                double rate = highest * recipe.schedule().factor(learner.steps(), steps());
                Batch batch = gradients(batches, pass);
                for (int i = 1; i < accumulation; i++) batch = gradients(batches, pass);
                if (recipe.watch() && pass.steps == stepsAnEpoch() - 1) watch(epoch, batch);
                trainer.hook().afterGradients(learner);
                learner.update(rate);
                pass.stepped(rate);
                if (learner.steps() == resumed + 1) {
                    began = System.nanoTime();
                    pass.prepared();
                }
                trainer.listener()
                        .step(new TrainListener.Progress(
                                epoch,
                                recipe.epochs(),
                                pass.steps,
                                stepsAnEpoch(),
                                pass.loss / pass.images,
                                pass.right / (double) pass.images,
                                pass.speed(),
                                pass.waited * 1e-9 / pass.seconds(),
                                left()));
            }
        }
        pass.stepSeconds = pass.seconds();
        return pass;
    }

    private void watch(int epoch, Batch batch) throws IOException {
        try {
            new LayerLog(run.path()).add(LayerStatistics.of(epoch, trainer.engine(), graph, learner, batch));
        } catch (OutOfMemoryException e) {
            trainer.listener().warning(run.path() + ": epoch " + epoch + " is not watched: " + e.getMessage());
        }
    }

    /** Takes the next batch, which it returns. */
    private Batch gradients(Loader.Epoch batches, Pass pass) {
        if (Thread.currentThread().isInterrupted()) throw Training.stopped(run, null);
        long asked = System.nanoTime();
        Loader.Minibatch batch = batches.next();
        pass.waited += System.nanoTime() - asked;
        Learner.Step step = learner.gradients(batch.batch());
        if (!Double.isFinite(step.loss())) throw diverged(pass, overflown(batch.batch()));
        pass.add(step, batch.labels());
        return batch.batch();
    }

    private String overflown(Batch batch) {
        return LayerStatistics.firstOverflow(
                        trainer.engine(), graph, learner.state().weights(), batch)
                .map(n -> "; the first layer with values that are not finite is " + n.path())
                .orElse("");
    }

    private int stepsAnEpoch() {
        return train.batches() / accumulation;
    }

    /** The steps of the whole run; the head's own epoch has none. */
    private long steps() {
        return (long) (recipe.epochs() - (recipe.fineTuning().headFirst() ? 1 : 0)) * stepsAnEpoch();
    }

    /** Judged by what came after the first step, in which an engine compiles the network and measures. */
    Duration left() {
        double done = learner.steps() - resumed - 1, perStep = done <= 0 ? 0 : (System.nanoTime() - began) / done;
        return Duration.ofNanos((long) (perStep * (steps() - learner.steps())));
    }

    /** @param where a phrase that tells the layer, or nothing */
    DivergedException diverged(Pass pass, String where) {
        return new DivergedException(
                "the loss is no finite number any more in epoch " + pass.epoch + ", after " + pass.steps
                        + " steps of it" + where + "; try a lower learning rate than " + recipe.learningRate() + " ("
                        + run.path().resolve(RunDirectory.CHECKPOINT) + " is as after epoch " + (pass.epoch - 1) + ")");
    }

    /** What an epoch's steps add up to. */
    static final class Pass {
        final int epoch;
        final long began = System.nanoTime();
        int steps;
        long images, right, waited, steadyFrom = began, imagesBefore;
        double loss, rate, stepSeconds;

        Pass(int epoch) {
            this.epoch = epoch;
        }

        void add(Learner.Step step, int[] labels) {
            float[] logits = step.logits();
            int classes = logits.length / labels.length;
            for (int n = 0; n < labels.length; n++) if (largest(logits, n * classes, classes) == labels[n]) right++;
            images += labels.length;
            loss += step.loss() * labels.length;
        }

        void stepped(double rate) {
            steps++;
            this.rate = rate;
        }

        /** The step so far is not what the others are like. */
        void prepared() {
            steadyFrom = System.nanoTime();
            imagesBefore = images;
        }

        /** Images a second; 0 as long as there is nothing to judge by. */
        double speed() {
            return images == imagesBefore ? 0 : (images - imagesBefore) / ((System.nanoTime() - steadyFrom) * 1e-9);
        }

        /** The class of the largest of some logits, the first of equals. */
        private static int largest(float[] logits, int from, int classes) {
            int largest = 0;
            for (int k = 1; k < classes; k++) if (logits[from + k] > logits[from + largest]) largest = k;
            return largest;
        }

        double seconds() {
            return (System.nanoTime() - began) * 1e-9;
        }

        EpochMetrics metrics(Optional<Evaluation> validation, long step) {
            return Evaluation.judged(
                    new EpochMetrics(
                            epoch,
                            step,
                            rate,
                            loss / images,
                            right / (double) images,
                            Double.NaN,
                            Double.NaN,
                            Double.NaN,
                            images / stepSeconds,
                            seconds(),
                            waited * 1e-9,
                            System.currentTimeMillis()),
                    validation);
        }
    }
}
