package org.convzoo.json;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.convzoo.graph.Shape;

/**
 * A value of a JSON document and where it stands there. Where it is not what a caller asks for, it throws
 * {@link FieldException}, one line with that place: {@code task.image is missing}.
 *
 * @param place {@code task.image[0]}; empty for the document itself
 */
public record Field(String place, JsonNode json) {
    private static final int SHOWN = 40;

    /** A whole document, which is an object. */
    public static Field parse(String text) {
        return of(Json.parse(text));
    }

    /** A whole document, which is an object; or an object that messages call nothing. */
    public static Field of(JsonNode document) {
        Field field = new Field("", document);
        field.object();
        return field;
    }

    /** A member of an object; one that is not there tells so when it is read. */
    public Field at(String name) {
        return new Field(place.isEmpty() ? name : place + "." + name, object().path(name));
    }

    public boolean present() {
        return !json.isMissingNode();
    }

    /** Whether this is an object with such a member. */
    public boolean has(String name) {
        return json.has(name);
    }

    public ObjectNode object() {
        if (json instanceof ObjectNode object) return object;
        throw not("an object");
    }

    /** The elements of a list. */
    public List<Field> list() {
        if (!json.isArray()) throw not("a list");
        List<Field> all = new ArrayList<>();
        for (int i = 0; i < json.size(); i++) all.add(new Field(place + "[" + i + "]", json.get(i)));
        return all;
    }

    /** The elements of a list that may be missing. */
    public List<Field> optionalList() {
        return present() ? list() : List.of();
    }

    /** The members of an object in the order of the document. */
    public Map<String, Field> members() {
        Map<String, Field> all = new LinkedHashMap<>();
        object().fieldNames().forEachRemaining(name -> all.put(name, at(name)));
        return all;
    }

    /** The members of an object that may be missing. */
    public Map<String, Field> optionalMembers() {
        return present() ? members() : Map.of();
    }

    public String text() {
        if (!json.isTextual()) throw not("a text");
        return json.textValue();
    }

    public boolean truth() {
        if (!json.isBoolean()) throw not("true or false");
        return json.booleanValue();
    }

    /** A text, a number or a truth, as text. */
    public String value() {
        if (!json.isValueNode() || json.isNull()) throw not("a value");
        return json.asText();
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

    /** A number that may be missing. */
    public double number(double absent) {
        return present() ? number() : absent;
    }

    /** The numbers of a list, those of lists within it one after the other; at least one. */
    public double[] numbers() {
        List<Double> numbers = new ArrayList<>();
        list().forEach(element -> element.collect(numbers));
        if (numbers.isEmpty()) throw not("numbers");
        return numbers.stream().mapToDouble(d -> d).toArray();
    }

    private void collect(List<Double> into) {
        if (json.isArray()) list().forEach(element -> element.collect(into));
        else into.add(number());
    }

    /** {@link #numbers()} if there are so many. */
    public double[] numbers(int count) {
        double[] numbers = numbers();
        if (numbers.length != count) throw not(count + " numbers");
        return numbers;
    }

    /** A list of sizes; at least one. */
    public Shape shape() {
        int[] dims = list().stream().mapToInt(Field::count).toArray();
        if (dims.length == 0) throw not("a shape");
        try {
            return new Shape(dims);
        } catch (IllegalArgumentException e) {
            throw not("a shape whose elements can be counted");
        }
    }

    /** What to throw where it is not {@code what}. */
    public FieldException not(String what) {
        String name = place.isEmpty() ? "the description" : place;
        if (!present()) return new FieldException(name + " is missing");
        String found = json.toString();
        String shown = found.length() <= SHOWN ? found : found.substring(0, SHOWN) + "...";
        return new FieldException(name + " is " + shown + ", not " + what);
    }
}
