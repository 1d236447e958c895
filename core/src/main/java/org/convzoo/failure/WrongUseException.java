package org.convzoo.failure;

/** Something was asked for that does not exist or does not fit: a network, a data set, an option, an image. */
public final class WrongUseException extends ConvzooException {
    private static final long serialVersionUID = 1;

    public WrongUseException(String message) {
        super(message);
    }

    public WrongUseException(String message, Throwable cause) {
        super(message, cause);
    }
}
