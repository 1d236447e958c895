package org.convzoo.onednn.program;

/** A stretch of a program's steps, from one that makes a tensor's content to the last that reads it. */
record Lifetime(int first, int last) {
    static final Lifetime FOREVER = new Lifetime(0, Integer.MAX_VALUE);

    boolean meets(Lifetime other) {
        return first <= other.last && other.first <= last;
    }
}
