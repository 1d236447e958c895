package org.convzoo.images;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Finds pictures that are there more than once. */
final class Duplicates {
    /**
     * Pictures that are copies, or copies of copies, of each other.
     *
     * @param same whether all have the same pixels
     * @param numbers at least two, rising
     */
    record Group(boolean same, int[] numbers) {}

    private record Pair(int first, int second) {}

    private final int[] parents;

    private Duplicates(int pictures) {
        parents = IntStream.range(0, pictures).toArray();
    }

    /**
     * The groups in the order of their first pictures.
     *
     * @param compared whether every pair is compared for copies that do not have the same pixels; pictures of one colour
     *     are not, as they have no structure to compare
     */
    static List<Group> of(List<Sight> sights, boolean compared) {
        Duplicates duplicates = new Duplicates(sights.size());
        Map<Long, Integer> first = new HashMap<>();
        for (int i = 0; i < sights.size(); i++) {
            Integer before = first.putIfAbsent(sights.get(i).pixels(), i);
            if (before != null) duplicates.join(before, i);
        }
        if (compared) {
            int[] different = first.values().stream()
                    .mapToInt(i -> i)
                    .filter(i -> !sights.get(i).plain())
                    .sorted()
                    .toArray();
            for (Pair pair : alike(sights, different)) duplicates.join(pair.first, pair.second);
        }
        return duplicates.groups(sights);
    }

    private static List<Pair> alike(List<Sight> sights, int[] numbers) {
        Sight[] compared = IntStream.of(numbers).mapToObj(sights::get).toArray(Sight[]::new);
        return IntStream.range(0, numbers.length)
                .parallel()
                .mapToObj(i -> {
                    List<Pair> pairs = new ArrayList<>();
                    for (int j = i + 1; j < compared.length; j++)
                        if (compared[i].isAlike(compared[j])) pairs.add(new Pair(numbers[i], numbers[j]));
                    return pairs;
                })
                .flatMap(List::stream)
                .toList();
    }

    private int root(int i) {
        while (parents[i] != i) i = parents[i] = parents[parents[i]];
        return i;
    }

    /** The smaller number stays the root. */
    private void join(int a, int b) {
        int first = root(a), second = root(b);
        parents[Math.max(first, second)] = Math.min(first, second);
    }

    private List<Group> groups(List<Sight> sights) {
        Map<Integer, List<Integer>> members = new LinkedHashMap<>();
        for (int i = 0; i < parents.length; i++)
            members.computeIfAbsent(root(i), r -> new ArrayList<>()).add(i);
        return members.values().stream()
                .filter(m -> m.size() > 1)
                .map(m -> new Group(
                        m.stream().map(i -> sights.get(i).pixels()).distinct().count() == 1,
                        m.stream().mapToInt(i -> i).toArray()))
                .toList();
    }
}
