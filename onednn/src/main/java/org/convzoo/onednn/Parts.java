package org.convzoo.onednn;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import org.convzoo.graph.Shape;
import org.convzoo.onednn.binding.Team;
import org.convzoo.onednn.binding.Threads;
import org.convzoo.onednn.program.Timing;

/**
 * A prediction in parts: each thread takes the next few images and predicts them alone. Maps of few images stay in the
 * caches, no thread waits for the others after each kernel, and a thread whose processor is busy otherwise takes fewer
 * images; but each part reads all weights.
 */
final class Parts implements Prediction {
    /** Images of a part, at most: maps of more would not stay in the caches. */
    private static final int MOST = 4;

    /** Parts for each thread, so that none waits long for the last. */
    private static final int TURNS = 4;

    private final int images, each;
    private final List<CompiledPrediction> predictions = new ArrayList<>();

    /** @param compile makes a prediction of so many images; called by {@link Threads#alone}, once for each thread */
    Parts(int images, int threads, IntFunction<CompiledPrediction> compile) {
        this.images = images;
        each = Math.max(1, Math.min(MOST, images / (threads * TURNS)));
        try {
            for (int i = 0; i < threads; i++) predictions.add(Threads.alone(() -> compile.apply(each)));
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    @Override
    public int images() {
        return images;
    }

    @Override
    public Shape image() {
        return predictions.get(0).image();
    }

    @Override
    public void logits(FloatBuffer given, float[] into, int from) {
        inTurns((prediction, first, count) -> {
            FloatBuffer some = given.slice(given.position() + first * prediction.elements, count * prediction.elements);
            prediction.logits(some, into, from + first * prediction.classes);
        });
    }

    private interface Part {
        void predict(CompiledPrediction prediction, int first, int count);
    }

    private void inTurns(Part part) {
        AtomicInteger next = new AtomicInteger();
        Team.each(
                predictions.size(),
                i -> Threads.alone(() -> {
                    for (int first; (first = next.getAndAdd(each)) < images; )
                        part.predict(predictions.get(i), first, Math.min(each, images - first));
                    return null;
                }));
    }

    @Override
    public double milliseconds() {
        return Timing.best(() -> inTurns((prediction, first, count) -> prediction.program.run()));
    }

    @Override
    public void close() {
        predictions.forEach(CompiledPrediction::close);
    }
}
