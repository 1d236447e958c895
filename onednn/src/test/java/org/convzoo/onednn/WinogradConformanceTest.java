package org.convzoo.onednn;

/**
 * With {@link Winograd} for every convolution that it can do, in a network of blocks, so that maps change layout; and
 * predictions in {@link Parts}.
 */
class WinogradConformanceTest extends ForcedConformance {
    WinogradConformanceTest() {
        super(new Choice(Layout.BLOCKED, Winograd.Use.EVERYWHERE).inParts());
    }
}
