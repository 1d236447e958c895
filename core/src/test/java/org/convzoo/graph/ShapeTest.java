package org.convzoo.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Random;
import org.junit.jupiter.api.Test;

class ShapeTest {
    @Test
    void countsElements() {
        assertThat(new Shape(3, 224, 224).elements()).isEqualTo(150528);
    }

    @Test
    void readsWhatItWrites() {
        Random random = new Random(1);
        for (int i = 0; i < 1000; i++) {
            Shape s = new Shape(1 + random.nextInt(4096), 1 + random.nextInt(999), 7);
            assertThat(Shape.parse(s.toString())).isEqualTo(s);
        }
    }

    @Test
    void whatALongCannotCountIsRefused() {
        int most = Integer.MAX_VALUE;
        assertThat(new Shape(most, most, 2).elements()).isEqualTo(2L * most * most);
        assertThat(new Shape(most, most, 2).elements(3)).isEqualTo(Long.MAX_VALUE);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Shape(most, most, 3))
                .withMessage("a shape of 2147483647x2147483647x3 has more elements than can be counted");
    }
}
