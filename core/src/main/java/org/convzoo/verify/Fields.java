package org.convzoo.verify;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.convzoo.graph.Shape;

/**
 * An object of a reference file. Each method reads one field and throws {@link IllegalArgumentException} with one line
 * that names the field's place where it is missing, null or of another type.
 *
 * @param place where the object stands in the file, {@code train.}; empty for the whole file
 */
public record Fields(JsonNode json, String place) {
    /** The file as a whole. */
    public static Fields of(JsonNode file) {
        return of(file, "");
    }

    /** An object that the file holds as {@code name}. */
    public static Fields of(JsonNode object, String name) {
        if (!object.isObject()) throw unexpected(name.isEmpty() ? "the file" : name, "an object", object);
        return new Fields(object, name.isEmpty() ? "" : name + ".");
    }

    public boolean has(String name) {
        return json.has(name);
    }

    private JsonNode read(String name, String what, Predicate<JsonNode> right) {
        JsonNode found = json.path(name);
        if (!right.test(found)) throw unexpected(place + name, what, found);
        return found;
    }

    private static IllegalArgumentException unexpected(String place, String what, JsonNode found) {
        return new IllegalArgumentException(
                place + (found.isMissingNode() ? " is missing" : " is " + brief(found) + ", not " + what));
    }

    private static String brief(JsonNode found) {
        String text = found.toString();
        return text.length() <= 40 ? text : text.substring(0, 40) + "...";
    }

    public Fields object(String name) {
        return new Fields(read(name, "an object", JsonNode::isObject), place + name + ".");
    }

    /** The members of an object in the file's order; none where the field is missing. */
    public Map<String, JsonNode> members(String name) {
        Map<String, JsonNode> members = new LinkedHashMap<>();
        if (has(name)) object(name).json.properties().forEach(e -> members.put(e.getKey(), e.getValue()));
        return members;
    }

    public String text(String name) {
        return read(name, "a text", JsonNode::isTextual).textValue();
    }

    public boolean truth(String name) {
        return read(name, "true or false", JsonNode::isBoolean).booleanValue();
    }

    public long integer(String name) {
        return read(name, "an integer", n -> n.isIntegralNumber() && n.canConvertToLong())
                .longValue();
    }

    /** An integer of at least 1 that fits an int. */
    public int count(String name) {
        return read(name, "a count", n -> n.isIntegralNumber() && n.canConvertToInt() && n.intValue() > 0)
                .intValue();
    }

    public double number(String name) {
        return read(name, "a number", JsonNode::isNumber).doubleValue();
    }

    public double number(String name, double absent) {
        return has(name) ? number(name) : absent;
    }

    public List<JsonNode> list(String name) {
        List<JsonNode> elements = new ArrayList<>();
        read(name, "a list", JsonNode::isArray).forEach(elements::add);
        return elements;
    }

    /** The numbers of a list, lists within it one after the other. */
    public double[] numbers(String name) {
        return numbers(read(name, "numbers", JsonNode::isArray), place + name);
    }

    /** The numbers of a list that has so many, lists within it one after the other. */
    public double[] numbers(String name, int count) {
        double[] numbers = numbers(name);
        if (numbers.length != count)
            throw new IllegalArgumentException(place + name + " has " + numbers.length + " numbers, not " + count);
        return numbers;
    }

    /** The numbers of {@code list}, which stands in the file as {@code name}; lists within it one after the other. */
    public static double[] numbers(JsonNode list, String name) {
        List<Double> numbers = new ArrayList<>();
        collect(list, name, numbers);
        if (numbers.isEmpty()) throw unexpected(name, "numbers", list);
        return numbers.stream().mapToDouble(d -> d).toArray();
    }

    private static void collect(JsonNode node, String name, List<Double> into) {
        if (node.isNumber()) into.add(node.doubleValue());
        else if (node.isArray()) for (int i = 0; i < node.size(); i++) collect(node.get(i), name + "[" + i + "]", into);
        else throw unexpected(name, "a number", node);
    }

    public Shape shape(String name) {
        return shape(read(name, "a shape", JsonNode::isArray), place + name);
    }

    /** The sizes in {@code list}, which stands in the file as {@code name}. */
    static Shape shape(JsonNode list, String name) {
        int[] dims = Arrays.stream(numbers(list, name)).mapToInt(d -> (int) d).toArray();
        try {
            return new Shape(dims);
        } catch (IllegalArgumentException e) {
            throw unexpected(name, "a shape", list);
        }
    }
}
