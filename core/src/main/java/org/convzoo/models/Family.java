package org.convzoo.models;

import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiFunction;
import org.convzoo.graph.Value;

/**
 * What the variants of one paper share, so that their rows name only what differs. A family takes 224 x 224 images of
 * ImageNet and has no options unless it says otherwise. The components are {@link Architecture}'s.
 */
record Family(String name, int year, String paper, Task usual, Map<String, String> options) {
    Family(String name, int year, String paper) {
        this(name, year, paper, Task.imagenet(224), Map.of());
    }

    Family usual(Task usual) {
        return new Family(name, year, paper, usual, options);
    }

    /** This family with one more option, and one line of help for it. */
    Family option(String key, String help) {
        Map<String, String> more = new TreeMap<>(options);
        more.put(key, help);
        return new Family(name, year, paper, usual, more);
    }

    Architecture variant(String network, Architecture.Body body) {
        return new Architecture(network, name, year, paper, usual, options, body);
    }

    /** A network that asks for no options: from the image and the number of classes to the logits. */
    Architecture variant(String network, BiFunction<Value, Integer, Value> body) {
        return variant(network, (image, classes, options) -> body.apply(image, classes));
    }
}
