package org.convzoo.onednn;

import com.fasterxml.jackson.databind.JsonNode;
import org.convzoo.engine.OperatorConformance;
import org.convzoo.engine.References;

/** Without what goes one way whatever plan is forced. */
abstract class ForcedOperators extends OperatorConformance {
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
