package org.convzoo.classify;

import java.nio.FloatBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.convzoo.engine.Batch;
import org.convzoo.failure.OutOfMemoryException;

/**
 * Images of many callers on their way through a network, on threads of its own. Those added as a batch stay together
 * and alone; those added one by one are gathered up to a number and a time.
 */
final class BatchQueue implements AutoCloseable {
    /** What is to be done with a batch: {@code count} images to {@code [count, outputs]}, row-major. */
    @FunctionalInterface
    interface Network {
        float[] outputs(FloatBuffer images, int count);
    }

    /** An image and who waits for it; one whose answer is there already, as nobody waits any more, is left out. */
    record Request(FloatBuffer image, CompletableFuture<float[]> answer) {}

    private record Single(Request request, long due) {}

    private final Network network;
    private final int most;
    private final long gathering;
    private final Deque<List<Request>> batches = new ArrayDeque<>();
    private final Deque<Single> singles = new ArrayDeque<>();
    private final List<Thread> workers = new ArrayList<>();
    private boolean closed;

    /**
     * Starts the threads.
     *
     * @param most images that are gathered, at most
     * @param gathering how long an image waits for others
     * @param threads batches that are under way at a time
     */
    BatchQueue(String name, Network network, int most, Duration gathering, int threads) {
        this.network = network;
        this.most = most;
        this.gathering = gathering.toNanos();
        for (int i = 0; i < threads; i++) {
            Thread worker = new Thread(this::work, name + "-" + (i + 1));
            worker.setDaemon(true);
            workers.add(worker);
        }
        workers.forEach(Thread::start);
    }

    /** Adds what stays together. */
    synchronized void add(List<Request> batch) {
        requireOpen();
        batches.add(batch);
        notifyAll();
    }

    /** Adds what may be gathered with others. */
    synchronized void add(Request request) {
        requireOpen();
        singles.add(new Single(request, System.nanoTime() + gathering));
        notifyAll();
    }

    private void requireOpen() {
        if (closed) throw new IllegalStateException("the classifier is closed");
    }

    /** Native memory of buffers is only given back by and by: a thread keeps one, as large as its largest batch. */
    private void work() {
        FloatBuffer images = FloatBuffer.allocate(0);
        try {
            for (List<Request> batch = take(); !batch.isEmpty(); batch = take()) images = run(batch, images);
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts these threads", e);
        }
    }

    /** The next batch when it is due; empty at the end. */
    private synchronized List<Request> take() throws InterruptedException {
        while (true) {
            long left = singles.isEmpty() ? 0 : singles.getFirst().due - System.nanoTime();
            if (!singles.isEmpty() && (left <= 0 || singles.size() >= most || closed)) {
                List<Request> batch = new ArrayList<>();
                while (batch.size() < most && !singles.isEmpty()) batch.add(singles.remove().request);
                return batch;
            }
            if (!batches.isEmpty()) return batches.remove();
            if (closed) return List.of();
            if (singles.isEmpty()) wait();
            else TimeUnit.NANOSECONDS.timedWait(this, left);
        }
    }

    /** Answers a batch; returns the buffer for the next, {@code images} or a larger one. */
    private FloatBuffer run(List<Request> batch, FloatBuffer images) {
        List<Request> wanted = batch.stream().filter(r -> !r.answer.isDone()).toList();
        if (wanted.isEmpty()) return images;
        try {
            int count = wanted.size();
            long floats = (long) count * wanted.get(0).image.remaining();
            FloatBuffer room = images.capacity() < floats ? Batch.buffer(floats) : images.clear();
            images = room;
            wanted.forEach(r -> room.put(r.image.duplicate()));
            float[] all = network.outputs(room.flip(), count);
            int outputs = all.length / count;
            for (int n = 0; n < count; n++) {
                float[] own = new float[outputs];
                System.arraycopy(all, n * outputs, own, 0, outputs);
                wanted.get(n).answer.complete(own);
            }
        } catch (OutOfMemoryError e) {
            fail(
                    wanted,
                    new OutOfMemoryException(
                            "memory is exhausted by a batch of " + wanted.size() + " images; take smaller ones", e));
        } catch (RuntimeException | Error e) {
            fail(wanted, e);
        }
        return images;
    }

    private static void fail(List<Request> batch, Throwable why) {
        batch.forEach(r -> r.answer.completeExceptionally(why));
    }

    /** Ends what was added, then the threads. */
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            notifyAll();
        }
        boolean interrupted = false;
        for (Thread worker : workers) {
            while (worker.isAlive()) {
                try {
                    worker.join();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        }
        if (interrupted) Thread.currentThread().interrupt();
    }
}
