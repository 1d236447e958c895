package org.convzoo.engine;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.FloatBuffer;
import org.convzoo.failure.OutOfMemoryException;
import org.convzoo.graph.Shape;
import org.junit.jupiter.api.Test;
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

    /** The elements of a shape that a long can just count are not multiplied past what it can. */
    @Test
    void imagesOfAHugeShapeAreRefused() {
        Shape image = new Shape(1 << 20, 1 << 20, 1 << 22);
        FloatBuffer none = FloatBuffer.allocate(0);
        assertThatIllegalArgumentException().isThrownBy(() -> Batch.check(none, 4, image));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Batch(4, none, none).check(image, 10))
                .withMessage("a batch of 4 needs 4 x 4611686018427387904 floats of images, got 0");
    }
}
