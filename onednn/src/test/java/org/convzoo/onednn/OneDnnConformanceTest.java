package org.convzoo.onednn;

import org.convzoo.engine.Engine;
import org.convzoo.engine.EngineConformance;

/** With all maps channels last, even where the tuner would choose blocks. */
class OneDnnConformanceTest extends EngineConformance {
    @Override
    protected Engine open() {
        return new OneDnnEngine(Tuner.forced(Layout.CHANNELS_LAST));
    }
}
