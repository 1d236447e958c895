package org.convzoo.onednn.loops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.FloatBuffer;
import org.convzoo.onednn.binding.Memory;
import org.convzoo.verify.ValueRule;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Lengths around blocks and pieces, in one thread and in all. */
class FlatTest {
    private final Memory memory = new Memory();

    private Memory.Block filled(float[] values) {
        Memory.Block b = memory.block((long) values.length * Float.BYTES);
        b.floats().put(values);
        return b;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 16, 511, 512, 513, 16383, 16384, 16385, 300_017})
    void everyFloatOnce(int n) {
        float[] p = ValueRule.values("p", n, 1, 0), q = ValueRule.values("q", n, 1, 0);
        try (Memory.Block x = filled(p);
                Memory.Block y = filled(q)) {
            double squares = 0;
            for (float v : p) squares += (double) v * v;
            assertThat(Flat.norm(x.floats())).isCloseTo(Math.sqrt(squares), within(1e-7 * Math.sqrt(squares)));
            Flat.combine(x.floats(), 0.5f, y.floats(), 2);
            FloatBuffer got = x.floats();
            for (int i = 0; i < n; i++) if (got.get(i) != 0.5f * p[i] + 2 * q[i]) throw new AssertionError("at " + i);
            Flat.copy(y.floats(), got);
            assertThat(got.mismatch(y.floats())).isEqualTo(-1);
        }
        assertThat(memory.bytes()).isZero();
    }
}
