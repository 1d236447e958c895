package org.convzoo.train;

import java.time.Duration;
import org.convzoo.classify.Model;
import org.convzoo.recipe.EpochMetrics;

/** Hears how a run goes, on the training thread: it should not take long. */
public interface TrainListener {
    /**
     * Within an epoch, after a step.
     *
     * @param epoch from 1
     * @param epochs of the run
     * @param step of the epoch, from 1
     * @param steps of the epoch
     * @param loss mean of the epoch so far
     * @param top1 share right of the epoch so far, 0 to 1
     * @param imagesPerSecond of the epoch so far, without the first step since the run was started or resumed, in which
     *     an engine compiles the network and measures; 0 after that step
     * @param waiting share of the epoch's time in which the steps waited for data
     * @param left time left in the run, 0 where it cannot be judged yet, judged by the steps after that first one; zero after it
     */
    record Progress(
            int epoch,
            int epochs,
            int step,
            int steps,
            double loss,
            double top1,
            double imagesPerSecond,
            double waiting,
            Duration left) {}

    /**
     * Before the first step, which takes longer than others; {@code epochs} are done already where a run is resumed.
     */
    default void started(Model model, int epochs) {}

    default void step(Progress progress) {}

    /** While the features of images are computed for the head; {@code done} of {@code images} are. */
    default void features(int done, int images) {}

    /** After the steps of a run's first epoch: how many training pictures are kept decoded, and where. */
    default void kept(String pictures) {}

    /** After some of a run's first epochs: it has now so many in all, as they are quicker or slower than was measured. */
    default void planned(int epochs) {}

    /** After the epoch was evaluated and saved. */
    default void epoch(EpochMetrics metrics, int epochs, Duration left) {}

    /** After all is saved, before reports are written. */
    default void ended(Kept kept) {}

    /** Something went wrong that costs the run nothing; one line. By default it is logged. */
    default void warning(String line) {
        System.getLogger(TrainListener.class.getName()).log(System.Logger.Level.WARNING, line);
    }
}
