package org.convzoo.view;

import java.util.ArrayList;
import java.util.List;

/** Columns of text, each as wide as its widest cell, two spaces apart; a heading that ends in {@code >} is flush right. */
public final class TextTable {
    private static final List<String> RULE = List.of();

    private final boolean[] right;
    private final int[] width;
    private final List<List<String>> rows = new ArrayList<>();

    public TextTable(String... headings) {
        right = new boolean[headings.length];
        width = new int[headings.length];
        String[] names = new String[headings.length];
        for (int i = 0; i < headings.length; i++) {
            right[i] = headings[i].endsWith(">");
            names[i] = right[i] ? headings[i].substring(0, headings[i].length() - 1) : headings[i];
        }
        row(names).line();
    }

    /** Adds a row; throws {@link IllegalArgumentException} unless it has a cell for each column. */
    public TextTable row(String... cells) {
        if (cells.length != width.length)
            throw new IllegalArgumentException("a row of " + width.length + " cells, got " + cells.length);
        for (int i = 0; i < cells.length; i++) width[i] = Math.max(width[i], cells[i].length());
        rows.add(List.of(cells));
        return this;
    }

    /** Adds a rule across the table. */
    public TextTable line() {
        rows.add(RULE);
        return this;
    }

    /** The lines, each ended, none with spaces at its end. */
    @Override
    public String toString() {
        int all = 2 * (width.length - 1);
        for (int w : width) all += w;
        StringBuilder text = new StringBuilder();
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            if (row.isEmpty()) line.append("-".repeat(all));
            for (int i = 0; i < row.size(); i++) {
                String space = " ".repeat(width[i] - row.get(i).length());
                line.append(i == 0 ? "" : "  ").append(right[i] ? space + row.get(i) : row.get(i) + space);
            }
            text.append(line.toString().stripTrailing()).append('\n');
        }
        return text.toString();
    }
}
