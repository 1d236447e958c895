package org.convzoo.onednn;

import com.fasterxml.jackson.databind.JsonNode;
import org.convzoo.engine.OperatorConformance;
import org.convzoo.engine.References;

/** The suite of operators for a forced plan, without checks that run by the same plan whatever is forced. */
abstract class ForcedOperators extends OperatorConformance {
    /** Leaves out the steps of training: a check does them in exact sums, for which there is one plan. */
    @Override
    protected void checkNetwork(JsonNode file) {
        super.checkNetwork(References.withoutSteps(file));
    }

    @Override
    protected boolean probes() {
        return false;
    }
}
