package org.convzoo.onednn;

/** With all maps in blocks, even where the tuner would choose channels last. */
class BlockedConformanceTest extends ForcedConformance {
    BlockedConformanceTest() {
        super(Choice.direct(Layout.BLOCKED));
    }
}
