package org.convzoo.view;

/** Commands for people to copy. */
public final class Shell {
    private Shell() {}

    /** A word as a shell reads it: quoted where it has to be. */
    public static String quoted(String word) {
        return word.matches("[\\w@%+=:,./-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
    }
}
