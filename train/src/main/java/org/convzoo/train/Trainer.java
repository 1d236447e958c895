package org.convzoo.train;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.zip.CRC32;
import org.convzoo.classify.Model;
import org.convzoo.engine.Engine;
import org.convzoo.engine.Learner;
import org.convzoo.engine.Predictor;
import org.convzoo.graph.Graph;
import org.convzoo.images.Dataset;
import org.convzoo.images.Loader;
import org.convzoo.images.Splits;
import org.convzoo.weights.Weights;

/**
 * Trains a network into a run directory. After every epoch the test images are classified and a checkpoint is saved;
 * whatever stops a run, {@link #resume} goes on from there and ends in the same bits as if nothing had happened, on the
 * same machine with the same number of threads, whatever an engine would measure now. The model that a run leaves is that of its last epoch, with averaged
 * weights if the recipe averages: choosing the best one by the test images would flatter it.
 */
public final class Trainer {
    private final Engine engine;
    private final RunDirectory run;
    private final Recipe recipe;
    private final TrainListener listener;
    private final Splits splits;
    private final Learner learner;
    private final Predictor predictor;
    private final Loader train, test;
    private final long began = System.nanoTime(), firstStep;

    private Trainer(
            Engine engine,
            RunDirectory run,
            Recipe recipe,
            TrainListener listener,
            Splits splits,
            Learner learner,
            Predictor predictor,
            Loader train,
            Loader test) {
        this.engine = engine;
        this.run = run;
        this.recipe = recipe;
        this.listener = listener;
        this.splits = splits;
        this.learner = learner;
        this.predictor = predictor;
        this.train = train;
        this.test = test;
        this.firstStep = learner.steps();
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
     * @throws IllegalStateException with one line when the loss is no number any more
     * @throws InterruptedException when the thread was interrupted; what was saved stays
     */
    public static Evaluation train(TrainRequest request, RunDirectory run, Engine engine, TrainListener listener)
            throws IOException, InterruptedException {
        engine.check(request.recipe().precision());
        Graph graph = request.graph();
        Model model = new Model(
                request.architecture(),
                request.options(),
                request.task(),
                request.transform(),
                request.splits().labels(),
                request.splits().spec(),
                request.recipe().toJson(),
                Json.object(),
                Weights.initial(graph, request.recipe().seed()));
        run.requireEmpty();
        return run.alone(() -> {
            run.requireEmpty();
            Checkpoint start = new Checkpoint(
                    model, new Weights(Map.of()), 0, List.of(), checksum(request.splits()), engine.plans());
            run.save(start);
            return go(start, request.recipe(), request.splits(), run, engine, listener);
        });
    }

    /**
     * Goes on with a run from its last checkpoint; of a run that has ended, writes the result again.
     *
     * @throws IOException as {@link #train}, and when there is no whole checkpoint or the data set is not there
     * @throws IllegalArgumentException as {@link #train}
     * @throws IllegalStateException as {@link #train}, and when the data set has changed
     */
    public static Evaluation resume(RunDirectory run, Engine engine, TrainListener listener)
            throws IOException, InterruptedException {
        run.checkpoint();
        return run.alone(() -> {
            Checkpoint start = run.checkpoint();
            Splits splits = Splits.open(start.model().data());
            if (checksum(splits) != start.dataset()) {
                throw new IllegalStateException(run.path() + ": cannot be resumed: the pictures of " + splits.spec()
                        + " are not those that it began with");
            }
            run.rewrite(start.history());
            engine.adopt(start.plans());
            return go(start, Recipe.of(start.model().recipe()), splits, run, engine, listener);
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

    private static Evaluation go(
            Checkpoint start, Recipe recipe, Splits splits, RunDirectory run, Engine engine, TrainListener listener)
            throws IOException, InterruptedException {
        Model model = start.model();
        Graph graph = model.graph();
        int classes = model.task().classes(),
                batch = Math.min(recipe.batch(), splits.train().size());
        Loader.Settings settings = Loader.Settings.of(batch, classes)
                .smoothing(recipe.smoothing())
                .seed(recipe.seed())
                .dropLast(true);
        try (Loader train = new Loader(splits.train(), model.transform(), recipe.augmentation(), settings);
                Loader test = Evaluation.loader(splits.test(), model.transform(), classes);
                Learner learner = engine.learner(
                        graph,
                        model.weights(),
                        recipe.optimizer(),
                        true,
                        recipe.seed(),
                        recipe.precision(),
                        recipe.checkpointing());
                Predictor predictor = engine.predictor(graph, model.weights())) {
            if (start.step() > 0) learner.restore(model.weights(), start.slots(), start.step());
            return new Trainer(engine, run, recipe, listener, splits, learner, predictor, train, test).go(start);
        } catch (UncheckedIOException e) {
            throw e.getCause();
        } catch (IllegalStateException | ClosedByInterruptException e) {
            // How a loader says that the thread was interrupted, and how a file does.
            if (Thread.interrupted()) throw stopped(run);
            throw e;
        }
    }

    private Evaluation go(Checkpoint start) throws IOException, InterruptedException {
        Checkpoint last = start;
        List<EpochMetrics> history = new ArrayList<>(start.history());
        listener.started(start.model(), history.size());
        while (history.size() < recipe.epochs()) {
            Pass pass = pass(history.size() + 1);
            Evaluation evaluation = evaluate(learner.averages());
            if (!Double.isFinite(evaluation.loss())) throw diverged(pass);
            EpochMetrics epoch = pass.metrics(evaluation, learner.steps());
            history.add(epoch);
            Model model = last.model().with(evaluation.summary(), learner.weights());
            last = new Checkpoint(model, learner.slots(), learner.steps(), history, start.dataset(), engine.plans());
            run.save(last);
            run.append(epoch, history.get(0));
            listener.epoch(epoch, recipe.epochs(), left());
        }
        Model model = last.result();
        Evaluation result = evaluate(model.weights());
        run.save(model, result);
        report(new RunReport.Ended(run, model, history, result, splits, engine.description()));
        return result;
    }

    /** What is saved is whole; no report may take it back, whatever fails in one. */
    private void report(RunReport.Ended ended) {
        try {
            for (RunReport report : ServiceLoader.load(RunReport.class)) report.write(ended);
        } catch (IOException | RuntimeException | Error e) {
            listener.warning(run.path() + ": its report cannot be written, all else is saved: " + e.getMessage());
        }
    }

    private Evaluation evaluate(Weights weights) {
        predictor.load(weights);
        return Evaluation.of(predictor, test, splits.test(), splits.labels());
    }

    /** The steps of an epoch. */
    private Pass pass(int epoch) throws InterruptedException {
        Pass pass = new Pass(epoch);
        try (Loader.Epoch batches = train.epoch(epoch, true)) {
            while (batches.hasNext()) {
                if (Thread.interrupted()) throw stopped(run);
                long asked = System.nanoTime();
                Loader.Minibatch batch = batches.next();
                pass.waited += System.nanoTime() - asked;
                double factor = recipe.schedule().factor(learner.steps(), steps());
                Learner.Step step = learner.gradients(batch.batch());
                if (!Double.isFinite(step.loss())) throw diverged(pass);
                learner.update(recipe.learningRate() * factor);
                pass.add(step, batch.labels(), recipe.learningRate() * factor);
                listener.step(new TrainListener.Progress(
                        epoch,
                        recipe.epochs(),
                        pass.steps,
                        train.batches(),
                        pass.loss / pass.images,
                        pass.right / (double) pass.images,
                        pass.images / pass.seconds(),
                        pass.waited * 1e-9 / pass.seconds(),
                        left()));
            }
        }
        pass.stepSeconds = pass.seconds();
        return pass;
    }

    /** Of the whole run. */
    private long steps() {
        return (long) recipe.epochs() * train.batches();
    }

    private Duration left() {
        double done = learner.steps() - firstStep;
        return Duration.ofNanos((long) ((System.nanoTime() - began) / done * (steps() - learner.steps())));
    }

    private static InterruptedException stopped(RunDirectory run) {
        return new InterruptedException("stopped; go on with --resume " + run.path());
    }

    private IllegalStateException diverged(Pass pass) {
        return new IllegalStateException(String.format(
                Locale.ROOT,
                "the loss is no finite number any more in epoch %d, after %d steps of it; try a lower learning rate,"
                        + " --learning-rate %.2g and another --out (%s is as after epoch %d)",
                pass.epoch,
                pass.steps,
                recipe.learningRate() / 3,
                run.path().resolve(RunDirectory.CHECKPOINT),
                pass.epoch - 1));
    }

    /** What an epoch's steps add up to. */
    private static final class Pass {
        final int epoch;
        final long began = System.nanoTime();
        int steps;
        long images, right, waited;
        double loss, rate, stepSeconds;

        Pass(int epoch) {
            this.epoch = epoch;
        }

        void add(Learner.Step step, int[] labels, double rate) {
            float[] logits = step.logits();
            int classes = logits.length / labels.length;
            for (int n = 0; n < labels.length; n++)
                if (Evaluation.largest(logits, n * classes, classes) == labels[n]) right++;
            steps++;
            images += labels.length;
            loss += step.loss() * labels.length;
            this.rate = rate;
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
