package org.convzoo.failure;

import org.jspecify.annotations.Nullable;

/**
 * A failure that a user can understand and mend. Its message is one line that names the file, the network or the layer
 * concerned, and knows nothing of a command line. An argument that breaks a method's contract is an
 * {@link IllegalArgumentException}, as everywhere in Java; what the operating system refuses is an
 * {@link java.io.IOException}.
 */
public abstract sealed class ConvzooException extends RuntimeException
        permits BrokenFileException, DivergedException, OutOfMemoryException, StoppedException, WrongUseException {
    private static final long serialVersionUID = 1;

    private static final int LONGEST = 1000;

    ConvzooException(String message) {
        super(line(message));
    }

    ConvzooException(String message, @Nullable Throwable cause) {
        super(line(message), cause);
    }

    /** What a file holds may stand in a message: the line stays one, can be printed, and does not go on for pages. */
    private static String line(String message) {
        String line = message.strip().replaceAll("\\s*\\R\\s*", "; ").replaceAll("\\p{Cntrl}", "?");
        return line.length() > LONGEST ? line.substring(0, LONGEST - 3) + "..." : line;
    }
}
