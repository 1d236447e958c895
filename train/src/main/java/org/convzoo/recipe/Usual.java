package org.convzoo.recipe;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import org.convzoo.json.Json;

/** What a word stands for in a recipe's JSON where an object with a kind belongs: the settings that are usual of it. */
final class Usual {
    private static final String DECAY = "\"decay\":{\"rate\":0.0,\"everywhere\":false},\"clip\":0,\"ema\":0";

    /** Settings by the kind, PyTorch's where no paper has others. */
    private static final Map<String, String> SETTINGS = Map.ofEntries(
            Map.entry("sgd", "\"momentum\":0.9,\"nesterov\":true," + DECAY),
            Map.entry("adam", "\"beta1\":0.9,\"beta2\":0.999,\"eps\":1e-8," + DECAY),
            Map.entry("adamw", "\"beta1\":0.9,\"beta2\":0.999,\"eps\":1e-8," + DECAY),
            Map.entry("rmsprop", "\"alpha\":0.9,\"momentum\":0.9,\"eps\":0.001,\"form\":\"tensorflow\"," + DECAY),
            Map.entry("lamb", "\"beta1\":0.9,\"beta2\":0.999,\"eps\":1e-6," + DECAY),
            Map.entry("lion", "\"beta1\":0.9,\"beta2\":0.99," + DECAY),
            Map.entry("cosine_restarts", "\"cycles\":2,\"growth\":2.0,\"height\":1.0"),
            Map.entry("one_cycle", "\"peak\":0.3,\"start\":0.04,\"end\":0.000004"),
            Map.entry("polynomial", "\"power\":1.0"),
            Map.entry("exponential", "\"end\":0.01"),
            Map.entry("step", "\"every\":0.33,\"factor\":0.1"),
            Map.entry("steps", "\"at\":[0.5,0.75],\"factor\":0.1"),
            Map.entry("plateau", "\"factor\":0.1,\"patience\":10"),
            Map.entry("focal", "\"gamma\":2.0"),
            Map.entry("norm_momentum", "\"momentum\":0.1"),
            Map.entry("dropout", "\"probability\":0.2"),
            Map.entry("drop_path", "\"probability\":0.1"));

    private Usual() {}

    /** Puts objects in the place of words, in place. */
    static void expand(ObjectNode recipe) {
        expand(recipe, "optimizer");
        expand(recipe, "loss");
        if (recipe.get("schedule") instanceof ObjectNode schedule) expand(schedule, "curve");
        if (recipe.get("network") instanceof ArrayNode network)
            for (int i = 0; i < network.size(); i++) if (network.get(i).isTextual()) network.set(i, of(network.get(i)));
    }

    private static void expand(ObjectNode object, String name) {
        JsonNode value = object.path(name);
        if (value.isTextual()) object.set(name, of(value));
    }

    private static JsonNode of(JsonNode word) {
        String settings = SETTINGS.getOrDefault(word.asText(), "");
        return Json.parse("{\"kind\":" + Json.text(word.asText()) + (settings.isEmpty() ? "" : "," + settings) + "}");
    }
}
