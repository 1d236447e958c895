package org.convzoo.cli;

import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Path;
import java.util.Locale;
import org.convzoo.pretrained.Published;
import org.convzoo.pretrained.WeightsStore;
import org.convzoo.view.Numbers;

/** Tells what is downloaded from where, and on a terminal how far it is, in a line that is written over and over. */
final class DownloadLine implements WeightsStore.Listener {
    private final PrintWriter err;
    private final ProgressLine line;
    private long begun, before;

    DownloadLine(PrintWriter err) {
        this.err = err;
        this.line = new ProgressLine(err, Terminal.columns());
    }

    @Override
    public void waiting(Published weights) {
        err.println("waiting for somebody else who downloads " + weights.name());
    }

    @Override
    public void started(Published weights, URI from) {
        line.clear();
        err.println("downloading " + weights.name() + ", about " + Numbers.bytes(weights.bytes()) + ", "
                + licence(weights) + ", from " + (from.getScheme().equals("file") ? Path.of(from) : from));
        begun = 0;
    }

    /** The licence in words. */
    static String licence(Published weights) {
        return weights.licence().isEmpty() ? "licence not stated" : "licence " + weights.licence();
    }

    @Override
    public void received(Published weights, long bytes, long of) {
        long now = System.nanoTime();
        if (begun == 0) {
            begun = now;
            before = bytes;
        }
        if (line.isDue()) line.show(text(bytes, of, (bytes - before) / (1e-9 * (now - begun + 1))));
    }

    static String text(long bytes, long of, double rate) {
        String speed = Numbers.bytes(Math.round(rate)) + " a second";
        return of == 0
                ? Numbers.bytes(bytes) + ", " + speed
                : String.format(
                        Locale.ROOT,
                        "%3d %%  %s of %s, %s, %s left",
                        100 * bytes / of,
                        Numbers.bytes(bytes),
                        Numbers.bytes(of),
                        speed,
                        rate < 1 ? "?" : Numbers.duration((of - bytes) / rate));
    }

    @Override
    public void ended(Published weights) {
        line.clear();
    }
}
