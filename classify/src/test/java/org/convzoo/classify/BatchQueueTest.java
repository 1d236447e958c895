package org.convzoo.classify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.FloatBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.convzoo.failure.OutOfMemoryException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class BatchQueueTest {
    private static final Duration LONG = Duration.ofHours(1);

    private final List<Integer> sizes = new CopyOnWriteArrayList<>();

    /** Gives each image of one value that value and its square. */
    private float[] square(FloatBuffer images, int count) {
        sizes.add(count);
        float[] out = new float[2 * count];
        for (int n = 0; n < count; n++) {
            out[2 * n] = images.get(n);
            out[2 * n + 1] = images.get(n) * images.get(n);
        }
        return out;
    }

    private static BatchQueue.Request request(float value) {
        return new BatchQueue.Request(FloatBuffer.wrap(new float[] {value}), new CompletableFuture<>());
    }

    private static List<BatchQueue.Request> requests(int count) {
        List<BatchQueue.Request> all = new ArrayList<>();
        for (int i = 0; i < count; i++) all.add(request(i));
        return all;
    }

    private static void assertAnswered(List<BatchQueue.Request> requests) throws Exception {
        for (BatchQueue.Request r : requests) {
            float value = r.image().get(0);
            assertThat(r.answer().get(30, TimeUnit.SECONDS)).containsExactly(value, value * value);
        }
    }

    @Test
    void singlesAreGatheredUpToTheSize() throws Exception {
        try (BatchQueue queue = new BatchQueue("test", this::square, 4, LONG, 1)) {
            List<BatchQueue.Request> all = requests(8);
            all.forEach(queue::add);
            assertAnswered(all);
            assertThat(sizes).containsExactly(4, 4);
        }
    }

    @Test
    void singlesAreGatheredUpToTheTime() throws Exception {
        try (BatchQueue queue = new BatchQueue("test", this::square, 100, Duration.ofMillis(50), 1)) {
            List<BatchQueue.Request> all = requests(3);
            all.forEach(queue::add);
            assertAnswered(all);
            assertThat(sizes.stream().mapToInt(n -> n).sum()).isEqualTo(3);
        }
    }

    @Test
    void whatIsAddedTogetherStaysTogetherAndAlone() throws Exception {
        try (BatchQueue queue = new BatchQueue("test", this::square, 2, LONG, 1)) {
            BatchQueue.Request waiting = request(9);
            queue.add(waiting);
            List<BatchQueue.Request> batch = requests(5);
            queue.add(batch);
            assertAnswered(batch);
            assertThat(waiting.answer()).isNotDone();
            assertThat(sizes).containsExactly(5);
        }
        assertThat(sizes).containsExactly(5, 1);
    }

    @Test
    void whatNobodyWaitsForIsLeftOut() throws Exception {
        try (BatchQueue queue = new BatchQueue("test", this::square, 4, LONG, 1)) {
            List<BatchQueue.Request> all = requests(4);
            all.get(1).answer().cancel(false);
            queue.add(all);
            assertAnswered(List.of(all.get(0), all.get(2), all.get(3)));
            assertThat(sizes).containsExactly(3);
        }
    }

    @Test
    void aFailureIsThatOfItsBatchAlone() throws Exception {
        BatchQueue.Network network = (images, count) -> {
            if (images.get(0) == 7) throw new IllegalArgumentException("seven");
            if (images.get(0) == 8) throw new OutOfMemoryError("eight");
            return square(images, count);
        };
        try (BatchQueue queue = new BatchQueue("test", network, 4, LONG, 1)) {
            BatchQueue.Request seven = request(7), eight = request(8), nine = request(9);
            queue.add(List.of(seven));
            queue.add(List.of(eight));
            queue.add(List.of(nine));
            assertThatThrownBy(() -> seven.answer().get(30, TimeUnit.SECONDS))
                    .hasCauseInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> eight.answer().get(30, TimeUnit.SECONDS))
                    .hasCauseInstanceOf(OutOfMemoryException.class);
            assertAnswered(List.of(nine));
        }
    }

    @Test
    void closingWaitsForWhatIsUnderWayAndRefusesMore() throws Exception {
        CountDownLatch begun = new CountDownLatch(1), go = new CountDownLatch(1);
        BatchQueue queue = new BatchQueue(
                "closing",
                (images, count) -> {
                    begun.countDown();
                    try {
                        go.await();
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                    return square(images, count);
                },
                10,
                LONG,
                1);
        List<BatchQueue.Request> batch = requests(2), singles = requests(3);
        queue.add(batch);
        singles.forEach(queue::add);
        begun.await();
        Thread closer = new Thread(queue::close);
        closer.start();
        closer.join(100);
        assertThat(closer.isAlive()).as("waits").isTrue();
        go.countDown();
        closer.join();
        assertAnswered(batch);
        assertAnswered(singles);
        assertThatIllegalStateException()
                .isThrownBy(() -> queue.add(request(1)))
                .withMessage("the classifier is closed");
        assertThat(Thread.getAllStackTraces().keySet())
                .extracting(Thread::getName)
                .doesNotContain("closing-1");
    }
}
