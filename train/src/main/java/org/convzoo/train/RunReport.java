package org.convzoo.train;

import java.io.IOException;
import java.util.List;
import org.convzoo.classify.Model;
import org.convzoo.images.HeldOut;
import org.convzoo.images.Splits;
import org.convzoo.recipe.EpochMetrics;

/**
 * Tells people how a run went. Every report on the class path, registered as a service, is written at the end of a run,
 * however it was started. A report that fails costs the run nothing: {@link TrainListener#warning} tells of it.
 */
public interface RunReport {
    /**
     * A run that has ended and is saved.
     *
     * @param model what it has led to
     * @param history its epochs in order; at least one
     * @param kept which of their weights the model has
     * @param evaluation the model's, on the test pictures of {@code splits}
     * @param auc {@link Scores#auc} of each class; empty where images and classes are too many to keep what it takes
     * @param pictures the training pictures, those held out apart
     * @param engine {@link org.convzoo.engine.Engine#description} of what computed it, the last part of it at least
     */
    record Ended(
            RunDirectory run,
            Model model,
            List<EpochMetrics> history,
            Kept kept,
            Evaluation evaluation,
            List<Double> auc,
            Splits splits,
            HeldOut pictures,
            String engine) {
        public Ended {
            history = List.copyOf(history);
            auc = List.copyOf(auc);
        }
    }

    /** Writes the report into the run directory. Throws {@link IOException} when it cannot be written. */
    void write(Ended run) throws IOException;
}
