package org.convzoo.train;

/** From where to where a share may be, by what was counted: 0 to 1. */
public record Interval(double low, double high) {
    /** The normal distribution's quantile of 97.5 %. */
    private static final double Z = 1.959963984540054;

    /**
     * Wilson's interval for the share of which {@code right} of {@code all} is a sample: it holds the true share 95 times
     * of 100 (Wilson 1927, "Probable inference, the law of succession, and statistical inference"). 0 to 1 where there is
     * nothing to count.
     */
    public static Interval wilson(long right, long all) {
        if (right < 0 || right > all) throw new IllegalArgumentException(right + " of " + all + " is no share");
        if (all == 0) return new Interval(0, 1);
        double share = right / (double) all, zz = Z * Z / all;
        double middle = (share + zz / 2) / (1 + zz);
        double half = Z / (1 + zz) * Math.sqrt((share * (1 - share) + zz / 4) / all);
        return new Interval(right == 0 ? 0 : middle - half, right == all ? 1 : middle + half);
    }
}
