package org.convzoo.failure;

/** A picture, a batch or a network that needs more memory than there is. */
public final class OutOfMemoryException extends ConvzooException {
    private static final long serialVersionUID = 1;

    public OutOfMemoryException(String message) {
        super(message);
    }

    public OutOfMemoryException(String message, Throwable cause) {
        super(message, cause);
    }
}
