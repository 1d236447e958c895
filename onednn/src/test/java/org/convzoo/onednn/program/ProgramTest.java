package org.convzoo.onednn.program;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.convzoo.onednn.binding.Desc;
import org.convzoo.onednn.binding.Memory;
import org.convzoo.onednn.binding.Natives;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProgramTest {
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void tensorsThatLiveTogetherDoNotShareMemory(long seed) {
        Random random = new Random(seed);
        try (Natives natives = new Natives()) {
            List<Tensor> tensors = new ArrayList<>();
            long sum = 0;
            for (int i = 0; i < 200; i++) {
                Tensor t = new Tensor(natives.plain(1 + random.nextInt(5000)));
                int from = random.nextInt(300), again = from + 100 + random.nextInt(200);
                t.lifetimes.add(new Lifetime(from, from + random.nextInt(15)));
                t.lifetimes.add(new Lifetime(again, again + random.nextInt(15)));
                tensors.add(t);
                sum += Memory.aligned(t.desc.bytes());
            }
            Map<Tensor, Long> at = new HashMap<>();
            long size = Arena.pack(tensors, at);
            for (Tensor a : tensors) {
                assertThat(at.get(a) + a.desc.bytes()).isLessThanOrEqualTo(size);
                for (Tensor b : tensors) {
                    if (a == b || !overlap(a, b)) continue;
                    boolean apart = at.get(a) + a.desc.bytes() <= at.get(b) || at.get(b) + b.desc.bytes() <= at.get(a);
                    assertThat(apart).isTrue();
                }
            }
            assertThat(size).as("shares memory at all").isLessThan(sum / 3);
        }
    }

    private static boolean overlap(Tensor a, Tensor b) {
        return IntStream.range(0, 1000).anyMatch(step -> holds(a, step) && holds(b, step));
    }

    private static boolean holds(Tensor t, int step) {
        return t.lifetimes.stream().anyMatch(l -> l.first() <= step && step <= l.last());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void resultTakesTheLastReadersPlaceOnlyWhenNothingReadsItLater(boolean readLater) {
        Memory memory = new Memory();
        try (Natives natives = new Natives();
                Program program = new Program(memory, natives, Arena.Sharing.BY_LIFETIME)) {
            Desc d = natives.plain(64);
            Tensor x = program.tensor(d), y = program.tensor(d), z = program.tensor(d);
            program.add("make", () -> {}, x);
            program.add("change", () -> {}, x, y).inPlace(y, x);
            program.add("read", () -> {}, readLater ? new Tensor[] {x, y, z} : new Tensor[] {y, z});
            program.place();
            assertThat(y.address().address() == x.address().address()).isEqualTo(!readLater);
            assertThat(z.address().address()).isNotEqualTo(y.address().address());
        }
        assertThat(memory.bytes()).isZero();
    }
}
