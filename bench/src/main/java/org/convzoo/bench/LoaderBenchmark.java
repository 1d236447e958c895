package org.convzoo.bench;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.convzoo.images.Augmentation;
import org.convzoo.images.ColourJitter;
import org.convzoo.images.Dataset;
import org.convzoo.images.Filter;
import org.convzoo.images.Loader;
import org.convzoo.images.Picture;
import org.convzoo.images.PictureReader;
import org.convzoo.images.Transform;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Pictures a second of a training's first epoch: JPEGs decoded, cropped at random to 224x224, mirrored, with other colours,
 * normalised, on two threads.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 3)
@Measurement(iterations = 3, time = 3)
@Fork(1)
public class LoaderBenchmark {
    private static final int PICTURES = 128, CLASSES = 2;

    /** The pictures' sides, where they are made up. */
    @Param({"500", "80"})
    public int side;

    /** A folder with at least 128 JPEG files; empty for pictures that are made up. */
    @Param("")
    public String photos = "";

    private final List<byte[]> files = new ArrayList<>();

    @Setup
    public void make() throws IOException {
        if (photos.isEmpty()) {
            for (int i = 0; i < PICTURES; i++) files.add(jpeg(side, i));
            return;
        }
        try (Stream<Path> found = Files.walk(Path.of(photos))) {
            for (Path file :
                    found.filter(Files::isRegularFile).sorted().limit(PICTURES).toList())
                files.add(Files.readAllBytes(file));
        }
    }

    /** Waves with some noise, which a JPEG has about a bit a pixel for. */
    private static byte[] jpeg(int side, int seed) throws IOException {
        BufferedImage image = new BufferedImage(side, side, BufferedImage.TYPE_INT_RGB);
        SplittableRandom random = new SplittableRandom(seed);
        for (int y = 0; y < side; y++)
            for (int x = 0; x < side; x++) {
                int r = (int) (120 + 60 * Math.sin(x / 17.0 + seed) + random.nextInt(20));
                int g = (int) (120 + 60 * Math.sin(y / 23.0) + random.nextInt(20));
                int b = (int) (120 + 60 * Math.sin((x + y) / 31.0) + random.nextInt(20));
                image.setRGB(x, y, r << 16 | g << 8 | b);
            }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ImageIO.write(image, "jpeg", out);
        return out.toByteArray();
    }

    private record Photos(List<byte[]> files) implements Dataset {
        @Override
        public int size() {
            return PICTURES;
        }

        @Override
        public int label(int i) {
            return i % CLASSES;
        }

        @Override
        public Picture picture(int i) {
            return PictureReader.read(files.get(i), name(i));
        }

        @Override
        public String name(int i) {
            return Integer.toString(i);
        }
    }

    @Benchmark
    @OperationsPerInvocation(PICTURES)
    public int load() {
        var normalise = new Transform.Normalise(List.of(0.485, 0.456, 0.406), List.of(0.229, 0.224, 0.225));
        var transform = new Transform(
                List.of(new Transform.Colour(3), new Transform.Exact(224, 224, Filter.BILINEAR)), normalise);
        var augmentation = Augmentation.of(
                new Augmentation.ScaledCrop(0.08, 1, 0.75, 4 / 3.0, Filter.BILINEAR),
                new Augmentation.Flip(0.5),
                new ColourJitter(0.4, 0.4, 0.4, 0));
        var settings = Loader.Settings.of(32, CLASSES).withWorkers(2);
        int images = 0;
        try (Loader loader = new Loader(new Photos(files), transform, augmentation, settings);
                Loader.Epoch epoch = loader.epoch(0, Loader.Order.SHUFFLED)) {
            while (epoch.hasNext()) images += epoch.next().batch().size();
        }
        return images;
    }
}
