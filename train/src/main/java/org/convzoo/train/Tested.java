package org.convzoo.train;

import java.util.List;
import org.convzoo.engine.Predictor;
import org.convzoo.images.Dataset;
import org.convzoo.images.Loader;

/**
 * How a trained network does on the test images.
 *
 * @param auc {@link Scores#auc} of each class; empty where images and classes are too many to keep what it takes
 */
record Tested(Evaluation evaluation, List<Double> auc) {
    /** Probabilities that are kept, of four bytes: 1,000 classes of 50,000 images, ten of 5 million. */
    private static final long MOST = 50_000_000;

    static Tested of(Predictor predictor, Loader loader, Dataset dataset, List<String> labels) {
        if ((long) dataset.size() * labels.size() > MOST)
            return new Tested(Evaluation.of(predictor, loader, dataset, labels), List.of());
        Scores scores = Scores.of(predictor, loader, dataset, labels);
        return new Tested(scores.evaluation(), scores.auc());
    }
}
