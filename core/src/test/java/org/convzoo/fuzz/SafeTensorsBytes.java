package org.convzoo.fuzz;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Consumer;

/** The two parts of a safetensors file, as far as there are any, for tests that put others together. */
public final class SafeTensorsBytes {
    private static final ObjectMapper JSON = new ObjectMapper();

    private SafeTensorsBytes() {}

    public static byte[] file(String header, byte[] arrays) {
        byte[] text = header.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(8 + text.length + arrays.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(text.length)
                .put(text)
                .put(arrays)
                .array();
    }

    public static String header(byte[] file) {
        return new String(file, Math.min(8, file.length), end(file) - Math.min(8, file.length), StandardCharsets.UTF_8);
    }

    public static byte[] arrays(byte[] file) {
        return Arrays.copyOfRange(file, end(file), file.length);
    }

    /** With other metadata; what is no longer a safetensors file with metadata stays as it is. */
    public static byte[] withMetadata(byte[] file, Consumer<ObjectNode> change) {
        try {
            if (!(JSON.readTree(header(file)) instanceof ObjectNode header
                    && header.get("__metadata__") instanceof ObjectNode metadata)) return file;
            change.accept(metadata);
            return file(JSON.writeValueAsString(header), arrays(file));
        } catch (IOException e) {
            return file;
        }
    }

    private static int end(byte[] file) {
        if (file.length < 8) return file.length;
        long length = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getLong();
        return length < 0 || length > file.length - 8 ? file.length : (int) length + 8;
    }
}
