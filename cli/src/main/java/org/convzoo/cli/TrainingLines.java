package org.convzoo.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.convzoo.train.EpochMetrics;
import org.convzoo.train.TrainListener;
import org.convzoo.view.Numbers;
import org.jspecify.annotations.Nullable;

/**
 * Tells how a training goes: a line an epoch, and on a terminal a bar within the epoch. Should the program be stopped
 * before {@link #close}, it says how to go on.
 */
final class TrainingLines implements TrainListener, AutoCloseable {
    private final PrintWriter err;
    private final List<String> heading;
    private final Thread farewell;
    private @Nullable ProgressBar bar;

    /** Prints {@code heading} once the training has really started: a refusal stays one line. */
    TrainingLines(PrintWriter err, Path run, List<String> heading) {
        this.err = err;
        this.heading = heading;
        String goOn = Terminal.command() + " train --resume " + Terminal.quoted(run.toString());
        farewell = new Thread(() -> err.println("\nconvzoo: stopped; go on with  " + goOn));
    }

    @Override
    public void started(org.convzoo.classify.Model model, int epochs) {
        Runtime.getRuntime().addShutdownHook(farewell);
        heading.forEach(err::println);
        if (epochs > 0) err.println("going on after epoch " + epochs);
    }

    @Override
    public void step(Progress p) {
        if (Terminal.columns() == 0) return;
        if (bar == null) {
            bar = new ProgressBarBuilder()
                    .setTaskName("epoch %d/%d".formatted(p.epoch(), p.epochs()))
                    .setInitialMax(p.steps())
                    .setStyle(ProgressBarStyle.ASCII)
                    .setUpdateIntervalMillis(100)
                    .hideEta()
                    .clearDisplayOnFinish()
                    .setConsumer(new ConsoleProgressBarConsumer(System.err, Terminal.columns() - 1))
                    .build();
        }
        bar.stepTo(p.step());
        bar.setExtraMessage(String.format(
                Locale.ROOT,
                " loss %.3f, %s, %s images/s, %s left",
                p.loss(),
                Numbers.percent(p.top1()),
                Numbers.grouped(Math.round(p.imagesPerSecond())),
                Numbers.duration(p.left().toMillis() * 1e-3)));
    }

    @Override
    public void epoch(EpochMetrics m, int epochs, Duration left) {
        clear();
        int width = Integer.toString(epochs).length();
        double waiting = m.waitingSeconds() / m.seconds();
        err.printf(
                Locale.ROOT,
                "epoch %" + width + "d/%d   loss %.4f   training %6s   test %6s   %7s images/s   %s left%s%n",
                m.epoch(),
                epochs,
                m.trainLoss(),
                Numbers.percent(m.trainTop1()),
                Numbers.percent(m.top1()),
                Numbers.grouped(Math.round(m.imagesPerSecond())),
                Numbers.duration(left.toMillis() * 1e-3),
                waiting > 0.1 ? "   (waited for data: " + Math.round(100 * waiting) + " %)" : "");
    }

    @Override
    public void warning(String line) {
        clear();
        err.println("convzoo: " + line);
    }

    private void clear() {
        if (bar != null) bar.close();
        bar = null;
    }

    /** The training has ended or failed by itself: nothing to say any more. */
    @Override
    public void close() {
        clear();
        try {
            Runtime.getRuntime().removeShutdownHook(farewell);
        } catch (IllegalStateException e) {
            // the program is being stopped, and it has been said
        }
    }
}
