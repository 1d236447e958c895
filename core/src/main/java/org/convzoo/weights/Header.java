package org.convzoo.weights;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.convzoo.failure.BrokenFileException;

/**
 * The header of a safetensors file. It takes what the format's own reader takes, the Rust crate {@code safetensors}
 * 0.8 with {@code serde_json}, and refuses what that refuses. That is stricter than JSON where Java's parsers are lax
 * (127 levels, surrogates in pairs, no number beyond a double), and laxer than the format's description in three
 * places: of two arrays with one name the last counts, an array's entry may be a list of its three fields, and fields
 * without a meaning are skipped.
 *
 * @param metadata the strings under {@code __metadata__}
 * @param arrays by name, in the order of the header
 */
record Header(Map<String, String> metadata, Map<String, Entry> arrays) {
    /** The types of elements, and the bits of one. */
    enum Type {
        BOOL(8),
        F4(4),
        F6_E2M3(6),
        F6_E3M2(6),
        U8(8),
        I8(8),
        F8_E5M2(8),
        F8_E4M3(8),
        F8_E8M0(8),
        F8_E4M3FNUZ(8),
        F8_E5M2FNUZ(8),
        I16(16),
        U16(16),
        F16(16),
        BF16(16),
        I32(32),
        U32(32),
        F32(32),
        C64(64),
        F64(64),
        I64(64),
        U64(64);

        private static final Map<String, Type> BY_NAME = new HashMap<>();

        static {
            for (Type t : values()) BY_NAME.put(t.name(), t);
        }

        private final int bits;

        Type(int bits) {
            this.bits = bits;
        }
    }

    /** An array: its sizes, unsigned, and its first byte and the one after its last, counted from the header's end. */
    record Entry(Type type, long[] dims, long from, long to) {
        /** At most 8 sizes; more are told by their number. */
        String shape() {
            return dims.length > 8
                    ? dims.length + " axes"
                    : Arrays.toString(
                            Arrays.stream(dims).mapToObj(Long::toUnsignedString).toArray());
        }
    }

    /** Reads the header's text; throws {@link BrokenFileException} for anything that is none. */
    static Header read(Path file, byte[] text) {
        return new Parser(file, text).header();
    }

    /**
     * Throws {@link BrokenFileException} unless the arrays lie one after the other, without holes or overlaps, in the
     * {@code bytes} that follow the header, and each is as long as its type and its sizes say.
     */
    void check(Path file, long bytes) {
        List<Map.Entry<String, Entry>> inOrder = new ArrayList<>(arrays.entrySet());
        inOrder.sort(
                Map.Entry.comparingByValue(Comparator.comparingLong(Entry::from).thenComparingLong(Entry::to)));
        long end = 0;
        for (var named : inOrder) {
            Entry e = named.getValue();
            String name = plain(named.getKey());
            if (e.from < 0 || e.to < 0 || e.to > bytes) {
                throw new BrokenFileException(file + ": cut off: " + name + " ends at byte "
                        + Long.toUnsignedString(e.to) + " of the arrays, the file has " + bytes + " of them");
            }
            if (e.to < e.from || length(e) != e.to - e.from)
                throw new BrokenFileException(file + ": the bytes " + e.from + " to " + e.to + " of " + name
                        + " do not fit " + e.type + " of " + e.shape());
            if (e.from != end)
                throw new BrokenFileException(file + ": " + name + " begins at byte " + e.from
                        + " of the arrays, where " + (end == 0 ? "0" : end + ", the end of the one before it,")
                        + " is right");
            end = e.to;
        }
        if (end != bytes)
            throw new BrokenFileException(file + ": its arrays end at byte " + end + " of " + bytes
                    + "; the header does not say what follows, or its length is wrong");
    }

    /** An array's length in bytes; -1 where it is no whole number of them, or past 64 bits. */
    private static long length(Entry e) {
        long bits = e.type.bits;
        long elements = 1;
        for (long d : e.dims) {
            if (d != 0 && Long.compareUnsigned(elements, Long.divideUnsigned(-1, d)) > 0) return -1;
            elements *= d;
        }
        if (elements < 0 || elements > Long.MAX_VALUE / bits || elements * bits % 8 != 0) return -1;
        return elements * bits / 8;
    }

    /** A JSON string: quotes, backslashes and control characters are escaped, nothing else. */
    static String quoted(String text) {
        StringBuilder quoted = new StringBuilder(text.length() + 2).append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            int simple = "\"\\\b\f\n\r\t".indexOf(c);
            if (simple >= 0) quoted.append('\\').append("\"\\bfnrt".charAt(simple));
            else if (c < ' ') quoted.append(String.format(Locale.ROOT, "\\u%04X", (int) c));
            else quoted.append(c);
        }
        return quoted.append('"').toString();
    }

    /** A name as one can print it in a line. */
    static String plain(String name) {
        String shown = name.length() > 100 ? name.substring(0, 100) + "..." : name;
        return shown.isEmpty() ? "(no name)" : shown.replaceAll("[\\p{C}\\p{Zl}\\p{Zp}]", "?");
    }

    /** Reads a header as strictly as serde_json does, and makes nothing of what is skipped. */
    private static final class Parser {
        private static final int DEEPEST = 127;

        private final Path file;
        private final byte[] text;
        private int at;
        private int depth;

        Parser(Path file, byte[] text) {
            this.file = file;
            this.text = text;
        }

        Header header() {
            if (!isUtf8()) throw broken("its header is no UTF-8");
            Map<String, String> metadata = new HashMap<>();
            Map<String, Entry> arrays = new LinkedHashMap<>();
            boolean known = false;
            for (boolean more = open('{', "a JSON object"); more; more = next('}')) {
                String name = name();
                if (!name.equals("__metadata__")) arrays.put(name, entry(name));
                else if (known) throw broken("__metadata__ stands twice in its header");
                else {
                    known = true;
                    if (peek() == 'n') literal("null");
                    else
                        for (boolean m = open('{', "the strings of __metadata__"); m; m = next('}'))
                            metadata.put(name(), string("a string of __metadata__"));
                }
            }
            if (peek() >= 0) throw broken("its header has text after its end");
            return new Header(metadata, arrays);
        }

        private boolean isUtf8() {
            CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
            ByteBuffer bytes = ByteBuffer.wrap(text);
            CharBuffer chars = CharBuffer.allocate(8192);
            for (; ; ) {
                CoderResult result = decoder.decode(bytes, chars.clear(), true);
                if (result.isError()) return false;
                if (result.isUnderflow()) return true;
            }
        }

        private Entry entry(String name) {
            Type type = null;
            long[] dims = null, places = null;
            if (peek() == '[') {
                open('[', "an array's entry");
                type = type(name);
                if (next(']')) dims = numbers(name);
                if (dims != null && next(']')) places = numbers(name);
                if (places != null && next(']')) throw broken("the entry of " + plain(name) + " has a fourth field");
            } else {
                for (boolean more = open('{', "an array's entry"); more; more = next('}')) {
                    String field = name();
                    boolean twice = false;
                    switch (field) {
                        case "dtype" -> {
                            twice = type != null;
                            type = type(name);
                        }
                        case "shape" -> {
                            twice = dims != null;
                            dims = numbers(name);
                        }
                        case "data_offsets" -> {
                            twice = places != null;
                            places = numbers(name);
                        }
                        default -> skip();
                    }
                    if (twice) throw broken("the " + field + " of " + plain(name) + " stands twice in its header");
                }
            }
            if (type == null || dims == null || places == null || places.length != 2)
                throw broken("the entry of " + plain(name) + " lacks its type, its shape or its two places");
            return new Entry(type, dims, places[0], places[1]);
        }

        /** The type by its name; or as serde has values of an enum that hold something, {@code {"F32": null}}. */
        private Type type(String array) {
            String name;
            if (peek() == '{') {
                if (!open('{', "a type")) throw broken("the type of " + plain(array) + " is empty");
                name = name();
                literal("null");
                if (next('}')) throw broken(plain(array) + " has two types");
            } else name = string("the type of " + plain(array));
            Type type = Type.BY_NAME.get(name);
            if (type == null) throw broken(plain(array) + " has the unknown type '" + plain(name) + "'");
            return type;
        }

        private long[] numbers(String array) {
            long[] all = new long[4];
            int n = 0;
            for (boolean more = open('[', "a list of whole numbers"); more; more = next(']')) {
                if (n == all.length) all = Arrays.copyOf(all, 2 * n);
                peek();
                String number = number();
                try {
                    // A sign is no digit here: parseUnsignedLong would take one.
                    if (!Character.isDigit(number.charAt(0))) throw new NumberFormatException();
                    all[n++] = Long.parseUnsignedLong(number);
                } catch (NumberFormatException e) {
                    throw broken(plain(array) + " has " + plain(number) + " where a whole number of 64 bits belongs");
                }
            }
            return Arrays.copyOf(all, n);
        }

        private void skip() {
            switch (peek()) {
                case '{' -> {
                    for (boolean more = open('{', ""); more; more = next('}')) {
                        name();
                        skip();
                    }
                }
                case '[' -> {
                    for (boolean more = open('[', ""); more; more = next(']')) skip();
                }
                case '"' -> string("");
                case 't' -> literal("true");
                case 'f' -> literal("false");
                case 'n' -> literal("null");
                default -> {
                    String number = number();
                    if (Double.isInfinite(Double.parseDouble(number)))
                        throw broken("its header has a number that is too large, " + plain(number));
                }
            }
        }

        /** Steps into an object or a list; whether there is something in it. */
        private boolean open(char bracket, String what) {
            if (peek() != bracket) throw broken("its header lacks " + what);
            at++;
            if (++depth > DEEPEST) throw broken("its header is nested too deep");
            if (peek() != bracket + 2) return true; // in ASCII a closing bracket comes two after its opening one
            return close();
        }

        /** Steps over a comma or out of an object or a list; whether there is more in it. */
        private boolean next(char bracket) {
            int c = peek();
            if (c != ',' && c != bracket) throw broken("its header is no JSON");
            if (c == bracket) return close();
            at++;
            return true;
        }

        private boolean close() {
            at++;
            depth--;
            return false;
        }

        /** A member's name, and steps over the colon after it. */
        private String name() {
            String name = string("a name");
            if (peek() != ':') throw broken("its header is no JSON");
            at++;
            return name;
        }

        private void literal(String word) {
            if (peek() < 0 || !Arrays.equals(word.getBytes(StandardCharsets.US_ASCII), rest(word.length())))
                throw broken("its header is no JSON");
            at += word.length();
        }

        private byte[] rest(int most) {
            return Arrays.copyOfRange(text, at, Math.min(text.length, at + most));
        }

        private String number() {
            int start = at;
            if (here() == '-') at++;
            if (here() == '0') at++;
            else digits();
            if (here() == '.') {
                at++;
                digits();
            }
            if (here() == 'e' || here() == 'E') {
                at++;
                if (here() == '+' || here() == '-') at++;
                digits();
            }
            return new String(text, start, at - start, StandardCharsets.US_ASCII);
        }

        private void digits() {
            int start = at;
            while (here() >= '0' && here() <= '9') at++;
            if (at == start) throw broken("its header is no JSON");
        }

        private String string(String what) {
            if (peek() != '"') throw broken("its header lacks " + (what.isEmpty() ? "a string" : what));
            at++;
            StringBuilder decoded = new StringBuilder();
            for (int start = at; ; at++) {
                int c = here();
                if (c < ' ') throw broken("its header has a string that does not end");
                if (c != '"' && c != '\\') continue;
                String piece = new String(text, start, at++ - start, StandardCharsets.UTF_8);
                if (c == '"')
                    return decoded.isEmpty() ? piece : decoded.append(piece).toString();
                decoded.append(piece);
                escape(decoded);
                start = at--;
            }
        }

        private void escape(StringBuilder decoded) {
            int c = here();
            at++;
            int simple = "\"\\/bfnrt".indexOf(c);
            if (simple >= 0) {
                decoded.append("\"\\/\b\f\n\r\t".charAt(simple));
                return;
            }
            if (c != 'u') throw broken("its header has an unknown escape");
            char first = hex();
            decoded.append(first);
            if (!Character.isSurrogate(first)) return;
            boolean pair = Character.isHighSurrogate(first) && here() == '\\';
            at++;
            pair &= here() == 'u';
            at++;
            char second = pair ? hex() : 0;
            if (!Character.isLowSurrogate(second)) throw broken("its header has half a character");
            decoded.append(second);
        }

        private char hex() {
            int value = 0;
            for (int i = 0; i < 4; i++) {
                int digit = here() < 0 ? -1 : Character.digit(here(), 16);
                if (digit < 0) throw broken("its header has an unknown escape");
                value = 16 * value + digit;
                at++;
            }
            return (char) value;
        }

        /** The byte that follows after white space, -1 at the end. */
        private int peek() {
            while (here() == ' ' || here() == '\n' || here() == '\t' || here() == '\r') at++;
            return here();
        }

        private int here() {
            return at < text.length ? text[at] & 255 : -1;
        }

        private BrokenFileException broken(String why) {
            return new BrokenFileException(file + ": not a safetensors file (" + why + ", at byte " + (8 + at) + ")");
        }
    }
}
