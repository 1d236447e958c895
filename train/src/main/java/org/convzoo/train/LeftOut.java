package org.convzoo.train;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.convzoo.classify.Model;
import org.convzoo.images.Splits;
import org.convzoo.json.Json;

/** The broken pictures that a model was trained and tested without, kept with its metrics. */
public final class LeftOut {
    private static final String KEY = "left_out";

    private LeftOut() {}

    /** The names of the broken pictures. Who reads the data set again leaves them out: {@link Splits#without}. */
    public static List<String> of(Model model) {
        List<String> names = new ArrayList<>();
        for (JsonNode name : model.provenance().metrics().path(KEY)) names.add(name.asText());
        return names;
    }

    static ObjectNode in(ObjectNode metrics, Splits splits) {
        if (!splits.leftOut().isEmpty()) metrics.set(KEY, Json.tree(splits.leftOut()));
        return metrics;
    }
}
