package org.convzoo.onednn.compile;

import org.convzoo.onednn.binding.Layout;
import org.convzoo.onednn.winograd.WinogradUse;

/**
 * What is decided for a network as a whole: the layout of its maps, where its convolutions go Winograd's way, and whether
 * the threads, instead of sharing the work of each kernel, predict a few images each.
 */
public record Choice(Layout layout, WinogradUse winograd, boolean apart) {
    public Choice(Layout layout, WinogradUse winograd) {
        this(layout, winograd, false);
    }

    public static Choice direct(Layout layout) {
        return new Choice(layout, WinogradUse.NEVER);
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
        return layout + (winograd == WinogradUse.NEVER ? "" : " WINOGRAD") + (apart ? " APART" : "");
    }
}
