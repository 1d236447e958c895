package org.convzoo.tensorboard;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.Map;
import java.util.TreeMap;
import org.convzoo.classify.Model;
import org.convzoo.json.Json;

/**
 * What a run was trained with, for TensorBoard's table of hyper-parameters (plugin_data.proto of its plugin hparams): the
 * network, the data, and the recipe's values by their places. No message describes the experiment: TensorBoard then makes
 * its columns of all runs that it is shown, where it would make them of one run's description, whatever others have.
 */
final class Session {
    private static final int SUCCESS = 1;

    private Session() {}

    /** The summary that begins a run. */
    static Message start(Model model, double time) {
        var start = new Message();
        values(model)
                .forEach(
                        (name, value) -> start.add(1, new Message().add(1, name).add(2, value(value))));
        return summary("_hparams_/session_start_info", new Message().add(3, start.add(5, time)));
    }

    /** The summary that ends it. */
    static Message end(double time) {
        return summary(
                "_hparams_/session_end_info",
                new Message().add(4, new Message().add(1, SUCCESS).add(2, time)));
    }

    private static Map<String, JsonNode> values(Model model) {
        Map<String, JsonNode> values = new TreeMap<>();
        values.put("model", TextNode.valueOf(model.graph().name()));
        values.put("image", TextNode.valueOf(model.graph().input().shape().toString()));
        values.put("data", TextNode.valueOf(model.provenance().data()));
        String origin = model.provenance().origin();
        if (!origin.isEmpty()) values.put("origin", TextNode.valueOf(origin));
        flatten("", model.provenance().recipe(), values);
        return values;
    }

    private static void flatten(String place, JsonNode value, Map<String, JsonNode> values) {
        if (value instanceof ObjectNode object)
            object.properties()
                    .forEach(p ->
                            flatten(place.isEmpty() ? p.getKey() : place + "." + p.getKey(), p.getValue(), values));
        else values.put(place, value);
    }

    /** A {@code google.protobuf.Value}; of a list its JSON. */
    private static Message value(JsonNode value) {
        if (value.isNumber()) return new Message().add(2, value.doubleValue());
        if (value.isBoolean()) return new Message().add(4, value.booleanValue() ? 1 : 0);
        return new Message().add(3, value.isTextual() ? value.textValue() : Json.text(value));
    }

    private static Message summary(String tag, Message content) {
        Message plugin = new Message().add(1, "hparams").add(2, content);
        // It wants a tensor beside what it reads: floats, none of them.
        Message tensor = new Message().add(1, 1).add(2, new Message().add(2, new Message()));
        return new Message().add(1, new Message().add(1, tag).add(8, tensor).add(9, new Message().add(1, plugin)));
    }
}
