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

    /** The nearest number of IEEE half precision, of two the even one; Float.floatToFloat16 needs Java 20. */
    static short toHalf(float f) {
        int bits = Float.floatToRawIntBits(f), sign = bits >>> 16 & 0x8000, rest = bits & 0x7FFFFFFF;
        if (rest > 0x7F800000) return (short) (sign | 0x7E00);
        if (rest >= 0x477FF000) return (short) (sign | 0x7C00);
        if (rest < 0x38800000) return (short) (sign | (int) Math.rint(Float.intBitsToFloat(rest) * 0x1p24));
        int rounded = rest + 0xFFF + (rest >>> 13 & 1);
        return (short) (sign | rounded - 0x38000000 >>> 13);
    }
}
