package org.convzoo.classify;

import java.awt.image.BufferedImage;
import java.io.InputStream;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.convzoo.engine.Engine;
import org.convzoo.engine.Mode;
import org.convzoo.engine.Predictor;
import org.convzoo.failure.BrokenFileException;
import org.convzoo.failure.ConvzooException;
import org.convzoo.failure.OutOfMemoryException;
import org.convzoo.failure.StoppedException;
import org.convzoo.images.Picture;
import org.jspecify.annotations.Nullable;

/**
 * A trained network that says what pictures show. Safe to share between threads. Pictures are read and predicted on
 * threads of its own, which end with {@link #close}; a caller waits no longer than the deadline of the options, and not
 * on when interrupted.
 *
 * <p>A picture that cannot be read fails with a {@link BrokenFileException}, one that takes too much memory with an
 * {@link OutOfMemoryException}, one for which a network's values are too large with a {@link BrokenFileException} as
 * well. {@link StoppedException} tells of the deadline, and of an interruption, after which the thread's flag is set
 * again. A classifier that is closed answers with {@link IllegalStateException}.
 */
public final class Classifier implements AutoCloseable {
    private static final int READERS = Runtime.getRuntime().availableProcessors();
    private static final AtomicInteger COUNT = new AtomicInteger();

    private final Model model;
    private final ClassifierOptions options;
    private final Engine engine;
    private final boolean engineIsOwn;
    private final String name = "classifier-" + COUNT.incrementAndGet();
    private final ThreadPoolExecutor readers;
    /** Pictures of asynchronous callers that are read and not yet answered: so many fit at once. */
    private final Semaphore room;

    /** What asynchronous callers were given and is not there yet. */
    private final Set<CompletableFuture<Classification>> promised = ConcurrentHashMap.newKeySet();

    private final Part classes;
    private Optional<Part> features = Optional.empty();
    private boolean closed;

    /** A compiled network and the images on their way through it. */
    private record Part(Predictor predictor, BatchQueue queue) implements AutoCloseable {
        @Override
        public void close() {
            queue.close();
            predictor.close();
        }
    }

    private Classifier(Model model, ClassifierOptions options, Engine engine, boolean engineIsOwn) {
        this.model = model;
        this.options = options;
        this.engine = engine;
        this.engineIsOwn = engineIsOwn;
        room = new Semaphore(2 * options.batch() + READERS);
        AtomicInteger number = new AtomicInteger();
        readers = new ThreadPoolExecutor(READERS, READERS, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
            Thread thread = new Thread(task, name + "-reader-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
        readers.allowCoreThreadTimeOut(true);
        classes = part(engine.predictor(model.graph(), model.weights(), options.predictor()), "classes");
    }

    private Part part(Predictor predictor, String what) {
        int threads = options.predictor().mode() == Mode.THROUGHPUT ? engine.threads() : 1;
        return new Part(
                predictor,
                new BatchQueue(name + "-" + what, predictor::logits, options.batch(), options.gathering(), threads));
    }

    /**
     * Opens a run directory, or a model's file.
     *
     * @throws BrokenFileException with one line when there is no model, or none that can be used; see
     *     {@link Model#read}
     */
    public static Classifier open(Path run) {
        return open(run, ClassifierOptions.DEFAULTS);
    }

    /**
     * Opens a run directory, or a model's file.
     *
     * @throws BrokenFileException as {@link #open(Path)} does
     * @throws org.convzoo.failure.WrongUseException when there is no such engine, or not this precision or mode
     */
    public static Classifier open(Path run, ClassifierOptions options) {
        return of(Model.read(run), options);
    }

    /**
     * A network of the catalogue with published weights, {@code squeezenet1_1}; which is part of this library, others are
     * downloaded. Throws as {@link Model#pretrained(String)} does.
     */
    public static Classifier pretrained(String network) {
        return pretrained(network, ClassifierOptions.DEFAULTS);
    }

    /** As {@link #pretrained(String)}; throws what {@link #open(Path, ClassifierOptions)} throws, too. */
    public static Classifier pretrained(String network, ClassifierOptions options) {
        return of(Model.pretrained(network), options);
    }

    /** A classifier for a model that is at hand. Throws as {@link #open(Path, ClassifierOptions)} does. */
    public static Classifier of(Model model, ClassifierOptions options) {
        Engine engine = options.engine().isEmpty()
                ? Engine.open(options.engineOptions())
                : Engine.named(options.engine(), options.engineOptions());
        try {
            return new Classifier(model, options, engine, true);
        } catch (RuntimeException | Error e) {
            engine.close();
            throw e;
        }
    }

    /**
     * A classifier on an engine that is open and that the caller closes afterwards, shared with others perhaps; what
     * the options say of engines does not count.
     */
    public static Classifier of(Model model, ClassifierOptions options, Engine engine) {
        return new Classifier(model, options, engine, false);
    }

    public Model model() {
        return model;
    }

    /** What a picture's file shows. */
    public Classification classify(Path file) {
        return classify(Source.of(file));
    }

    /** What the content of a picture's file shows. */
    public Classification classify(byte[] file) {
        return classify(Source.of(file));
    }

    /** What the content of a picture's file shows, read to its end on this thread; it is not closed. */
    public Classification classify(InputStream file) {
        return classify(Source.of(file));
    }

    public Classification classify(BufferedImage image) {
        return classify(Source.of(image));
    }

    public Classification classify(Picture picture) {
        return classify(Source.of(picture));
    }

    /** What a picture shows; it is predicted alone, so that the values do not depend on other callers. */
    public Classification classify(Source source) {
        return one(source, classes, this::classification);
    }

    /**
     * What each of many pictures shows, in their order. The stream reads and predicts ahead while it is taken from, in
     * batches of the options' size that follow from the order alone; a picture that fails has its outcome, and the
     * others theirs.
     */
    public Stream<Outcome<Classification>> classifyAll(Collection<Source> sources) {
        return many(sources, classes, this::classification);
    }

    /**
     * What a picture shows, some time later. Pictures that come at nearly the same time are predicted together; which
     * do may change the last digits. The future fails with what {@link #classify(Source)} throws; to cancel it saves
     * the work if it has not begun.
     */
    public CompletableFuture<Classification> classifyAsync(Source source) {
        CompletableFuture<float[]> answer = new CompletableFuture<>();
        execute(() -> {
            room.acquireUninterruptibly();
            answer.whenComplete((logits, e) -> room.release());
            read(source, answer).ifPresent(request -> enqueue(List.of(request), () -> classes.queue.add(request)));
        });
        CompletableFuture<Classification> result = answer.orTimeout(
                        options.deadline().toNanos(), TimeUnit.NANOSECONDS)
                .handleAsync((logits, e) -> { // what a caller chains must not keep the threads from others
                    if (e instanceof TimeoutException) throw new CompletionException(late(source));
                    if (e != null) throw new CompletionException(e);
                    return classification(source, logits);
                });
        promised.add(result);
        result.whenComplete((done, e) -> {
            promised.remove(result);
            answer.cancel(false);
        });
        return result;
    }

    /**
     * What the network makes of a picture before it decides: the input of its last linear layer, a vector whose
     * likeness is that of the pictures. In a network that ends in a convolution it is the input of that, averaged over
     * the places.
     *
     * @throws org.convzoo.failure.WrongUseException when the network ends in neither
     */
    public float[] features(Source source) {
        return one(source, featuresPart(), this::finite);
    }

    /** The {@link #features} of many pictures, as {@link #classifyAll} classifies them. */
    public Stream<Outcome<float[]>> featuresAll(Collection<Source> sources) {
        return many(sources, featuresPart(), this::finite);
    }

    private synchronized Part featuresPart() {
        if (closed) throw new IllegalStateException("the classifier is closed");
        if (features.isEmpty()) {
            Features part = Features.of(model.graph(), model.weights());
            features =
                    Optional.of(part(engine.predictor(part.graph(), part.weights(), options.predictor()), "features"));
        }
        return features.get();
    }

    private <T> T one(Source source, Part part, BiFunction<Source, float[], T> result) {
        CompletableFuture<float[]> answer = new CompletableFuture<>();
        execute(() -> read(source, answer).ifPresent(request -> {
            List<BatchQueue.Request> alone = List.of(request);
            enqueue(alone, () -> part.queue.add(alone));
        }));
        return result.apply(source, await(source, answer));
    }

    private <T> Stream<Outcome<T>> many(Collection<Source> sources, Part part, BiFunction<Source, float[], T> result) {
        Iterator<Outcome<T>> outcomes = new Ahead<>(sources.iterator(), part, result);
        return StreamSupport.stream(
                Spliterators.spliteratorUnknownSize(outcomes, Spliterator.ORDERED | Spliterator.NONNULL), false);
    }

    /** The outcomes of many pictures, some batches of which are always under way. */
    private final class Ahead<T> implements Iterator<Outcome<T>> {
        private record Asked(Source source, CompletableFuture<float[]> answer) {}

        private final Iterator<Source> sources;
        private final Part part;
        private final BiFunction<Source, float[], T> result;
        private final Deque<Asked> ahead = new ArrayDeque<>();

        Ahead(Iterator<Source> sources, Part part, BiFunction<Source, float[], T> result) {
            this.sources = sources;
            this.part = part;
            this.result = result;
        }

        @Override
        public boolean hasNext() {
            return !ahead.isEmpty() || sources.hasNext();
        }

        @Override
        public Outcome<T> next() {
            if (!hasNext()) throw new NoSuchElementException();
            while (sources.hasNext() && ahead.size() < options.batch() + READERS) ask();
            Asked asked = ahead.remove();
            try {
                return Outcome.of(asked.source, result.apply(asked.source, await(asked.source, asked.answer)));
            } catch (StoppedException e) {
                if (!Thread.currentThread().isInterrupted()) return Outcome.of(asked.source, e);
                ahead.forEach(a -> a.answer.cancel(false));
                throw e;
            } catch (ConvzooException e) {
                return Outcome.of(asked.source, e);
            }
        }

        /** Has the next batch read, and predicted once all of it is read or has failed. */
        private void ask() {
            List<Asked> batch = new ArrayList<>();
            while (batch.size() < options.batch() && sources.hasNext())
                batch.add(new Asked(sources.next(), new CompletableFuture<>()));
            BatchQueue.@Nullable Request[] requests = new BatchQueue.Request[batch.size()];
            AtomicInteger left = new AtomicInteger(batch.size());
            for (int i = 0; i < batch.size(); i++) {
                int at = i;
                execute(() -> {
                    read(batch.get(at).source, batch.get(at).answer).ifPresent(request -> requests[at] = request);
                    if (left.decrementAndGet() > 0) return; // whoever comes last sees what all have put there
                    List<BatchQueue.Request> whole =
                            Stream.of(requests).filter(Objects::nonNull).toList();
                    if (!whole.isEmpty()) enqueue(whole, () -> part.queue.add(whole));
                });
            }
            ahead.addAll(batch);
        }
    }

    /** Adds to a queue; a queue that closing has ended, as a picture took too long, fails the requests. */
    private static void enqueue(List<BatchQueue.Request> requests, Runnable add) {
        try {
            add.run();
        } catch (IllegalStateException e) {
            requests.forEach(r -> r.answer().completeExceptionally(e));
        }
    }

    private void execute(Runnable reading) {
        try {
            readers.execute(reading);
        } catch (RejectedExecutionException e) {
            throw new IllegalStateException("the classifier is closed", e);
        }
    }

    /** Reads a picture and makes it an image; if that fails, that is the answer. */
    private Optional<BatchQueue.Request> read(Source source, CompletableFuture<float[]> answer) {
        if (answer.isDone()) return Optional.empty();
        try {
            FloatBuffer image =
                    FloatBuffer.allocate(Math.toIntExact(model.task().image().elements()));
            Picture picture = source.picture().get();
            try {
                model.transform().apply(picture, image);
            } catch (OutOfMemoryException e) { // which a transform says of no picture's name
                throw new OutOfMemoryException(source.name() + ": " + e.getMessage(), e);
            }
            return Optional.of(new BatchQueue.Request(image.flip(), answer));
        } catch (ConvzooException e) {
            answer.completeExceptionally(e);
        } catch (OutOfMemoryError e) {
            answer.completeExceptionally(new OutOfMemoryException(source.name() + ": memory is exhausted", e));
        } catch (RuntimeException | Error e) {
            answer.completeExceptionally(new BrokenFileException(
                    source.name() + ": cannot be made an image of "
                            + model.task().image() + ": " + e,
                    e));
        }
        return Optional.empty();
    }

    private float[] await(Source source, CompletableFuture<float[]> answer) {
        Duration deadline = options.deadline();
        try {
            return answer.get(deadline.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            answer.cancel(false);
            throw late(source);
        } catch (InterruptedException e) {
            answer.cancel(false);
            Thread.currentThread().interrupt();
            throw new StoppedException(source.name() + ": interrupted before there was an answer", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException failure) throw failure;
            if (e.getCause() instanceof Error error) throw error;
            throw new IllegalStateException(e.getCause());
        }
    }

    private StoppedException late(Source source) {
        return new StoppedException(source.name() + ": no answer within "
                + options.deadline().toString().substring(2).toLowerCase(Locale.ROOT));
    }

    private Classification classification(Source source, float[] logits) {
        return new Classification(model.labels(), finite(source, logits));
    }

    private float[] finite(Source source, float[] values) {
        for (float v : values) {
            if (Float.isFinite(v)) continue;
            throw new BrokenFileException(source.name() + ": " + model.graph().name()
                    + " answers with values that are not finite; its weights are too large or this precision is too"
                    + " coarse");
        }
        return values;
    }

    /** Refuses later calls, waits for what is under way, and ends all threads. Closing twice does nothing. */
    @Override
    public void close() {
        synchronized (this) {
            if (closed) return;
            closed = true;
        }
        readers.shutdown();
        boolean interrupted = false;
        for (long end = System.nanoTime() + options.deadline().toNanos(); !readers.isTerminated(); ) {
            try {
                if (!readers.awaitTermination(end - System.nanoTime(), TimeUnit.NANOSECONDS)) readers.shutdownNow();
                if (end - System.nanoTime() < 0) break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        classes.close();
        promised.forEach(p -> p.handle((done, e) -> null).join());
        features.ifPresent(Part::close);
        if (engineIsOwn) engine.close();
        if (interrupted) Thread.currentThread().interrupt();
    }
}
