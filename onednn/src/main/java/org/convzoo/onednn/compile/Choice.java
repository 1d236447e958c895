package org.convzoo.onednn.compile;

import org.convzoo.onednn.binding.Layout;
import org.convzoo.onednn.winograd.Winograd;

/**
 * What is decided for a network as a whole: the layout of its maps, where its convolutions go Winograd's way, and whether
 * the threads, instead of sharing the work of each kernel, predict a few images each.
 */
public record Choice(Layout layout, Winograd.Use winograd, boolean apart) {
    public Choice(Layout layout, Winograd.Use winograd) {
        this(layout, winograd, false);
    }

    public static Choice direct(Layout layout) {
        return new Choice(layout, Winograd.Use.NEVER);
    }

    public Choice inParts() {
        return new Choice(layout, winograd, true);
    }

    public Choice together() {
        return new Choice(layout, winograd);
    }

    /** As a file of plans has it: {@code BLOCKED}, {@code BLOCKED WINOGRAD APART}. */
    @Override
    public String toString() {
        return layout + (winograd == Winograd.Use.NEVER ? "" : " WINOGRAD") + (apart ? " APART" : "");
    }
}
