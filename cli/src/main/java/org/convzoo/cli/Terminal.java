package org.convzoo.cli;

import java.util.ArrayList;
import java.util.List;

/** What the launcher knows of where standard error goes and of how the program was called. */
final class Terminal {
    private Terminal() {}

    /** The terminal's columns; 0 where standard error is no terminal, so that progress is told in plain lines. */
    static int columns() {
        return Integer.getInteger("convzoo.columns", 0);
    }

    /** The columns of the terminal that standard output goes to; where it is none, those of a usual one. */
    static int width() {
        return Integer.getInteger("convzoo.width", 80);
    }

    /** How the user calls this program, for commands to type next. */
    static String command() {
        return System.getProperty("convzoo.command", "convzoo");
    }

    /** A text in lines of at most so many columns, broken at spaces. */
    static List<String> lines(String text, int columns) {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        for (String word : text.split(" ")) {
            if (!line.isEmpty() && line.length() + 1 + word.length() > columns) {
                lines.add(line.toString());
                line.setLength(0);
            }
            line.append(line.isEmpty() ? "" : " ").append(word);
        }
        lines.add(line.toString());
        return lines;
    }
}
