package org.convzoo.verify;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.convzoo.engine.Engine;

/** Compares single operators, the loss and the optimizers with reference cases. */
public final class OperatorCheck {
    private OperatorCheck() {}

    /** One finding a case of {@code ops.cases}; an operator or attribute that is not understood is not ok. */
    public static List<Finding> check(JsonNode ops, Engine engine) {
        return List.of();
    }
}
