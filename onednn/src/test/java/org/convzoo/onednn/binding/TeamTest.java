package org.convzoo.onednn.binding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Collections;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TeamTest {
    private static final int TASKS = 100;

    private static void assertOnce(AtomicIntegerArray done) {
        for (int i = 0; i < done.length(); i++) assertThat(done.get(i)).isEqualTo(1);
    }

    @Test
    void doesEachTaskOnceAndAllBeforeItReturns() {
        for (int tasks : new int[] {0, 1, 2, TASKS}) {
            AtomicIntegerArray done = new AtomicIntegerArray(tasks);
            Team.each(tasks, done::incrementAndGet);
            assertOnce(done);
        }
    }

    @Test
    void allThreadsOfTheLibraryTakePart() {
        CountDownLatch all = new CountDownLatch(Threads.max());
        Set<Boolean> met = ConcurrentHashMap.newKeySet();
        Team.each(Threads.max(), i -> {
            all.countDown();
            met.add(await(all));
        });
        assertThat(met).containsExactly(true);
    }

    private static boolean await(CountDownLatch latch) {
        try {
            return latch.await(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aloneTheCallerDoesAllByItself() {
        Set<Thread> workers = Collections.newSetFromMap(new ConcurrentHashMap<>());
        Threads.alone(() -> {
            Team.each(TASKS, i -> workers.add(Thread.currentThread()));
            return null;
        });
        assertThat(workers).containsExactly(Thread.currentThread());
    }

    @Test
    void aTaskMayHaveTasksOfItsOwn() {
        AtomicIntegerArray done = new AtomicIntegerArray(TASKS * TASKS);
        Team.each(TASKS, i -> Team.each(TASKS, j -> done.incrementAndGet(i * TASKS + j)));
        assertOnce(done);
    }

    @Test
    void aFailureReachesTheCallerAndTheTeamGoesOn() {
        assertThatThrownBy(() -> Team.each(TASKS, i -> {
                    if (i == 7) throw new IllegalStateException("seven");
                }))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("seven");
        assertThatThrownBy(() -> Team.each(TASKS, i -> {
                    throw new AssertionError("all");
                }))
                .isInstanceOf(AssertionError.class);
        doesEachTaskOnceAndAllBeforeItReturns();
    }

    @Test
    void eachCallerHasItsOwn() throws InterruptedException {
        AtomicInteger done = new AtomicInteger();
        Runnable caller = () -> {
            for (int i = 0; i < TASKS; i++) Team.each(TASKS, j -> done.incrementAndGet());
        };
        Thread[] callers =
                IntStream.range(0, 8).mapToObj(i -> new Thread(caller)).toArray(Thread[]::new);
        for (Thread t : callers) t.start();
        for (Thread t : callers) t.join();
        assertThat(done).hasValue(callers.length * TASKS * TASKS);
    }

    @Test
    void theThreadsOfACallerEndWithIt() throws InterruptedException {
        long before = teamThreads();
        for (int i = 0; i < 40; i++) {
            Thread caller = new Thread(() -> Team.each(TASKS, j -> {}));
            caller.start();
            caller.join();
        }
        awaitTeamThreads(before);
    }

    @Test
    void aTeamThatEndedComesBack() throws InterruptedException {
        doesEachTaskOnceAndAllBeforeItReturns();
        long before = teamThreads();
        Team.end();
        awaitTeamThreads(before - (Threads.max() - 1));
        allThreadsOfTheLibraryTakePart();
    }

    /** Threads end a moment after their last task. */
    private static void awaitTeamThreads(long most) throws InterruptedException {
        for (int i = 0; i < 100 && teamThreads() > most; i++) Thread.sleep(100);
        assertThat(teamThreads()).isLessThanOrEqualTo(most);
    }

    private static long teamThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(t -> t.getName().startsWith("convzoo"))
                .count();
    }
}
