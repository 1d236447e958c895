package org.convzoo.train;

import java.util.List;

/**
 * What trainings that differ by chance alone came to: of other seeds, or of other folds.
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

    public double least() {
        return values.stream().mapToDouble(v -> v).min().orElseThrow();
    }

    public double most() {
        return values.stream().mapToDouble(v -> v).max().orElseThrow();
    }
}
