package org.convzoo.failure;

/** A file that is missing, cannot be read, or does not hold what it should; the message begins with its name. */
public final class BrokenFileException extends ConvzooException {
    private static final long serialVersionUID = 1;

    public BrokenFileException(String message) {
        super(message);
    }

    public BrokenFileException(String message, Throwable cause) {
        super(message, cause);
    }
}
