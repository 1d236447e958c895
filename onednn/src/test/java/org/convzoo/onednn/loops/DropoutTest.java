package org.convzoo.onednn.loops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.BitSet;
import org.convzoo.onednn.binding.Memory;
import org.convzoo.onednn.binding.Natives;
import org.convzoo.onednn.program.Tensor;
import org.junit.jupiter.api.Test;

class DropoutTest {
    private static final int SIZE = 1 << 15;

    /** Which of so many ones dropout keeps; what it keeps is 1 / (1 - p). */
    private static BitSet kept(double p, int together, long seed) {
        Memory memory = new Memory();
        try (Natives natives = new Natives();
                Memory.Block block = memory.block(SIZE * Float.BYTES)) {
            Tensor x = Tensor.placedByOwner(natives.plain(SIZE));
            x.put(block.at(0));
            for (int i = 0; i < SIZE; i++) x.floats().put(i, 1);
            Dropout.apply(x, x, p, together, seed);
            BitSet kept = new BitSet();
            for (int i = 0; i < SIZE; i++) {
                float v = x.floats().get(i);
                if (v != 0) assertThat(v).isEqualTo((float) (1 / (1 - p)));
                kept.set(i, v != 0);
            }
            return kept;
        }
    }

    @Test
    void dropsAsOftenAsAsked() {
        for (double p : new double[] {0.1, 0.5, 0.8})
            assertThat(kept(p, 1, 7).cardinality()).isCloseTo((int) (SIZE * (1 - p)), within(SIZE / 60));
        assertThat(kept(0.5, 1, 7)).isEqualTo(kept(0.5, 1, 7)).isNotEqualTo(kept(0.5, 1, 8));
    }

    /** Independent halves agree in half of the places, however far they are moved against each other. */
    @Test
    void noPartIsAnotherMoved() {
        BitSet kept = kept(0.5, 1, 7);
        for (int shift = 1; shift < SIZE / 2; shift++) {
            int agree = 0;
            for (int i = 0; i + shift < SIZE; i += 7) if (kept.get(i) == kept.get(i + shift)) agree++;
            assertThat((double) agree / ((SIZE - shift) / 7))
                    .as("moved by " + shift)
                    .isBetween(0.4, 0.6);
        }
    }

    @Test
    void wholeImagesShareTheirFate() {
        BitSet kept = kept(0.5, 256, 7);
        for (int i = 0; i < SIZE; i++) assertThat(kept.get(i)).isEqualTo(kept.get(i / 256 * 256));
        assertThat(kept.cardinality() / 256).isBetween(40, 88);
    }
}
