package org.convzoo.onednn;

import org.convzoo.engine.Engine;
import org.convzoo.engine.EngineConformance;

/** With all maps in blocks, even where the tuner would choose channels last. */
class BlockedConformanceTest extends EngineConformance {
    @Override
    protected Engine open() {
        return new OneDnnEngine(Tuner.forced(Layout.BLOCKED));
    }
}
