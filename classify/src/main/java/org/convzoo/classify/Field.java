package org.convzoo.classify;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A value of a JSON document and where it stands there. What it is asked for and is not, it tells in one line with that
 * place: {@code task.image is missing}. All that it throws is {@link IllegalArgumentException}.
 *
 * @param place {@code task.image[0]}; empty for the document itself
 */
public record Field(String place, JsonNode json) {
    private static final int SHOWN = 40;

    /** A whole document, which is an object. */
    public static Field parse(String text) {
        Field document = new Field("", Json.parse(text));
        document.object();
        return document;
    }

    /** A member of an object; one that is not there tells so when it is read. */
    public Field at(String name) {
        return new Field(place.isEmpty() ? name : place + "." + name, object().path(name));
    }

    public boolean present() {
        return !json.isMissingNode();
    }

    public ObjectNode object() {
        if (json instanceof ObjectNode object) return object;
        throw not("an object");
    }

    public List<Field> list() {
        if (!json.isArray()) throw not("a list");
        List<Field> all = new ArrayList<>();
        for (int i = 0; i < json.size(); i++) all.add(new Field(place + "[" + i + "]", json.get(i)));
        return all;
    }

    public Map<String, Field> members() {
        Map<String, Field> all = new LinkedHashMap<>();
        object().fieldNames().forEachRemaining(name -> all.put(name, at(name)));
        return all;
    }

    public String text() {
        if (!json.isTextual()) throw not("a text");
        return json.textValue();
    }

    public boolean truth() {
        if (!json.isBoolean()) throw not("true or false");
        return json.booleanValue();
    }

    public long integer(long least, long most) {
        if (json.isIntegralNumber() && json.canConvertToLong() && json.longValue() >= least && json.longValue() <= most)
            return json.longValue();
        throw not("a whole number from " + least + " to " + most);
    }

    /** An integer from 1 on. */
    public int count() {
        return (int) integer(1, Integer.MAX_VALUE);
    }

    public double number() {
        if (json.isNumber() && Double.isFinite(json.doubleValue())) return json.doubleValue();
        throw not("a finite number");
    }

    /** What to throw where it is not {@code what}. */
    public IllegalArgumentException not(String what) {
        String name = place.isEmpty() ? "the description" : place;
        if (!present()) return new IllegalArgumentException(name + " is missing");
        String found = json.toString();
        String shown = found.length() <= SHOWN ? found : found.substring(0, SHOWN) + "...";
        return new IllegalArgumentException(name + " is " + shown + ", not " + what);
    }
}
