package org.convzoo.cli;

import java.io.PrintWriter;
import java.util.Locale;
import org.convzoo.view.Numbers;

/** How many of many pictures are done, in one line of a terminal that is written over and over; nothing elsewhere. */
final class PicturesLine implements AutoCloseable {
    private final ProgressLine line;
    private final int pictures;
    private final long begun = System.nanoTime();
    private int done;

    PicturesLine(PrintWriter err, int pictures) {
        this.line = new ProgressLine(err, Terminal.columns());
        this.pictures = pictures;
    }

    /** A picture more is done. */
    void next() {
        done++;
        if (line.isDue()) line.show(text(done, pictures, 1e-9 * (System.nanoTime() - begun)));
    }

    static String text(int done, int pictures, double seconds) {
        double each = seconds / done;
        return String.format(
                Locale.ROOT,
                "%3d %%  %s of %s pictures, %s a second, %s left",
                100L * done / pictures,
                Numbers.grouped(done),
                Numbers.grouped(pictures),
                Numbers.grouped(Math.round(1 / each)),
                Numbers.duration(each * (pictures - done)));
    }

    /** Leaves the terminal's line to other words, until the next picture is done. */
    void clear() {
        line.clear();
    }

    @Override
    public void close() {
        clear();
    }
}
