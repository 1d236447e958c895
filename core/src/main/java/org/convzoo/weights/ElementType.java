package org.convzoo.weights;

import java.nio.ByteBuffer;

/** How a file stores a number, and its bytes. */
enum ElementType {
    F64(8),
    F32(4),
    F16(2),
    BF16(2),
    I64(8),
    I32(4),
    I16(2),
    I8(1),
    U8(1),
    BOOL(1);

    final int bytes;

    ElementType(int bytes) {
        this.bytes = bytes;
    }

    boolean isFloat() {
        return this == F64 || this == F32 || this == F16 || this == BF16;
    }

    /** The number at byte {@code at}, in the buffer's order of bytes; for a {@link #isFloat} only. */
    float get(ByteBuffer from, int at) {
        return switch (this) {
            case F64 -> (float) from.getDouble(at);
            case F32 -> from.getFloat(at);
            case F16 -> half(from.getShort(at));
            case BF16 -> Float.intBitsToFloat(from.getShort(at) << 16);
            default -> throw new IllegalArgumentException(this + " is no float");
        };
    }

    /** IEEE half precision; Float.float16ToFloat needs Java 20. */
    static float half(short h) {
        int sign = (h & 0x8000) << 16, exponent = (h >> 10) & 31, fraction = h & 1023;
        if (exponent == 31) return Float.intBitsToFloat(sign | 0x7F800000 | fraction << 13);
        if (exponent > 0) return Float.intBitsToFloat(sign | (exponent + 112) << 23 | fraction << 13);
        float small = fraction * 0x1p-24f;
        return sign == 0 ? small : -small;
    }
}
