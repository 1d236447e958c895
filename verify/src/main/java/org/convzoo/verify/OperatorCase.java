package org.convzoo.verify;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.convzoo.graph.Shape;
import org.convzoo.json.Field;

/** A reference case of an operator, which remembers what of it was asked for: the rest was not understood. */
final class OperatorCase {
    final String name;
    final String op;
    private final Field fields;
    private final Set<String> read = new TreeSet<>(Set.of("name", "op", "attributes", "inputs"));

    OperatorCase(JsonNode node) {
        this.fields = Field.of(node);
        this.name = fields.at("name").text();
        this.op = fields.at("op").text();
    }

    IllegalArgumentException unknown(String what) {
        return new IllegalArgumentException("not understood: " + what + " of " + op);
    }

    private Field result(String what) {
        read.add(what);
        return fields.at(what);
    }

    String text(String what) {
        return result(what).text();
    }

    /** The one number of a scalar result. */
    double[] scalar(String what) {
        if (!result(what).at("shape").list().isEmpty()) throw unknown(what + " that is no scalar");
        return result(what).at("values").numbers();
    }

    List<Field> list(String what) {
        return result(what).list();
    }

    /** The lists of an object by name, none where the case lacks it. */
    Map<String, double[]> results(String what) {
        Map<String, double[]> members = new LinkedHashMap<>();
        result(what).optionalMembers().forEach((key, v) -> members.put(key, v.numbers()));
        return members;
    }

    boolean has(String attribute) {
        return fields.at("attributes").has(attribute);
    }

    /** An attribute that is asked for. */
    private Field with(String attribute) {
        read.add("attribute " + attribute);
        return fields.at("attributes").at(attribute);
    }

    JsonNode attribute(String attribute) {
        return with(attribute).json();
    }

    String word(String attribute) {
        return with(attribute).text();
    }

    boolean truth(String attribute) {
        return with(attribute).truth();
    }

    double number(String attribute) {
        return with(attribute).number();
    }

    double number(String attribute, double absent) {
        return has(attribute) ? number(attribute) : absent;
    }

    double[] numbers(String attribute) {
        return with(attribute).numbers();
    }

    int[] pair(String attribute) {
        double[] value = numbers(attribute);
        if (value.length != 2) throw unknown(attribute + " " + attribute(attribute));
        return new int[] {(int) value[0], (int) value[1]};
    }

    private Field input(String input) {
        read.add("input " + input);
        return fields.at("inputs").at(input);
    }

    int[] shape(String input) {
        return input(input).at("shape").shape().dims();
    }

    /** The input's shape without its batch axis. */
    Shape image(String input) {
        int[] dims = shape(input);
        return new Shape(Arrays.copyOfRange(dims, 1, dims.length));
    }

    float[] values(String input) {
        Field i = input(input);
        int n = Math.toIntExact(i.at("shape").shape().elements());
        return ValueRule.values(
                i.at("key").text(), n, i.at("scale").number(1), i.at("offset").number(0));
    }

    /** The values of the result. Throws {@link IllegalArgumentException} when it has another shape. */
    double[] expected(String what, Shape shape, int count) {
        int[] dims = result(what).at("shape").shape().dims();
        Shape expected = new Shape(Arrays.copyOfRange(dims, 1, dims.length));
        if (dims[0] != count || !expected.equals(shape)) {
            throw new IllegalArgumentException(what + " has the shape " + shape + " instead of " + expected);
        }
        return result(what).at("values").numbers();
    }

    /** Throws {@link IllegalArgumentException} naming what nobody asked for. */
    void complete() {
        List<String> left = new ArrayList<>(fields.members().keySet());
        fields.at("attributes").optionalMembers().keySet().forEach(f -> left.add("attribute " + f));
        fields.at("inputs").optionalMembers().keySet().forEach(f -> left.add("input " + f));
        left.removeAll(read);
        if (!left.isEmpty()) throw unknown(String.join(", ", left));
    }
}
