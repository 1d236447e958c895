package org.convzoo.tensorboard;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** A message of Protocol Buffers as it is written: fields by their numbers, in the order in which they are added. */
final class Message {
    private static final int VARINT = 0, EIGHT_BYTES = 1, LENGTH = 2, FOUR_BYTES = 5;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    /** A {@code double}. */
    Message add(int field, double value) {
        key(field, EIGHT_BYTES);
        bytes.writeBytes(little(8).putDouble(value).array());
        return this;
    }

    /** A {@code float}. */
    Message add(int field, float value) {
        key(field, FOUR_BYTES);
        bytes.writeBytes(little(4).putFloat(value).array());
        return this;
    }

    /** An {@code int32}, {@code int64} or {@code bool}, or a value of an enum. */
    Message add(int field, long value) {
        key(field, VARINT);
        varint(value);
        return this;
    }

    /** A {@code string}. */
    Message add(int field, String value) {
        return add(field, value.getBytes(StandardCharsets.UTF_8));
    }

    /** {@code bytes}. */
    Message add(int field, byte[] value) {
        key(field, LENGTH);
        varint(value.length);
        bytes.writeBytes(value);
        return this;
    }

    Message add(int field, Message value) {
        return add(field, value.toBytes());
    }

    byte[] toBytes() {
        return bytes.toByteArray();
    }

    private void key(int field, int type) {
        varint(field << 3 | type);
    }

    private void varint(long value) {
        for (; (value & ~0x7FL) != 0; value >>>= 7) bytes.write((int) (value & 0x7F | 0x80));
        bytes.write((int) value);
    }

    private static ByteBuffer little(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
