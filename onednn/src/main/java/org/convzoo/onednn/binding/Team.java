package org.convzoo.onednn.binding;

import com.sun.jna.Callback;
import com.sun.jna.CallbackThreadInitializer;
import com.sun.jna.Function;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Loops in Java on the threads of the library's kernels. Those wait for the next kernel anyway, spinning for a moment, so
 * that a loop begins ten times sooner than on threads of Java's, which besides would take the processors from them. Each
 * thread that calls has its own team, as in OpenMP; in {@link Threads#alone} it is a team of one.
 */
public final class Team {
    /** What OpenMP calls in each thread of the team. */
    interface Body extends Callback {
        void run(Pointer nothing);
    }

    /** What {@link #end} tells OpenMP: to end the threads. */
    private static final int HARD = 2;

    /** None for a thread that has not run a loop together with others. */
    private static final ThreadLocal<@Nullable Team> OWN = new ThreadLocal<>();

    private final @Nullable Function parallel = found("GOMP_parallel"), pause = found("omp_pause_resource_all");
    private final Body body = nothing -> work();
    /** The next task to be taken. Each thread takes one more than there are, which tells the caller what it has done. */
    private final AtomicInteger next = new AtomicInteger();

    private @Nullable IntConsumer task;
    private int tasks;
    private volatile @Nullable Throwable failure;

    private Team() {
        if (parallel != null)
            Native.setCallbackThreadInitializer(body, new CallbackThreadInitializer(true, false, "convzoo"));
    }

    private static @Nullable Function found(String name) {
        return Threads.settable() ? Threads.function(name) : null;
    }

    private static Team own() {
        Team own = OWN.get();
        if (own == null) OWN.set(own = new Team());
        return own;
    }

    /**
     * Does {@code task} for each number below {@code tasks}; a thread takes the next number when it is done with one.
     * Inside of a task, the thread does all by itself.
     */
    public static void each(int tasks, IntConsumer task) {
        each(tasks, true, task);
    }

    /** @param pays whether there is enough to do for more than one thread */
    public static void each(int tasks, boolean pays, IntConsumer task) {
        IntStream all = IntStream.range(0, tasks);
        if (!pays || tasks < 2) all.forEach(task);
        else if (own().parallel == null) all.parallel().forEach(task);
        else if (own().task != null || Threads.max() < 2) all.forEach(task);
        else own().share(tasks, task);
    }

    /**
     * Ends the calling thread's team; the next loop or kernel finds new threads. Java, which knows those that have run
     * loops, would wait for them at its end, though they sleep: for 0.3 s.
     */
    public static void end() {
        Team own = OWN.get();
        if (own != null && own.pause != null) own.pause.invokeInt(new Object[] {HARD});
    }

    private void share(int all, IntConsumer of) {
        task = of;
        tasks = all;
        failure = null;
        next.set(0);
        try {
            // 0: as many threads as the kernels have, also for fewer tasks; the library would end the others
            Objects.requireNonNull(parallel).invokeVoid(new Object[] {body, Pointer.NULL, 0, 0});
        } finally {
            task = null;
        }
        next.get();
        if (failure instanceof Error e) throw e;
        if (failure instanceof RuntimeException e) throw e;
        if (failure != null) throw new IllegalStateException(failure);
    }

    private void work() {
        try {
            IntConsumer shared = Objects.requireNonNull(task);
            for (int i; (i = next.getAndIncrement()) < tasks; ) shared.accept(i);
        } catch (Throwable e) {
            failure = e;
            next.set(tasks);
        }
    }
}
