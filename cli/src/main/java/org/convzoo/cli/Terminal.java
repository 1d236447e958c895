package org.convzoo.cli;

/** What the launcher knows of where standard error goes and of how the program was called. */
final class Terminal {
    private Terminal() {}

    /** The terminal's columns; 0 where standard error is no terminal, so that progress is told in plain lines. */
    static int columns() {
        return Integer.getInteger("convzoo.columns", 0);
    }

    /** How the user calls this program, for commands to type next. */
    static String command() {
        return System.getProperty("convzoo.command", "convzoo");
    }

    /** A word as a shell reads it: quoted where it has to be. */
    static String quoted(String word) {
        return word.matches("[\\w@%+=:,./-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
    }
}
