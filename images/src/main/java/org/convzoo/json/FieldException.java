package org.convzoo.json;

/** A value of a JSON document is missing or not what it must be. The message is one line and begins with its place. */
public final class FieldException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    FieldException(String message) {
        super(message);
    }
}
