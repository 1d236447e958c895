package org.convzoo.images;

import java.util.Iterator;
import java.util.List;
import org.convzoo.engine.Batch;

/**
 * Makes batches on worker threads ahead of the compute. Order and pixels are functions of the seed and the epoch alone,
 * whatever the number of workers. One epoch runs at a time.
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
     * @param workers threads that decode
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
        }

        /** Every image, equal weights, no smoothing, seed 0; half of the processors work. */
        public static Settings of(int batch, int classes) {
            return new Settings(batch, classes, 0, List.of(), false, 0, workersByDefault());
        }

        public Settings seed(long seed) {
            return new Settings(batch, classes, smoothing, classWeights, dropLast, seed, workers);
        }

        public Settings smoothing(double smoothing) {
            return new Settings(batch, classes, smoothing, classWeights, dropLast, seed, workers);
        }

        public Settings dropLast(boolean dropLast) {
            return new Settings(batch, classes, smoothing, classWeights, dropLast, seed, workers);
        }

        public Settings workers(int workers) {
            return new Settings(batch, classes, smoothing, classWeights, dropLast, seed, workers);
        }

        private static int workersByDefault() {
            return Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
        }
    }

    /**
     * Some images of the data set.
     *
     * @param batch their pixels and target rows; both buffers are used again when the next minibatch is asked for
     * @param indices their numbers in the data set
     */
    public record Minibatch(Batch batch, int[] labels, int[] indices) {}

    /**
     * The minibatches of an epoch. {@code next} waits for the workers and throws {@link java.io.UncheckedIOException}
     * with one line that names the picture when one cannot be read.
     */
    public interface Epoch extends Iterator<Minibatch>, AutoCloseable {
        @Override
        void close();
    }

    public Loader(Dataset dataset, Transform transform, Augmentation augmentation, Settings settings) {}

    /** The number of minibatches of an epoch. */
    public int batches() {
        throw new UnsupportedOperationException("not yet");
    }

    /** Starts an epoch; the one before it, if still open, ends. */
    public Epoch epoch(int epoch, boolean shuffle) {
        throw new UnsupportedOperationException("not yet");
    }

    /** Stops the workers and waits for them. */
    @Override
    public void close() {}
}
