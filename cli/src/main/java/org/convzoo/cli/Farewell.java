package org.convzoo.cli;

import java.io.PrintWriter;

/** A line that says how to go on, should the program be stopped between {@link #begin} and {@link #close}. */
final class Farewell implements AutoCloseable {
    private final Thread said;

    Farewell(PrintWriter err, String line) {
        said = new Thread(() -> err.println("\nconvzoo: stopped; " + line));
    }

    void begin() {
        Runtime.getRuntime().addShutdownHook(said);
    }

    /** What could be stopped has ended or failed by itself: nothing to say any more. */
    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(said);
        } catch (IllegalStateException e) {
            // the program is being stopped, and it has been said
        }
    }
}
