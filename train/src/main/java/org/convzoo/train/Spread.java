package org.convzoo.train;

import java.util.List;

/**
 * Values that differ by chance alone: what trainings of other seeds or folds came to, or how long the steps of one took.
 *
 * @param values at least one
 */
public record Spread(List<Double> values) {
    public Spread {
        values = List.copyOf(values);
        if (values.isEmpty()) throw new IllegalArgumentException("nothing has no spread");
    }

    public double mean() {
        return values.stream().mapToDouble(v -> v).average().orElseThrow();
    }

    /** The standard deviation, with one less than their number below the line; 0 of a single value. */
    public double deviation() {
        double mean = mean();
        double squares =
                values.stream().mapToDouble(v -> (v - mean) * (v - mean)).sum();
        return values.size() == 1 ? 0 : Math.sqrt(squares / (values.size() - 1));
    }

    /** The middle one; of an even number the larger of the two. */
    public double median() {
        return values.stream().sorted().skip(values.size() / 2).findFirst().orElseThrow();
    }

    public double least() {
        return values.stream().mapToDouble(v -> v).min().orElseThrow();
    }

    public double most() {
        return values.stream().mapToDouble(v -> v).max().orElseThrow();
    }
}
