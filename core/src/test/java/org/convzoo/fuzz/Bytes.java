package org.convzoo.fuzz;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;

/** Mutations of bytes that know nothing of a format; half of them work near the beginning, where headers are. */
final class Bytes {
    private static final long[] HOSTILE = {
        0,
        1,
        7,
        8,
        127,
        128,
        255,
        256,
        32767,
        32768,
        65535,
        65536,
        1 << 24,
        Integer.MAX_VALUE,
        1L << 31,
        0xFFFFFFFFL,
        1L << 32,
        Long.MAX_VALUE,
        Long.MIN_VALUE,
        -1,
        -2,
        -8,
        '{',
        '}',
        '"',
        ',',
        '\n',
        ' '
    };

    static final Map<String, Mutants.Mutation> ALL = all();

    private Bytes() {}

    private static Map<String, Mutants.Mutation> all() {
        Map<String, Mutants.Mutation> m = new LinkedHashMap<>();
        m.put("a bit turned", (s, other, random) -> {
            byte[] b = s.clone();
            if (b.length > 0) b[place(b.length, random)] ^= (byte) (1 << random.nextInt(8));
            return b;
        });
        m.put("bytes drawn", (s, other, random) -> {
            byte[] b = s.clone();
            for (int n = b.length == 0 ? 0 : 1 + random.nextInt(8); n > 0; n--)
                b[place(b.length, random)] = (byte) random.nextInt();
            return b;
        });
        m.put("a hostile number", (s, other, random) -> {
            int width = 1 << random.nextInt(4);
            if (s.length < width) return s;
            byte[] b = s.clone();
            number(b, place(b.length - width + 1, random), width, random);
            return b;
        });
        m.put("cut off", (s, other, random) -> Arrays.copyOf(s, place(s.length + 1, random)));
        m.put("bytes after the end", (s, other, random) -> {
            byte[] b = Arrays.copyOf(s, s.length + size(64, random));
            if (random.nextBoolean()) for (int i = s.length; i < b.length; i++) b[i] = (byte) random.nextInt();
            return b;
        });
        m.put("a piece gone", (s, other, random) -> {
            int at = place(s.length + 1, random), n = Math.min(size(s.length, random), s.length - at);
            return join(s, 0, at, s, at + n, s.length);
        });
        m.put("a piece twice", (s, other, random) -> {
            int at = place(s.length + 1, random), n = Math.min(size(s.length, random), s.length - at);
            return join(s, 0, at + n, s, at, s.length);
        });
        m.put("a piece moved", (s, other, random) -> {
            int at = place(s.length + 1, random), n = Math.min(size(s.length, random), s.length - at);
            int to = place(s.length + 1, random);
            byte[] b = s.clone();
            System.arraycopy(s, at, b, to, Math.min(n, s.length - to));
            return b;
        });
        m.put("another's end", (s, other, random) -> {
            int at = place(s.length + 1, random);
            int from = random.nextBoolean() ? Math.min(at, other.length) : place(other.length + 1, random);
            return join(s, 0, at, other, from, other.length);
        });
        return m;
    }

    private static int place(int length, SplittableRandom random) {
        return random.nextInt(random.nextBoolean() ? length : Math.min(length, 64));
    }

    /** From 1 to about {@code most}; small ones are as likely as large ones. */
    private static int size(int most, SplittableRandom random) {
        int bits = 32 - Integer.numberOfLeadingZeros(Math.max(1, most));
        return 1 + random.nextInt(1 << random.nextInt(bits));
    }

    private static void number(byte[] b, int at, int width, SplittableRandom random) {
        ByteBuffer to = ByteBuffer.wrap(b).order(random.nextBoolean() ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
        long n = HOSTILE[random.nextInt(HOSTILE.length)];
        switch (width) {
            case 1 -> to.put(at, (byte) n);
            case 2 -> to.putShort(at, (short) n);
            case 4 -> to.putInt(at, (int) n);
            default -> to.putLong(at, n);
        }
    }

    private static byte[] join(byte[] a, int from, int to, byte[] b, int start, int end) {
        byte[] both = Arrays.copyOf(Arrays.copyOfRange(a, from, to), to - from + end - start);
        System.arraycopy(b, start, both, to - from, end - start);
        return both;
    }
}
