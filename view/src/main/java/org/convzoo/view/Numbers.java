package org.convzoo.view;

import java.util.Locale;
import org.convzoo.train.Interval;

/** Numbers as people read them, the same in every locale. */
public final class Numbers {
    private Numbers() {}

    /** {@code 25,557,032}. */
    public static String grouped(long n) {
        return String.format(Locale.ROOT, "%,d", n);
    }

    /** {@code 25.6 M}, {@code 4.09 G}: three digits and the power of a thousand. */
    public static String counted(long n) {
        return n < 1000 ? Long.toString(n) : scaled(n, 1000, new String[] {"k", "M", "G", "T"});
    }

    /** {@code 97.5 MiB}. */
    public static String bytes(long n) {
        return n < 1024 ? n + " bytes" : scaled(n, 1024, new String[] {"KiB", "MiB", "GiB", "TiB"});
    }

    private static String scaled(double n, int base, String[] units) {
        int u = -1;
        do {
            n /= base;
            u++;
        } while (n >= 999.5 && u < units.length - 1);
        return String.format(Locale.ROOT, n < 9.995 ? "%.2f %s" : n < 99.95 ? "%.1f %s" : "%.0f %s", n, units[u]);
    }

    /** {@code 97.8 %} of a fraction. */
    public static String percent(double fraction) {
        return String.format(Locale.ROOT, "%.1f %%", 100 * fraction);
    }

    /** {@code 55.1 to 88.0 %}. */
    public static String percents(Interval share) {
        return String.format(Locale.ROOT, "%.1f to %.1f %%", 100 * share.low(), 100 * share.high());
    }

    /** {@code 8.2 s}, {@code 3 min 20 s}, {@code 2 h 5 min}. */
    public static String duration(double seconds) {
        if (seconds < 59.95) return String.format(Locale.ROOT, "%.1f s", seconds);
        long s = Math.round(seconds);
        return s < 3600 ? s / 60 + " min " + s % 60 + " s" : s / 3600 + " h " + s % 3600 / 60 + " min";
    }

    /** Three significant digits, or fewer: {@code 0.25}, {@code 6e-8}. */
    static String decimals(double value) {
        if (value == 0) return "0";
        if (Math.abs(value) < 0.001) // written out it would be too wide for an axis
        return String.format(Locale.ROOT, "%.2e", value).replaceFirst("\\.?0*e-0*", "e-");
        int digits = Math.max(0, 2 - (int) Math.floor(Math.log10(Math.abs(value))));
        String text = String.format(Locale.ROOT, "%." + Math.min(8, digits) + "f", value);
        return text.contains(".") ? text.replaceAll("\\.?0+$", "") : text;
    }

    /** {@code 97.5 %} or {@code 97 %}: three significant digits, or fewer. */
    static String shortPercent(double share) {
        return decimals(100 * share) + " %";
    }
}
