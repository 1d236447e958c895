package org.convzoo.weights;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.convzoo.graph.Shape;

/**
 * A file in the safetensors format: eight bytes with the length of a JSON header, the header (names, types, shapes,
 * places, and a map of strings), then the arrays, little-endian. Float32 is written; F16, BF16 and F64 are read too.
 *
 * @param metadata the header's {@code __metadata__}
 */
public record SafeTensors(Weights weights, Map<String, String> metadata) {
    /** Not Jackson's trees: making ready for them takes longer than reading a network. */
    private static final JsonFactory JSON = new JsonFactory();

    private static final int LONGEST_HEADER = 100 << 20;

    public SafeTensors {
        metadata = Collections.unmodifiableMap(new TreeMap<>(metadata));
    }

    /** Writes {@code file} as a whole or not at all; see {@link AtomicFile}. */
    public void write(Path file) throws IOException {
        byte[] text = header();
        int padded = (text.length + 7) / 8 * 8;
        ByteBuffer head = ByteBuffer.allocate(8 + padded).order(ByteOrder.LITTLE_ENDIAN);
        head.putLong(padded).put(text);
        while (head.hasRemaining()) head.put((byte) ' ');
        head.flip();
        AtomicFile.write(file, channel -> {
            AtomicFile.writeFully(channel, head);
            ByteBuffer chunk = ByteBuffer.allocateDirect(1 << 20).order(ByteOrder.LITTLE_ENDIAN);
            for (Weights.Tensor t : weights.tensors().values()) {
                FloatBuffer values = t.values();
                while (values.hasRemaining()) {
                    chunk.clear();
                    int n = Math.min(values.remaining(), chunk.capacity() / 4);
                    chunk.asFloatBuffer().put(values.slice(values.position(), n));
                    values.position(values.position() + n);
                    AtomicFile.writeFully(channel, chunk.limit(4 * n));
                }
            }
        });
    }

    /**
     * Reads {@code file} whole. Integer arrays are left out (published files count batches in them). Throws
     * {@link IOException} with one line that names the file for anything that is cut off or no safetensors file.
     */
    public static SafeTensors read(Path file) throws IOException {
        if (!Files.isRegularFile(file)) throw new IOException(file + ": there is no such file");
        try (FileChannel channel = FileChannel.open(file)) {
            long size = channel.size();
            if (size < 8) throw new IOException(file + ": not a safetensors file (only " + size + " bytes)");
            long length = read(channel, 0, 8, file).getLong();
            if (length < 2 || length > LONGEST_HEADER)
                throw new IOException(file + ": not a safetensors file (its header would have " + length + " bytes)");
            if (8 + length > size) throw new IOException(file + ": cut off within its header");
            Map<String, String> metadata = new TreeMap<>();
            Map<String, Place> places = new LinkedHashMap<>();
            header(read(channel, 8, (int) length, file), metadata, places, file);
            Map<String, Weights.Tensor> read = new ConcurrentHashMap<>(), tensors = new LinkedHashMap<>();
            places.entrySet().parallelStream().forEach(e -> {
                try {
                    tensor(channel, 8 + length, size, e.getKey(), e.getValue(), read, file);
                } catch (IOException cause) {
                    throw new UncheckedIOException(cause);
                }
            });
            for (String name : places.keySet()) if (read.containsKey(name)) tensors.put(name, read.get(name));
            return new SafeTensors(new Weights(tensors), metadata);
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private byte[] header() throws IOException {
        var text = new ByteArrayOutputStream();
        try (JsonGenerator g = JSON.createGenerator(text)) {
            g.writeStartObject();
            g.writeObjectFieldStart("__metadata__");
            for (var m : metadata.entrySet()) g.writeStringField(m.getKey(), m.getValue());
            g.writeEndObject();
            long at = 0;
            for (var e : weights.tensors().entrySet()) {
                Shape shape = e.getValue().shape();
                long end = at + 4 * shape.elements();
                g.writeObjectFieldStart(e.getKey());
                g.writeStringField("dtype", "F32");
                g.writeFieldName("shape");
                g.writeArray(shape.dims(), 0, shape.rank());
                g.writeFieldName("data_offsets");
                g.writeArray(new long[] {at, end}, 0, 2);
                g.writeEndObject();
                at = end;
            }
            g.writeEndObject();
        }
        return text.toByteArray();
    }

    /** What the header says of an array; {@code dims} and {@code offsets} as they stand there, 0 for what is no number. */
    private record Place(String type, List<Long> dims, List<Long> offsets) {}

    private static void header(ByteBuffer bytes, Map<String, String> metadata, Map<String, Place> places, Path file)
            throws IOException {
        try (JsonParser p =
                JSON.createParser(StandardCharsets.UTF_8.decode(bytes).toString())) {
            if (p.nextToken() == JsonToken.START_OBJECT) {
                for (String name; (name = p.nextFieldName()) != null; ) {
                    boolean object = p.nextToken() == JsonToken.START_OBJECT;
                    if (!name.equals("__metadata__")) places.put(name, place(p));
                    else if (object) for (String key; (key = p.nextFieldName()) != null; ) metadata.put(key, text(p));
                    else p.skipChildren();
                }
                return;
            }
        } catch (JsonProcessingException e) {
            // told below
        }
        throw new IOException(file + ": not a safetensors file (its header is no JSON object)");
    }

    private static String text(JsonParser p) throws IOException {
        p.nextToken();
        String text = p.getText();
        p.skipChildren();
        return text;
    }

    private static Place place(JsonParser p) throws IOException {
        String type = "";
        List<Long> dims = List.of(), offsets = List.of();
        if (p.currentToken() == JsonToken.START_OBJECT) {
            for (String key; (key = p.nextFieldName()) != null; ) {
                if (key.equals("dtype")) type = text(p);
                else if (key.equals("shape")) dims = numbers(p);
                else if (key.equals("data_offsets")) offsets = numbers(p);
                else text(p);
            }
        } else p.skipChildren();
        return new Place(type, dims, offsets);
    }

    private static List<Long> numbers(JsonParser p) throws IOException {
        List<Long> all = new ArrayList<>();
        if (p.nextToken() != JsonToken.START_ARRAY) {
            p.skipChildren();
            return all;
        }
        while (p.nextToken() != JsonToken.END_ARRAY) {
            all.add(p.currentToken() == JsonToken.VALUE_NUMBER_INT ? p.getLongValue() : 0);
            p.skipChildren();
        }
        return all;
    }

    private static void tensor(
            FileChannel channel,
            long base,
            long size,
            String name,
            Place t,
            Map<String, Weights.Tensor> into,
            Path file)
            throws IOException {
        int width =
                switch (t.type) {
                    case "F32" -> 4;
                    case "F64" -> 8;
                    case "F16", "BF16" -> 2;
                    case "I64", "I32", "I16", "I8", "U8", "BOOL" -> 0;
                    default -> throw new IOException(file + ": " + name + " has the unknown type '" + t.type + "'");
                };
        if (width == 0) return;
        long elements = 1;
        for (long d : t.dims) {
            if (d < 1) throw new IOException(file + ": " + name + " has the shape " + t.dims);
            if (d > Integer.MAX_VALUE / 8 / elements) throw new IOException(file + ": " + name + " is too large");
            elements *= d;
        }
        if (t.offsets.size() != 2 || t.offsets.get(0) < 0 || t.offsets.get(1) - t.offsets.get(0) != elements * width)
            throw new IOException(file + ": the places of " + name + " do not fit its shape " + t.dims);
        long from = t.offsets.get(0), to = t.offsets.get(1);
        if (to > size - base) {
            throw new IOException(
                    file + ": cut off: " + name + " ends at byte " + (base + to) + ", the file has " + size);
        }
        ByteBuffer bytes = read(channel, base + from, (int) (to - from), file);
        var shape = new Shape(t.dims.stream().mapToInt(Long::intValue).toArray());
        into.put(name, new Weights.Tensor(shape, floats(bytes, t.type, (int) elements)));
    }

    private static FloatBuffer floats(ByteBuffer bytes, String type, int n) {
        if (type.equals("F32")) return bytes.asFloatBuffer();
        FloatBuffer f = FloatBuffer.allocate(n);
        for (int i = 0; i < n; i++) {
            f.put(
                    i,
                    switch (type) {
                        case "F64" -> (float) bytes.getDouble(8 * i);
                        case "BF16" -> Float.intBitsToFloat(bytes.getShort(2 * i) << 16);
                        default -> half(bytes.getShort(2 * i));
                    });
        }
        return f;
    }

    /** IEEE half precision; Float.float16ToFloat needs Java 20. */
    private static float half(short h) {
        int sign = (h & 0x8000) << 16, exponent = (h >> 10) & 31, fraction = h & 1023;
        if (exponent == 31) return Float.intBitsToFloat(sign | 0x7F800000 | fraction << 13);
        if (exponent > 0) return Float.intBitsToFloat(sign | (exponent + 112) << 23 | fraction << 13);
        float small = fraction * 0x1p-24f;
        return sign == 0 ? small : -small;
    }

    /** Into memory outside of Java's heap, where a collection need not move what is large and stays. */
    private static ByteBuffer read(FileChannel channel, long at, int length, Path file) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocateDirect(length).order(ByteOrder.LITTLE_ENDIAN);
        while (bytes.hasRemaining())
            if (channel.read(bytes, at + bytes.position()) < 0) throw new IOException(file + ": cut off while reading");
        return bytes.flip();
    }
}
