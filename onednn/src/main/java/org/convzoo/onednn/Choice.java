package org.convzoo.onednn;

/**
 * What is decided for a network as a whole: the layout of its maps, where its convolutions go Winograd's way, and whether
 * the threads, instead of sharing the work of each kernel, predict a few images each, as {@link Parts} has it.
 */
record Choice(Layout layout, Winograd.Use winograd, boolean apart) {
    Choice(Layout layout, Winograd.Use winograd) {
        this(layout, winograd, false);
    }

    static Choice direct(Layout layout) {
        return new Choice(layout, Winograd.Use.NEVER);
    }

    Choice inParts() {
        return new Choice(layout, winograd, true);
    }

    Choice together() {
        return new Choice(layout, winograd);
    }

    /** As a file of plans has it: {@code BLOCKED}, {@code BLOCKED WINOGRAD APART}. */
    @Override
    public String toString() {
        return layout + (winograd == Winograd.Use.NEVER ? "" : " WINOGRAD") + (apart ? " APART" : "");
    }
}
