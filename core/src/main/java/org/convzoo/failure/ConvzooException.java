package org.convzoo.failure;

/**
 * A failure that a user can understand and mend. Its message is one line that names the file, the network or the layer
 * concerned, and knows nothing of a command line. An argument that breaks a method's contract is an
 * {@link IllegalArgumentException}, as everywhere in Java; what the operating system refuses is an
 * {@link java.io.IOException}.
 */
public abstract sealed class ConvzooException extends RuntimeException
        permits BrokenFileException, DivergedException, OutOfMemoryException, StoppedException, WrongUseException {
    private static final long serialVersionUID = 1;

    ConvzooException(String message) {
        super(message);
    }

    ConvzooException(String message, Throwable cause) {
        super(message, cause);
    }
}
