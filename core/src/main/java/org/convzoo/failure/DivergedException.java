package org.convzoo.failure;

/** A training whose loss is no finite number any more. */
public final class DivergedException extends ConvzooException {
    private static final long serialVersionUID = 1;

    public DivergedException(String message) {
        super(message);
    }

    public DivergedException(String message, Throwable cause) {
        super(message, cause);
    }
}
