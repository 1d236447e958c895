package org.convzoo.graph;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class ShapeTest {
    @Test
    void countsElements() {
        assertThat(new Shape(3, 224, 224).elements()).isEqualTo(150528);
    }

    @Property
    void readsWhatItWrites(@ForAll @IntRange(min = 1, max = 4096) int c, @ForAll @IntRange(min = 1, max = 999) int h) {
        Shape s = new Shape(c, h, 7);
        assertThat(Shape.parse(s.toString())).isEqualTo(s);
    }
}
