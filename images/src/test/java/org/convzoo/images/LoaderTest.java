package org.convzoo.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.convzoo.engine.Targets;
import org.convzoo.graph.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LoaderTest {
    private static final Transform TRANSFORM = Form.PHOTOS.transform(new Shape(3, 8, 8));
    private static final Augmentation AUGMENTATION = Augmentation.of(
            new Augmentation.ScaledCrop(0.3, 1, 0.75, 1.33, Filter.BILINEAR),
            new Augmentation.Flip(0.5),
            new Augmentation.Affine(10, 0.1, 1, 0));

    /** Noise of many sizes; picture {@code broken} cannot be read. */
    private record Noise(int size, int broken, AtomicInteger read) implements Dataset {
        Noise(int size) {
            this(size, -1, new AtomicInteger());
        }

        @Override
        public int label(int i) {
            return i % 3;
        }

        @Override
        public Picture picture(int i) throws IOException {
            if (i == broken) throw new IOException(name(i) + ": broken picture");
            read.incrementAndGet();
            return Fixtures.noise(9 + i % 7, 9 + i % 5, 3, i);
        }

        @Override
        public String name(int i) {
            return "noise/" + i;
        }
    }

    private record SlowNoise(Noise noise) implements Dataset {
        SlowNoise() {
            this(new Noise(10_000));
        }

        @Override
        public int size() {
            return noise.size();
        }

        @Override
        public int label(int i) {
            return noise.label(i);
        }

        @Override
        public Picture picture(int i) throws IOException {
            LockSupport.parkNanos(5_000_000);
            return noise.picture(i);
        }

        @Override
        public String name(int i) {
            return noise.name(i);
        }
    }

    private static Loader.Settings settings(int batch) {
        return Loader.Settings.of(batch, 3).seed(7);
    }

    /** Everything that an epoch gives, copied. */
    private record Copy(float[] images, float[] targets, int[] labels, int[] indices) {}

    private static List<Copy> epoch(Loader loader, int epoch, boolean shuffle) {
        List<Copy> copies = new ArrayList<>();
        try (Loader.Epoch minibatches = loader.epoch(epoch, shuffle)) {
            while (minibatches.hasNext()) {
                Loader.Minibatch m = minibatches.next();
                m.batch().check(loader.image(), 3);
                assertThat(m.batch().images().isDirect()).isTrue();
                copies.add(new Copy(
                        floats(m.batch().images()),
                        floats(m.batch().targets()),
                        m.labels().clone(),
                        m.indices().clone()));
            }
            assertThatThrownBy(minibatches::next).isInstanceOf(NoSuchElementException.class);
        }
        return copies;
    }

    private static float[] floats(FloatBuffer buffer) {
        float[] out = new float[buffer.remaining()];
        buffer.duplicate().get(out);
        return out;
    }

    @Test
    void seedAndEpochDecideAllWhateverTheWorkers() {
        List<Copy> one, again;
        try (Loader loader =
                new Loader(new Noise(50), TRANSFORM, AUGMENTATION, settings(8).workers(1))) {
            epoch(loader, 3, true);
            one = epoch(loader, 4, true);
        }
        try (Loader loader =
                new Loader(new Noise(50), TRANSFORM, AUGMENTATION, settings(8).workers(5))) {
            again = epoch(loader, 4, true);
            assertThat(again).usingRecursiveComparison().isEqualTo(one);
            Copy other = epoch(loader, 5, true).get(0);
            assertThat(other.indices).isNotEqualTo(one.get(0).indices);
        }
        try (Loader loader =
                new Loader(new Noise(50), TRANSFORM, AUGMENTATION, settings(8).seed(8))) {
            assertThat(epoch(loader, 4, true).get(0).indices).isNotEqualTo(one.get(0).indices);
        }
    }

    @Test
    void aPictureIsChangedAlikeWhereverItStands() {
        try (Loader loader = new Loader(new Noise(20), TRANSFORM, AUGMENTATION, settings(4))) {
            float[] inOrder = epoch(loader, 2, false).get(0).images;
            float[] nextEpoch = epoch(loader, 3, false).get(0).images;
            assertThat(nextEpoch).isNotEqualTo(inOrder);
            for (Copy copy : epoch(loader, 2, true))
                for (int n = 0; n < 4; n++)
                    if (copy.indices[n] == 1)
                        assertThat(Arrays.copyOfRange(copy.images, n * 192, n * 192 + 192))
                                .isEqualTo(Arrays.copyOfRange(inOrder, 192, 384));
        }
    }

    @Test
    void everyPictureComesOnceAndTheLastBatchIsSmallerOrLeftOut() {
        try (Loader loader = new Loader(new Noise(50), TRANSFORM, AUGMENTATION, settings(8))) {
            List<Copy> epoch = epoch(loader, 0, true);
            assertThat(epoch).hasSize(7).hasSize(loader.batches());
            assertThat(epoch.get(6).labels).hasSize(2);
            Set<Integer> seen = new HashSet<>();
            for (Copy copy : epoch)
                for (int n = 0; n < copy.indices.length; n++) {
                    assertThat(seen.add(copy.indices[n])).isTrue();
                    assertThat(copy.labels[n]).isEqualTo(copy.indices[n] % 3);
                }
            assertThat(seen).hasSize(50);
        }
        try (Loader loader =
                new Loader(new Noise(50), TRANSFORM, AUGMENTATION, settings(8).dropLast(true))) {
            assertThat(epoch(loader, 0, true)).hasSize(6).hasSize(loader.batches());
        }
        try (Loader loader = new Loader(new Noise(5), TRANSFORM, AUGMENTATION, settings(64))) {
            assertThat(epoch(loader, 0, false).get(0).indices).containsExactly(0, 1, 2, 3, 4);
        }
    }

    @Test
    void withoutAugmentationItIsTheTransform() throws IOException {
        Loader.Settings settings = settings(2).smoothing(0.1).classWeights(List.of(1f, 2f, 3f));
        try (Loader loader = new Loader(new Noise(3), TRANSFORM, Augmentation.NONE, settings)) {
            Copy first = epoch(loader, 0, false).get(0);
            FloatBuffer expected = FloatBuffer.allocate(2 * 192);
            for (int i = 0; i < 2; i++) TRANSFORM.apply(new Noise(3).picture(i), expected);
            assertThat(first.images).isEqualTo(expected.array());
            assertThat(first.targets).isEqualTo(floats(Targets.rows(new int[] {0, 1}, 3, 0.1, new float[] {1, 2, 3})));
        }
    }

    @Test
    void aBrokenPictureStopsTheEpochWithItsName() {
        Noise noise = new Noise(50, 20, new AtomicInteger());
        try (Loader loader =
                new Loader(noise, TRANSFORM, AUGMENTATION, settings(8).workers(3))) {
            Loader.Epoch epoch = loader.epoch(0, false);
            epoch.next();
            epoch.next();
            assertThatThrownBy(epoch::next)
                    .isInstanceOf(UncheckedIOException.class)
                    .hasMessage("noise/20: broken picture");
            assertThat(epoch.hasNext()).isFalse();
        }
    }

    @Test
    void readsAheadButNotWithoutBound() throws InterruptedException {
        Noise noise = new Noise(1000);
        try (Loader loader =
                new Loader(noise, TRANSFORM, AUGMENTATION, settings(10).workers(2))) {
            Loader.Epoch epoch = loader.epoch(0, true);
            epoch.next();
            while (noise.read.get() < 40) Thread.sleep(1);
            Thread.sleep(50);
            assertThat(noise.read.get()).isEqualTo(40);
        }
    }

    @Test
    void anEpochCanBeLeftAndTheNextIsNoDifferent() {
        try (Loader loader =
                new Loader(new Noise(300), TRANSFORM, AUGMENTATION, settings(8).workers(2))) {
            List<Copy> expected = epoch(loader, 1, true);
            Loader.Epoch left = loader.epoch(0, true);
            left.next();
            assertThat(epoch(loader, 1, true)).usingRecursiveComparison().isEqualTo(expected);
            assertThat(left.hasNext()).isFalse();
        }
    }

    @Test
    void closingStopsTheWorkersInTheMiddle() throws InterruptedException {
        Loader loader = new Loader(
                new SlowNoise(), TRANSFORM, AUGMENTATION, settings(1000).workers(4));
        loader.epoch(0, true);
        long start = System.nanoTime();
        loader.close();
        loader.close();
        assertThat(System.nanoTime() - start).as("not the 5 s of a batch").isLessThan(2_000_000_000L);
        for (int i = 0; i < 200 && workers() > 0; i++) Thread.sleep(10);
        assertThat(workers()).isZero();
        assertThatThrownBy(() -> loader.epoch(1, true)).isInstanceOf(IllegalStateException.class);
    }

    private static long workers() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(t -> t.getName().startsWith("loader-"))
                .count();
    }

    @Test
    void refusesLabelsThatAreNoClass() {
        assertThatThrownBy(() -> new Loader(new Noise(5), TRANSFORM, AUGMENTATION, Loader.Settings.of(2, 2)))
                .hasMessage("noise/2 is of class 2, counted from 0, but there are only 2 classes");
        assertThatThrownBy(() -> new Loader(new Noise(0), TRANSFORM, AUGMENTATION, settings(2)))
                .hasMessage("the data set has no pictures");
        assertThatThrownBy(() -> settings(0)).hasMessageContaining("at least 1 image");
        assertThatThrownBy(() -> settings(1).workers(0)).hasMessageContaining("at least 1 worker");
    }
}
