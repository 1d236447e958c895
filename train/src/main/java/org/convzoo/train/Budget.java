package org.convzoo.train;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.convzoo.engine.Engine;
import org.convzoo.engine.Learner;
import org.convzoo.engine.Predictor;
import org.convzoo.engine.PredictorOptions;
import org.convzoo.failure.WrongUseException;
import org.convzoo.graph.Shape;
import org.convzoo.images.HeldOut;
import org.convzoo.images.Loader;
import org.convzoo.recipe.Progressive;
import org.convzoo.weights.Weights;

/**
 * How long a training takes on this machine, by a few steps of it that are thrown away.
 *
 * @param first seconds that the first epoch takes longer than the others: its pictures are decoded
 * @param epoch seconds of an epoch, the mean over the run, with the classification of the validation images
 * @param end seconds for the test
 */
public record Budget(double first, double epoch, double end) {
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
        Weights weights = Weights.initial(request.graph(), 0);
        Shape image = request.graph().input().shape();
        Progressive progressive = request.recipe().progressive();
        Shape smallest = progressive.image(image, 1, Integer.MAX_VALUE);
        Steps full = steps(engine, request, weights);
        double mean = full.warm;
        if (!smallest.equals(image)) {
            TrainRequest growing = request.withGraph(request.graph().at(smallest))
                    .withTransform(request.transform().to(smallest));
            double small = steps(engine, growing, weights).warm;
            double least = smallest.elements() / (double) image.elements();
            mean = small + (full.warm - small) * (progressive.meanArea(image) - least) / (1 - least);
        }
        double perImage = classification(engine, request, weights, full.pictures);
        return new Budget(
                full.batches * Math.max(0, full.cold - full.warm),
                full.batches * mean + full.pictures.validation().size() * perImage,
                request.splits().test().size() * perImage);
    }

    /**
     * What a training's steps take.
     *
     * @param batches of an epoch
     * @param cold seconds of a step that decodes its pictures
     * @param warm seconds of one on decoded pictures
     */
    private record Steps(HeldOut pictures, int batches, double cold, double warm) {}

    private static Steps steps(Engine engine, TrainRequest request, Weights weights) {
        try (Trial trial = new Trial(engine, request, weights)) {
            Spread decoding = steps(trial, Integer.MAX_VALUE),
                    decoded = steps(trial, decoding.values().size());
            return new Steps(trial.pictures, trial.train.batches(), decoding.median(), decoded.median());
        }
    }

    /**
     * Seconds of each of the first steps of an epoch, always the same one: the second time its pictures are decoded, the
     * network is compiled, and so are the methods that prepare pictures.
     */
    private static Spread steps(Trial trial, int most) {
        List<Double> steps = new ArrayList<>();
        try (Loader.Epoch batches = trial.train.epoch(0, Loader.Order.SHUFFLED)) {
            long from = System.nanoTime();
            while (batches.hasNext() && steps.size() < most && (steps.size() < LEAST || seconds(from) < MEASURED)) {
                long step = System.nanoTime();
                step(trial.learner, batches.next());
                steps.add(seconds(step));
            }
        }
        return new Spread(steps);
    }

    private static void step(Learner learner, Loader.Minibatch batch) {
        learner.gradients(batch.batch());
        learner.update(0);
    }

    /** Seconds to classify an image, of a batch or two. */
    private static double classification(Engine engine, TrainRequest request, Weights weights, HeldOut pictures) {
        try (Predictor predictor = engine.predictor(
                        request.graph(), weights, PredictorOptions.DEFAULTS.forImages(Evaluation.BATCH));
                Loader loader = Evaluation.loader(
                        pictures.train(), request.transform(), request.graph().classes());
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
        int epochs = fitting(time, spent);
        if (epochs < 1)
            throw new WrongUseException(
                    "an epoch takes " + Math.round(epoch) + " s on this machine, so that none fits into "
                            + time.toSeconds() + " s; give more time, or take smaller images or another network");
        return epochs;
    }

    /** The same, or 0. */
    int fitting(Duration time, Duration spent) {
        double left = PLANNED * time.toMillis() * 1e-3 - spent.toMillis() * 1e-3 - first - end;
        return (int) Math.max(0, left / epoch);
    }

    /** What is left of a run whose first epoch is done, with epochs of so many seconds. */
    Budget later(double epoch) {
        return new Budget(0, epoch, end);
    }
}
