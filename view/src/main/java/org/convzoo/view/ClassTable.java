package org.convzoo.view;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.convzoo.images.Dataset;
import org.convzoo.train.Evaluation;
import org.convzoo.train.Interval;
import org.convzoo.train.Scores;

/**
 * Each class: its training and test images, recall, precision, F1 and, where it is known, the area under the ROC curve.
 *
 * @param balance whether the classes have about as many training images
 * @param means what F1 and the area are on average
 * @param ranked whether the areas are there
 * @param sorted whether those that are found least often come first
 */
record ClassTable(String balance, String means, boolean ranked, boolean sorted, List<Row> rows) {
    /** The most classes that are listed in their order; of more, those that are found least often come first. */
    private static final int IN_ORDER = 20;

    /** @param name of the class, as HTML */
    record Row(String name, List<Cell> cells) {}

    /**
     * A cell.
     *
     * @param style its style classes
     * @param lengths of the bar below it, from 0 to 1, as values of the style; empty without one
     * @param title what there is to say besides; may be empty
     */
    record Cell(String text, String style, String lengths, String title) {
        static Cell number(String text) {
            return new Cell(text, "n", "", "");
        }

        static Cell decimals(double value) {
            return Double.isFinite(value) ? number(String.format(Locale.ROOT, "%.3f", value)) : none("n soft");
        }

        static Cell bar(String text, String style, double share) {
            return new Cell(text, style, String.format(Locale.ROOT, "--v:%.3f", share), "");
        }

        static Cell ranged(double share, Interval interval) {
            return new Cell(
                    Numbers.percent(share),
                    "bar ranged",
                    String.format(
                            Locale.ROOT, "--v:%.3f;--low:%.3f;--high:%.3f", share, interval.low(), interval.high()),
                    Numbers.percents(interval));
        }

        static Cell none(String style) {
            return new Cell("–", style, "", "there is nothing to count");
        }
    }

    /** @param auc of each class; may be empty */
    static ClassTable of(Evaluation evaluation, List<Double> auc, Dataset train) {
        List<Evaluation.PerClass> all = evaluation.perClass();
        int[] training = new int[all.size()], predicted = new int[all.size()];
        for (int i = 0; i < train.size(); i++) training[train.label(i)]++;
        evaluation.predictions().forEach(p -> predicted[p.predicted()]++);
        int most = Math.max(1, IntStream.of(training).max().orElse(1)),
                fewest = IntStream.of(training).min().orElse(0);
        List<Integer> order =
                new ArrayList<>(IntStream.range(0, all.size()).boxed().toList());
        boolean sorted = all.size() > IN_ORDER;
        // A class without images comes last.
        if (sorted)
            order.sort(Comparator.comparingDouble(
                    (Integer k) -> all.get(k).support() == 0 ? 2 : all.get(k).recall()));
        List<Row> rows = new ArrayList<>();
        for (int k : order) {
            Evaluation.PerClass c = all.get(k);
            boolean any = c.support() > 0;
            List<Cell> cells = new ArrayList<>(List.of(
                    Cell.bar(Numbers.grouped(training[k]), "bar training", training[k] / (double) most),
                    Cell.number(Numbers.grouped(c.support())),
                    any ? Cell.ranged(c.recall(), c.recallInterval()) : Cell.none("soft"),
                    predicted[k] > 0
                            ? Cell.bar(Numbers.percent(c.precision()), "bar", c.precision())
                            : Cell.none("soft"),
                    Cell.decimals(c.f1())));
            if (!auc.isEmpty()) cells.add(Cell.decimals(auc.get(k)));
            rows.add(new Row(Html.breakable(c.label()), cells));
        }
        return new ClassTable(balance(most, fewest), means(all, auc), !auc.isEmpty(), sorted, rows);
    }

    private static String means(List<Evaluation.PerClass> all, List<Double> auc) {
        double f1 = all.stream()
                .filter(c -> c.support() > 0)
                .mapToDouble(Evaluation.PerClass::f1)
                .average()
                .orElseThrow();
        String means = String.format(Locale.ROOT, "On average over the classes F1 is %.3f", f1);
        double area = Scores.mean(auc);
        return means + (Double.isFinite(area) ? String.format(Locale.ROOT, " and AUC %.3f.", area) : ".");
    }

    /** A sentence on the numbers of training images of the largest and of the smallest class. */
    static String balance(int most, int fewest) {
        if (fewest == 0) return "Some classes have no training images: they cannot be learnt.";
        double ratio = most / (double) fewest;
        return ratio < 1.2
                ? "All classes have about as many training images."
                : "The largest class has " + Numbers.decimals(ratio)
                        + " times as many training images as the smallest.";
    }
}
