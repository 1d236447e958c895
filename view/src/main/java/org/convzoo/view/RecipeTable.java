package org.convzoo.view;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;
import org.convzoo.json.Json;
import org.convzoo.recipe.Recipe;

/**
 * What a recipe has otherwise than one that says nothing, by the places at which any value is changed.
 *
 * @param line all of it in a line
 */
record RecipeTable(String line, List<Row> rows) {
    /** {@code optimizer.decay.rate} and {@code 0.05}. */
    record Row(String key, List<String> values) {}

    static RecipeTable of(Recipe recipe) {
        List<Row> rows = new ArrayList<>();
        JsonNode plain = Recipe.of(Json.parse("{}")).toJson();
        recipe.toJson().properties().forEach(p -> add(p.getKey(), p.getValue(), plain.path(p.getKey()), rows));
        return new RecipeTable(recipe.toString(), List.copyOf(rows));
    }

    private static void add(String key, JsonNode value, JsonNode plain, List<Row> rows) {
        if (value.equals(plain)) return;
        if (!(value instanceof ObjectNode object)) {
            rows.add(new Row(key, value.isArray() ? list(value) : List.of(text(value))));
            return;
        }
        // Of another kind all is told: that a value happens to be the same says nothing.
        JsonNode same = object.path("kind").equals(plain.path("kind")) ? plain : MissingNode.getInstance();
        object.properties().forEach(p -> add(key + "." + p.getKey(), p.getValue(), same.path(p.getKey()), rows));
    }

    private static List<String> list(JsonNode array) {
        List<String> values = new ArrayList<>();
        array.forEach(e -> values.add(text(e)));
        return values.isEmpty() ? List.of("none") : values;
    }

    /** {@code padded crop (padding 4)} of an object. */
    private static String text(JsonNode value) {
        if (value.isFloatingPointNumber())
            return value.decimalValue()
                    .round(new MathContext(6))
                    .stripTrailingZeros()
                    .toPlainString();
        if (!(value instanceof ObjectNode object))
            return value.isArray() ? String.join(", ", list(value)) : value.asText();
        String name = "";
        StringJoiner settings = new StringJoiner(", ", " (", ")").setEmptyValue("");
        for (var p : object.properties()) {
            if (p.getKey().equals("step") || p.getKey().equals("kind")) name = text(p.getValue());
            else settings.add(p.getKey().replace('_', ' ') + " " + text(p.getValue()));
        }
        return name.replace('_', ' ') + settings;
    }
}
