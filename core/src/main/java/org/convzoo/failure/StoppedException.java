package org.convzoo.failure;

/** Work that was interrupted, or that did not end by its deadline; what was saved before is kept. */
public final class StoppedException extends ConvzooException {
    private static final long serialVersionUID = 1;

    public StoppedException(String message) {
        super(message);
    }

    public StoppedException(String message, Throwable cause) {
        super(message, cause);
    }
}
