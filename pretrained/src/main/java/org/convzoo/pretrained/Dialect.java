package org.convzoo.pretrained;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.regex.Pattern;
import org.convzoo.json.Field;
import org.convzoo.json.Json;
import org.convzoo.weights.Weights;

/**
 * How another library names the arrays of some networks: a row of {@code dialects.json}. Its layers are ours in another
 * order of the file or under other names, so that a dialect says in which order its names are ours; which array is which
 * then follows, and each has to have the kind and the shape of ours.
 *
 * @param library whose names these are
 * @param networks the catalogue's names of the networks
 * @param mark a name of such a file, by which it is known
 * @param order what takes the place of which part of a name, so that the names sort in the order of our state, numbers by
 *     their value; empty where the file's own order is that
 * @param form what that library made different in the networks
 * @param note what whoever takes such weights should know; may be empty
 */
record Dialect(String library, Pattern networks, Pattern mark, List<Rule> order, Form form, String note) {
    /** What in a name is replaced, and by what. */
    record Rule(Pattern part, String by) {}

    /** The file's own order, whatever its names are. */
    static final Dialect ORDER = new Dialect("", Pattern.compile(".*"), Pattern.compile(""), List.of(), Form.OURS, "");

    private static final List<Dialect> ALL = read();

    /** Names longer than this are no layer's. */
    private static final int LONGEST = 300;

    /** The dialects of {@code network} that these names may be of. */
    static List<Dialect> of(String network, Weights weights) {
        return ALL.stream()
                .filter(d -> d.networks.matcher(network).matches())
                .filter(d -> weights.tensors().keySet().stream()
                        .anyMatch(name ->
                                name.length() < LONGEST && d.mark.matcher(name).find()))
                .toList();
    }

    /** The arrays in the order of our state. */
    List<Map.Entry<String, Weights.Tensor>> ordered(Weights weights) {
        List<Map.Entry<String, Weights.Tensor>> all =
                new ArrayList<>(weights.tensors().entrySet());
        if (order.isEmpty()) return all;
        Map<String, String> keys = new LinkedHashMap<>();
        for (var e : all) keys.put(e.getKey(), key(e.getKey()));
        all.sort(Comparator.comparing(e -> Objects.requireNonNull(keys.get(e.getKey()))));
        return all;
    }

    /** Sorts as the name does, numbers by their value. */
    private String key(String name) {
        if (name.length() >= LONGEST) return name;
        String key = name;
        for (Rule r : order) key = r.part.matcher(key).replaceAll(r.by);
        return DIGITS.matcher(key)
                .replaceAll(m -> "0".repeat(Math.max(0, 6 - m.group().length())) + m.group());
    }

    private static final Pattern DIGITS = Pattern.compile("\\d+");

    private static List<Dialect> read() {
        try (InputStream in = Objects.requireNonNull(Dialect.class.getResourceAsStream("dialects.json"))) {
            Field all = new Field("dialects", Json.parse(in.readAllBytes()));
            Map<String, List<Rule>> orders = new LinkedHashMap<>();
            all.at("orders").members().forEach((name, rules) -> orders.put(name, rules(rules)));
            return all.at("dialects").list().stream().map(d -> of(d, orders)).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Rule> rules(Field rules) {
        return rules.list().stream()
                .map(rule -> new Rule(
                        Pattern.compile(rule.list().get(0).text()),
                        rule.list().get(1).text()))
                .toList();
    }

    private static Dialect of(Field json, Map<String, List<Rule>> orders) {
        String order = json.at("order").text();
        return new Dialect(
                json.at("library").text(),
                Pattern.compile(json.at("networks").text()),
                Pattern.compile(json.at("mark").text()),
                order.isEmpty() ? List.of() : Objects.requireNonNull(orders.get(order), order),
                new Form(
                        json.at("eps").present()
                                ? OptionalDouble.of(json.at("eps").number())
                                : OptionalDouble.empty(),
                        json.at("same").present() && json.at("same").truth()),
                json.at("note").present() ? json.at("note").text() : "");
    }
}
