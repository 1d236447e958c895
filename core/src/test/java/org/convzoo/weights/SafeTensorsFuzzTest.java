package org.convzoo.weights;

import static org.convzoo.fuzz.SafeTensorsBytes.arrays;
import static org.convzoo.fuzz.SafeTensorsBytes.file;
import static org.convzoo.fuzz.SafeTensorsBytes.header;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import org.convzoo.fuzz.JsonMutants;
import org.convzoo.fuzz.Mutants;
import org.convzoo.graph.Shape;
import org.convzoo.weights.Weights.Tensor;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Mutants of safetensors files; CONTRIBUTING tells how many of them are held against the format's own reader. The
 * verdicts of that reader on some hundred are beside {@link SafeTensorsVerdictsTest}.
 */
@Tag("thorough")
class SafeTensorsFuzzTest {
    private static final List<String> NUMBERS = List.of(
            "-0",
            "-1",
            "1.0",
            "4e0",
            "00",
            "2147483648",
            "9223372036854775807",
            "9223372036854775808",
            "18446744073709551608",
            "18446744073709551615",
            "18446744073709551616",
            "null",
            "\"4\"",
            "[4]");

    @TempDir
    Path directory;

    @Test
    void mutantsAreReadOrRefused() throws Exception {
        List<byte[]> sound = new ArrayList<>(List.of(SafeTensorsTest.PYTHON, ours(), file("{}", new byte[0])));
        for (int i = 0; i < 20; i++) sound.add(composed(new SplittableRandom(i), 0));
        new Mutants("safetensors", sound)
                .with("the header edited", SafeTensorsFuzzTest::edited)
                .with("the header edited, twice", (s, other, random) -> edited(edited(s, other, random), other, random))
                .with("the header's length moved", SafeTensorsFuzzTest::moved)
                .with("another header", (s, other, random) -> file(header(s), arrays(other)))
                .with("composed", (s, other, random) -> composed(random, random.nextInt(4)))
                .with("composed with a fault", (s, other, random) -> composed(random, 1))
                .run(directory, 12_000, new Mutants.Limits(Duration.ofSeconds(10), 4 << 20), SafeTensors::read);
    }

    /** What this library writes: metadata with JSON in it, several arrays. */
    private byte[] ours() throws IOException {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        tensors.put("conv.weight", new Tensor(new Shape(2, 1, 3, 3), new float[18]));
        tensors.put("conv.bias", new Tensor(new Shape(2), new float[] {1, -2}));
        tensors.put("fc.weight", new Tensor(new Shape(3, 2), new float[6]));
        Path file = directory.resolve("ours.safetensors");
        new SafeTensors(new Weights(tensors), Map.of("convzoo", "{\"labels\":[\"ä\",\"b\"]}", "format", "pt"))
                .write(file);
        return Files.readAllBytes(file);
    }

    /** A file of up to five arrays of whatever types, in whatever order, with so many faults. */
    private static byte[] composed(SplittableRandom random, int faults) {
        var types = Header.Type.values();
        int n = random.nextInt(6), at = 0;
        List<String> entries = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            String type = types[random.nextInt(types.length)].name();
            int bits = bits(type);
            int[] dims = random.ints(random.nextInt(4), 0, 4).toArray();
            if (bits < 8) dims = new int[] {random.nextInt(3), 4};
            int end = at + Arrays.stream(dims).reduce(1, (a, b) -> a * b) * bits / 8;
            entries.add(entry(
                    "abcdef".substring(i, i + 1), type, dims, at, end, faults == 0 ? 8 : random.nextInt(30), random));
            at = end;
        }
        if (random.nextInt(3) == 0) entries.add("\"__metadata__\":{\"format\":\"pt\",\"k\":\"v\"}");
        if (random.nextInt(20) == 0) entries.add("\"__metadata__\":null");
        if (random.nextInt(8) == 0 && n > 0 && faults > 0) entries.add(entries.get(random.nextInt(n)));
        Collections.shuffle(entries, new Random(random.nextLong()));
        String text = "{" + String.join(random.nextBoolean() ? "," : " ,\n", entries) + "}";
        int length = at;
        for (int f = 0; f < faults; f++) {
            if (random.nextInt(4) == 0) length = Math.max(0, length + random.nextInt(17) - 8);
            else text = JsonMutants.of(text, random);
        }
        if (random.nextBoolean()) text += " ".repeat(random.nextInt(9));
        if (random.nextInt(10) == 0) text = " \n\t\r".charAt(random.nextInt(4)) + text;
        byte[] body = new byte[length];
        Arrays.fill(body, (byte) ' ');
        return file(text, body);
    }

    private static int bits(String type) {
        if (type.equals("BOOL")) return 8;
        return Integer.parseInt(type.replaceFirst("^[A-Z]+(\\d+).*", "$1"));
    }

    private static String entry(
            String name, String type, int[] dims, long from, long to, int odd, SplittableRandom random) {
        String shape = Arrays.toString(dims), places = "[" + from + "," + to + "]";
        if (odd == 0) places = "[" + from + "," + NUMBERS.get(random.nextInt(NUMBERS.size())) + "]";
        if (odd == 1) places = "[" + NUMBERS.get(random.nextInt(NUMBERS.size())) + "," + to + "]";
        if (odd == 2) shape = shape.replaceFirst("\\d+", NUMBERS.get(random.nextInt(NUMBERS.size())));
        if (odd == 3) shape = "[0," + NUMBERS.get(random.nextInt(NUMBERS.size())) + ",3]";
        String named = odd == 4 ? "{\"" + type + "\":null}" : "\"" + type + "\"";
        if (odd == 5) return "\"" + name + "\":[" + named + "," + shape + "," + places + "]";
        List<String> fields =
                new ArrayList<>(List.of("\"dtype\":" + named, "\"shape\":" + shape, "\"data_offsets\":" + places));
        if (odd == 6) fields.add("\"more\":{\"x\":[1.5,-0,1e300,null,\"\\u00e4\"],\"x\":{}}");
        if (odd == 7) fields.add(fields.get(random.nextInt(3)));
        if (random.nextBoolean()) Collections.shuffle(fields, new Random(random.nextLong()));
        return "\"" + name + "\":" + fields.stream().collect(Collectors.joining(",", "{", "}"));
    }

    private static byte[] edited(byte[] sound, byte[] other, SplittableRandom random) {
        return file(JsonMutants.of(header(sound), random), arrays(sound));
    }

    private static byte[] moved(byte[] sound, byte[] other, SplittableRandom random) {
        if (sound.length < 8) return sound;
        ByteBuffer b = ByteBuffer.wrap(sound.clone()).order(ByteOrder.LITTLE_ENDIAN);
        b.putLong(0, b.getLong(0) + random.nextInt(33) - 16);
        return b.array();
    }
}
