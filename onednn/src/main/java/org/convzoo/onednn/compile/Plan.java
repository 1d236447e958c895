package org.convzoo.onednn.compile;

import org.convzoo.onednn.binding.Layout;
import org.convzoo.onednn.winograd.WinogradUse;

/**
 * How a network runs, as decided for all of it: the layout of its maps, which of its convolutions are computed as Winograd
 * has it, and whether the threads, instead of sharing the work of each kernel, predict a few images each.
 */
public record Plan(Layout layout, WinogradUse winograd, boolean apart) {
    public Plan(Layout layout, WinogradUse winograd) {
        this(layout, winograd, false);
    }

    public static Plan direct(Layout layout) {
        return new Plan(layout, WinogradUse.NEVER);
    }

    public Plan inParts() {
        return new Plan(layout, winograd, true);
    }

    public Plan together() {
        return new Plan(layout, winograd);
    }

    /** As a file of plans has it: {@code BLOCKED}, {@code BLOCKED WINOGRAD APART}. */
    @Override
    public String toString() {
        return layout + (winograd == WinogradUse.NEVER ? "" : " WINOGRAD") + (apart ? " APART" : "");
    }
}
