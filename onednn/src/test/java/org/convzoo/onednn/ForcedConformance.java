package org.convzoo.onednn;

import com.fasterxml.jackson.databind.JsonNode;
import org.convzoo.engine.Engine;
import org.convzoo.engine.EngineConformance;
import org.convzoo.engine.References;

/** With a choice that the tuner might not make. */
abstract class ForcedConformance extends EngineConformance {
    private final Choice choice;

    ForcedConformance(Choice choice) {
        this.choice = choice;
    }

    @Override
    protected Engine open() {
        return new OneDnnEngine(Tuner.forced(choice));
    }

    /** Without steps of training, which a check does in exact sums, one way whatever is forced. */
    @Override
    protected void checkNetwork(JsonNode file) {
        super.checkNetwork(References.withoutSteps(file));
    }

    @Override
    protected boolean probes() {
        return false;
    }
}
