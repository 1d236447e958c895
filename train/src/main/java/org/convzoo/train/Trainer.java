package org.convzoo.train;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.zip.CRC32;
import org.convzoo.classify.Model;
import org.convzoo.classify.Provenance;
import org.convzoo.engine.Engine;
import org.convzoo.engine.Learner;
import org.convzoo.engine.LearnerOptions;
import org.convzoo.engine.Loss;
import org.convzoo.failure.BrokenFileException;
import org.convzoo.failure.DivergedException;
import org.convzoo.failure.OutOfMemoryException;
import org.convzoo.failure.StoppedException;
import org.convzoo.failure.WrongUseException;
import org.convzoo.graph.Graph;
import org.convzoo.images.Dataset;
import org.convzoo.images.HeldOut;
import org.convzoo.images.Inventory;
import org.convzoo.images.Loader;
import org.convzoo.images.Sampling;
import org.convzoo.images.Splits;
import org.convzoo.json.Json;
import org.convzoo.recipe.Recipe;
import org.convzoo.weights.Weights;

/**
 * Trains networks into run directories. After every epoch the validation images are classified, which the recipe holds out
 * of the training images, and a checkpoint is saved; whatever stops a run, {@link #resume} goes on from there and ends in
 * the same bits as if nothing had happened, on the same machine with the same number of threads, whatever an engine would
 * measure now. The model that a run leaves is that of its best epoch by the validation images, without any that of its
 * last epoch, with averaged weights if the recipe averages. The test images are classified once, by that model.
 *
 * @param engine what computes; it stays open
 * @param listener hears how a run goes
 * @param hook what happens between a step's gradients and its update
 * @param shard the part of each step's training images that this machine takes, a batch of the recipe's size, where
 *     several train together: each with a shard and a directory of its own, and a hook that gives all of them the mean
 *     of their gradients. Running statistics of batch norm stay those of the machine's own images
 */
@RecordBuilder
public record Trainer(Engine engine, TrainListener listener, GradientHook hook, Loader.Shard shard)
        implements TrainerBuilder.With {
    /**
     * Called on the training thread after each step's gradients and before its update. It may change them, through
     * {@link Learner#readGradients} and {@link Learner#writeGradients}: several machines add theirs here. A hook that
     * always does the same keeps resumption exact.
     */
    @FunctionalInterface
    public interface GradientHook {
        void afterGradients(Learner learner);
    }

    /** A trainer that tells nobody, changes no gradients and takes all images. */
    public Trainer(Engine engine) {
        this(engine, new TrainListener() {}, learner -> {}, Loader.Shard.WHOLE);
    }

    /**
     * Starts a run. All pictures are read before anything is made; a run that is refused, or fails before its first
     * step for a lack of memory, leaves no directory.
     *
     * @param run absent, empty, or {@link RunDirectory#fresh}
     * @return how the trained model does on the test images
     * @throws IOException with one line when the directory holds something, cannot be written or is full
     * @throws BrokenFileException when pictures cannot be read: it names them; {@link Splits#without} leaves them out
     * @throws OutOfMemoryException when the network does not fit the memory with a batch of that size
     * @throws WrongUseException when the network cannot take the images, the weights to start from do not fit it, or the
     *     engine does not compute in the recipe's precision
     * @throws DivergedException when the loss is no number any more
     * @throws StoppedException when the thread was interrupted, which it then still is; what was saved stays
     */
    public Evaluation train(TrainRequest request, RunDirectory run) throws IOException {
        long began = System.nanoTime();
        engine.check(request.recipe().precision());
        Graph graph = request.graph(), adjusted = request.recipe().adjusted(graph);
        LearnerOptions.DEFAULTS
                .withGroups(request.recipe().fineTuning().groups(graph))
                .check(graph);
        adjusted.at(request.recipe()
                .progressive()
                .image(graph.input().shape(), 1, request.recipe().epochs()));
        Splits splits = request.splits();
        requireFittingLoss(request.recipe().loss(), splits);
        run.requireEmpty();
        run.requireRoom(checkpoints(graph, request.recipe()));
        Inventory pictures = splits.scan();
        pictures.requireWhole(splits.spec());
        Optional<Pace> pace = request.time().map(time -> new Pace(time, began, Budget.of(engine, request)));
        return begin(request, pace, pictures, run);
    }

    Evaluation begin(TrainRequest request, Optional<Pace> pace, Inventory pictures, RunDirectory run)
            throws IOException {
        Recipe own = request.recipe(),
                recipe = pace.map(p -> own.withEpochs(p.epochs())).orElse(own);
        return run.alone(() -> {
            run.requireEmpty();
            run.removeLogs();
            run.save(pictures);
            // The weights are drawn where nothing but the training holds them.
            return go(() -> start(request, recipe, pictures), recipe, pace, request.splits(), run);
        });
    }

    private Checkpoint start(TrainRequest request, Recipe recipe, Inventory pictures) {
        Splits splits = request.splits();
        Model model = new Model(
                request.graph(),
                request.transform(),
                splits.labels(),
                Provenance.unknown()
                        .withArchitecture(request.architecture())
                        .withOptions(request.options())
                        .withData(splits.spec())
                        .withRecipe(recipe.toJson())
                        .withMetrics(LeftOut.in(Json.object(), splits))
                        .withOrigin(request.start().map(Start::origin).orElse(""))
                        .withLicence(request.start().map(Start::licence).orElse("")),
                request.weights());
        return new Checkpoint(
                model,
                new Weights(Map.of()),
                0,
                List.of(),
                pictures.checksum(),
                engine.plans(),
                Circumstances.of(engine));
    }

    /**
     * What a run has led to or leads to: trains, or goes on with what was stopped, or reads the result of what has ended.
     *
     * @param run absent, empty, or one that was begun with the same request
     * @throws WrongUseException as {@link #train}, and where the run is one of another network, data set or recipe
     * @throws IOException as {@link #train}
     * @throws BrokenFileException as {@link #resume(RunDirectory, Splits)}
     * @throws OutOfMemoryException as {@link #train}
     * @throws DivergedException as {@link #train}
     * @throws StoppedException as {@link #train}
     */
    public Evaluation complete(TrainRequest request, RunDirectory run) throws IOException {
        if (!run.hasBegun()) return train(request, run);
        Model begun = run.model();
        boolean same = begun.graph().name().equals(request.graph().name())
                && begun.provenance().data().equals(request.splits().spec())
                && Recipe.of(begun.provenance().recipe()).equals(request.recipe());
        if (!same)
            throw new WrongUseException(
                    run.path() + ": is a run of another network, data or recipe; choose another directory");
        return run.hasEnded() ? run.evaluation() : resume(run, request.splits());
    }

    /** About how many bytes two checkpoints, the best model and the one that it ends with take. */
    private static long checkpoints(Graph graph, Recipe recipe) {
        int copies = 1 + recipe.optimizer().slots().size() + (recipe.optimizer().ema() > 0 ? 1 : 0);
        return Float.BYTES * graph.parameterCount() * (2L * copies + 2);
    }

    /**
     * Goes on with a run from its last checkpoint, with the data set that it names; of a run that has ended, writes the
     * result again.
     *
     * @throws IOException as {@link #train}
     * @throws BrokenFileException as {@link #train}, and when there is no whole checkpoint or the data set is not there
     * @throws OutOfMemoryException as {@link #train}
     * @throws WrongUseException when pictures of the data set were added, changed, or are missing: it names them
     * @throws DivergedException as {@link #train}
     * @throws StoppedException as {@link #train}
     */
    public Evaluation resume(RunDirectory run) throws IOException {
        return goOn(run, model -> Splits.open(model.provenance().data()), recipe -> recipe);
    }

    /**
     * {@link #resume(RunDirectory)} with the data set in the caller's hands: one of one's own, or one that has moved.
     */
    public Evaluation resume(RunDirectory run, Splits splits) throws IOException {
        return goOn(run, model -> splits, recipe -> recipe);
    }

    /**
     * {@link #resume(RunDirectory, Splits)} with another number of epochs, also of a run that has ended. From the step
     * where the run is, the learning rate is what the schedule of a run of that many epochs gives; it may jump there.
     * Until the run has ended again, the directory keeps the model that it has.
     *
     * @throws WrongUseException also when more epochs than that are done already
     */
    public Evaluation extend(RunDirectory run, Splits splits, int epochs) throws IOException {
        return goOn(run, model -> splits, recipe -> recipe.withEpochs(epochs));
    }

    private Evaluation goOn(RunDirectory run, Function<Model, Splits> data, UnaryOperator<Recipe> change)
            throws IOException {
        run.requireCheckpoint(); // before anything is made
        return run.alone(() -> {
            Checkpoint saved = run.checkpoint();
            Splits splits = data.apply(saved.model()).without(LeftOut.of(saved.model()));
            Inventory pictures = splits.scan();
            pictures.requireWhole(splits.spec());
            requireSame(run, saved, splits, pictures);
            Provenance provenance = saved.model().provenance();
            Recipe begun = Recipe.of(provenance.recipe()), recipe = change.apply(begun);
            if (recipe.epochs() < saved.history().size())
                throw new WrongUseException(run.path() + ": has done "
                        + saved.history().size() + " epochs already; it cannot end after " + recipe.epochs());
            Circumstances.differences(saved.circumstances(), Circumstances.of(engine))
                    .forEach(d -> listener.warning(run.path() + ": " + d));
            if (!recipe.equals(begun)) provenance = provenance.withRecipe(recipe.toJson());
            provenance = provenance.withData(splits.spec());
            Checkpoint start = saved.with(provenance, pictures.checksum());
            run.rewrite(start.history(), start.model());
            engine.adopt(start.plans());
            Checkpoint described = provenance.equals(saved.model().provenance()) ? start : run.save(start);
            return go(() -> described, recipe, Optional.empty(), splits, run);
        });
    }

    private static void requireSame(RunDirectory run, Checkpoint saved, Splits splits, Inventory pictures) {
        if (pictures.checksum() == saved.dataset()) return;
        Optional<Inventory> before = run.pictures();
        // Runs of old have a checksum of the names and labels, and no list.
        if (before.isEmpty() && checksumOfNames(splits) == saved.dataset()) return;
        String what = before.map(b -> ": " + String.join("; ", b.differences(pictures)))
                .orElse("");
        throw new WrongUseException(run.path() + ": cannot be resumed: the pictures of " + splits.spec()
                + " are not those that it began with" + what);
    }

    private static long checksumOfNames(Splits splits) {
        CRC32 crc = new CRC32();
        for (Dataset d : List.of(splits.train(), splits.test())) {
            for (int i = 0; i < d.size(); i++)
                crc.update((d.name(i) + ":" + d.label(i) + "\n").getBytes(StandardCharsets.UTF_8));
        }
        return crc.getValue();
    }

    private Evaluation go(
            Supplier<Checkpoint> start, Recipe recipe, Optional<Pace> pace, Splits splits, RunDirectory run)
            throws IOException {
        HeldOut pictures = splits.holdOut(recipe.validation().holdOut());
        if (pictures.train().size() < shard.count())
            throw new WrongUseException(
                    splits.spec() + " has fewer training images than machines that share them, " + shard.count());
        Loader.Settings settings = settings(recipe, pictures, splits.labels().size(), shard);
        try (Training training = new Training(this, run, start.get(), recipe, pace, splits, pictures, settings)) {
            return training.go();
        } catch (StoppedException | ClosedByInterruptException e) {
            // How a loader says that the thread was interrupted, and how a file does.
            if (Thread.currentThread().isInterrupted()) throw Training.stopped(run, e);
            throw e;
        }
    }

    private static void requireFittingLoss(Loss loss, Splits splits) {
        Dataset train = splits.train();
        boolean weighed = IntStream.range(0, train.size()).anyMatch(i -> train.weight(i) != train.weight(0));
        if (weighed && !loss.weighs())
            throw new WrongUseException(splits.spec() + ": its pictures have weights, which would change what binary"
                    + " cross-entropy aims at, not how much it counts; take another loss");
    }

    static Loader.Settings settings(Recipe recipe, HeldOut pictures, int classes, Loader.Shard shard) {
        int batch = Math.min(recipe.batch(), pictures.train().size() / shard.count());
        return Loader.Settings.of(batch, classes)
                .withSmoothing(recipe.smoothing())
                .withClassWeights(
                        recipe.classWeights() == Recipe.ClassWeights.EQUAL
                                ? List.of()
                                : Sampling.balancedWeights(pictures.train(), classes))
                .withMixing(recipe.mixing())
                .withSampling(recipe.sampling())
                .withSeed(recipe.seed())
                .withShard(shard)
                .withLast(Loader.LastBatch.DROPPED);
    }
}
