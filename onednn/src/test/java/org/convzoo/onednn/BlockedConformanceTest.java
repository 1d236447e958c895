package org.convzoo.onednn;

import com.fasterxml.jackson.databind.JsonNode;
import org.convzoo.engine.Engine;
import org.convzoo.engine.EngineConformance;
import org.convzoo.engine.References;

/** With all maps in blocks, even where the tuner would choose channels last. */
class BlockedConformanceTest extends EngineConformance {
    @Override
    protected Engine open() {
        return new OneDnnEngine(Tuner.forced(Layout.BLOCKED));
    }

    /** Without steps of training, which a check does in exact sums, one way whatever is forced here. */
    @Override
    protected void checkNetwork(JsonNode file) {
        super.checkNetwork(References.withoutSteps(file));
    }

    @Override
    protected boolean probes() {
        return false;
    }
}
