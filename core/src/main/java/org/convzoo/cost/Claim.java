package org.convzoo.cost;

import java.util.Locale;
import java.util.function.DoubleSupplier;

/**
 * A countable claim of a paper beside what our graphs say.
 *
 * @param paper its arXiv number
 * @param place where in the paper: section or table; {@code elsewhere} for what is said of the network, not in its paper
 * @param text what is claimed
 * @param relation how the paper's figure is meant
 * @param stated the paper's figure as it prints it, with its unit: {@code 569 M}, {@code 3.8 G}, {@code 50 x}, {@code 28 %}
 * @param count counts it from our graphs
 * @param why the reason where ours differs; empty where the claim holds
 */
public record Claim(
        String paper, String place, String text, Relation relation, String stated, DoubleSupplier count, String why) {

    /** How a figure is meant. */
    public enum Relation {
        /** Ours rounds to the paper's, or is within 2 %: papers count biases, batch norm or pooling now and then. */
        EQUAL,
        /** Ours is within 5 %: the paper says "about". */
        ABOUT,
        LESS,
        MORE
    }

    /** What came of it: our figure in the paper's unit, and whether the claim holds. */
    public record Verdict(String ours, boolean holds) {}

    public Verdict check() {
        String number = stated.replaceAll("[^\\d.]", ""),
                unit = stated.replaceAll("[\\d.,]", "").strip();
        int decimals = number.contains(".") ? number.length() - number.indexOf('.') - 1 : 0;
        double theirs = Double.parseDouble(number), ours = count.getAsDouble() / scale(unit);
        boolean rounds = Math.abs(ours - theirs) <= 0.5 * Math.pow(10, -decimals);
        boolean holds =
                switch (relation) {
                    case EQUAL -> rounds || Math.abs(ours - theirs) <= 0.02 * theirs;
                    case ABOUT -> Math.abs(ours - theirs) <= 0.05 * theirs;
                    case LESS -> ours < theirs;
                    case MORE -> ours > theirs;
                };
        String text = String.format(Locale.ROOT, unit.isEmpty() ? "%,.0f" : "%." + (decimals + 1) + "f", ours);
        return new Verdict((text + " " + unit).strip(), holds);
    }

    private static double scale(String unit) {
        return switch (unit) {
            case "M" -> 1e6;
            case "G" -> 1e9;
            case "%" -> 0.01;
            case "", "x", "px" -> 1;
            default -> throw new IllegalArgumentException("a figure has no unit '" + unit + "'");
        };
    }
}
