package org.convzoo.verify;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * How far something is from what it must equal: the largest difference over the largest magnitude expected, or the
 * largest difference itself where everything expected is zero.
 *
 * @param limit the largest size that is still right
 */
record Departure(String what, double size, double limit) {
    Departure {
        if (Double.isNaN(size)) size = Double.POSITIVE_INFINITY;
    }

    /** Throws {@link IllegalArgumentException} when there are more or fewer values than expected. */
    static Departure of(String what, float[] got, double[] expected, double limit) {
        return of(what, got, expected, magnitude(expected), limit);
    }

    static Departure of(String what, float[] got, double[] expected, double magnitude, double limit) {
        if (got.length != expected.length)
            throw new IllegalArgumentException(what + ": " + got.length + " values instead of " + expected.length);
        double worst = 0;
        for (int i = 0; i < got.length; i++) {
            double d = Math.abs(got[i] - expected[i]);
            if (!(d <= worst)) worst = Double.isNaN(d) ? Double.POSITIVE_INFINITY : d;
        }
        return new Departure(what, magnitude > 0 ? worst / magnitude : worst, limit);
    }

    static double magnitude(double[] values) {
        double largest = 0;
        for (double v : values) largest = Math.max(largest, Math.abs(v));
        return largest;
    }

    boolean ok() {
        return size <= limit;
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%s %.1e", what, size) + (ok() ? "" : " over " + limitText());
    }

    private String limitText() {
        return String.format(Locale.ROOT, "%.1e", limit);
    }

    /** What a line says of them: those over their limit, else the one nearest to it. */
    static String tell(List<Departure> all) {
        if (all.stream().allMatch(Departure::ok)) {
            return all.stream()
                    .max(Comparator.comparingDouble(d -> d.size / d.limit))
                    .map(d -> "worst " + d + ", ok")
                    .orElse("ok");
        }
        return "departs: "
                + all.stream().filter(d -> !d.ok()).map(Departure::toString).collect(Collectors.joining(", "));
    }
}
