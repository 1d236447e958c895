package org.convzoo.train;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import org.convzoo.classify.Model;
import org.convzoo.engine.Engine;
import org.convzoo.engine.Learner;
import org.convzoo.engine.LearnerOptions;
import org.convzoo.engine.Predictor;
import org.convzoo.failure.BrokenFileException;
import org.convzoo.failure.OutOfMemoryException;
import org.convzoo.failure.StoppedException;
import org.convzoo.failure.WrongUseException;
import org.convzoo.images.Loader;
import org.convzoo.images.Splits;
import org.convzoo.weights.Weights;
import org.jspecify.annotations.Nullable;

/** One run, from a checkpoint to its end. */
final class Training {
    private final Trainer trainer;
    private final RunDirectory run;
    private final Recipe recipe;
    private final TrainListener listener;
    private final Splits splits;
    private final Loader.Settings settings;
    private final Predictor predictor;
    private final Loader test;
    private Checkpoint last;
    private boolean begun, learnt;
    private Optional<Evaluation> latest = Optional.empty(); // of what the run would end with now

    Training(
            Trainer trainer,
            RunDirectory run,
            Checkpoint start,
            Recipe recipe,
            Splits splits,
            Loader.Settings settings,
            Predictor predictor,
            Loader test) {
        this.trainer = trainer;
        this.run = run;
        this.last = start;
        this.recipe = recipe;
        this.listener = trainer.listener();
        this.splits = splits;
        this.settings = settings;
        this.predictor = predictor;
        this.test = test;
    }

    Evaluation go() throws IOException {
        try {
            if (recipe.fineTuning().headFirst() && last.history().isEmpty()) head();
            if (last.history().size() < recipe.epochs()) epochs();
        } catch (OutOfMemoryException | WrongUseException | BrokenFileException e) {
            try {
                if (begun && !learnt) run.forget();
            } catch (IOException left) {
                e.addSuppressed(left);
            }
            throw e;
        }
        return end();
    }

    /** All that could refuse the run is there. */
    private void begin() throws IOException {
        if (run.begin(last)) begun = true;
        listener.started(last.model(), last.history().size());
    }

    /** The head's own epoch. */
    private void head() throws IOException {
        begin();
        long began = System.nanoTime();
        HeadFit.Fitted fitted = new HeadFit(trainer.engine(), last.model(), recipe, listener).fit(splits.train());
        double seconds = seconds(began);
        Evaluation evaluation = evaluate(fitted.weights());
        ended(
                new EpochMetrics(
                        1,
                        0,
                        0,
                        fitted.loss(),
                        fitted.top1(),
                        evaluation.loss(),
                        evaluation.top1(),
                        evaluation.top5(),
                        fitted.images() / seconds,
                        seconds(began),
                        0,
                        System.currentTimeMillis()),
                evaluation,
                fitted.weights(),
                last.slots(),
                Duration.ZERO);
    }

    private static double seconds(long since) {
        return (System.nanoTime() - since) * 1e-9;
    }

    private void epochs() throws IOException {
        Engine engine = trainer.engine();
        Model model = last.model();
        try (Loader train = new Loader(splits.train(), model.transform(), recipe.augmentation(), settings);
                Learner learner = engine.learner(
                        model.graph(),
                        model.weights(),
                        recipe.optimizer(),
                        LearnerOptions.DEFAULTS
                                .withSeed(recipe.seed())
                                .withPrecision(recipe.precision())
                                .withCheckpointing(recipe.checkpointing())
                                .withGroups(recipe.fineTuning().groups(model.graph())))) {
            if (last.step() > 0) learner.restore(model.weights(), last.slots(), last.step());
            if (!begun) begin();
            var epochs = new Epochs(trainer, run, recipe, learner, train);
            try {
                while (last.history().size() < recipe.epochs()) {
                    Epochs.Pass pass = epochs.pass(last.history().size() + 1);
                    Evaluation evaluation = evaluate(learner.averages());
                    if (!Double.isFinite(evaluation.loss())) throw epochs.diverged(pass);
                    EpochMetrics epoch = pass.metrics(evaluation, learner.steps());
                    ended(epoch, evaluation, learner.weights(), learner.slots(), epochs.left());
                }
            } finally {
                learnt |= learner.steps() > 0;
            }
        }
    }

    /** Saves an epoch that is done. */
    private void ended(EpochMetrics epoch, Evaluation evaluation, Weights weights, Weights slots, Duration left)
            throws IOException {
        List<EpochMetrics> history = new ArrayList<>(last.history());
        history.add(epoch);
        last = new Checkpoint(
                last.model().with(LeftOut.in(evaluation.summary(), splits), weights),
                slots,
                epoch.step(),
                history,
                last.dataset(),
                trainer.engine().plans(),
                Circumstances.of(trainer.engine()));
        run.save(last);
        learnt = true;
        latest = Optional.of(evaluation);
        run.append(epoch, history.get(0));
        listener.epoch(epoch, recipe.epochs(), left);
    }

    private Evaluation end() throws IOException {
        Model model = last.result();
        if (latest.isEmpty()) listener.started(last.model(), last.history().size());
        Evaluation result = latest.isPresent() ? latest.get() : evaluate(model.weights());
        run.save(model, result);
        report(new RunReport.Ended(
                run, model, last.history(), result, splits, trainer.engine().description()));
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

    static StoppedException stopped(RunDirectory run, @Nullable Throwable cause) {
        return new StoppedException(run.path() + ": the training was interrupted; what it saved is kept", cause);
    }
}
