package org.convzoo.onednn;

import org.convzoo.engine.Engine;
import org.convzoo.engine.EngineConformance;

class OneDnnConformanceTest extends EngineConformance {
    @Override
    protected Engine open() {
        return Engine.named("onednn");
    }
}
