package org.convzoo.train;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.convzoo.engine.Engine;

/** What decides about the bits of a result, besides the recipe, the network and the data. */
final class Circumstances {
    private Circumstances() {}

    /** The circumstances of this process, by name. */
    static Map<String, String> of(Engine engine) {
        return Map.of(
                "engine", engine.description(),
                "Java", Integer.toString(Runtime.version().feature()),
                "convzoo", ConvzooVersion.number());
    }

    /** A phrase for each that differs, of those that {@code before} has. */
    static List<String> differences(Map<String, String> before, Map<String, String> now) {
        List<String> all = new ArrayList<>();
        new TreeMap<>(before).forEach((name, was) -> {
            String is = now.getOrDefault(name, "unknown");
            if (!was.equals(is))
                all.add("goes on with another " + name + " (" + is + ") than before (" + was
                        + "): the result may differ in its last bits from that of a run that was never stopped");
        });
        return all;
    }
}
