package org.convzoo.images;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Text in UTF-8 that nothing is made of where it is none. */
final class Utf8 {
    private Utf8() {}

    /** Throws {@link CharacterCodingException} where the bytes are not UTF-8. */
    static String text(byte[] bytes, int from, int count) throws CharacterCodingException {
        return StandardCharsets.UTF_8
                .newDecoder()
                .decode(ByteBuffer.wrap(bytes, from, count))
                .toString();
    }

    static String text(byte[] bytes) throws CharacterCodingException {
        return text(bytes, 0, bytes.length);
    }
}
