package org.convzoo.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SamplingTest {
    /** So many pictures of each class, the classes one after the other. */
    private static Dataset classes(int... sizes) {
        int[] labels = IntStream.range(0, sizes.length)
                .flatMap(k -> IntStream.generate(() -> k).limit(sizes[k]))
                .toArray();
        return new Dataset() {
            @Override
            public int size() {
                return labels.length;
            }

            @Override
            public int label(int i) {
                return labels[i];
            }

            @Override
            public Picture picture(int i) {
                return Fixtures.plain(1, 1, 1, i);
            }

            @Override
            public String name(int i) {
                return Integer.toString(i);
            }
        };
    }

    private static int[] byClass(Dataset dataset, int[] counts, int classes) {
        int[] sums = new int[classes];
        for (int i = 0; i < counts.length; i++) sums[dataset.label(i)] += counts[i];
        return sums;
    }

    @Test
    void classesComeEquallyOftenAndNoPictureAgainBeforeAllOfItsClassHaveCome() {
        for (int[] sizes : new int[][] {{40, 7, 13}, {1, 200, 0, 30}, {5, 5, 5}, {1, 1}, {9}, {0, 3, 0, 4, 500}}) {
            Dataset dataset = classes(sizes);
            int with = (int) IntStream.of(sizes).filter(n -> n > 0).count();
            int[] all = new int[dataset.size()];
            for (int epoch = 0; epoch < 12; epoch++) {
                int[] counts = Sampling.BALANCED.counts(dataset, epoch, new Seeds(3));
                assertThat(IntStream.of(counts).sum()).isEqualTo(dataset.size());
                int[] own = byClass(dataset, counts, sizes.length);
                for (int k = 0; k < sizes.length; k++)
                    if (sizes[k] == 0) assertThat(own[k]).isZero();
                    else assertThat(own[k]).isBetween(dataset.size() / with, dataset.size() / with + 1);
                for (int i = 0; i < all.length; i++) all[i] += counts[i];
                for (int k = 0; k < sizes.length; k++) {
                    int label = k;
                    var seen = IntStream.range(0, all.length)
                            .filter(i -> dataset.label(i) == label)
                            .map(i -> all[i])
                            .summaryStatistics();
                    if (sizes[k] > 0) assertThat(seen.getMax() - seen.getMin()).isLessThan(2);
                }
            }
            int[] sums = byClass(dataset, all, sizes.length);
            int[] present = IntStream.of(sums).filter(n -> n > 0).toArray();
            assertThat(Arrays.stream(present).max().orElseThrow()
                            - Arrays.stream(present).min().orElseThrow())
                    .isLessThan(2);
        }
    }

    @Test
    void anEpochIsAFunctionOfItsNumberAndTheSeed() {
        Dataset dataset = classes(100, 20);
        List<String> made = new ArrayList<>();
        for (long seed = 0; seed < 3; seed++)
            for (int epoch = 0; epoch < 4; epoch++) {
                int[] counts = Sampling.BALANCED.counts(dataset, epoch, new Seeds(seed));
                assertThat(Sampling.BALANCED.counts(dataset, epoch, new Seeds(seed)))
                        .isEqualTo(counts);
                made.add(Arrays.toString(counts));
            }
        assertThat(made).doesNotHaveDuplicates();
        assertThat(Sampling.EACH_ONCE.counts(dataset, 7, new Seeds(1))).containsOnly(1);
    }

    /** Values of {@code compute_class_weight("balanced", classes=[0, 1, 3], y=[0] * 50 + [1] + [3] * 9)}. */
    @Test
    void balancedWeightsAreScikitLearns() {
        List<Float> weights = Sampling.balancedWeights(classes(50, 1, 0, 9), 5);
        assertThat(weights).hasSize(5);
        double[] expected = {0.4, 20, 0, 2.22222222, 0};
        for (int k = 0; k < 5; k++) assertThat((double) weights.get(k)).isCloseTo(expected[k], within(1e-6));
    }
}
