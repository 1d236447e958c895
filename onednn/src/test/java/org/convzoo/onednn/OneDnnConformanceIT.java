package org.convzoo.onednn;

import org.convzoo.engine.Engine;
import org.convzoo.engine.EngineEndurance;
import org.convzoo.engine.Untuned;

class OneDnnConformanceIT extends EngineEndurance {
    @Override
    protected Engine open() {
        return Engine.named("onednn", Untuned.OPTIONS);
    }
}
