package org.convzoo.bench;

import java.util.Arrays;
import java.util.Locale;
import java.util.OptionalDouble;

/** Headings, paragraphs and tables in Markdown, and the form that figures have in them. */
final class Markdown {
    private final StringBuilder text = new StringBuilder();

    /** A heading; level 1 is the page's title. */
    void heading(int level, String title) {
        text.append("#".repeat(level)).append(' ').append(title).append("\n\n");
    }

    /** Ends the table before it, if there is one. */
    void paragraph(String words) {
        text.append(words).append("\n\n");
    }

    /** The first row of a table; a name that ends in {@code >} makes a column of figures, aligned to the right. */
    void head(String... names) {
        row(Arrays.stream(names).map(n -> n.replace(">", "")).toArray(String[]::new));
        row(Arrays.stream(names).map(n -> n.endsWith(">") ? "---:" : "---").toArray(String[]::new));
    }

    void row(String... cells) {
        for (String cell : cells) text.append(cell.isEmpty() ? "| " : "| " + cell + " ");
        text.append("|\n");
    }

    /** Ends a table. */
    void end() {
        text.append('\n');
    }

    @Override
    public String toString() {
        return text.toString();
    }

    /** Three digits, as far as they are behind the point; nothing for what was not measured. */
    static String number(OptionalDouble value) {
        return value.isPresent() ? number(value.getAsDouble()) : "";
    }

    static String number(double value) {
        return String.format(Locale.ROOT, value < 10 ? "%.2f" : value < 100 ? "%.1f" : "%.0f", value);
    }

    static String percent(OptionalDouble share) {
        return share.isPresent() ? Math.round(100 * share.getAsDouble()) + " %" : "";
    }

    static String whole(OptionalDouble value) {
        return value.isPresent() ? Long.toString(Math.round(value.getAsDouble())) : "";
    }
}
