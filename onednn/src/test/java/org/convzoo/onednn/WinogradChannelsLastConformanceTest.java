package org.convzoo.onednn;

/** With {@link Winograd} for every convolution that it can do, in networks of maps that lie channels last. */
class WinogradChannelsLastConformanceTest extends ForcedConformance {
    WinogradChannelsLastConformanceTest() {
        super(new Choice(Layout.CHANNELS_LAST, Winograd.Use.EVERYWHERE));
    }
}
