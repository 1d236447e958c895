package org.convzoo.weights;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.convzoo.graph.Shape;

/**
 * A file in the safetensors format: eight bytes with the length of a JSON header, the header (names, types, shapes,
 * places, and a map of strings), then the arrays, little-endian. Float32 is written; F16, BF16 and F64 are read too.
 *
 * @param metadata the header's {@code __metadata__}
 */
public record SafeTensors(Weights weights, Map<String, String> metadata) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int LONGEST_HEADER = 100 << 20;

    public SafeTensors {
        metadata = Collections.unmodifiableMap(new TreeMap<>(metadata));
    }

    /** Writes {@code file} as a whole or not at all; see {@link AtomicFile}. */
    public void write(Path file) throws IOException {
        ObjectNode header = JSON.createObjectNode();
        ObjectNode meta = header.putObject("__metadata__");
        metadata.forEach(meta::put);
        long at = 0;
        for (var e : weights.tensors().entrySet()) {
            ObjectNode t = header.putObject(e.getKey());
            t.put("dtype", "F32");
            var dims = t.putArray("shape");
            for (int d : e.getValue().shape().dims()) dims.add(d);
            long end = at + 4 * e.getValue().shape().elements();
            t.putArray("data_offsets").add(at).add(end);
            at = end;
        }
        byte[] text = JSON.writeValueAsBytes(header);
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
            JsonNode header = header(read(channel, 8, (int) length, file), file);
            Map<String, String> metadata = new TreeMap<>();
            Map<String, Weights.Tensor> tensors = new LinkedHashMap<>();
            var fields = header.properties().iterator();
            while (fields.hasNext()) {
                var field = fields.next();
                if (field.getKey().equals("__metadata__"))
                    field.getValue()
                            .properties()
                            .forEach(m -> metadata.put(m.getKey(), m.getValue().asText()));
                else tensor(channel, 8 + length, size, field.getKey(), field.getValue(), tensors, file);
            }
            return new SafeTensors(new Weights(tensors), metadata);
        }
    }

    private static JsonNode header(ByteBuffer bytes, Path file) throws IOException {
        try {
            JsonNode header = JSON.readTree(StandardCharsets.UTF_8.decode(bytes).toString());
            if (header != null && header.isObject()) return header;
        } catch (JsonProcessingException e) {
            // told below
        }
        throw new IOException(file + ": not a safetensors file (its header is no JSON object)");
    }

    private static void tensor(
            FileChannel channel,
            long base,
            long size,
            String name,
            JsonNode t,
            Map<String, Weights.Tensor> into,
            Path file)
            throws IOException {
        String type = t.path("dtype").asText();
        int width =
                switch (type) {
                    case "F32" -> 4;
                    case "F64" -> 8;
                    case "F16", "BF16" -> 2;
                    case "I64", "I32", "I16", "I8", "U8", "BOOL" -> 0;
                    default -> throw new IOException(file + ": " + name + " has the unknown type '" + type + "'");
                };
        if (width == 0) return;
        long from = t.path("data_offsets").path(0).asLong(-1),
                to = t.path("data_offsets").path(1).asLong(-1);
        JsonNode dims = t.path("shape");
        long elements = 1;
        int[] shape = new int[dims.size()];
        for (int i = 0; i < shape.length; i++) {
            shape[i] = dims.path(i).asInt(0);
            if (shape[i] < 1) throw new IOException(file + ": " + name + " has the shape " + dims);
            elements *= shape[i];
            if (elements > Integer.MAX_VALUE / 8) throw new IOException(file + ": " + name + " is too large");
        }
        if (from < 0 || to - from != elements * width)
            throw new IOException(file + ": the places of " + name + " do not fit its shape " + dims);
        if (base + to > size) {
            throw new IOException(
                    file + ": cut off: " + name + " ends at byte " + (base + to) + ", the file has " + size);
        }
        ByteBuffer bytes = read(channel, base + from, (int) (to - from), file);
        into.put(name, new Weights.Tensor(new Shape(shape), floats(bytes, type, (int) elements)));
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
