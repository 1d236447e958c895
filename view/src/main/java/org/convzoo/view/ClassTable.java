package org.convzoo.view;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.convzoo.images.Dataset;
import org.convzoo.train.Evaluation;

/**
 * Each class: its training and test images, recall, precision and F1.
 *
 * @param balance whether the classes have about as many training images
 * @param sorted whether those that are found least often come first
 */
record ClassTable(String balance, boolean sorted, List<Row> rows) {
    /** The most classes that are listed in their order; of more, those that are found least often come first. */
    private static final int IN_ORDER = 20;

    record Row(String label, List<Cell> cells) {}

    /**
     * A cell.
     *
     * @param style its style classes
     * @param bar the length of the bar below it, from 0 to 1; empty for none
     * @param missing whether there is nothing to count
     */
    record Cell(String text, String style, String bar, boolean missing) {
        static Cell number(String text) {
            return new Cell(text, "n", "", false);
        }

        static Cell bar(String text, String style, double share) {
            return new Cell(text, style, String.format(Locale.ROOT, "%.3f", share), false);
        }

        static Cell none() {
            return new Cell("–", "soft", "", true);
        }
    }

    static ClassTable of(Evaluation evaluation, Dataset train) {
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
            rows.add(new Row(
                    c.label(),
                    List.of(
                            Cell.bar(Numbers.grouped(training[k]), "bar training", training[k] / (double) most),
                            Cell.number(Numbers.grouped(c.support())),
                            any ? share(c.recall()) : Cell.none(),
                            predicted[k] > 0 ? share(c.precision()) : Cell.none(),
                            any ? Cell.number(String.format(Locale.ROOT, "%.3f", c.f1())) : Cell.none())));
        }
        return new ClassTable(balance(most, fewest), sorted, rows);
    }

    private static Cell share(double share) {
        return Cell.bar(Numbers.percent(share), "bar", share);
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
