package org.convzoo.engine;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.convzoo.failure.OutOfMemoryException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BatchTest {
    @ParameterizedTest
    @ValueSource(longs = {1L << 29, 78_400_000_000L, 1L << 61, Long.MAX_VALUE})
    void moreThanABufferHoldsIsRefused(long elements) {
        assertThatExceptionOfType(OutOfMemoryException.class)
                .isThrownBy(() -> Batch.buffer(elements))
                .withMessageMatching("[\\d,]+ numbers \\([\\d,]+ MiB\\) are more than one buffer holds, 2 GiB;"
                        + " take fewer or smaller images at a time");
    }
}
