package org.convzoo.train;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import org.convzoo.classify.Model;
import org.convzoo.classify.Provenance;
import org.convzoo.engine.Engine;
import org.convzoo.engine.Learner;
import org.convzoo.engine.LearnerOptions;
import org.convzoo.engine.Predictor;
import org.convzoo.failure.DivergedException;
import org.convzoo.failure.StoppedException;
import org.convzoo.failure.WrongUseException;
import org.convzoo.graph.Graph;
import org.convzoo.images.Dataset;
import org.convzoo.images.Loader;
import org.convzoo.images.Splits;
import org.convzoo.weights.Weights;

/**
 * Trains networks into run directories. After every epoch the test images are classified and a checkpoint is saved;
 * whatever stops a run, {@link #resume} goes on from there and ends in the same bits as if nothing had happened, on the
 * same machine with the same number of threads, whatever an engine would measure now. The model that a run leaves is
 * that of its last epoch, with averaged weights if the recipe averages: choosing the best one by the test images would
 * flatter it.
 *
 * @param engine what computes; it stays open
 * @param listener hears how a run goes
 * @param hook what happens between a step's gradients and its update
 */
@RecordBuilder
public record Trainer(Engine engine, TrainListener listener, GradientHook hook) implements TrainerBuilder.With {
    /**
     * Called on the training thread after each step's gradients and before its update. It may change them, through
     * {@link Learner#readGradients} and {@link Learner#writeGradients}: several machines add theirs here. A hook that always does the same keeps resumption
     * exact.
     */
    @FunctionalInterface
    public interface GradientHook {
        void afterGradients(Learner learner);
    }

    /** A trainer that tells nobody and changes no gradients. */
    public Trainer(Engine engine) {
        this(engine, new TrainListener() {}, learner -> {});
    }

    /**
     * Starts a run.
     *
     * @param run absent or empty
     * @return how the trained model does on the test images
     * @throws IOException with one line when the directory holds something, cannot be written or is full, or when a
     *     picture cannot be read
     * @throws IllegalArgumentException when the network cannot take the images, or the engine does not compute in the
     *     recipe's precision
     * @throws DivergedException when the loss is no number any more
     * @throws StoppedException when the thread was interrupted, which it then still is; what was saved stays
     */
    public Evaluation train(TrainRequest request, RunDirectory run) throws IOException {
        engine.check(request.recipe().precision());
        Graph graph = request.graph();
        Model model = new Model(
                graph,
                request.transform(),
                request.splits().labels(),
                Provenance.unknown()
                        .withArchitecture(request.architecture())
                        .withOptions(request.options())
                        .withData(request.splits().spec())
                        .withRecipe(request.recipe().toJson()),
                Weights.initial(graph, request.recipe().seed()));
        run.requireEmpty();
        return run.alone(() -> {
            run.requireEmpty();
            Checkpoint start = new Checkpoint(
                    model, new Weights(Map.of()), 0, List.of(), checksum(request.splits()), engine.plans());
            run.save(start);
            return go(start, request.recipe(), request.splits(), run);
        });
    }

    /**
     * Goes on with a run from its last checkpoint, with the data set that it names; of a run that has ended, writes the
     * result again.
     *
     * @throws IOException as {@link #train}, and when there is no whole checkpoint or the data set is not there
     * @throws IllegalArgumentException as {@link #train}
     * @throws WrongUseException when the data set has changed
     * @throws DivergedException as {@link #train}
     * @throws StoppedException as {@link #train}
     */
    public Evaluation resume(RunDirectory run) throws IOException {
        return resume(run, Splits.open(run.checkpoint().model().provenance().data()));
    }

    /** {@link #resume(RunDirectory)} with the data set in the caller's hands: one of one's own, or one that has moved. */
    public Evaluation resume(RunDirectory run, Splits splits) throws IOException {
        run.checkpoint();
        return run.alone(() -> {
            Checkpoint start = run.checkpoint();
            if (checksum(splits) != start.dataset()) {
                throw new WrongUseException(run.path() + ": cannot be resumed: the pictures of " + splits.spec()
                        + " are not those that it began with");
            }
            run.rewrite(start.history());
            engine.adopt(start.plans());
            return go(start, Recipe.of(start.model().provenance().recipe()), splits, run);
        });
    }

    private static long checksum(Splits splits) {
        CRC32 crc = new CRC32();
        for (Dataset d : List.of(splits.train(), splits.test())) {
            for (int i = 0; i < d.size(); i++)
                crc.update((d.name(i) + ":" + d.label(i) + "\n").getBytes(StandardCharsets.UTF_8));
        }
        return crc.getValue();
    }

    private Evaluation go(Checkpoint start, Recipe recipe, Splits splits, RunDirectory run) throws IOException {
        Model model = start.model();
        Graph graph = model.graph();
        int classes = model.task().classes(),
                batch = Math.min(recipe.batch(), splits.train().size());
        Loader.Settings settings = Loader.Settings.of(batch, classes)
                .withSmoothing(recipe.smoothing())
                .withSeed(recipe.seed())
                .withLast(Loader.LastBatch.DROPPED);
        try (Loader train = new Loader(splits.train(), model.transform(), recipe.augmentation(), settings);
                Loader test = Evaluation.loader(splits.test(), model.transform(), classes);
                Learner learner = engine.learner(
                        graph,
                        model.weights(),
                        recipe.optimizer(),
                        LearnerOptions.DEFAULTS
                                .withSeed(recipe.seed())
                                .withPrecision(recipe.precision())
                                .withCheckpointing(recipe.checkpointing()));
                Predictor predictor = engine.predictor(graph, model.weights())) {
            if (start.step() > 0) learner.restore(model.weights(), start.slots(), start.step());
            return new Training(this, run, recipe, splits, learner, predictor, train, test).go(start);
        } catch (StoppedException | ClosedByInterruptException e) {
            // How a loader says that the thread was interrupted, and how a file does.
            if (Thread.currentThread().isInterrupted()) throw Training.stopped(run, e);
            throw e;
        }
    }
}
