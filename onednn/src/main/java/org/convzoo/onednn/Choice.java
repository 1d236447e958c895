package org.convzoo.onednn;

/** What is decided for a network as a whole: the layout of its maps, and where its convolutions go Winograd's way. */
record Choice(Layout layout, Winograd.Use winograd) {
    static Choice direct(Layout layout) {
        return new Choice(layout, Winograd.Use.NEVER);
    }

    /** As a file of plans has it: {@code BLOCKED}, {@code BLOCKED WINOGRAD}. */
    @Override
    public String toString() {
        return layout + (winograd == Winograd.Use.NEVER ? "" : " WINOGRAD");
    }
}
