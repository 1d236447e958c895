package org.convzoo.bench;

import java.io.IOException;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.convzoo.images.Augmentation;
import org.convzoo.images.Filter;
import org.convzoo.images.Loader;
import org.convzoo.images.Picture;
import org.convzoo.images.Resize;
import org.convzoo.images.Splits;
import org.convzoo.images.Transform;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** What happens to pictures before a network sees them. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class ImagesBenchmark {
    private Picture photo;
    private Loader digits;
    private int epoch;

    @Setup
    public void open() throws IOException {
        byte[] pixels = new byte[640 * 480 * 3];
        new Random(1).nextBytes(pixels);
        photo = new Picture(640, 480, 3, pixels);
        var normalise = new Transform.Normalise(List.of(0.5), List.of(0.5));
        var transform = new Transform(
                List.of(new Transform.Colour(1), new Transform.Exact(28, 28, Filter.BILINEAR)), normalise);
        digits = new Loader(Splits.open("digits").test(), transform, Augmentation.NONE, Loader.Settings.of(64, 10));
    }

    /** A photo's shorter side to 256, as before the crop for ImageNet's networks. */
    @Benchmark
    public Picture resize() {
        return Resize.shorterSide(photo, 256, Filter.BILINEAR);
    }

    /** All test digits in batches of 64. */
    @Benchmark
    public int load() {
        int images = 0;
        try (Loader.Epoch minibatches = digits.epoch(epoch++, Loader.Order.SHUFFLED)) {
            while (minibatches.hasNext()) images += minibatches.next().batch().size();
        }
        return images;
    }

    @TearDown
    public void close() {
        digits.close();
    }
}
