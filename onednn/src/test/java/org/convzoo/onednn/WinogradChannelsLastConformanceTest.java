package org.convzoo.onednn;

import com.fasterxml.jackson.databind.JsonNode;
import org.convzoo.engine.Engine;
import org.convzoo.engine.EngineConformance;
import org.convzoo.engine.References;

/** With {@link Winograd} for every convolution that it can do, in networks of maps that lie channels last. */
class WinogradChannelsLastConformanceTest extends EngineConformance {
    @Override
    protected Engine open() {
        return new OneDnnEngine(Tuner.forced(new Choice(Layout.CHANNELS_LAST, Winograd.Use.EVERYWHERE)));
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
