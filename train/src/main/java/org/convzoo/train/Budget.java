package org.convzoo.train;

import java.time.Duration;
import org.convzoo.classify.Model;
import org.convzoo.classify.Provenance;
import org.convzoo.engine.Engine;
import org.convzoo.engine.Learner;
import org.convzoo.engine.Predictor;
import org.convzoo.engine.PredictorOptions;
import org.convzoo.failure.WrongUseException;
import org.convzoo.images.HeldOut;
import org.convzoo.images.Loader;
import org.convzoo.weights.Weights;

/**
 * How long a training takes on this machine, by a few steps of it that are thrown away.
 *
 * @param start seconds before the first step: an engine compiles the network and measures
 * @param epoch seconds of an epoch, the mean over the run, with the classification of the validation images
 * @param end seconds for the test
 */
public record Budget(double start, double epoch, double end) {
    /** Steps are measured for so many seconds, and at least so many of them. */
    private static final double MEASURED = 3;

    private static final int LEAST = 4;

    /** Of a time that is given, the share that is planned for: another program may want the machine for a while. */
    private static final double PLANNED = 0.95;

    /**
     * Measures a training, whose steps the engine then has compiled and need not measure again.
     *
     * @throws RuntimeException what {@link Trainer#train} throws for what cannot be trained
     */
    public static Budget of(Engine engine, TrainRequest request) {
        Recipe recipe = request.recipe();
        HeldOut pictures = request.splits().holdOut(recipe.validation().holdOut());
        Model model = new Model(
                request.graph(),
                request.transform(),
                request.splits().labels(),
                Provenance.unknown(),
                Weights.initial(request.graph(), 0));
        long began = System.nanoTime();
        try (Loader train = new Loader(
                        pictures.train(),
                        model.transform(),
                        recipe.augmentation(),
                        Trainer.settings(recipe, pictures, model.task().classes(), Loader.Shard.WHOLE));
                Learner learner =
                        Epochs.learner(engine, recipe.adjusted(model.graph()), model.weights(), recipe, train);
                Loader.Epoch batches = train.epoch(0, Loader.Order.SHUFFLED)) {
            step(learner, batches.next());
            double start = seconds(began);
            long from = System.nanoTime();
            int steps = 0;
            while (batches.hasNext() && (steps < LEAST || seconds(from) < MEASURED)) {
                step(learner, batches.next());
                steps++;
            }
            double perBatch = steps == 0 ? start : seconds(from) / steps;
            double perImage = classification(engine, model, pictures);
            int validation = pictures.validation().size(),
                    test = request.splits().test().size();
            double area = recipe.progressive().meanArea();
            return new Budget(start, train.batches() * perBatch * area + validation * perImage, test * perImage);
        }
    }

    private static void step(Learner learner, Loader.Minibatch batch) {
        learner.gradients(batch.batch());
        learner.update(0);
    }

    /** Seconds to classify an image, of a batch or two. */
    private static double classification(Engine engine, Model model, HeldOut pictures) {
        try (Predictor predictor = engine.predictor(
                        model.graph(), model.weights(), PredictorOptions.DEFAULTS.forImages(Evaluation.BATCH));
                Loader loader = Evaluation.loader(
                        pictures.train(), model.transform(), model.task().classes());
                Loader.Epoch batches = loader.epoch(0, Loader.Order.SEQUENTIAL)) {
            double least = Double.MAX_VALUE;
            for (int i = 0; i < 2 && batches.hasNext(); i++) {
                long from = System.nanoTime();
                Loader.Minibatch batch = batches.next();
                predictor.logits(batch.batch().images(), batch.batch().size());
                least = Math.min(least, seconds(from) / batch.batch().size());
            }
            return least;
        }
    }

    private static double seconds(long since) {
        return (System.nanoTime() - since) * 1e-9;
    }

    /**
     * The epochs that fit into a time, after what was spent on measuring.
     *
     * @throws WrongUseException where not even one does
     */
    public int epochs(Duration time, Duration spent) {
        double left = PLANNED * time.toMillis() * 1e-3 - spent.toMillis() * 1e-3 - end;
        int epochs = (int) (left / epoch);
        if (epochs < 1)
            throw new WrongUseException(
                    "an epoch takes " + Math.round(epoch) + " s on this machine, so that none fits into "
                            + time.toSeconds() + " s; give more time, or take smaller images or another network");
        return epochs;
    }
}
