package org.convzoo.failure;

import org.jspecify.annotations.Nullable;

/** Work that was interrupted, or that did not end by its deadline; what was saved before is kept. */
public final class StoppedException extends ConvzooException {
    private static final long serialVersionUID = 1;

    public StoppedException(String message) {
        super(message);
    }

    /** @param cause none where nobody knows it */
    public StoppedException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
