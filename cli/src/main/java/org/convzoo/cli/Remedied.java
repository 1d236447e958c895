package org.convzoo.cli;

/** A failure, and what the user of a command can do about it: libraries know of no options. */
final class Remedied extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** @param remedy goes on where the failure's line ends */
    Remedied(Exception failure, String remedy) {
        super(remedy, failure);
    }
}
