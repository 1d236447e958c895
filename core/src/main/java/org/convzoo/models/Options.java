package org.convzoo.models;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** An architecture's settings by name: {@code aux=true}, {@code width=0.75}. */
public record Options(Map<String, String> values) {
    public static final Options NONE = new Options(Map.of());

    public Options {
        values = Collections.unmodifiableMap(new TreeMap<>(values));
    }

    public static Options of(String key, Object value) {
        return new Options(Map.of(key, value.toString()));
    }

    /** Whether a switch is on; off when absent. Throws {@link IllegalArgumentException} unless true or false. */
    public boolean flag(String key) {
        String v = values.getOrDefault(key, "false");
        if (!v.equals("true") && !v.equals("false"))
            throw new IllegalArgumentException("option " + key + " is true or false, not '" + v + "'");
        return v.equals("true");
    }

    /** A positive number; {@code absent} when not given. */
    public double number(String key, double absent) {
        String v = values.get(key);
        if (v == null) return absent;
        try {
            double d = Double.parseDouble(v);
            if (d > 0 && d < 1e6) return d;
        } catch (NumberFormatException e) {
            // refused below, as a number that is too small or too large
        }
        throw new IllegalArgumentException("option " + key + " is a positive number, not '" + v + "'");
    }

    /** One of some words; the first when not given. */
    public String choice(String key, String... words) {
        String v = values.getOrDefault(key, words[0]);
        if (List.of(words).contains(v)) return v;
        throw new IllegalArgumentException("option " + key + " is " + String.join(" or ", words) + ", not '" + v + "'");
    }
}
