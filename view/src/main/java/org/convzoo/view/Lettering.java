package org.convzoo.view;

import java.util.ArrayList;
import java.util.List;

/** How wide text is in a figure, by a table instead of a font, so that figures are the same on every machine. */
final class Lettering {
    /** Sizes in pixels, of a box's text and of all that is smaller. */
    static final double FONT = 13, SMALL = 11;

    private Lettering() {}

    /** The width of a text in a sans-serif font, a little generous. */
    static double wide(String text, double size) {
        double em = 0;
        for (char c : text.toCharArray()) {
            em += "iljt.,:;|' ()/".indexOf(c) >= 0
                    ? 0.31
                    : "mwMW×–".indexOf(c) >= 0 ? 0.8 : Character.isUpperCase(c) ? 0.69 : 0.57;
        }
        return 1.04 * em * size;
    }

    /** The width of the widest of small lines. */
    static double widest(List<String> lines) {
        return lines.stream().mapToDouble(l -> wide(l, SMALL)).max().orElse(0);
    }

    /** Small words, commas between them, in lines of at most {@code room}. */
    static List<String> lines(List<String> words, double room) {
        return lines(words, ", ", SMALL, room);
    }

    /** Words in lines of at most {@code room}; a word that is wider has a line of its own. */
    static List<String> lines(List<String> words, String between, double size, double room) {
        List<String> lines = new ArrayList<>();
        String line = "";
        for (String word : words) {
            if (!line.isEmpty() && wide(line + between + word, size) > room) {
                lines.add((line + between).stripTrailing());
                line = word;
            } else line += (line.isEmpty() ? "" : between) + word;
        }
        if (!line.isEmpty()) lines.add(line);
        return lines;
    }
}
