package org.convzoo.classify;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32C;
import org.convzoo.failure.BrokenFileException;
import org.convzoo.weights.SafeTensors;
import org.convzoo.weights.Weights;

/**
 * The CRC-32C of what a file holds: the texts of its metadata, then its arrays with their names, each in the order of
 * the names. It stands in the metadata itself, and finds damage, not forgery.
 */
final class Checksum {
    private static final String KEY = "convzoo.checksum";

    private Checksum() {}

    /** A file of these weights, with the checksum added to the metadata. */
    static SafeTensors added(Weights weights, Map<String, String> metadata) {
        Map<String, String> all = new TreeMap<>(metadata);
        all.put(KEY, of(weights, metadata));
        return new SafeTensors(weights, all);
    }

    /** Throws {@link BrokenFileException} with one line unless the content is what its checksum says, if any. */
    static void check(SafeTensors content, Path file) {
        String expected = content.metadata().get(KEY);
        if (expected == null) return;
        Map<String, String> rest = new TreeMap<>(content.metadata());
        rest.remove(KEY);
        String found = of(content.weights(), rest);
        if (!found.equals(expected)) {
            throw new BrokenFileException(file + ": it is damaged: its content has the checksum " + found + ", not "
                    + expected + "; take another copy (if it was changed on purpose, remove " + KEY
                    + " from its metadata)");
        }
    }

    private static String of(Weights weights, Map<String, String> metadata) {
        CRC32C crc = new CRC32C();
        new TreeMap<>(metadata).forEach((key, text) -> {
            text(key, crc);
            text(text, crc);
        });
        ByteBuffer chunk = ByteBuffer.allocateDirect(1 << 16);
        new TreeMap<>(weights.tensors()).forEach((name, tensor) -> {
            text(name, crc);
            text(tensor.shape().toString(), crc);
            tensor.bytes(chunk, crc::update);
        });
        return HexFormat.of().toHexDigits((int) crc.getValue());
    }

    private static void text(String text, CRC32C crc) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        crc.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, bytes.length));
        crc.update(bytes);
    }
}
