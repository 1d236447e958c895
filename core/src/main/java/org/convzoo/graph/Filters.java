package org.convzoo.graph;

/**
 * The filters of a convolution: what each of them looks through, and what pooling does not have, groups and bias. Start
 * from {@link Window#groups} or {@link Window#withBias}.
 *
 * @param groups into how many blocks of equal length the channels are split; each filter sees one of them
 * @param biased whether each filter adds a number of its own
 */
public record Filters(Window window, int groups, boolean biased) {
    /** Throws {@link IllegalArgumentException} for a number of groups under 1. */
    public Filters {
        if (groups < 1) throw new IllegalArgumentException("a convolution's groups are at least 1, got " + groups);
    }

    /** One group and no bias. */
    public Filters(Window window) {
        this(window, 1, false);
    }

    public Filters groups(int g) {
        return new Filters(window, g, biased);
    }

    public Filters withBias() {
        return new Filters(window, groups, true);
    }

    /** {@code 3x3/2 groups 4}; a bias is not mentioned. */
    @Override
    public String toString() {
        return groups == 1 ? window.toString() : window + " groups " + groups;
    }
}
