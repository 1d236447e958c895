package org.convzoo.images;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.FloatBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.convzoo.engine.Batch;
import org.convzoo.engine.Targets;
import org.convzoo.failure.ConvzooException;
import org.convzoo.failure.OutOfMemoryException;
import org.convzoo.graph.Shape;

/**
 * Makes batches on worker threads ahead of the compute. Order and pixels are functions of the seed and the epoch alone,
 * whatever the number of workers. One epoch runs at a time; it belongs to one thread.
 */
public final class Loader implements AutoCloseable {
    /**
     * How batches are made.
     *
     * @param batch images a batch
     * @param classes the length of a target row
     * @param smoothing label smoothing, 0 for none
     * @param classWeights a weight a class; empty for equal weights
     * @param dropLast whether a last batch with fewer images is left out
     * @param seed of order and augmentation
     * @param workers threads that decode; each makes whole batches
     */
    public record Settings(
            int batch,
            int classes,
            double smoothing,
            List<Float> classWeights,
            boolean dropLast,
            long seed,
            int workers) {
        public Settings {
            classWeights = List.copyOf(classWeights);
            if (batch < 1) throw new IllegalArgumentException("a batch has at least 1 image, got " + batch);
            if (workers < 1) throw new IllegalArgumentException("there must be at least 1 worker, got " + workers);
        }

        /** Every image, equal weights, no smoothing, seed 0; half of the processors work. */
        public static Settings of(int batch, int classes) {
            int workers = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
            return new Settings(batch, classes, 0, List.of(), false, 0, workers);
        }

        public Settings seed(long seed) {
            return new Settings(batch, classes, smoothing, classWeights, dropLast, seed, workers);
        }

        public Settings smoothing(double smoothing) {
            return new Settings(batch, classes, smoothing, classWeights, dropLast, seed, workers);
        }

        public Settings classWeights(List<Float> classWeights) {
            return new Settings(batch, classes, smoothing, classWeights, dropLast, seed, workers);
        }

        public Settings dropLast(boolean dropLast) {
            return new Settings(batch, classes, smoothing, classWeights, dropLast, seed, workers);
        }

        public Settings workers(int workers) {
            return new Settings(batch, classes, smoothing, classWeights, dropLast, seed, workers);
        }
    }

    /**
     * Some images of the data set.
     *
     * @param batch their pixels and target rows; the buffer of the pixels is used again once the next minibatch is asked
     *     for
     * @param indices their numbers in the data set
     */
    public record Minibatch(Batch batch, int[] labels, int[] indices) {}

    private final Dataset dataset;
    private final Transform transform;
    private final Augmentation augmentation;
    private final Settings settings;
    private final Shape image;
    private final float[] classWeights;
    private final ExecutorService workers;
    private final Deque<FloatBuffer> free = new ArrayDeque<>();
    private Epoch current = new Epoch(0, new int[0], 0);

    /** Throws {@link IllegalArgumentException} when a label is no class, or there are no pictures. */
    public Loader(Dataset dataset, Transform transform, Augmentation augmentation, Settings settings) {
        this.dataset = dataset;
        this.transform = transform;
        this.augmentation = augmentation;
        this.settings = settings;
        image = transform.output();
        if (dataset.size() == 0) throw new IllegalArgumentException("the data set has no pictures");
        for (int i = 0; i < dataset.size(); i++)
            if (dataset.label(i) >= settings.classes)
                throw new IllegalArgumentException(dataset.name(i) + " is of class " + dataset.label(i)
                        + ", counted from 0, but there are only " + settings.classes + " classes");
        classWeights = new float[settings.classWeights.size()];
        for (int k = 0; k < classWeights.length; k++) classWeights[k] = settings.classWeights.get(k);

        AtomicInteger number = new AtomicInteger();
        workers = Executors.newFixedThreadPool(settings.workers, task -> {
            Thread thread = new Thread(task, "loader-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
        // One batch a worker in the making, one ready, one with the consumer.
        int batch = Math.min(settings.batch, dataset.size());
        for (int i = 0; i < settings.workers + 2; i++) free.add(Batch.buffer(batch * image.elements()));
    }

    /** The shape of an image, {@code [C, H, W]}. */
    public Shape image() {
        return image;
    }

    /** The number of minibatches of an epoch. */
    public int batches() {
        int whole = dataset.size() / settings.batch;
        return settings.dropLast || dataset.size() % settings.batch == 0 ? whole : whole + 1;
    }

    /** Starts an epoch; the one before it, if still open, ends. Throws {@link IllegalStateException} when closed. */
    public Epoch epoch(int epoch, boolean shuffle) {
        if (workers.isShutdown()) throw new IllegalStateException("the loader is closed");
        current.close();
        int[] order = new int[dataset.size()];
        for (int i = 0; i < order.length; i++) order[i] = i;
        if (shuffle) {
            SplittableRandom random = random(epoch, -1);
            for (int i = order.length - 1; i > 0; i--) {
                int other = random.nextInt(i + 1), kept = order[i];
                order[i] = order[other];
                order[other] = kept;
            }
        }
        current = new Epoch(epoch, order, batches());
        return current;
    }

    private SplittableRandom random(int epoch, int index) {
        return new SplittableRandom(mixed(mixed(mixed(settings.seed) + epoch) + index));
    }

    /** Stafford's finaliser, so that neighbouring seeds, epochs and pictures have nothing in common. */
    private static long mixed(long z) {
        z = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
        z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
        return z ^ z >>> 31;
    }

    /** Stops the workers and waits for them. */
    @Override
    public void close() {
        current.close();
        workers.shutdown();
    }

    /**
     * The minibatches of an epoch. {@code next} waits for the workers and throws what the data set throws, an
     * {@link IOException} as {@link UncheckedIOException}, when a picture cannot be read.
     */
    public final class Epoch implements Iterator<Minibatch>, AutoCloseable {
        private record Slot(FloatBuffer buffer, Future<Minibatch> minibatch) {}

        private final int epoch;
        private final int[] order;
        private final int count;
        private final Deque<Slot> ahead = new ArrayDeque<>();
        private final Deque<FloatBuffer> given = new ArrayDeque<>(); // at most one
        private int begun;
        private volatile boolean closed;

        private Epoch(int epoch, int[] order, int count) {
            this.epoch = epoch;
            this.order = order;
            this.count = count;
            begin();
        }

        private void begin() {
            while (begun < count && !free.isEmpty()) {
                int number = begun++;
                FloatBuffer buffer = free.remove();
                ahead.add(new Slot(buffer, workers.submit(() -> make(number, buffer))));
            }
        }

        private Minibatch make(int number, FloatBuffer buffer) throws IOException {
            int from = number * settings.batch, size = Math.min(settings.batch, order.length - from);
            int[] labels = new int[size], indices = new int[size];
            buffer.clear();
            for (int n = 0; n < size; n++) {
                if (closed) throw new CancellationException();
                int i = indices[n] = order[from + n];
                labels[n] = dataset.label(i);
                Picture picture = dataset.picture(i);
                try {
                    Picture changed = augmentation.apply(picture, transform, image, random(epoch, i));
                    transform.normalise().apply(changed, buffer);
                } catch (OutOfMemoryException e) {
                    throw new OutOfMemoryException(dataset.name(i) + ": " + e.getMessage(), e);
                } catch (RuntimeException e) {
                    throw new IllegalStateException(dataset.name(i) + ": " + e.getMessage(), e);
                }
            }
            FloatBuffer rows = Targets.rows(labels, settings.classes, settings.smoothing, classWeights);
            return new Minibatch(new Batch(size, buffer.flip(), rows), labels, indices);
        }

        @Override
        public boolean hasNext() {
            return !ahead.isEmpty();
        }

        @Override
        public Minibatch next() {
            if (!hasNext()) throw new NoSuchElementException();
            free.addAll(given);
            given.clear();
            begin();
            Slot slot = ahead.remove();
            given.add(slot.buffer);
            try {
                return slot.minibatch.get();
            } catch (ExecutionException e) {
                close();
                if (e.getCause() instanceof ConvzooException known) throw known;
                if (e.getCause() instanceof IOException io) throw new UncheckedIOException(io.getMessage(), io);
                throw new IllegalStateException(e.getCause().getMessage(), e.getCause());
            } catch (InterruptedException e) {
                ahead.addFirst(slot);
                given.clear();
                close();
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted while waiting for pictures", e);
            }
        }

        /** Ends the epoch early; returns once no worker is busy with it. */
        @Override
        public void close() {
            closed = true;
            free.addAll(given);
            given.clear();
            for (Slot slot : ahead) {
                await(slot.minibatch);
                free.add(slot.buffer);
            }
            ahead.clear();
        }

        private void await(Future<Minibatch> minibatch) {
            boolean interrupted = false;
            while (true) {
                try {
                    minibatch.get();
                } catch (InterruptedException e) {
                    interrupted = true;
                    continue;
                } catch (ExecutionException | CancellationException e) {
                    // It is not wanted any more, and neither is its failure.
                }
                break;
            }
            if (interrupted) Thread.currentThread().interrupt();
        }
    }
}
