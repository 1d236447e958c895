package org.convzoo.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import org.convzoo.graph.Graph;
import org.convzoo.recipe.EpochMetrics;
import org.convzoo.recipe.Recipe;
import org.convzoo.train.Kept;
import org.convzoo.train.TrainListener;
import org.convzoo.view.Numbers;

/**
 * Tells how a training goes: a line an epoch, and on a terminal a bar within the epoch. Should the program be stopped
 * before {@link #close}, it says how to go on.
 */
final class TrainingLines implements TrainListener, AutoCloseable {
    private final PrintWriter err;
    private final String what, engine;
    private final Function<Graph, Optional<String>> remark;
    private final Farewell farewell;
    private final ProgressLine progress;

    /**
     * Prints {@code what} is trained, the recipe, what computes, and what {@code remark} says of the network, once the
     * training has really started: a refusal stays one line.
     */
    TrainingLines(PrintWriter err, Path run, String what, String engine, Function<Graph, Optional<String>> remark) {
        this.err = err;
        this.what = what;
        this.engine = engine;
        this.remark = remark;
        this.progress = new ProgressLine(err, Terminal.columns());
        farewell = new Farewell(err, "go on with  " + ModelArgument.resuming(run));
    }

    @Override
    public void started(org.convzoo.classify.Model model, int epochs) {
        farewell.begin();
        err.println(what);
        err.println(Recipe.of(model.provenance().recipe()));
        err.println(engine);
        remark.apply(model.graph()).ifPresent(err::println);
        if (epochs > 0) err.println("going on after epoch " + epochs);
        progress.show("tuning: the first step finds the fastest way to run the network on this machine");
    }

    @Override
    public void step(Progress p) {
        progress.show(p);
    }

    @Override
    public void features(int done, int images) {
        progress.show("features: %s of %s images".formatted(Numbers.grouped(done), Numbers.grouped(images)));
    }

    @Override
    public void kept(String pictures) {
        progress.clear();
        err.println("pictures kept decoded: " + pictures);
    }

    @Override
    public void planned(int epochs) {
        progress.clear();
        err.println("planned anew by the time of the first epochs: " + epochs + " epochs");
    }

    @Override
    public void epoch(EpochMetrics m, int epochs, Duration left) {
        progress.clear();
        int width = Integer.toString(epochs).length();
        double waiting = m.waitingSeconds() / m.seconds();
        List<String> parts = new ArrayList<>();
        parts.add(String.format(Locale.ROOT, "epoch %" + width + "d/%d   loss %.4f", m.epoch(), epochs, m.trainLoss()));
        parts.add("training %6s".formatted(Numbers.percent(m.trainTop1())));
        if (m.validated()) parts.add("validation %6s".formatted(Numbers.percent(m.top1())));
        parts.add("%7s images/s".formatted(Numbers.grouped(Math.round(m.imagesPerSecond()))));
        boolean known = !left.isZero() || m.epoch() == epochs;
        if (known) parts.add(Numbers.duration(left.toMillis() * 1e-3) + " left");
        if (waiting > 0.1) parts.add("(waited for data: " + Math.round(100 * waiting) + " %)");
        err.println(fitted(parts, Terminal.columns()));
    }

    @Override
    public void ended(Kept kept) {
        if (!kept.usual()) err.println(kept);
    }

    /** The parts in a line; where it does not fit a terminal, without the speed, then without the training's share. */
    static String fitted(List<String> parts, int columns) {
        String line = String.join("   ", parts);
        List<String> rest = new ArrayList<>(parts);
        for (int least : new int[] {3, 1}) {
            if (columns == 0 || line.length() < columns) return line;
            rest.remove(least);
            line = String.join("  ", rest);
        }
        return line;
    }

    @Override
    public void warning(String line) {
        progress.clear();
        err.println("convzoo: " + line);
    }

    /** The training has ended or failed by itself: nothing to say any more. */
    @Override
    public void close() {
        progress.clear();
        farewell.close();
    }
}
