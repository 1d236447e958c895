package org.convzoo.view;

import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
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
    /** The most classes that fit a matrix with numbers, and a matrix without. */
    private static final int NUMBERED = 20, DRAWN = 60;
    /** Mistakes that are listed beside a matrix, and without one. */
    private static final int PAIRS = 5, MORE_PAIRS = 20;
    /** Pictures of all cells together, and the most of one. */
    private static final int PICTURES = 200, OF_A_CELL = 8;

    /** Colours that show on light and on dark pages. */
    private static final int RIGHT = 0x3F78F0, WRONG = 0xE5484D;

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

    /** Whether nothing is wrong and there are too many classes for a matrix. */
    boolean isEmpty() {
        return !drawn() && listed().isEmpty();
    }

    private List<Cell> listed() {
        List<Cell> mistakes = mistakes();
        return mistakes.subList(0, Math.min(drawn() ? PAIRS : MORE_PAIRS, mistakes.size()));
    }

    /**
     * The classes against each other.
     *
     * @param numbered whether there is room for numbers
     * @param lengthy whether names of classes are too long to stand upright
     */
    record Matrix(List<String> columns, boolean lengthy, boolean numbered, List<Row> rows) {}

    record Row(String label, List<Square> squares) {}

    /**
     * A square of the matrix.
     *
     * @param some whether any images belong there
     * @param depth of its colour, from 0 to 1
     * @param id of the group of its pictures
     */
    record Square(boolean some, String style, String depth, String id, String words, int count) {
        private static final Square NONE = new Square(false, "", "", "", "", 0);
    }

    /**
     * The matrix of too many classes for one with cells, a pixel a cell, as a picture in a URL. What is nothing lets the page
     * shine through.
     */
    Optional<String> overview() {
        if (drawn()) return Optional.empty();
        int side = labels.size();
        var image = new BufferedImage(side, side, BufferedImage.TYPE_INT_ARGB);
        for (Cell c : cells.values()) {
            boolean right = c.label() == c.said();
            double depth = depth(right, c.images().size() / (double) support[c.label()]);
            image.setRGB(c.said(), c.label(), (int) Math.round(255 * depth) << 24 | (right ? RIGHT : WRONG));
        }
        return Optional.of(Html.png(image));
    }

    Optional<Matrix> matrix() {
        if (!drawn()) return Optional.empty();
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < labels.size(); i++) {
            int label = i;
            List<Square> squares = IntStream.range(0, labels.size())
                    .mapToObj(said -> square(label, said))
                    .toList();
            rows.add(new Row(labels.get(i), squares));
        }
        boolean lengthy = labels.stream().anyMatch(l -> l.length() > 3);
        return Optional.of(new Matrix(labels, lengthy, labels.size() <= NUMBERED, rows));
    }

    private Square square(int i, int j) {
        Cell cell = cells.get(key(i, j));
        if (cell == null) return Square.NONE;
        int count = cell.images().size();
        double depth = depth(i == j, count / (double) support[i]);
        return new Square(
                true,
                (i == j ? "right" : "wrong") + (depth > 0.6 ? " strong" : ""),
                String.format(Locale.ROOT, "%.2f", depth),
                cell.id(),
                labels.get(i) + ": " + count + " of " + support[i] + " said to be " + labels.get(j),
                count);
    }

    /** Of a square's colour, for a share of the images of a class. */
    static double depth(boolean right, double share) {
        // Mistakes are few: the root makes a share of 1 % visible beside one of 10 %.
        return right ? 0.12 + 0.88 * share * share : Math.min(1, 1.6 * Math.sqrt(share));
    }

    /** A mistake that is made often, its classes as HTML. */
    record Pair(String id, String label, String said, String often) {}

    boolean mistaken() {
        return !listed().isEmpty();
    }

    List<Pair> pairs() {
        return listed().stream()
                .map(c -> new Pair(
                        c.id(),
                        Html.breakable(labels.get(c.label())),
                        Html.breakable(labels.get(c.said())),
                        c.images().size() == 1 ? "once" : c.images().size() + " times"))
                .toList();
    }

    /**
     * The pictures of a cell.
     *
     * @param shown whether it has any
     * @param names of those that are left out
     */
    record Group(
            String id,
            String label,
            String said,
            boolean right,
            String heading,
            boolean shown,
            List<Figure> figures,
            String names) {}

    record Figure(Thumbnails.Framed picture, String sure) {}

    /** The pictures of cells, mistakes first, as long as there is room, of all others the names. */
    List<Group> groups() {
        List<Cell> all = new ArrayList<>(drawn() ? mistakes() : listed());
        if (drawn()) {
            IntStream.range(0, labels.size())
                    .mapToObj(k -> key(k, k))
                    .filter(cells::containsKey)
                    .forEach(k -> all.add(cells.get(k)));
        }
        int each = each(all), room = PICTURES;
        List<Group> groups = new ArrayList<>();
        for (Cell c : all) {
            int shown = Math.min(room, Math.min(each, c.images().size()));
            room -= shown;
            groups.add(group(c, shown));
        }
        return groups;
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

    private Group group(Cell c, int shown) {
        int count = c.images().size();
        boolean right = c.label() == c.said();
        // Of what is right the doubtful are of interest, of what is wrong those that it was sure of.
        Comparator<Prediction> surest = Comparator.comparingDouble(p -> right ? p.probability() : -p.probability());
        List<Prediction> images = c.images().stream()
                .sorted(surest.thenComparingInt(Prediction::index))
                .toList();
        String label = labels.get(c.label()), said = labels.get(c.said());
        String words = right ? label : label + ", said to be " + said;
        List<Figure> figures = images.subList(0, shown).stream()
                .map(p -> new Figure(pictures.framed(p.index(), words), Numbers.percent(p.probability()) + " sure"))
                .toList();
        List<Prediction> others = images.subList(shown, Math.min(count, shown + OF_A_CELL));
        String names = others.stream().map(Prediction::name).collect(Collectors.joining(", "))
                + (shown + others.size() < count ? ", …" : "");
        String heading = Numbers.grouped(count)
                + (count == 1 ? " image" : " images")
                + (count == 1 ? "" : right ? ", the least sure first" : ", the surest first");
        return new Group(c.id(), label, said, right, heading, shown > 0, figures, names);
    }
}
