package org.convzoo.pretrained;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The body of an answer, a piece at a time, by a reader who waits no longer than he likes: Java's own stream waits for ever. */
final class Chunks implements HttpResponse.BodySubscriber<Chunks>, AutoCloseable {
    /** A piece, an end, or what went wrong. */
    private record Event(
            List<ByteBuffer> piece, boolean last, @Nullable Throwable failure) {}

    private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
    private final CompletableFuture<Flow.Subscription> subscription = new CompletableFuture<>();

    @Override
    public CompletionStage<Chunks> getBody() {
        return CompletableFuture.completedFuture(this);
    }

    @Override
    public void onSubscribe(Flow.Subscription s) {
        subscription.complete(s);
        s.request(1);
    }

    @Override
    public void onNext(List<ByteBuffer> piece) {
        events.add(new Event(piece, false, null));
    }

    @Override
    public void onError(Throwable failure) {
        events.add(new Event(List.of(), true, failure));
    }

    @Override
    public void onComplete() {
        events.add(new Event(List.of(), true, null));
    }

    /**
     * The next piece; nothing at the end.
     *
     * @throws HttpTimeoutException when none comes so long
     * @throws IOException when the connection breaks
     */
    List<ByteBuffer> next(Duration patience) throws IOException, InterruptedException {
        Event event = events.poll(Math.max(1, patience.toMillis()), TimeUnit.MILLISECONDS);
        if (event == null) throw new HttpTimeoutException("nothing came");
        if (event.failure != null) throw new IOException(event.failure.getMessage(), event.failure);
        if (event.last) return List.of();
        subscription.join().request(1);
        return event.piece;
    }

    /** No more is wanted: the connection is given up. */
    @Override
    public void close() {
        subscription.thenAccept(Flow.Subscription::cancel);
    }
}
