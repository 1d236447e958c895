package org.convzoo.images;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.nio.FloatBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.convzoo.engine.Batch;
import org.convzoo.engine.Targets;
import org.convzoo.failure.BrokenFileException;
import org.convzoo.failure.ConvzooException;
import org.convzoo.failure.OutOfMemoryException;
import org.convzoo.failure.StoppedException;
import org.convzoo.failure.WrongUseException;
import org.convzoo.graph.Shape;

/**
 * Makes batches on worker threads ahead of the compute. Order and pixels are functions of the seed and the epoch alone,
 * whatever the number of workers. One epoch runs at a time; it belongs to one thread. Pictures are kept decoded for the
 * epochs to come, or as they leave the transform where no random crop takes its place: in memory while there is room, then
 * in a file in the user's cache folder, which is gone when the loader is closed or the program ends.
 */
public final class Loader implements AutoCloseable {
    /**
     * How batches are made.
     *
     * @param batch images a batch
     * @param classes the length of a target row
     * @param smoothing label smoothing, 0 for none
     * @param classWeights a weight a class; empty for equal weights
     * @param mixing how images of a batch are mixed with each other; where several machines make a batch, each mixes
     *     its own part, with the same draw
     * @param sampling which images an epoch has
     * @param last what becomes of a last batch with fewer images
     * @param seed of order, augmentation and mixing
     * @param shard the part of each batch that this loader makes
     * @param workers threads that decode; each makes whole batches
     */
    @RecordBuilder
    public record Settings(
            int batch,
            int classes,
            double smoothing,
            List<Float> classWeights,
            Mixing mixing,
            Sampling sampling,
            LastBatch last,
            long seed,
            Shard shard,
            int workers)
            implements LoaderSettingsBuilder.With {
        public Settings {
            classWeights = List.copyOf(classWeights);
            if (batch < 1) throw new IllegalArgumentException("a batch has at least 1 image, got " + batch);
            if (workers < 1) throw new IllegalArgumentException("there must be at least 1 worker, got " + workers);
        }

        /** Each image once, no weights, smoothing or mixing, seed 0, all on this machine; half of the processors work. */
        public static Settings of(int batch, int classes) {
            int workers = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
            return new Settings(
                    batch,
                    classes,
                    0,
                    List.of(),
                    Mixing.NONE,
                    Sampling.EACH_ONCE,
                    LastBatch.KEPT,
                    0,
                    Shard.WHOLE,
                    workers);
        }
    }

    /** What becomes of the images at the end of an epoch that are too few for a batch. */
    public enum LastBatch {
        /** The images are a smaller batch. */
        KEPT,
        /** The images are left out of this epoch. */
        DROPPED
    }

    /** The order of the images in an epoch. */
    public enum Order {
        /** By their numbers in the data set. */
        SEQUENTIAL,
        /** By chance, another in each epoch. */
        SHUFFLED
    }

    /**
     * A machine's part of the training on several: the machines have loaders with the same data set, seed and batch,
     * and together make batches of {@code count} times as many images. Of each, machine {@code index} makes its part,
     * so that the parts in a row are what one machine would have made with the large batch. Of a smaller last batch
     * each makes about as many, and those that are left none have one batch less.
     *
     * @param index of the machine, from 0
     */
    public record Shard(int index, int count) {
        public static final Shard WHOLE = new Shard(0, 1);

        public Shard {
            if (index < 0 || index >= count)
                throw new IllegalArgumentException("there is no part " + index + " of " + count + ", counted from 0");
        }
    }

    /**
     * Some images of the data set.
     *
     * @param batch their pixels and target rows; the buffer of the pixels is used again once the next minibatch is asked
     *     for
     * @param labels their own classes, also where images and rows are mixed
     * @param indices their numbers in the data set
     */
    public record Minibatch(Batch batch, int[] labels, int[] indices) {}

    /** Of the random numbers that no picture has; a picture's uses have those from 0 on. */
    private static final long ORDER = -1, MIXING = -2;

    private final Dataset dataset;
    private final Transform transform;
    private final Augmentation augmentation;
    private final Settings settings;
    private final Seeds seeds;
    private final Shape image;
    private final float[] classWeights;
    private final double meanWeight;
    private final ExecutorService workers;
    private final Deque<FloatBuffer> free = new ArrayDeque<>();
    private final Keep keep;
    private int epochs;
    private Epoch current = new Epoch(0, new long[0], 0);

    /**
     * Throws {@link IllegalArgumentException} when a label is no class, or there are no pictures, and
     * {@link WrongUseException} when the weights of the pictures are all 0.
     */
    public Loader(Dataset dataset, Transform transform, Augmentation augmentation, Settings settings) {
        this(dataset, transform, augmentation, settings, new Keep(dataset.size()));
    }

    Loader(Dataset dataset, Transform transform, Augmentation augmentation, Settings settings, Keep keep) {
        this.dataset = dataset;
        this.transform = transform;
        this.augmentation = augmentation;
        this.settings = settings;
        this.keep = keep;
        seeds = new Seeds(settings.seed);
        image = transform.output();
        if (dataset.size() == 0) throw new IllegalArgumentException("the data set has no pictures");
        for (int i = 0; i < dataset.size(); i++)
            if (dataset.label(i) >= settings.classes)
                throw new IllegalArgumentException(dataset.name(i) + " is of class " + dataset.label(i)
                        + ", counted from 0, but there are only " + settings.classes + " classes");
        meanWeight = IntStream.range(0, dataset.size())
                .mapToDouble(dataset::weight)
                .average()
                .orElseThrow();
        if (!(meanWeight > 0)) throw new WrongUseException("the weights of the pictures to learn from are all 0");
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
        int whole = (int) (dataset.size() / together());
        return settings.last == LastBatch.DROPPED || size(whole) == 0 ? whole : whole + 1;
    }

    /** Images of a batch of all machines. */
    private long together() {
        return (long) settings.batch * settings.shard.count;
    }

    /** Where in the order of all images minibatch {@code number} of this part begins. */
    private long start(int number, int shard) {
        long from = number * together(), images = Math.min(together(), dataset.size() - from);
        return from + images * shard / settings.shard.count;
    }

    private int size(int number) {
        return (int) (start(number, settings.shard.index + 1) - start(number, settings.shard.index));
    }

    /** Starts an epoch; the one before it, if still open, ends. Throws {@link IllegalStateException} when closed. */
    public Epoch epoch(int epoch, Order order) {
        if (workers.isShutdown()) throw new IllegalStateException("the loader is closed");
        current.close();
        long[] uses = uses(settings.sampling.counts(dataset, epoch, seeds));
        if (order == Order.SHUFFLED) Seeds.shuffle(uses, seeds.random(epoch, ORDER));
        epochs++;
        current = new Epoch(epoch, uses, batches());
        return current;
    }

    /** A picture's number in the lower half, in the upper one how often it came before in the epoch. */
    private static long[] uses(int[] counts) {
        long[] uses = new long[counts.length];
        int to = 0;
        for (int i = 0; i < counts.length; i++) for (long n = 0; n < counts[i]; n++) uses[to++] = n << 32 | i;
        return uses;
    }

    /** Stops the workers and waits for them. */
    @Override
    public void close() {
        current.close();
        workers.shutdown();
        keep.close();
    }

    /** How many pictures are kept decoded, and where: {@code "1,100 in 120 MB of memory"}; empty for none. */
    public String kept() {
        return keep.toString();
    }

    /**
     * The minibatches of an epoch. {@code next} waits for the workers. It throws {@link BrokenFileException} with one
     * line that names the picture when one cannot be read, {@link WrongUseException} when one cannot be brought to the
     * image's size, {@link OutOfMemoryException} when it needs too much memory for that, and {@link StoppedException}
     * when the thread is interrupted, which it still is afterwards.
     */
    public final class Epoch implements Iterator<Minibatch>, AutoCloseable {
        private record Slot(FloatBuffer buffer, Future<Minibatch> minibatch) {}

        private final int epoch;
        private final long[] order;
        private final int count;
        private final Deque<Slot> ahead = new ArrayDeque<>();
        private final Deque<FloatBuffer> given = new ArrayDeque<>(); // at most one
        private int begun;
        private volatile boolean closed;

        private Epoch(int epoch, long[] order, int count) {
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

        private Minibatch make(int number, FloatBuffer buffer) {
            int from = (int) start(number, settings.shard.index), size = size(number);
            int[] labels = new int[size], indices = new int[size];
            buffer.clear();
            for (int n = 0; n < size; n++) {
                if (closed) throw new CancellationException();
                long use = order[from + n];
                int i = indices[n] = (int) use;
                labels[n] = dataset.label(i);
                write(use, buffer);
            }
            FloatBuffer rows = Targets.rows(labels, settings.classes, settings.smoothing, classWeights);
            weigh(rows, indices);
            settings.mixing.apply(buffer.flip(), rows, size, image, seeds.random(epoch, MIXING - number));
            return new Minibatch(new Batch(size, buffer, rows), labels, indices);
        }

        /** Multiplies each picture's row by its weight, of which the mean over the data set is 1. */
        private void weigh(FloatBuffer rows, int[] indices) {
            for (int n = 0; n < indices.length; n++) {
                float weight = (float) (dataset.weight(indices[n]) / meanWeight);
                if (weight == 1) continue;
                for (int at = n * settings.classes; at < (n + 1) * settings.classes; at++)
                    rows.put(at, weight * rows.get(at));
            }
        }

        /** A picture as the network sees it. */
        private void write(long use, FloatBuffer buffer) {
            int i = (int) use;
            Optional<Keep.Kept> kept = keep.get(i);
            Picture picture = kept.isPresent() ? kept.get().picture() : dataset.picture(i);
            try {
                boolean ready = kept.isPresent() && kept.get().ready();
                Picture start = ready ? picture : augmentation.start(picture, transform);
                if (kept.isEmpty()) keep.put(i, Keep.Kept.smaller(picture, start), epochs > 1);
                Picture changed = augmentation.change(start, image, seeds.random(epoch, use));
                transform.normalise().apply(changed, buffer);
            } catch (OutOfMemoryException e) {
                throw new OutOfMemoryException(dataset.name(i) + ": " + e.getMessage(), e);
            } catch (RuntimeException e) {
                throw new WrongUseException(dataset.name(i) + ": " + e.getMessage(), e);
            } catch (OutOfMemoryError e) {
                throw new OutOfMemoryException(dataset.name(i) + ": Java's memory is exhausted", e);
            }
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
                String message = e.getCause() == null ? null : e.getCause().getMessage();
                throw new IllegalStateException(message, e.getCause());
            } catch (InterruptedException e) {
                ahead.addFirst(slot);
                given.clear();
                close();
                Thread.currentThread().interrupt();
                throw new StoppedException("stopped while waiting for pictures", e);
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
