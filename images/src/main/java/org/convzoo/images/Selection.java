package org.convzoo.images;

import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Some pictures of a data set, perhaps with other numbers for their classes.
 *
 * @param numbers of the pictures in {@code from}
 * @param labels the number of a class by its number in {@code from}
 */
record Selection(Dataset from, int[] numbers, int[] labels) implements Dataset {
    /** All but those of some names. */
    static Dataset without(Dataset from, Set<String> names) {
        int[] numbers = IntStream.range(0, from.size())
                .filter(i -> !names.contains(from.name(i)))
                .toArray();
        int most = IntStream.of(numbers).map(from::label).max().orElse(0);
        return numbers.length == from.size()
                ? from
                : new Selection(from, numbers, IntStream.rangeClosed(0, most).toArray());
    }

    /** No pictures. */
    static Dataset none(Dataset from) {
        return new Selection(from, new int[0], new int[0]);
    }

    /** All, with the classes numbered as in {@code labels}, which has each of {@code own}. */
    static Dataset relabelled(Dataset from, List<String> own, List<String> labels) {
        return new Selection(
                from,
                IntStream.range(0, from.size()).toArray(),
                own.stream().mapToInt(labels::indexOf).toArray());
    }

    @Override
    public int size() {
        return numbers.length;
    }

    @Override
    public int label(int i) {
        return labels[from.label(numbers[i])];
    }

    @Override
    public Picture picture(int i) {
        return from.picture(numbers[i]);
    }

    @Override
    public double weight(int i) {
        return from.weight(numbers[i]);
    }

    @Override
    public String name(int i) {
        return from.name(numbers[i]);
    }

    @Override
    public long fingerprint(int i) {
        return from.fingerprint(numbers[i]);
    }

    @Override
    public long fingerprint(int i, Picture read) {
        return from.fingerprint(numbers[i], read);
    }
}
