package org.convzoo.fuzz;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Mutations of JSON text that mean something: a value becomes null, another type, another's value or a number past all
 * limits; a member is lost, doubled or renamed. What was edited can be broken JSON, or hold a name twice.
 */
public final class JsonMutants {
    private static final List<String> HOSTILE = List.of(
            "null",
            "true",
            "\"\"",
            "\"x\"",
            "[]",
            "{}",
            "[null]",
            "{\"\":null}",
            "0",
            "-0",
            "1",
            "-1",
            "2",
            "1.0",
            "1e0",
            "1e3",
            "-1e-3",
            "0.5",
            "1e400",
            "-1e400",
            "01",
            "+1",
            "NaN",
            "2147483647",
            "2147483648",
            "4294967296",
            "9007199254740993",
            "9223372036854775807",
            "9223372036854775808",
            "18446744073709551615",
            "18446744073709551616",
            "1" + "0".repeat(1200),
            "[".repeat(5000),
            "[".repeat(126) + "]".repeat(126),
            "[".repeat(2000) + "]".repeat(2000),
            "{\"a\":".repeat(1500) + "1" + "}".repeat(1500),
            "\"\\u0000\"",
            "\"\\ud800\"",
            "\"\\ud83d\\ude00\"",
            "\"\\x\"",
            "\"a\nb\"",
            "\"" + "long ".repeat(2000) + "\"",
            "'x'",
            "/**/1",
            "1,",
            "");

    /** The place of a value; {@code start} is that of its member's name where it has one, else of the value. */
    private record Span(int start, int value, int end) {}

    private JsonMutants() {}

    /** A mutant of {@code json}; text that is no JSON comes back with something hostile in it. */
    public static String of(String json, SplittableRandom random) {
        List<Span> spans = spans(json);
        if (spans.isEmpty()) return json + hostile(random);
        Span at = spans.get(random.nextInt(spans.size())), other = spans.get(random.nextInt(spans.size()));
        String member = json.substring(at.start, at.end);
        return switch (random.nextInt(9)) {
            case 0, 1 -> json.substring(0, at.value) + hostile(random) + json.substring(at.end);
            case 2 -> json.substring(0, at.value) + number(json, at, random) + json.substring(at.end);
            case 3 -> json.substring(0, at.value) + json.substring(other.value, other.end) + json.substring(at.end);
            case 4 -> without(json, at);
            case 5 -> json.substring(0, at.end) + "," + member + json.substring(at.end);
            case 6 -> json.substring(0, other.end) + "," + member + json.substring(other.end);
            case 7 ->
                at.start == at.value
                        ? json.substring(0, at.start) + "\"x\":" + json.substring(at.start)
                        : json.substring(0, at.start) + name(json, other, random) + json.substring(at.value);
            default ->
                json.substring(0, at.end)
                        + (at.start == at.value ? "," : ",\"more\":")
                        + hostile(random)
                        + json.substring(at.end);
        };
    }

    private static String hostile(SplittableRandom random) {
        return HOSTILE.get(random.nextInt(HOSTILE.size()));
    }

    private static String without(String json, Span at) {
        String before = json.substring(0, at.start).stripTrailing();
        String after = json.substring(at.end);
        if (before.endsWith(",")) return before.substring(0, before.length() - 1) + after;
        return before
                + (after.stripLeading().startsWith(",") ? after.stripLeading().substring(1) : after);
    }

    /** A number near the one that stands there, or that number in another form; else something hostile. */
    private static String number(String json, Span at, SplittableRandom random) {
        String text = json.substring(at.value, at.end);
        if (!text.matches("-?\\d{1,15}")) return hostile(random);
        long n = Long.parseLong(text);
        return switch (random.nextInt(8)) {
            case 0 -> "" + (n + 1);
            case 1 -> "" + (n - 1);
            case 2 -> "" + 2 * n;
            case 3 -> "-" + text;
            case 4 -> text + ".0";
            case 5 -> text + "e0";
            case 6 -> "\"" + text + "\"";
            default -> Long.toUnsignedString(random.nextBoolean() ? n - 4 * random.nextInt(64) : Long.MIN_VALUE + n);
        };
    }

    private static String name(String json, Span other, SplittableRandom random) {
        if (other.start < other.value && random.nextBoolean()) return json.substring(other.start, other.value);
        return random.nextBoolean() ? "\"\":" : "\"another\":";
    }

    private static List<Span> spans(String json) {
        List<Span> spans = new ArrayList<>();
        Deque<int[]> open = new ArrayDeque<>();
        int name = -1;
        try (JsonParser p = new JsonFactory().createParser(json)) {
            for (JsonToken t; (t = p.nextToken()) != null; ) {
                int start = (int) p.currentTokenLocation().getCharOffset();
                if (t == JsonToken.FIELD_NAME) {
                    name = start;
                    continue;
                }
                if (t.isStructEnd()) {
                    int[] from = open.pop();
                    spans.add(new Span(from[0], from[1], start + 1));
                    continue;
                }
                int first = name < 0 ? start : name;
                name = -1;
                if (t.isStructStart()) open.push(new int[] {first, start});
                else {
                    p.finishToken();
                    spans.add(new Span(first, start, end(p, t, start)));
                }
            }
        } catch (IOException e) {
            return spans;
        }
        return spans;
    }

    private static int end(JsonParser p, JsonToken t, int start) throws IOException {
        return t.isNumeric() || t.isBoolean() || t == JsonToken.VALUE_NULL
                ? start + p.getText().length()
                : (int) p.currentLocation().getCharOffset();
    }
}
