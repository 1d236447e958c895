package org.convzoo.images;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Which images an epoch has; they are always as many as the data set. */
public enum Sampling {
    /** Each image once. */
    EACH_ONCE,
    /**
     * Each class as often as any other, but for one image: PyTorch's WeightedRandomSampler with weights of 1 / the images
     * of the class, without its chance. All images of a class are seen before one of them comes again, over the epochs,
     * too.
     */
    BALANCED;

    /** Of the random numbers for the passes over a class, which no picture and no batch has. */
    private static final long CLASSES = Long.MIN_VALUE;

    /** How often each picture comes in an epoch. */
    int[] counts(Dataset dataset, long epoch, Seeds seeds) {
        int[] counts = new int[dataset.size()];
        if (this == EACH_ONCE) {
            Arrays.fill(counts, 1);
            return counts;
        }
        List<long[]> classes = classes(dataset);
        // In a row without end the classes take turns; an epoch is the next part of it.
        long from = epoch * dataset.size(), to = from + dataset.size();
        for (int k = 0; k < classes.size(); k++) {
            long[] members = classes.get(k);
            long first = before(from, k, classes.size()), end = before(to, k, classes.size());
            for (long pass = first / members.length; pass * members.length < end; pass++) {
                long[] order = members.clone();
                Seeds.shuffle(order, seeds.random(pass, CLASSES + k));
                for (int i = 0; i < order.length; i++) {
                    long turn = pass * order.length + i;
                    if (first <= turn && turn < end) counts[(int) order[i]]++;
                }
            }
        }
        return counts;
    }

    /** How often class {@code k} comes before a place in the row in which {@code classes} take turns. */
    private static long before(long place, int k, int classes) {
        return (place - k + classes - 1) / classes;
    }

    /** The pictures of each class that has some. */
    private static List<long[]> classes(Dataset dataset) {
        int[] left = sizes(dataset);
        long[][] classes = IntStream.of(left).mapToObj(long[]::new).toArray(long[][]::new);
        for (int i = dataset.size() - 1; i >= 0; i--) {
            int k = dataset.label(i);
            classes[k][--left[k]] = i;
        }
        return Stream.of(classes).filter(members -> members.length > 0).toList();
    }

    private static int[] sizes(Dataset dataset) {
        int classes =
                1 + IntStream.range(0, dataset.size()).map(dataset::label).max().orElse(-1);
        int[] sizes = new int[classes];
        for (int i = 0; i < dataset.size(); i++) sizes[dataset.label(i)]++;
        return sizes;
    }

    /**
     * Class weights that count each class alike in the loss, in place of an even choice of images: scikit-learn's
     * "balanced", the images of a class that had the mean number / those it has. A class without images has 0.
     *
     * @param classes at least as many as the labels tell
     */
    public static List<Float> balancedWeights(Dataset dataset, int classes) {
        int[] sizes = sizes(dataset);
        long with = IntStream.of(sizes).filter(n -> n > 0).count();
        return IntStream.range(0, classes)
                .mapToObj(k ->
                        k < sizes.length && sizes[k] > 0 ? (float) (dataset.size() / (double) (with * sizes[k])) : 0f)
                .toList();
    }
}
