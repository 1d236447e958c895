package org.convzoo.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.convzoo.classify.Model;
import org.convzoo.classify.Provenance;

/** Who made the weights that a model has, or started from, and under which licence: where that is known. */
final class Origin {
    private Origin() {}

    /** Adds {@code origin} and {@code licence}. */
    static ObjectNode in(ObjectNode json, Model model) {
        Provenance p = model.provenance();
        if (!p.origin().isEmpty()) json.put("origin", p.origin());
        if (!p.licence().isEmpty()) json.put("licence", p.licence());
        return json;
    }

    /** A line, ended; empty where nothing is known. */
    static String line(Model model) {
        Provenance p = model.provenance();
        if (p.origin().isEmpty()) return "";
        return "weights from " + p.origin() + (p.licence().isEmpty() ? "" : " (" + p.licence() + ")") + "\n";
    }
}
