package org.convzoo.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntToDoubleFunction;
import java.util.stream.Stream;
import org.convzoo.engine.Targets;
import org.convzoo.failure.BrokenFileException;
import org.convzoo.failure.WrongUseException;
import org.convzoo.graph.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class LoaderTest {
    private static final Transform TRANSFORM = Form.PHOTOS.transform(new Shape(3, 8, 8));
    private static final Augmentation AUGMENTATION = Augmentation.of(
            new Augmentation.ScaledCrop(0.3, 1, 0.75, 1.33, Filter.BILINEAR),
            new Augmentation.Flip(0.5),
            new Augmentation.Affine(10, 0.1, 1, 0));

    /** Noise of many sizes; picture {@code broken} cannot be read. */
    private record Noise(int size, int broken, AtomicInteger read, IntToDoubleFunction weights) implements Dataset {
        Noise(int size, int broken, AtomicInteger read) {
            this(size, broken, read, i -> 1);
        }

        Noise(int size) {
            this(size, i -> 1);
        }

        Noise(int size, IntToDoubleFunction weights) {
            this(size, -1, new AtomicInteger(), weights);
        }

        @Override
        public double weight(int i) {
            return weights.applyAsDouble(i);
        }

        @Override
        public int label(int i) {
            return i % 3;
        }

        @Override
        public Picture picture(int i) {
            if (i == broken) throw new BrokenFileException(name(i) + ": broken picture");
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
        public Picture picture(int i) {
            LockSupport.parkNanos(5_000_000);
            return noise.picture(i);
        }

        @Override
        public String name(int i) {
            return noise.name(i);
        }
    }

    private static Loader.Settings settings(int batch) {
        return Loader.Settings.of(batch, 3).withSeed(7);
    }

    /** Everything that an epoch gives, copied. */
    private record Copy(float[] images, float[] targets, int[] labels, int[] indices) {}

    private static List<Copy> epoch(Loader loader, int epoch, Loader.Order order) {
        List<Copy> copies = new ArrayList<>();
        try (Loader.Epoch minibatches = loader.epoch(epoch, order)) {
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
                new Loader(new Noise(50), TRANSFORM, AUGMENTATION, settings(8).withWorkers(1))) {
            epoch(loader, 3, Loader.Order.SHUFFLED);
            one = epoch(loader, 4, Loader.Order.SHUFFLED);
        }
        try (Loader loader =
                new Loader(new Noise(50), TRANSFORM, AUGMENTATION, settings(8).withWorkers(5))) {
            again = epoch(loader, 4, Loader.Order.SHUFFLED);
            assertThat(again).usingRecursiveComparison().isEqualTo(one);
            Copy other = epoch(loader, 5, Loader.Order.SHUFFLED).get(0);
            assertThat(other.indices).isNotEqualTo(one.get(0).indices);
        }
        try (Loader loader =
                new Loader(new Noise(50), TRANSFORM, AUGMENTATION, settings(8).withSeed(8))) {
            assertThat(epoch(loader, 4, Loader.Order.SHUFFLED).get(0).indices).isNotEqualTo(one.get(0).indices);
        }
    }

    /** Every kind of step there is, in colour and grey. */
    @Test
    void noStepDependsOnTheWorkers() {
        Augmentation all = new Augmentation(AugmentationTest.ALL);
        for (int channels : new int[] {1, 3}) {
            Transform transform = Form.PHOTOS.transform(new Shape(channels, 20, 24));
            List<List<Copy>> made = new ArrayList<>();
            for (int workers : new int[] {1, 5})
                try (Loader loader =
                        new Loader(new Noise(60), transform, all, settings(4).withWorkers(workers))) {
                    made.add(epoch(loader, 2, Loader.Order.SHUFFLED));
                    assertThat(epoch(loader, 3, Loader.Order.SHUFFLED).get(0).images)
                            .isNotEqualTo(made.get(0).get(0).images);
                }
            assertThat(made.get(1)).usingRecursiveComparison().isEqualTo(made.get(0));
        }
    }

    @Test
    void aPictureIsChangedAlikeWhereverItStands() {
        try (Loader loader = new Loader(new Noise(20), TRANSFORM, AUGMENTATION, settings(4))) {
            float[] inOrder = epoch(loader, 2, Loader.Order.SEQUENTIAL).get(0).images;
            float[] nextEpoch = epoch(loader, 3, Loader.Order.SEQUENTIAL).get(0).images;
            assertThat(nextEpoch).isNotEqualTo(inOrder);
            for (Copy copy : epoch(loader, 2, Loader.Order.SHUFFLED))
                for (int n = 0; n < 4; n++)
                    if (copy.indices[n] == 1)
                        assertThat(Arrays.copyOfRange(copy.images, n * 192, n * 192 + 192))
                                .isEqualTo(Arrays.copyOfRange(inOrder, 192, 384));
        }
    }

    @Test
    void everyPictureComesOnceAndTheLastBatchIsSmallerOrLeftOut() {
        try (Loader loader = new Loader(new Noise(50), TRANSFORM, AUGMENTATION, settings(8))) {
            List<Copy> epoch = epoch(loader, 0, Loader.Order.SHUFFLED);
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
                new Loader(new Noise(50), TRANSFORM, AUGMENTATION, settings(8).withLast(Loader.LastBatch.DROPPED))) {
            assertThat(epoch(loader, 0, Loader.Order.SHUFFLED)).hasSize(6).hasSize(loader.batches());
        }
        try (Loader loader = new Loader(new Noise(5), TRANSFORM, AUGMENTATION, settings(64))) {
            assertThat(epoch(loader, 0, Loader.Order.SEQUENTIAL).get(0).indices).containsExactly(0, 1, 2, 3, 4);
        }
    }

    @Test
    void withoutAugmentationItIsTheTransform() {
        Loader.Settings settings = settings(2).withSmoothing(0.1).withClassWeights(List.of(1f, 2f, 3f));
        try (Loader loader = new Loader(new Noise(3), TRANSFORM, Augmentation.NONE, settings)) {
            Copy first = epoch(loader, 0, Loader.Order.SEQUENTIAL).get(0);
            FloatBuffer expected = FloatBuffer.allocate(2 * 192);
            for (int i = 0; i < 2; i++) TRANSFORM.apply(new Noise(3).picture(i), expected);
            assertThat(first.images).isEqualTo(expected.array());
            assertThat(first.targets).isEqualTo(floats(Targets.rows(new int[] {0, 1}, 3, 0.1, new float[] {1, 2, 3})));
        }
    }

    /** The mean over all images of weight times loss, over the mean weight, is the mean of the batches' losses. */
    @Test
    void rowsAreWeighedBesideTheMeanWeight() {
        try (Loader loader = new Loader(
                new Noise(5, i -> i), TRANSFORM, AUGMENTATION, settings(4).withSmoothing(0.3))) {
            List<Copy> batches = epoch(loader, 0, Loader.Order.SEQUENTIAL);
            float[] sums = new float[5];
            for (int n = 0; n < 5; n++)
                for (int k = 0; k < 3; k++) {
                    float row = batches.get(n / 4).targets[n % 4 * 3 + k];
                    assertThat(row).isCloseTo(n / 2f * (k == n % 3 ? 0.8f : 0.1f), within(1e-6f));
                    sums[n] += row;
                }
            assertThat(sums).containsExactly(new float[] {0, 0.5f, 1, 1.5f, 2}, within(1e-6f));
        }
        assertThatThrownBy(() -> new Loader(new Noise(5, i -> 0), TRANSFORM, AUGMENTATION, settings(4)))
                .isInstanceOf(WrongUseException.class)
                .hasMessage("the weights of the pictures to learn from are all 0");
    }

    /** The same draws for a batch whoever makes it; labels stay those of the pictures. */
    @Test
    void batchesAreMixedByEpochAndNumberWhateverTheWorkers() {
        Mixing mixing = new Mixing(0.4, 1, 0.8);
        List<List<Copy>> made = new ArrayList<>();
        List<Copy> plain;
        try (Loader loader = new Loader(new Noise(50), TRANSFORM, AUGMENTATION, settings(8))) {
            plain = epoch(loader, 2, Loader.Order.SHUFFLED);
        }
        for (int workers : new int[] {1, 5})
            try (Loader loader = new Loader(
                    new Noise(50),
                    TRANSFORM,
                    AUGMENTATION,
                    settings(8).withMixing(mixing).withWorkers(workers))) {
                made.add(epoch(loader, 2, Loader.Order.SHUFFLED));
                assertThat(epoch(loader, 3, Loader.Order.SHUFFLED).get(0).images)
                        .isNotEqualTo(made.get(0).get(0).images);
            }
        assertThat(made.get(1)).usingRecursiveComparison().isEqualTo(made.get(0));
        Set<Float> shares = new HashSet<>();
        int mixed = 0;
        for (int b = 0; b < plain.size(); b++) {
            Copy one = made.get(0).get(b), before = plain.get(b);
            assertThat(one.indices).isEqualTo(before.indices);
            assertThat(one.labels).isEqualTo(before.labels);
            if (!Arrays.equals(one.images, before.images)) mixed++;
            for (float t : one.targets) shares.add(t);
        }
        assertThat(mixed).isBetween(3, 7);
        assertThat(shares).hasSizeGreaterThan(6);
    }

    @Test
    void machinesMixTheirOwnPartWithTheSameDraw() {
        Transform transform = Form.PHOTOS.transform(new Shape(3, 8, 8));
        Loader.Settings whole = settings(4).withMixing(Mixing.NONE.withMixup(1));
        List<List<Copy>> parts = new ArrayList<>();
        for (int part = 0; part < 2; part++)
            try (Loader loader = new Loader(
                    new Noise(48), transform, Augmentation.NONE, whole.withShard(new Loader.Shard(part, 2)))) {
                parts.add(epoch(loader, 1, Loader.Order.SHUFFLED));
            }
        for (int b = 0; b < 6; b++)
            assertThat(shares(parts.get(0).get(b)))
                    .isEqualTo(shares(parts.get(1).get(b)));
    }

    private static Set<Float> shares(Copy copy) {
        Set<Float> shares = new HashSet<>();
        for (float t : copy.targets) if (t > 0 && t < 1) shares.add(t);
        return shares;
    }

    /** A picture that comes again in an epoch is changed otherwise; the machines share what one would make. */
    @Test
    void aBalancedEpochIsDecidedByItsNumberAndSharedByMachines() {
        Loader.Settings balanced = settings(6).withSampling(Sampling.BALANCED);
        List<List<Copy>> made = new ArrayList<>();
        Dataset few = new Rare(new Noise(60));
        for (int workers : new int[] {1, 4})
            try (Loader loader = new Loader(few, TRANSFORM, AUGMENTATION, balanced.withWorkers(workers))) {
                epoch(loader, 0, Loader.Order.SHUFFLED);
                made.add(epoch(loader, 5, Loader.Order.SHUFFLED));
            }
        assertThat(made.get(1)).usingRecursiveComparison().isEqualTo(made.get(0));
        List<List<Float>> ones = new ArrayList<>(); // the pixels of picture 0 each time that it comes
        for (Copy copy : made.get(0))
            for (int n = 0; n < copy.indices.length; n++)
                if (copy.indices[n] == 0) {
                    List<Float> pixels = new ArrayList<>();
                    for (int i = n * 192; i < n * 192 + 192; i++) pixels.add(copy.images[i]);
                    ones.add(pixels);
                }
        assertThat(ones).hasSize(30).doesNotHaveDuplicates();
        List<Integer> shared = new ArrayList<>(), whole = new ArrayList<>();
        List<List<Copy>> parts = new ArrayList<>();
        for (int part = 0; part < 2; part++)
            try (Loader loader = new Loader(
                    few, TRANSFORM, AUGMENTATION, balanced.withBatch(3).withShard(new Loader.Shard(part, 2)))) {
                parts.add(epoch(loader, 5, Loader.Order.SHUFFLED));
            }
        for (int b = 0; b < 10; b++) {
            for (List<Copy> part : parts) for (int i : part.get(b).indices) shared.add(i);
            for (int i : made.get(0).get(b).indices) whole.add(i);
        }
        assertThat(shared).isEqualTo(whole);
    }

    /** Picture 0 is the only one of class 2, all others are of class 0. */
    private record Rare(Noise noise) implements Dataset {
        @Override
        public int size() {
            return noise.size();
        }

        @Override
        public int label(int i) {
            return i == 0 ? 2 : 0;
        }

        @Override
        public Picture picture(int i) {
            return noise.picture(i);
        }

        @Override
        public String name(int i) {
            return noise.name(i);
        }
    }

    private static Keep keep(long room, Path folder) {
        return new Keep(50, new AtomicLong(room), folder);
    }

    /** In memory, in a file from the second epoch on, in both, or nowhere, as there is neither room nor a folder. */
    @Test
    void whatIsKeptChangesNoBitAndSavesTheReading(@TempDir Path folder) throws IOException {
        Path none = Files.createFile(folder.resolve("file"));
        Augmentation drawn = Augmentation.of(new Augmentation.Flip(0.5), new Augmentation.PaddedCrop(1));
        Transform larger = Form.PHOTOS.transform(new Shape(3, 12, 14)); // than some of the pictures
        for (Augmentation augmentation : List.of(AUGMENTATION, drawn, Augmentation.NONE))
            for (Transform transform : List.of(TRANSFORM, larger)) {
                List<List<Copy>> expected = epochs(new Noise(50), transform, augmentation, keep(0, none), "");
                Noise memory = new Noise(50), file = new Noise(50), both = new Noise(50), nowhere = new Noise(50);
                assertThat(epochs(memory, transform, augmentation, keep(1 << 20, none), "50 in 1 MB of memory"))
                        .usingRecursiveComparison()
                        .isEqualTo(expected);
                assertThat(epochs(file, transform, augmentation, keep(0, folder), "50 in a file of 1 MB"))
                        .usingRecursiveComparison()
                        .isEqualTo(expected);
                assertThat(epochs(both, transform, augmentation, keep(4000, folder), " of memory, "))
                        .usingRecursiveComparison()
                        .isEqualTo(expected);
                epochs(nowhere, transform, augmentation, keep(0, none), "");
                assertThat(memory.read.get()).isEqualTo(50);
                assertThat(file.read.get()).isEqualTo(100);
                assertThat(both.read.get()).isBetween(51, 99);
                assertThat(nowhere.read.get()).isEqualTo(200);
            }
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left).containsExactly(none);
        }
    }

    private static List<List<Copy>> epochs(
            Dataset dataset, Transform transform, Augmentation augmentation, Keep keep, String kept) {
        List<List<Copy>> epochs = new ArrayList<>();
        try (Loader loader =
                new Loader(dataset, transform, augmentation, settings(8).withWorkers(3), keep)) {
            for (int e = 0; e < 4; e++) epochs.add(epoch(loader, e, Loader.Order.SHUFFLED));
            if (kept.isEmpty()) assertThat(loader.kept()).isEmpty();
            else assertThat(loader.kept()).contains(kept);
        }
        return epochs;
    }

    @Test
    void aPictureThatCannotBeReadOrBroughtToTheSizeIsNamedInEachEpoch(@TempDir Path folder) {
        Noise noise = new Noise(50, 20, new AtomicInteger());
        for (Keep keep : List.of(keep(1 << 20, folder), keep(0, folder)))
            try (Loader loader = new Loader(noise, TRANSFORM, AUGMENTATION, settings(8), keep)) {
                for (int e = 0; e < 3; e++)
                    assertThatThrownBy(() -> epoch(loader, 0, Loader.Order.SEQUENTIAL))
                            .isInstanceOf(BrokenFileException.class)
                            .hasMessage("noise/20: broken picture");
            }
    }

    @Test
    void aBrokenPictureStopsTheEpochWithItsName() {
        Noise noise = new Noise(50, 20, new AtomicInteger());
        try (Loader loader =
                new Loader(noise, TRANSFORM, AUGMENTATION, settings(8).withWorkers(3))) {
            Loader.Epoch epoch = loader.epoch(0, Loader.Order.SEQUENTIAL);
            epoch.next();
            epoch.next();
            assertThatThrownBy(epoch::next)
                    .isInstanceOf(BrokenFileException.class)
                    .hasMessage("noise/20: broken picture");
            assertThat(epoch.hasNext()).isFalse();
        }
    }

    @Test
    void readsAheadButNotWithoutBound() throws InterruptedException {
        Noise noise = new Noise(1000);
        try (Loader loader =
                new Loader(noise, TRANSFORM, AUGMENTATION, settings(10).withWorkers(2))) {
            Loader.Epoch epoch = loader.epoch(0, Loader.Order.SHUFFLED);
            epoch.next();
            while (noise.read.get() < 40) Thread.sleep(1);
            Thread.sleep(50);
            assertThat(noise.read.get()).isEqualTo(40);
        }
    }

    @Test
    void anEpochCanBeLeftAndTheNextIsNoDifferent() {
        try (Loader loader =
                new Loader(new Noise(300), TRANSFORM, AUGMENTATION, settings(8).withWorkers(2))) {
            List<Copy> expected = epoch(loader, 1, Loader.Order.SHUFFLED);
            Loader.Epoch left = loader.epoch(0, Loader.Order.SHUFFLED);
            left.next();
            assertThat(epoch(loader, 1, Loader.Order.SHUFFLED))
                    .usingRecursiveComparison()
                    .isEqualTo(expected);
            assertThat(left.hasNext()).isFalse();
        }
    }

    @Test
    void closingStopsTheWorkersInTheMiddle() throws InterruptedException {
        Loader loader = new Loader(
                new SlowNoise(), TRANSFORM, AUGMENTATION, settings(1000).withWorkers(4));
        loader.epoch(0, Loader.Order.SHUFFLED);
        long start = System.nanoTime();
        loader.close();
        loader.close();
        assertThat(System.nanoTime() - start).as("not the 5 s of a batch").isLessThan(2_000_000_000L);
        for (int i = 0; i < 200 && workers() > 0; i++) Thread.sleep(10);
        assertThat(workers()).isZero();
        assertThatThrownBy(() -> loader.epoch(1, Loader.Order.SHUFFLED)).isInstanceOf(IllegalStateException.class);
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
        assertThatThrownBy(() -> settings(1).withWorkers(0)).hasMessageContaining("at least 1 worker");
    }

    @Test
    void severalMachinesShareWhatOneWouldMake() {
        for (Loader.LastBatch last : Loader.LastBatch.values()) {
            List<Copy> whole;
            try (Loader loader = new Loader(
                    new Noise(50), TRANSFORM, AUGMENTATION, settings(12).withLast(last))) {
                whole = epoch(loader, 3, Loader.Order.SHUFFLED);
            }
            List<List<Integer>> joined = new ArrayList<>();
            List<List<Float>> pixels = new ArrayList<>();
            for (int part = 0; part < 3; part++) {
                Loader.Settings settings = settings(4).withLast(last).withShard(new Loader.Shard(part, 3));
                try (Loader loader = new Loader(new Noise(50), TRANSFORM, AUGMENTATION, settings)) {
                    List<Copy> own = epoch(loader, 3, Loader.Order.SHUFFLED);
                    assertThat(own).hasSize(loader.batches());
                    // Of the two images that are left over, the first machine gets none.
                    assertThat(own).hasSize(last == Loader.LastBatch.KEPT && part > 0 ? 5 : 4);
                    for (int b = 0; b < own.size(); b++) {
                        if (joined.size() <= b) joined.add(new ArrayList<>());
                        if (pixels.size() <= b) pixels.add(new ArrayList<>());
                        for (int i : own.get(b).indices) joined.get(b).add(i);
                        for (float f : own.get(b).images) pixels.get(b).add(f);
                    }
                }
            }
            assertThat(joined).hasSize(whole.size());
            for (int b = 0; b < whole.size(); b++) {
                assertThat(joined.get(b).stream().mapToInt(i -> i)).containsExactly(box(whole.get(b).indices));
                float[] images = whole.get(b).images;
                assertThat(pixels.get(b))
                        .hasSize(images.length)
                        .startsWith(images[0])
                        .endsWith(images[images.length - 1]);
            }
        }
        assertThatThrownBy(() -> new Loader.Shard(2, 2)).hasMessage("there is no part 2 of 2, counted from 0");
    }

    private static Integer[] box(int[] values) {
        return Arrays.stream(values).boxed().toArray(Integer[]::new);
    }
}
