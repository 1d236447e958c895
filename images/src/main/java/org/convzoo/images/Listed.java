package org.convzoo.images;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;
import org.convzoo.failure.BrokenFileException;

/**
 * Pictures one by one with their labels and perhaps the part that each belongs to, as a table or archives list them.
 * The parts are used as {@link Layout} uses folders: the test is on the test part, without one on the validation part;
 * a validation part beside a test part is not used.
 *
 * @param source what lists them, for messages
 * @param rows at least one; either all have a part or none
 * @param root the folder below which most of the files are
 */
record Listed(String source, List<Row> rows, Path root, List<String> notes) {
    /**
     * A picture.
     *
     * @param name its path relative to the data set; no two are equal
     * @param weight as {@link Dataset#weight}
     */
    record Row(Place place, String name, String label, Optional<Part> part, double weight) {}

    /** Whole numbers by their value, before all other labels, which come in the order of their letters. */
    private static final Comparator<String> NATURAL =
            Comparator.comparing(Listed::number).thenComparing(Comparator.naturalOrder());

    private static final int DIGITS = 18; // a long holds them

    private static long number(String label) {
        boolean whole =
                !label.isEmpty() && label.length() <= DIGITS && label.chars().allMatch(c -> c >= '0' && c <= '9');
        return whole ? Long.parseLong(label) : Long.MAX_VALUE;
    }

    private Map<Part, List<Row>> parts() {
        return rows.stream()
                .collect(Collectors.groupingBy(
                        r -> r.part.orElse(Part.TRAINING), () -> new EnumMap<>(Part.class), Collectors.toList()));
    }

    private List<Row> training(Map<Part, List<Row>> parts) {
        List<Row> training = parts.getOrDefault(Part.TRAINING, List.of());
        if (training.isEmpty())
            throw new BrokenFileException(
                    source + ": has pictures for a test, but none of the part 'train' to learn from");
        return training;
    }

    /** The labels of what is learnt. Throws {@link BrokenFileException} when there is only one. */
    private List<String> labels(List<Row> training) {
        List<String> labels = sorted(training);
        if (labels.size() < 2)
            throw new BrokenFileException(
                    source + ": has only the class '" + labels.get(0) + "'; a classifier needs at least 2");
        return labels;
    }

    private static List<String> sorted(List<Row> rows) {
        return rows.stream().map(Row::label).distinct().sorted(NATURAL).toList();
    }

    /** The data set for training and test. Throws {@link BrokenFileException} when it cannot be one. */
    Splits splits(String spec) {
        Map<Part, List<Row>> parts = parts();
        List<Row> training = training(parts);
        List<String> labels = labels(training), said = new ArrayList<>();
        CheckedFiles checked = CheckedFiles.below(root);
        List<PictureFolder.Entry> learnt = entries(training, labels), tested;
        Optional<Part> test = testPart(parts);
        if (test.isEmpty()) {
            tested = PictureFolder.heldOut(learnt, labels, hashes(learnt, checked));
            learnt.removeAll(new HashSet<>(tested));
            said.add("about " + PictureFolder.HELD_OUT
                    + " % of each class held out for the test, chosen by a checksum of the content");
        } else {
            List<Row> own = parts.getOrDefault(test.get(), List.of());
            Set<String> known = Set.copyOf(labels);
            for (Row row : own)
                if (!known.contains(row.label))
                    throw new BrokenFileException(source + ": there is no picture of '" + row.label
                            + "' to learn from; " + row.name + " is one for the test");
            tested = entries(own, labels);
            List<String> untested = new ArrayList<>(labels);
            untested.removeAll(sorted(own));
            if (!untested.isEmpty()) said.add("no test images of " + Splits.some(untested));
            if (test.get() == Part.VALIDATION) said.add("tested on the validation part");
            List<Row> unused = parts.getOrDefault(Part.VALIDATION, List.of());
            if (test.get() == Part.TEST && !unused.isEmpty())
                said.add("the validation part (" + unused.size() + ") is not used");
        }
        said.addAll(notes);
        return PictureFolder.splits(spec, labels, learnt, tested, checked, said);
    }

    /** The data set to learn from: the training part, or everything; without a test. */
    Splits learnt(String spec) {
        List<Row> training = training(parts());
        List<String> labels = labels(training);
        Dataset all = new PictureFolder(entries(training, labels), CheckedFiles.below(root));
        return new Splits(spec, labels, Form.PHOTOS, all, Selection.none(all), notes, List.of());
    }

    /** The data set for a test: the test part, or everything. */
    TestSet test(String spec) {
        Map<Part, List<Row>> parts = parts();
        List<Row> own = testPart(parts).map(parts::get).orElse(rows);
        List<String> labels = sorted(own);
        return new TestSet(spec, labels, new PictureFolder(entries(own, labels), CheckedFiles.below(root)), notes);
    }

    private static Optional<Part> testPart(Map<Part, List<Row>> parts) {
        if (parts.containsKey(Part.TEST)) return Optional.of(Part.TEST);
        return parts.containsKey(Part.VALIDATION) ? Optional.of(Part.VALIDATION) : Optional.empty();
    }

    /** In order of classes, and of names in each, so that the order of the lines does not matter. */
    private static List<PictureFolder.Entry> entries(List<Row> rows, List<String> labels) {
        Map<String, Integer> numbers = new HashMap<>();
        labels.forEach(label -> numbers.put(label, numbers.size()));
        return rows.stream()
                .map(r -> new PictureFolder.Entry(r.place, r.name, numbers.getOrDefault(r.label, -1), r.weight))
                .sorted(Comparator.comparingInt(PictureFolder.Entry::label).thenComparing(PictureFolder.Entry::name))
                .collect(Collectors.toCollection(ArrayList::new));
    }

    /** From 0 to 99, equal for equal contents; by the name of what cannot be read. */
    private static ToIntFunction<PictureFolder.Entry> hashes(List<PictureFolder.Entry> entries, CheckedFiles checked) {
        Map<PictureFolder.Entry, Integer> hashes = entries.parallelStream()
                .collect(Collectors.toConcurrentMap(e -> e, e -> checked.content(e.place())
                        .map(content -> PictureFolder.hash(Long.toHexString(content)))
                        .orElseGet(e::hash)));
        return e -> hashes.getOrDefault(e, 0);
    }
}
