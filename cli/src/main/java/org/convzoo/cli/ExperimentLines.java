package org.convzoo.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.convzoo.classify.Model;
import org.convzoo.experiment.Arm;
import org.convzoo.experiment.Experimenter;
import org.convzoo.experiment.Measure;
import org.convzoo.experiment.Result;
import org.convzoo.recipe.EpochMetrics;
import org.convzoo.train.TrainListener;
import org.convzoo.view.Numbers;

/**
 * Tells how an experiment goes: a line a run, and on a terminal a bar within each epoch. Should the program be stopped
 * before {@link #close}, it says how to go on.
 */
final class ExperimentLines implements Experimenter.Listener, AutoCloseable {
    /** Draws the results so far. */
    interface Page {
        void write(List<Result> results) throws IOException;
    }

    private final PrintWriter err;
    private final Page page;
    private final ProgressLine progress;
    private final Farewell farewell;
    private String run = "";
    private boolean trained;

    ExperimentLines(PrintWriter err, Path directory, Page page) {
        this.err = err;
        this.page = page;
        progress = new ProgressLine(err, Terminal.columns());
        farewell = new Farewell(err, "the same command goes on in " + directory);
        farewell.begin();
    }

    @Override
    public TrainListener run(Arm arm, long seed, int number, int count) {
        int width = Integer.toString(count).length();
        run = String.format(Locale.ROOT, "%" + width + "d/%d   %s, seed %d", number, count, arm.name(), seed);
        trained = false;
        return new TrainListener() {
            @Override
            public void started(Model model, int epochs) {
                trained = true;
                progress.show(run + ": tuning");
            }

            @Override
            public void step(Progress p) {
                progress.show(p);
            }

            @Override
            public void warning(String line) {
                progress.clear();
                err.println("convzoo: " + line);
            }
        };
    }

    @Override
    public void ended(List<Result> results) throws IOException {
        progress.clear();
        Result last = results.get(results.size() - 1);
        String came = last.diverged()
                ? "diverged"
                : "training error %6s   test error %6s   %s"
                        .formatted(
                                Numbers.percent(Measure.TRAINING_ERROR.of().applyAsDouble(last)),
                                Numbers.percent(Measure.TEST_ERROR.of().applyAsDouble(last)),
                                Numbers.duration(EpochMetrics.seconds(last.history())));
        err.println(run + "   " + came + (trained ? "" : "   (was there)"));
        page.write(results);
    }

    /** The experiment has ended or failed by itself: nothing to say any more. */
    @Override
    public void close() {
        progress.clear();
        farewell.close();
    }
}
