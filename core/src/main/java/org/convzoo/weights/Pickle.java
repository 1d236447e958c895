package org.convzoo.weights;

import java.math.BigInteger;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads a pickle, Python's format of objects (protocols 0 to 5, as its {@code pickletools} describes them), as data. A
 * pickle is a program that may call any function of Python's; here nothing of it is executed: what it names is looked up
 * in an allow-list of {@link Names}, and a name that is not there ends the reading.
 *
 * <p>Objects become: None {@link #NONE}, bool {@link Boolean}, int {@link Long} or {@link BigInteger}, float
 * {@link Double}, str {@link String}, bytes {@code byte[]} (the strings of Python 2, too, as strings in Latin-1), list and
 * set {@link List}, tuple {@link Tuple}, dict {@link Map} in its order. Lists and dicts may hold themselves.
 *
 * <p>No instruction makes more than it has bytes, and there is a limit to their number, so memory is bounded. The reading
 * is a loop: however deep objects are nested, Java's stack does not grow.
 */
final class Pickle {
    /** What a pickle may name. */
    interface Names {
        /**
         * What stands for {@code module.name}.
         *
         * @return none if it is not allowed
         */
        @Nullable
        Named named(String module, String name);

        /** The object that lies outside of the pickle under {@code id}. Throws {@link Refused} for one that does not. */
        default Object persistent(Object id) throws Refused {
            throw new Refused("it refers to an object outside of it");
        }

        /** What whoever made the pickle can do about a name that is not allowed; a part of a sentence, or empty. */
        default String remedy() {
            return "";
        }
    }

    /** What stands for a function or a class: makes an object of the arguments of a call. */
    interface Named {
        Object call(List<Object> arguments) throws Refused;
    }

    /** An object that takes the state that a pickle gives it after it is made. */
    interface Stateful {
        void state(Object state) throws Refused;
    }

    /** An object that is not of interest: whatever it is given is dropped. */
    static final class Dropped implements Stateful {
        @Override
        public void state(Object state) {}
    }

    /** What is not taken from a pickle, and why: a part of a sentence. */
    static final class Refused extends Exception {
        private static final long serialVersionUID = 1;

        Refused(String why) {
            super(why);
        }
    }

    /** A fixed sequence; unlike a list it can be the key of a dict. */
    record Tuple(List<Object> items) {
        Object get(int i) throws Refused {
            if (i >= items.size())
                throw new Refused("a tuple has " + items.size() + " items instead of more than " + i);
            return items.get(i);
        }

        int size() {
            return items.size();
        }
    }

    /** None. */
    static final Object NONE = new Object() {
        @Override
        public String toString() {
            return "None";
        }
    };

    /** Longer integers have no use here, and take long to read. */
    private static final int LONGEST_INTEGER = 1024;

    /** Instructions at most; the state of a large network takes some ten thousand. */
    private static final int MOST = 1 << 22;

    private final ByteBuffer in;
    private final Names names;
    private final Map<Integer, Object> memo = new HashMap<>();
    private final Deque<List<Object>> outer = new ArrayDeque<>();
    private List<Object> stack = new ArrayList<>();

    private Pickle(ByteBuffer in, Names names) {
        this.in = in.order(ByteOrder.LITTLE_ENDIAN);
        this.names = names;
    }

    /**
     * Reads one pickle from the position of {@code in} on, which is behind it afterwards.
     *
     * @throws Refused for what is no pickle, is cut off, or asks for a name that is not allowed
     */
    static Object read(ByteBuffer in, Names names) throws Refused {
        try {
            return new Pickle(in, names).run();
        } catch (BufferUnderflowException e) {
            throw new Refused("its pickle is cut off");
        }
    }

    private Object run() throws Refused {
        for (int i = 0; i < MOST; i++) {
            int op = in.get() & 0xFF;
            if (op == '.') return pop();
            step(op);
        }
        throw new Refused("its pickle has more than " + MOST + " instructions");
    }

    private void step(int op) throws Refused {
        switch (op) {
            case 0x80 -> protocol();
            case 0x95 -> in.getLong(); // the length of a frame, which helps only those who read streams
            // constants
            case 'N' -> push(NONE);
            case 0x88 -> push(true);
            case 0x89 -> push(false);
            case 'I' -> push(decimalOrBoolean(line()));
            case 'L' -> push(decimal(line().replaceFirst("L$", "")));
            case 'J' -> push((long) in.getInt());
            case 'K' -> push((long) (in.get() & 0xFF));
            case 'M' -> push((long) (in.getShort() & 0xFFFF));
            case 0x8A -> push(integer(in.get() & 0xFF));
            case 0x8B -> push(integer(in.getInt()));
            case 'F' -> push(real(line()));
            case 'G' -> push(bigEndianDouble());
            // strings
            case 'S' -> push(quoted(line()));
            case 'T' -> push(latin1(in.getInt()));
            case 'U' -> push(latin1(in.get() & 0xFF));
            case 'V' -> push(escaped(line()));
            case 'X' -> push(utf8(in.getInt()));
            case 0x8C -> push(utf8(in.get() & 0xFF));
            case 0x8D -> push(utf8(length()));
            case 'B' -> push(bytes(in.getInt()));
            case 'C' -> push(bytes(in.get() & 0xFF));
            case 0x8E, 0x96 -> push(bytes(length()));
            // tuples
            case ')' -> push(new Tuple(List.of()));
            case 0x85 -> push(tuple(1));
            case 0x86 -> push(tuple(2));
            case 0x87 -> push(tuple(3));
            case 't' -> push(new Tuple(Collections.unmodifiableList(popMark())));
            // lists, sets and dicts
            case ']', 0x8F -> push(new ArrayList<>());
            case 'l' -> push(popMark());
            case 'a' -> append(List.of(pop()));
            case 'e', 0x90 -> append(popMark());
            case 0x91 -> push(new Tuple(Collections.unmodifiableList(popMark())));
            case '}' -> push(new LinkedHashMap<>());
            case 'd' -> dict();
            case 's' -> setItems(List.of(pop(2), pop()));
            case 'u' -> setItems(popMark());
            // the stack
            case '(' -> mark();
            case '0' -> discard();
            case '1' -> popMark();
            case '2' -> push(top());
            // the memo
            case 'p' -> memo.put(place(line()), top());
            case 'q' -> memo.put(in.get() & 0xFF, top());
            case 'r' -> memo.put(in.getInt(), top());
            case 0x94 -> memo.put(memo.size(), top());
            case 'g' -> push(remembered(place(line())));
            case 'h' -> push(remembered(in.get() & 0xFF));
            case 'j' -> push(remembered(in.getInt()));
            // what is named, called and referred to
            case 'c' -> push(named(line(), line()));
            case 0x93 -> globalOfStack();
            case 'R', 0x81 -> call();
            case 'b' -> build();
            case 'P' -> push(names.persistent(line()));
            case 'Q' -> push(names.persistent(pop()));
            case 'i', 'o', 0x92 -> throw new Refused("its pickle makes an instance of a class");
            case 0x82, 0x83, 0x84 -> throw new Refused("its pickle names an extension of Python");
            case 0x97, 0x98 -> throw new Refused("its pickle has buffers outside of it");
            default ->
                throw new Refused(String.format(Locale.ROOT, "it is no pickle (its instruction 0x%02x is none)", op));
        }
    }

    private void protocol() throws Refused {
        int version = in.get() & 0xFF;
        if (version > 5) throw new Refused("its pickle has protocol " + version + ", of which nothing is known");
    }

    // -- the stack ------------------------------------------------------------------------------------

    private void push(Object o) {
        stack.add(o);
    }

    private Object pop() throws Refused {
        Object top = top();
        stack.remove(stack.size() - 1);
        return top;
    }

    /** Takes the object below the top, leaving the top. */
    private Object pop(int fromTop) throws Refused {
        if (stack.size() < fromTop) throw noMore();
        return stack.remove(stack.size() - fromTop);
    }

    private Object top() throws Refused {
        if (stack.isEmpty()) throw noMore();
        return stack.get(stack.size() - 1);
    }

    private static Refused noMore() {
        return new Refused("its pickle is broken (an instruction finds nothing on the stack)");
    }

    private void mark() {
        outer.push(stack);
        stack = new ArrayList<>();
    }

    private List<Object> popMark() throws Refused {
        if (outer.isEmpty()) throw new Refused("its pickle is broken (an instruction finds no mark)");
        List<Object> items = stack;
        stack = outer.pop();
        return items;
    }

    /** Python takes a mark away as it does an object. */
    private void discard() throws Refused {
        if (stack.isEmpty()) popMark();
        else pop();
    }

    private Object remembered(int place) throws Refused {
        Object o = memo.get(place);
        if (o == null) throw new Refused("its pickle is broken (it remembers nothing at place " + place + ")");
        return o;
    }

    // -- collections ----------------------------------------------------------------------------------

    private Tuple tuple(int size) throws Refused {
        if (stack.size() < size) throw noMore();
        List<Object> last = stack.subList(stack.size() - size, stack.size());
        Tuple t = new Tuple(List.copyOf(last));
        last.clear();
        return t;
    }

    @SuppressWarnings("unchecked")
    private void append(List<Object> items) throws Refused {
        if (top() instanceof Dropped) return;
        if (!(top() instanceof List<?> list)) throw new Refused("its pickle is broken (it appends to no list)");
        ((List<Object>) list).addAll(items);
    }

    private void dict() throws Refused {
        List<Object> items = popMark();
        push(new LinkedHashMap<>());
        setItems(items);
    }

    @SuppressWarnings("unchecked")
    private void setItems(List<Object> keysAndValues) throws Refused {
        if (top() instanceof Dropped) return;
        if (!(top() instanceof Map<?, ?> map)) throw new Refused("its pickle is broken (it sets an item of no dict)");
        if (keysAndValues.size() % 2 != 0) throw new Refused("its pickle is broken (a key lacks its value)");
        for (int i = 0; i < keysAndValues.size(); i += 2) {
            Object key = keysAndValues.get(i);
            // Keys that lead to arrays; others could hold themselves, or take for ever to compare.
            if (key instanceof String || key instanceof Long || key instanceof Boolean)
                ((Map<Object, Object>) map).put(key, keysAndValues.get(i + 1));
        }
    }

    // -- names ----------------------------------------------------------------------------------------

    private Named named(String module, String name) throws Refused {
        Named named = names.named(module, name);
        if (named == null)
            throw new Refused("its pickle asks for " + Header.plain(module + "." + name)
                    + ", and only arrays are taken from it, nothing is executed" + names.remedy());
        return named;
    }

    private void globalOfStack() throws Refused {
        Object name = pop(), module = pop();
        if (!(module instanceof String m && name instanceof String n))
            throw new Refused("its pickle is broken (a name is no string)");
        push(named(m, n));
    }

    private void call() throws Refused {
        Object arguments = pop(), function = pop();
        if (!(function instanceof Named f && arguments instanceof Tuple t))
            throw new Refused("its pickle calls what is no function");
        push(f.call(t.items()));
    }

    private void build() throws Refused {
        Object state = pop();
        // Other objects are plain data, and their attributes are none of an array: an OrderedDict's metadata.
        if (top() instanceof Stateful s) s.state(state);
    }

    // -- numbers and strings --------------------------------------------------------------------------

    private int length() throws Refused {
        long n = in.getLong();
        if (n < 0 || n > in.remaining()) throw new Refused("its pickle is cut off");
        return (int) n;
    }

    private byte[] bytes(int length) throws Refused {
        if (length < 0 || length > in.remaining()) throw new Refused("its pickle is cut off");
        byte[] bytes = new byte[length];
        in.get(bytes);
        return bytes;
    }

    private String utf8(int length) throws Refused {
        return new String(bytes(length), StandardCharsets.UTF_8);
    }

    private String latin1(int length) throws Refused {
        return new String(bytes(length), StandardCharsets.ISO_8859_1);
    }

    /** The bytes up to the end of the line, as protocol 0 writes arguments. */
    private String line() throws Refused {
        int start = in.position(), end = start;
        while (end < in.limit() && in.get(end) != '\n') end++;
        String line = latin1(end - start);
        in.get(); // the end of the line
        return line;
    }

    private static Object decimalOrBoolean(String line) throws Refused {
        if (line.equals("00")) return false;
        return line.equals("01") ? true : decimal(line);
    }

    private static Object decimal(String line) throws Refused {
        try {
            if (line.length() > LONGEST_INTEGER) throw new Refused("its pickle has an integer of too many digits");
            return fitting(new BigInteger(line.strip()));
        } catch (NumberFormatException e) {
            throw new Refused("its pickle is broken (a number is none)");
        }
    }

    private static int place(String line) throws Refused {
        if (decimal(line) instanceof Long n && n >= 0 && n <= Integer.MAX_VALUE) return n.intValue();
        throw new Refused("its pickle is broken (a place of the memo is none)");
    }

    /** A little-endian integer in two's complement. */
    private Object integer(int length) throws Refused {
        if (length == 0) return 0L;
        if (length > LONGEST_INTEGER) throw new Refused("its pickle has an integer of too many digits");
        byte[] bytes = bytes(length);
        for (int i = 0; i < length / 2; i++) {
            byte b = bytes[i];
            bytes[i] = bytes[length - 1 - i];
            bytes[length - 1 - i] = b;
        }
        return fitting(new BigInteger(bytes));
    }

    private static Object fitting(BigInteger n) {
        return n.bitLength() < Long.SIZE ? (Object) n.longValue() : n;
    }

    private static Double real(String line) throws Refused {
        try {
            return Double.valueOf(
                    line.strip().replaceFirst("^([-+]?)inf$", "$1Infinity").replaceFirst("^nan$", "NaN"));
        } catch (NumberFormatException e) {
            throw new Refused("its pickle is broken (a number is none)");
        }
    }

    private double bigEndianDouble() {
        return Double.longBitsToDouble(Long.reverseBytes(in.getLong()));
    }

    /** A string of Python 2 as its {@code repr}; the escapes of other than quotes and backslashes stay as they are. */
    private static String quoted(String line) throws Refused {
        String s = line.strip();
        boolean quotes =
                s.length() >= 2 && (s.charAt(0) == '\'' || s.charAt(0) == '"') && s.endsWith(s.substring(0, 1));
        if (!quotes) throw new Refused("its pickle is broken (a string has no quotes)");
        return s.substring(1, s.length() - 1).replaceAll("\\\\(['\"\\\\])", "$1");
    }

    /** A string in Python's raw-unicode-escape: Latin-1 and, for other characters, backslash, u and four digits. */
    private static String escaped(String line) throws Refused {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < line.length(); i++) {
            int digits = !line.startsWith("\\", i)
                    ? 0
                    : line.startsWith("u", i + 1) ? 4 : line.startsWith("U", i + 1) ? 8 : 0;
            if (digits == 0) {
                text.append(line.charAt(i));
                continue;
            }
            try {
                text.appendCodePoint(
                        Integer.parseInt(line.substring(i + 2, Math.min(line.length(), i + 2 + digits)), 16));
            } catch (IllegalArgumentException e) {
                throw new Refused("its pickle is broken (a string has a character that is none)");
            }
            i += 1 + digits;
        }
        return text.toString();
    }
}
