package org.convzoo.train;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * The records of a TensorBoard event file: TFRecord frames around {@code tensorflow.Event} messages (event.proto and
 * summary.proto of TensorFlow). A frame is the length (8 bytes, little-endian), its masked CRC32C, the message and the
 * message's masked CRC32C.
 */
final class EventLog {
    private EventLog() {}

    /** The beginning of a file, with the run's first epoch. */
    static byte[] start(EpochMetrics first) {
        byte[] version = version(first.time() / 1e3), epoch = epoch(first);
        return ByteBuffer.allocate(version.length + epoch.length)
                .put(version)
                .put(epoch)
                .array();
    }

    /** An epoch's scalars. */
    static byte[] epoch(EpochMetrics e) {
        Map<String, Double> values = new LinkedHashMap<>();
        values.put("loss/train", e.trainLoss());
        values.put("top1/train", e.trainTop1());
        if (e.validated()) {
            values.put("loss/validation", e.loss());
            values.put("top1/validation", e.top1());
            values.put("top5/validation", e.top5());
        }
        values.put("learning_rate", e.learningRate());
        values.put("images_per_second", e.imagesPerSecond());
        return scalars(e.time() / 1e3, e.epoch(), values);
    }

    /** The first record of every file; {@code time} in seconds since 1970. */
    static byte[] version(double time) {
        var event = new ByteArrayOutputStream();
        fixed64(event, 1, time);
        bytes(event, 3, "brain.Event:2".getBytes(StandardCharsets.UTF_8));
        return frame(event.toByteArray());
    }

    /** Scalars by tag at a step. */
    static byte[] scalars(double time, long step, Map<String, Double> values) {
        var summary = new ByteArrayOutputStream();
        values.forEach((tag, value) -> {
            var entry = new ByteArrayOutputStream();
            bytes(entry, 1, tag.getBytes(StandardCharsets.UTF_8));
            entry.write(2 << 3 | 5);
            entry.writeBytes(little(4).putFloat(value.floatValue()).array());
            bytes(summary, 1, entry.toByteArray());
        });
        var event = new ByteArrayOutputStream();
        fixed64(event, 1, time);
        event.write(2 << 3);
        varint(event, step);
        bytes(event, 5, summary.toByteArray());
        return frame(event.toByteArray());
    }

    private static void fixed64(ByteArrayOutputStream to, int field, double value) {
        to.write(field << 3 | 1);
        to.writeBytes(little(8).putDouble(value).array());
    }

    private static void bytes(ByteArrayOutputStream to, int field, byte[] value) {
        to.write(field << 3 | 2);
        varint(to, value.length);
        to.writeBytes(value);
    }

    private static void varint(ByteArrayOutputStream to, long value) {
        for (; (value & ~0x7FL) != 0; value >>>= 7) to.write((int) (value & 0x7F | 0x80));
        to.write((int) value);
    }

    private static byte[] frame(byte[] message) {
        byte[] length = little(8).putLong(message.length).array();
        return little(16 + message.length)
                .put(length)
                .putInt(masked(length))
                .put(message)
                .putInt(masked(message))
                .array();
    }

    private static int masked(byte[] data) {
        CRC32C crc = new CRC32C();
        crc.update(data);
        return Integer.rotateRight((int) crc.getValue(), 15) + 0xa282ead8;
    }

    private static ByteBuffer little(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
