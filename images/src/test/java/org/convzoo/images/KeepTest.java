package org.convzoo.images;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeepTest {
    private static Keep.Kept kept(int i) {
        return new Keep.Kept(Fixtures.noise(5 + i % 9, 3 + i % 7, i % 2 == 0 ? 3 : 1, i), i % 3 == 0);
    }

    private static boolean same(Keep.Kept one, Keep.Kept two) {
        Picture a = one.picture(), b = two.picture();
        return one.ready() == two.ready()
                && a.width() == b.width()
                && a.height() == b.height()
                && a.channels() == b.channels()
                && Arrays.equals(a.pixels(), b.pixels());
    }

    /** Eight threads put and get the same pictures, of which a part fits into memory. */
    @Test
    void threadsShareIt(@TempDir Path folder) {
        AtomicLong room = new AtomicLong(20_000);
        try (Keep keep = new Keep(400, room, folder)) {
            long wrong = IntStream.range(0, 8)
                    .parallel()
                    .mapToLong(thread -> {
                        SplittableRandom random = new SplittableRandom(thread);
                        long different = 0;
                        for (int n = 0; n < 3000; n++) {
                            int i = random.nextInt(400);
                            Keep.Kept own = kept(i);
                            if (!same(keep.get(i).orElse(own), own)) different++;
                            keep.put(i, own, true);
                            if (keep.get(i).isEmpty()) different++;
                        }
                        return different;
                    })
                    .sum();
            assertThat(wrong).isZero();
            assertThat(room.get()).isBetween(0L, 400L);
            assertThat(keep.toString()).matches("\\d+ in 1 MB of memory, \\d+ in a file of 1 MB");
        }
        assertThat(room.get()).isEqualTo(20_000);
    }

    @Test
    void theFileHasNoNameAndIsMadeForWhatIsWantedAgainOnly(@TempDir Path folder) throws IOException {
        try (Keep keep = new Keep(10, new AtomicLong(0), folder.resolve("new"))) {
            keep.put(1, kept(1), false);
            assertThat(folder.resolve("new")).doesNotExist();
            keep.put(1, kept(1), true);
            assertThat(keep.get(1))
                    .hasValueSatisfying(k -> assertThat(same(k, kept(1))).isTrue());
            assertThat(keep.get(2)).isEmpty();
            if (!System.getProperty("os.name").startsWith("Windows"))
                assertThat(folder.resolve("new")).isEmptyDirectory();
        }
        try (Stream<Path> left = Files.list(folder.resolve("new"))) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void whatCannotBeWrittenOrReadIsDoneWithout(@TempDir Path folder) throws IOException {
        Path file = Files.createFile(folder.resolve("file"));
        try (Keep keep = new Keep(3, new AtomicLong(0), file)) {
            keep.put(0, kept(0), true);
            assertThat(keep.get(0)).isEmpty();
        }
        Keep closed = new Keep(3, new AtomicLong(0), folder);
        closed.put(0, kept(0), true);
        Thread.currentThread().interrupt(); // closes files that this thread reads
        assertThat(closed.get(0)).isEmpty();
        assertThat(Thread.interrupted()).isTrue();
        assertThat(closed.get(0)).isEmpty();
        closed.put(1, kept(1), true);
        assertThat(closed.get(1)).isEmpty();
        closed.close();
    }
}
