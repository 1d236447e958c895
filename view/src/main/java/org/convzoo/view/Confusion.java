package org.convzoo.view;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.convzoo.train.Evaluation;
import org.convzoo.train.Evaluation.Prediction;

/**
 * What is taken for what: the matrix, where there are not too many classes for one, and the most frequent mistakes.
 * Each cell and each mistake is a link to its pictures, which stand hidden in the page until they are asked for; that
 * needs no script.
 */
final class Confusion {
    /** So many classes still fit a matrix with numbers, and so many one without. */
    private static final int NUMBERED = 20, DRAWN = 60;
    /** Mistakes that are listed beside a matrix, and without one. */
    private static final int PAIRS = 5, MORE_PAIRS = 20;
    /** Pictures of all cells together, and the most of one. */
    private static final int PICTURES = 200, OF_A_CELL = 8;

    /** Images of one class that were said to be of one. */
    private record Cell(int label, int said, List<Prediction> images) {
        String id() {
            return "is-" + label + "-said-" + said;
        }
    }

    private final List<String> labels;
    private final Thumbnails pictures;
    private final Map<Integer, Cell> cells = new LinkedHashMap<>();
    private final int[] support;

    Confusion(Evaluation evaluation, Thumbnails pictures) {
        labels = evaluation.labels();
        this.pictures = pictures;
        support = new int[labels.size()];
        for (Prediction p : evaluation.predictions()) {
            support[p.label()]++;
            cells.computeIfAbsent(
                            key(p.label(), p.predicted()), k -> new Cell(p.label(), p.predicted(), new ArrayList<>()))
                    .images()
                    .add(p);
        }
    }

    private int key(int label, int said) {
        return label * labels.size() + said;
    }

    boolean drawn() {
        return labels.size() <= DRAWN;
    }

    /** The mistakes, the most frequent first. */
    private List<Cell> mistakes() {
        return cells.values().stream()
                .filter(c -> c.label() != c.said())
                .sorted(Comparator.comparingInt((Cell c) -> -c.images().size())
                        .thenComparingInt(Cell::label)
                        .thenComparingInt(Cell::said))
                .toList();
    }

    /** The section; empty when nothing is wrong and there are too many classes for a matrix. */
    String section() {
        List<Cell> mistakes = mistakes();
        List<Cell> listed = mistakes.subList(0, Math.min(drawn() ? PAIRS : MORE_PAIRS, mistakes.size()));
        if (!drawn() && listed.isEmpty()) return "";
        return "<section id=\"matrix\"><h2>What is taken for what</h2>\n"
                + (drawn()
                        ? "<p class=\"soft\">A row is what an image is, a column what the network says. A cell leads to its"
                                + " images.</p>\n" + matrix()
                        : "")
                + pairs(listed) + groups(drawn() ? mistakes : listed) + "</section>";
    }

    private String matrix() {
        boolean numbered = labels.size() <= NUMBERED;
        boolean lengthy = labels.stream().anyMatch(l -> l.length() > 3);
        StringBuilder html = new StringBuilder("<div class=\"scroll\"><table class=\"confusion"
                + (numbered ? "" : " small") + "\">\n<thead><tr><td class=\"corner\"></td>");
        for (String label : labels) {
            html.append("<th scope=\"col\" title=\"" + Html.escape(label) + "\">")
                    .append(lengthy ? "<div class=\"long\">" : "<div>")
                    .append(Html.escape(label))
                    .append("</div></th>");
        }
        html.append("</tr></thead>\n<tbody>\n");
        for (int i = 0; i < labels.size(); i++) {
            String label = Html.escape(labels.get(i));
            html.append("<tr><th scope=\"row\" title=\"" + label + "\"><div>" + label + "</div></th>");
            for (int j = 0; j < labels.size(); j++) cell(html, i, j, numbered);
            html.append("</tr>\n");
        }
        return html.append("</tbody></table></div>\n").toString();
    }

    private void cell(StringBuilder html, int i, int j, boolean numbered) {
        Cell cell = cells.get(key(i, j));
        if (cell == null) {
            html.append("<td class=\"none\"></td>");
            return;
        }
        // Mistakes are few: the root makes a share of 1 % visible beside one of 10 %.
        int count = cell.images().size();
        double share = count / (double) support[i];
        double depth = i == j ? 0.12 + 0.88 * share * share : Math.min(1, 1.6 * Math.sqrt(share));
        String words = labels.get(i) + ": " + count + " of " + support[i] + " said to be " + labels.get(j);
        html.append(String.format(
                Locale.ROOT,
                "<td class=\"%s%s\" style=\"--v:%.2f\"><a href=\"#%s\" title=\"%s\"%s>%s</a></td>",
                i == j ? "right" : "wrong",
                depth > 0.6 ? " strong" : "",
                depth,
                cell.id(),
                Html.escape(words),
                numbered ? "" : " aria-label=\"" + Html.escape(words) + "\"",
                numbered ? count : ""));
    }

    private String pairs(List<Cell> listed) {
        if (listed.isEmpty()) return "";
        StringBuilder html =
                new StringBuilder("<h3 class=\"below\">Most often taken for another</h3>\n<ol class=\"pairs\">\n");
        for (Cell c : listed) {
            int count = c.images().size();
            html.append("<li><a href=\"#" + c.id() + "\">" + words(c) + "</a>, ")
                    .append(count == 1 ? "once" : count + " times")
                    .append("</li>\n");
        }
        return html.append("</ol>\n").toString();
    }

    private String words(Cell c) {
        String label = "<b>" + Html.escape(labels.get(c.label())) + "</b>";
        return c.label() == c.said()
                ? label + " found"
                : label + " taken for <b>" + Html.escape(labels.get(c.said())) + "</b>";
    }

    /** The pictures of cells, in this order as long as there is room, of all others the names. */
    private String groups(List<Cell> mistakes) {
        List<Cell> all = new ArrayList<>(mistakes);
        if (drawn()) {
            IntStream.range(0, labels.size())
                    .mapToObj(k -> key(k, k))
                    .filter(cells::containsKey)
                    .forEach(k -> all.add(cells.get(k)));
        }
        int each = each(all), room = PICTURES;
        StringBuilder html = new StringBuilder();
        for (Cell c : all) {
            int shown = Math.min(room, Math.min(each, c.images().size()));
            room -= shown;
            html.append(group(c, shown));
        }
        return html.toString();
    }

    /** How many pictures a cell may have, so that all have as many: one at least, though the last may get none. */
    private static int each(List<Cell> cells) {
        int each = OF_A_CELL;
        while (each > 1) {
            int most = each;
            if (cells.stream().mapToInt(c -> Math.min(most, c.images().size())).sum() <= PICTURES) break;
            each--;
        }
        return each;
    }

    private String group(Cell c, int shown) {
        int count = c.images().size();
        boolean right = c.label() == c.said();
        // Of what is right the doubtful are of interest, of what is wrong those that it was sure of.
        Comparator<Prediction> surest = Comparator.comparingDouble(p -> right ? p.probability() : -p.probability());
        List<Prediction> images = c.images().stream()
                .sorted(surest.thenComparingInt(Prediction::index))
                .toList();
        StringBuilder html = new StringBuilder("<div class=\"group\" id=\"" + c.id() + "\"><h3>" + words(c) + ": "
                + Numbers.grouped(count) + (count == 1 ? " image" : " images")
                + (count == 1 ? "" : right ? ", the least sure first" : ", the surest first")
                + " <a href=\"#matrix\">back</a></h3>\n");
        if (shown > 0) html.append("<div class=\"pictures\">\n");
        String said = labels.get(c.label()) + (right ? "" : ", said to be " + labels.get(c.said()));
        for (Prediction p : images.subList(0, shown))
            html.append(pictures.figure(p.index(), said, Numbers.percent(p.probability()) + " sure"));
        if (shown > 0) html.append("</div>\n");
        if (shown < count) {
            List<Prediction> others = images.subList(shown, Math.min(count, shown + OF_A_CELL));
            html.append("<p class=\"soft names\">"
                    + others.stream().map(p -> Html.escape(p.name())).collect(Collectors.joining(", "))
                    + (shown + others.size() < count ? ", …" : "") + "</p>\n");
        }
        return html.append("</div>\n").toString();
    }
}
