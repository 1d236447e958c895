package org.convzoo.train;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import org.convzoo.classify.Model;
import org.convzoo.engine.Learner;
import org.convzoo.engine.Predictor;
import org.convzoo.engine.PredictorOptions;
import org.convzoo.failure.BrokenFileException;
import org.convzoo.failure.OutOfMemoryException;
import org.convzoo.failure.StoppedException;
import org.convzoo.failure.WrongUseException;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Shape;
import org.convzoo.images.Dataset;
import org.convzoo.images.HeldOut;
import org.convzoo.images.Loader;
import org.convzoo.images.Mixing;
import org.convzoo.images.Splits;
import org.convzoo.images.Transform;
import org.convzoo.json.Json;
import org.convzoo.recipe.EpochMetrics;
import org.convzoo.recipe.Recipe;
import org.convzoo.recipe.Validation;
import org.convzoo.weights.Weights;
import org.jspecify.annotations.Nullable;

/** One run, from a checkpoint to its end. */
final class Training implements AutoCloseable {
    private final Trainer trainer;
    private final RunDirectory run;
    private Recipe recipe;
    private Optional<Pace> pace;
    private final TrainListener listener;
    private final Splits splits;
    private final HeldOut pictures;
    private final Loader.Settings settings;
    private final @Nullable Loader validation;
    private @Nullable Predictor predictor;
    private Checkpoint last;
    private boolean told, begun, learnt;

    Training(
            Trainer trainer,
            RunDirectory run,
            Checkpoint start,
            Recipe recipe,
            Optional<Pace> pace,
            Splits splits,
            HeldOut pictures,
            Loader.Settings settings) {
        this.trainer = trainer;
        this.run = run;
        this.last = start;
        this.recipe = recipe;
        this.pace = pace;
        this.listener = trainer.listener();
        this.splits = splits;
        this.pictures = pictures;
        this.settings = settings;
        this.validation = pictures.validation().size() == 0 ? null : loader(pictures.validation());
    }

    Evaluation go() throws IOException {
        try {
            if (recipe.fineTuning().headFirst() && last.history().isEmpty()) head();
            while (!hasEnded()) epochs(nextImage());
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

    /** Whether there is no epoch to come. */
    private boolean hasEnded() {
        return last.history().size() >= recipe.epochs() || recipe.validation().ends(last.history());
    }

    /** What the next epoch learns from. */
    private Shape nextImage() {
        return recipe.progressive()
                .image(last.model().graph().input().shape(), last.history().size() + 1, recipe.epochs());
    }

    /** All that could refuse the run is there. */
    private void begin() throws IOException {
        if (told) return;
        told = true;
        if (!run.hasBegun()) {
            last = run.save(last);
            begun = true;
        }
        listener.started(last.model(), last.history().size());
    }

    /** The head's own epoch. */
    private void head() throws IOException {
        begin();
        long began = System.nanoTime();
        HeadFit.Fitted fitted = new HeadFit(trainer.engine(), last.model(), recipe, listener).fit(pictures.train());
        double seconds = seconds(began);
        Optional<Evaluation> validation = validate(fitted.weights());
        EpochMetrics epoch = Evaluation.judged(
                new EpochMetrics(
                        1,
                        0,
                        0,
                        fitted.loss(),
                        fitted.top1(),
                        Double.NaN,
                        Double.NaN,
                        Double.NaN,
                        fitted.images() / seconds,
                        seconds(began),
                        0,
                        System.currentTimeMillis()),
                validation);
        ended(judged(epoch, validation, fitted.weights()), fitted.weights(), last.slots());
        listener.epoch(epoch, recipe.epochs(), Duration.ZERO);
    }

    private static double seconds(long since) {
        return (System.nanoTime() - since) * 1e-9;
    }

    /** Epochs of images of that shape. */
    private void epochs(Shape image) throws IOException {
        Graph graph = recipe.adjusted(last.model().graph()).at(image);
        Transform transform = last.model().transform().to(image);
        try (Loader train = new Loader(pictures.train(), transform, recipe.augmentation(), settings);
                Learner learner = learner(graph, train)) {
            begin();
            var epochs = new Epochs(trainer, run, recipe, graph, learner, train);
            try {
                while (!hasEnded() && nextImage().equals(image)) {
                    Epochs.Pass pass = epochs.pass(last.history());
                    if (learner.steps() == pass.steps && !train.kept().isEmpty()) listener.kept(train.kept());
                    Learner.State state = learner.state();
                    Judged judged = judged(epochs, pass, learner.steps(), state.averages());
                    ended(judged, state.weights(), state.slots());
                    epochs.planned(recipe);
                    listener.epoch(judged.epoch, recipe.epochs(), epochs.left());
                }
            } finally {
                learnt |= learner.steps() > 0;
            }
        }
    }

    /** A learner that goes on from the last checkpoint. */
    private Learner learner(Graph graph, Loader train) {
        Weights weights = last.model().weights();
        Learner learner = Epochs.learner(trainer.engine(), graph, weights, recipe, train);
        if (last.step() > 0) learner.restore(weights, WeightAverage.without(last.slots()), last.step());
        return learner;
    }

    /** @param metrics what its model carries of it */
    private record Judged(EpochMetrics epoch, ObjectNode metrics) {}

    private Judged judged(Epochs epochs, Epochs.Pass pass, long step, Weights averages) throws IOException {
        Optional<Evaluation> validation = validate(averages);
        if (validation.isPresent() && !Double.isFinite(validation.get().loss())) throw epochs.diverged(pass, "");
        return judged(pass.metrics(validation, step), validation, averages);
    }

    /** Saves the weights, which were classified with, where they are the best so far. */
    private Judged judged(EpochMetrics epoch, Optional<Evaluation> validation, Weights weights) throws IOException {
        ObjectNode metrics = LeftOut.in(validation.map(Evaluation::summary).orElseGet(Json::object), splits);
        // Before the checkpoint: should the run be killed in between, the epoch is done again, and this written again.
        if (Validation.best(with(epoch), pictures.validation().size())
                .filter(epoch::equals)
                .isPresent()) run.saveBest(last.model().with(metrics, weights));
        return new Judged(epoch, metrics);
    }

    private List<EpochMetrics> with(EpochMetrics epoch) {
        List<EpochMetrics> history = new ArrayList<>(last.history());
        history.add(epoch);
        return history;
    }

    /** Saves an epoch that is done, with the weights that the training goes on from and the epochs that it then has. */
    private void ended(Judged judged, Weights weights, Weights slots) throws IOException {
        List<EpochMetrics> history = with(judged.epoch);
        last = run.save(planned(new Checkpoint(
                last.model().with(judged.metrics, weights),
                averaged(slots, weights, history.size()),
                judged.epoch.step(),
                history,
                last.dataset(),
                trainer.engine().plans(),
                Circumstances.of(trainer.engine()))));
        learnt = true;
        run.append(history, last.model());
    }

    /** With as many epochs as fit into the time that the run was given, where it was and they are planned anew. */
    private Checkpoint planned(Checkpoint done) {
        Optional<Pace> due = pace.filter(p -> p.isDue(recipe, done.history().size()));
        if (due.isEmpty()) return done;
        pace = Optional.empty();
        int epochs = due.get().epochs(done.history());
        if (epochs == recipe.epochs()) return done;
        recipe = recipe.withEpochs(epochs);
        listener.planned(epochs);
        return done.with(done.model().provenance().withRecipe(recipe.toJson()), done.dataset());
    }

    /** The optimizer's arrays with the mean of the weights, after an epoch. */
    private Weights averaged(Weights slots, Weights weights, int epoch) {
        int count = epoch - recipe.averagesFrom();
        return count < 0
                ? slots
                : WeightAverage.with(slots, WeightAverage.add(WeightAverage.in(last.slots()), count, weights));
    }

    /** Looks at the test images, and saves what the run has led to. */
    private Evaluation end() throws IOException {
        if (!told) listener.started(last.model(), last.history().size());
        Weights mean = WeightAverage.in(last.slots());
        Chosen chosen =
                mean.tensors().isEmpty() ? best() : new Chosen(averaged(mean), Kept.mean(last.history(), recipe));
        Model model = chosen.model;
        Tested tested = test(model.weights());
        Evaluation result = tested.evaluation();
        model = model.with(LeftOut.in(result.summary(), splits), model.weights());
        run.save(model, result, last.history());
        listener.ended(chosen.kept);
        report(new RunReport.Ended(
                run,
                model,
                last.history(),
                chosen.kept,
                result,
                tested.auc(),
                splits,
                pictures,
                trainer.engine().description()));
        return result;
    }

    private record Chosen(Model model, Kept kept) {}

    /** The model with the mean of the weights. */
    private Model averaged(Weights mean) {
        Model model = last.model();
        Loader.Settings plain = settings.withMixing(Mixing.NONE);
        try (Loader train = new Loader(pictures.train(), model.transform(), recipe.augmentation(), plain);
                Loader.Epoch batches = train.epoch(recipe.epochs() + 1, Loader.Order.SHUFFLED)) {
            return model.with(
                    model.provenance().metrics(),
                    WeightAverage.withStatistics(trainer.engine(), model, mean, recipe, batches));
        }
    }

    /** The model of the best epoch; of the last one where no pictures are held out. */
    private Chosen best() {
        List<EpochMetrics> history = last.history();
        Optional<EpochMetrics> best =
                Validation.best(history, pictures.validation().size());
        Optional<Model> saved = best.flatMap(epoch -> run.best().filter(m -> isOf(epoch, m)));
        if (saved.isPresent()) {
            // A run that goes on has other provenance than when the epoch was saved.
            Model m = last.model()
                    .with(saved.get().provenance().metrics(), saved.get().weights());
            return new Chosen(m, Kept.one(best.get(), history, recipe));
        }
        if (best.isPresent())
            listener.warning(
                    run.path() + ": the model of its best epoch is not there; it ends with that of its last epoch");
        return new Chosen(last.result(), Kept.one(history.get(history.size() - 1), history, recipe));
    }

    /** A run that was killed between two files and goes on otherwise than before leaves the model of an epoch that is not. */
    private static boolean isOf(EpochMetrics epoch, Model model) {
        ObjectNode metrics = model.provenance().metrics();
        return metrics.path("loss").doubleValue() == epoch.loss()
                && metrics.path("top1").doubleValue() == epoch.top1();
    }

    /** What is saved is whole; no report may take it back, whatever fails in one. */
    private void report(RunReport.Ended ended) {
        for (ServiceLoader.Provider<RunReport> report :
                ServiceLoader.load(RunReport.class).stream().toList()) {
            try {
                report.get().write(ended);
            } catch (IOException | RuntimeException | Error e) {
                listener.warning(
                        run.path() + ": a report of it cannot be written, all else is saved: " + e.getMessage());
            }
        }
    }

    /** How weights do on the validation images, if there are any. */
    private Optional<Evaluation> validate(Weights weights) {
        return validation == null
                ? Optional.empty()
                : Optional.of(Evaluation.of(predictor(weights), validation, pictures.validation(), splits.labels()));
    }

    private Tested test(Weights weights) {
        try (Loader test = loader(splits.test())) {
            return Tested.of(predictor(weights), test, splits.test(), splits.labels());
        }
    }

    private Loader loader(Dataset dataset) {
        return Evaluation.loader(
                dataset, last.model().transform(), splits.labels().size());
    }

    /** The one predictor of the run, which predicts by these weights from now on. */
    private Predictor predictor(Weights weights) {
        Predictor using = predictor;
        if (using == null) {
            PredictorOptions options =
                    PredictorOptions.DEFAULTS.forImages(splits.test().size());
            predictor = using = trainer.engine().predictor(last.model().graph(), weights, options);
        } else {
            using.load(weights);
        }
        return using;
    }

    @Override
    public void close() {
        if (predictor != null) predictor.close();
        if (validation != null) validation.close();
    }

    static StoppedException stopped(RunDirectory run, @Nullable Throwable cause) {
        return new StoppedException(run.path() + ": the training was interrupted; what it saved is kept", cause);
    }
}
