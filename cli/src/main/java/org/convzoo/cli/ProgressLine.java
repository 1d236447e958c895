package org.convzoo.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.convzoo.train.TrainListener.Progress;
import org.convzoo.view.Numbers;

/** How far something is, an epoch say, in one line of a terminal that is written over and over. */
final class ProgressLine {
    private static final int LONGEST_BAR = 40, SHORTEST_BAR = 10;
    private static final long EVERY = 100_000_000; // ns

    private final PrintWriter err;
    private final int columns;
    private long shown = System.nanoTime() - EVERY;
    private boolean there;

    /** @param columns of the terminal; 0 where there is none: then nothing is shown */
    ProgressLine(PrintWriter err, int columns) {
        this.err = err;
        this.columns = columns;
    }

    /** Shows what goes on before there is any progress. */
    void show(String text) {
        print(text);
    }

    void show(Progress p) {
        boolean last = p.step() == p.steps();
        if (last || !there || isDue()) print(text(p, columns - 1));
    }

    /** Whether what is shown has been there for long enough to be read. */
    boolean isDue() {
        return System.nanoTime() - shown >= EVERY;
    }

    private void print(String text) {
        if (columns == 0) return;
        there = true;
        shown = System.nanoTime();
        err.print("\r\033[K" + text.substring(0, Math.min(text.length(), columns - 1)));
        err.flush();
    }

    void clear() {
        if (there) err.print("\r\033[K");
        err.flush();
        there = false;
    }

    /**
     * The line in at most so many columns: the epoch, how much of it is done and the time left stay, then come the bar,
     * the loss, the share that is right, and the speed.
     */
    static String text(Progress p, int columns) {
        String head = "epoch %d/%d %3d %%".formatted(p.epoch(), p.epochs(), 100 * p.step() / p.steps());
        String end = p.step() == p.steps()
                ? "testing"
                : p.left().isZero() ? "" : Numbers.duration(p.left().toMillis() * 1e-3) + " left";
        List<String> details = new ArrayList<>();
        details.add(String.format(Locale.ROOT, "loss %.3f", p.loss()));
        details.add(Numbers.percent(p.top1()));
        if (p.imagesPerSecond() > 0) details.add(Numbers.grouped(Math.round(p.imagesPerSecond())) + " images/s");
        while (!details.isEmpty() && room(head, details, end, columns) < SHORTEST_BAR)
            details.remove(details.size() - 1);
        int bar = Math.min(LONGEST_BAR, room(head, details, end, columns));
        String line = head;
        if (bar >= SHORTEST_BAR) {
            int full = (bar - 2) * p.step() / p.steps();
            line += " [" + "=".repeat(full) + " ".repeat(bar - 2 - full) + "]";
        }
        if (!details.isEmpty()) line += "  " + String.join(", ", details);
        return end.isEmpty() ? line : line + ", " + end;
    }

    /** What is left for the bar. */
    private static int room(String head, List<String> details, String end, int columns) {
        int taken = head.length() + 1;
        if (!details.isEmpty()) taken += 2 + String.join(", ", details).length();
        return columns - taken - (end.isEmpty() ? 0 : 2 + end.length());
    }
}
