package org.convzoo.train;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import org.convzoo.classify.Model;
import org.convzoo.engine.Learner;
import org.convzoo.engine.Predictor;
import org.convzoo.failure.DivergedException;
import org.convzoo.failure.StoppedException;
import org.convzoo.images.Loader;
import org.convzoo.images.Splits;
import org.convzoo.weights.Weights;
import org.jspecify.annotations.Nullable;

/** The epochs of one run, from a checkpoint to its end. */
final class Training {
    private final Trainer trainer;
    private final RunDirectory run;
    private final Recipe recipe;
    private final TrainListener listener;
    private final Splits splits;
    private final Learner learner;
    private final Predictor predictor;
    private final Loader train, test;
    private final long resumed;
    private long began = System.nanoTime();

    Training(
            Trainer trainer,
            RunDirectory run,
            Recipe recipe,
            Splits splits,
            Learner learner,
            Predictor predictor,
            Loader train,
            Loader test) {
        this.trainer = trainer;
        this.run = run;
        this.recipe = recipe;
        this.listener = trainer.listener();
        this.splits = splits;
        this.learner = learner;
        this.predictor = predictor;
        this.train = train;
        this.test = test;
        this.resumed = learner.steps();
    }

    Evaluation go(Checkpoint start) throws IOException {
        Checkpoint last = start;
        List<EpochMetrics> history = new ArrayList<>(start.history());
        listener.started(start.model(), history.size());
        while (history.size() < recipe.epochs()) {
            Pass pass = pass(history.size() + 1);
            Evaluation evaluation = evaluate(learner.averages());
            if (!Double.isFinite(evaluation.loss())) throw diverged(pass);
            EpochMetrics epoch = pass.metrics(evaluation, learner.steps());
            history.add(epoch);
            Model model = last.model().with(LeftOut.in(evaluation.summary(), splits), learner.weights());
            last = new Checkpoint(
                    model,
                    learner.slots(),
                    learner.steps(),
                    history,
                    start.dataset(),
                    trainer.engine().plans(),
                    Circumstances.of(trainer.engine()));
            run.save(last);
            run.append(epoch, history.get(0));
            listener.epoch(epoch, recipe.epochs(), left());
        }
        Model model = last.result();
        Evaluation result = evaluate(model.weights());
        run.save(model, result);
        report(new RunReport.Ended(
                run, model, history, result, splits, trainer.engine().description()));
        return result;
    }

    /** What is saved is whole; no report may take it back, whatever fails in one. */
    private void report(RunReport.Ended ended) {
        for (ServiceLoader.Provider<RunReport> report :
                ServiceLoader.load(RunReport.class).stream().toList()) {
            try {
                report.get().write(ended);
            } catch (IOException | RuntimeException | Error e) {
                listener.warning(run.path() + ": its report cannot be written, all else is saved: " + e.getMessage());
            }
        }
    }

    private Evaluation evaluate(Weights weights) {
        predictor.load(weights);
        return Evaluation.of(predictor, test, splits.test(), splits.labels());
    }

    /** The steps of an epoch. */
    private Pass pass(int epoch) {
        Pass pass = new Pass(epoch);
        try (Loader.Epoch batches = train.epoch(epoch, Loader.Order.SHUFFLED)) {
            while (batches.hasNext()) {
                if (Thread.currentThread().isInterrupted()) throw stopped(run, null);
                long asked = System.nanoTime();
                Loader.Minibatch batch = batches.next();
                pass.waited += System.nanoTime() - asked;
                double factor = recipe.schedule().factor(learner.steps(), steps());
                Learner.Step step = learner.gradients(batch.batch());
                if (!Double.isFinite(step.loss())) throw diverged(pass);
                trainer.hook().afterGradients(learner);
                learner.update(recipe.learningRate() * factor);
                pass.add(step, batch.labels(), recipe.learningRate() * factor);
                if (learner.steps() == resumed + 1) {
                    began = System.nanoTime();
                    pass.prepared();
                }
                listener.step(new TrainListener.Progress(
                        epoch,
                        recipe.epochs(),
                        pass.steps,
                        train.batches(),
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

    /** The steps of the whole run. */
    private long steps() {
        return (long) recipe.epochs() * train.batches();
    }

    /** Judged by what came after the first step, in which an engine compiles the network and measures. */
    private Duration left() {
        double done = learner.steps() - resumed - 1, perStep = done <= 0 ? 0 : (System.nanoTime() - began) / done;
        return Duration.ofNanos((long) (perStep * (steps() - learner.steps())));
    }

    static StoppedException stopped(RunDirectory run, @Nullable Throwable cause) {
        return new StoppedException(run.path() + ": the training was interrupted; what it saved is kept", cause);
    }

    private DivergedException diverged(Pass pass) {
        return new DivergedException(
                "the loss is no finite number any more in epoch " + pass.epoch + ", after " + pass.steps
                        + " steps of it; try a lower learning rate than " + recipe.learningRate() + " ("
                        + run.path().resolve(RunDirectory.CHECKPOINT) + " is as after epoch " + (pass.epoch - 1) + ")");
    }

    /** What an epoch's steps add up to. */
    private static final class Pass {
        final int epoch;
        final long began = System.nanoTime();
        int steps;
        long images, right, waited, steadyFrom = began, imagesBefore;
        double loss, rate, stepSeconds;

        Pass(int epoch) {
            this.epoch = epoch;
        }

        void add(Learner.Step step, int[] labels, double rate) {
            float[] logits = step.logits();
            int classes = logits.length / labels.length;
            for (int n = 0; n < labels.length; n++) if (largest(logits, n * classes, classes) == labels[n]) right++;
            steps++;
            images += labels.length;
            loss += step.loss() * labels.length;
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

        EpochMetrics metrics(Evaluation test, long step) {
            return new EpochMetrics(
                    epoch,
                    step,
                    rate,
                    loss / images,
                    right / (double) images,
                    test.loss(),
                    test.top1(),
                    test.top5(),
                    images / stepSeconds,
                    seconds(),
                    waited * 1e-9,
                    System.currentTimeMillis());
        }
    }
}
