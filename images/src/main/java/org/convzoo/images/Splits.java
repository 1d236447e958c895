package org.convzoo.images;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.convzoo.failure.BrokenFileException;
import org.convzoo.failure.StoppedException;
import org.convzoo.failure.WrongUseException;

/**
 * A data set for training and test.
 *
 * @param spec what {@link #open} was given, with an absolute path; or the name of a data set of one's own
 * @param labels the names of the classes
 * @param form what its pictures are, and so what they go through by default
 * @param notes what there is to say of where the pictures are from, a phrase each
 * @param leftOut the names of pictures that were left out as broken: {@link #without}
 */
public record Splits(
        String spec,
        List<String> labels,
        Form form,
        Dataset train,
        Dataset test,
        List<String> notes,
        List<String> leftOut) {
    /** The most names that a line lists. */
    static final int NAMED = 8;

    /** Throws {@link IllegalArgumentException} when two classes have the same name. */
    public Splits {
        labels = List.copyOf(labels);
        notes = List.copyOf(notes);
        leftOut = List.copyOf(leftOut);
        if (new HashSet<>(labels).size() < labels.size())
            throw new IllegalArgumentException(spec + ": two of its classes have the same name: " + labels);
    }

    /**
     * A data set of one's own. A run does not know it again by its name alone: to go on with it the same pictures have
     * to be handed in again.
     */
    public static Splits of(String name, List<String> labels, Form form, Dataset train, Dataset test) {
        return new Splits(name, labels, form, train, test, List.of(), List.of());
    }

    /**
     * Opens {@code digits}, {@code fashion} (both embedded), {@code mnist:DIR} (IDX files, plain or gzipped),
     * {@code folder:DIR} or just {@code DIR} (a folder a class, or such folders in parts like {@code train} and
     * {@code test}), {@code csv:FILE} (a table with the columns path and label, perhaps split and weight),
     * {@code cifar10:DIR} and {@code cifar100:DIR} (their binary form), {@code shards:GLOB} (tar archives of WebDataset),
     * {@code fold:2/5:SPEC}, all pictures of a data set with the second of five folds for the test,
     * {@code part:2000/1000:SPEC}, at most so many of a data set's pictures to learn from and for the test, and what
     * {@link #tested} gives.
     *
     * @throws WrongUseException with one line when there is no such kind of data set
     * @throws BrokenFileException with one line that says what is broken, or what was expected
     */
    public static Splits open(String spec) {
        return Kind.splits(spec);
    }

    /** What {@link #open} calls fold {@code number}, from 1, of {@code count} of the data set {@code spec}. */
    public static String fold(int number, int count, String spec) {
        return "fold:" + number + "/" + count + ":" + spec;
    }

    /** What {@link #open} calls at most so many training and test images of the data set {@code spec}. */
    public static String part(int train, int test, String spec) {
        return "part:" + train + "/" + test + ":" + spec;
    }

    /**
     * What {@link #open} calls the pictures that {@code spec} has to learn from, all of them where it has no parts, with
     * those of {@code test} for the test: its test part, or all.
     */
    public static String tested(String test, String spec) {
        return Tested.spec(test, spec);
    }

    /**
     * Reads every picture, on all processors. Files that were read before, in whatever process, and have not changed
     * since are not read again. Throws {@link StoppedException} when the thread is interrupted.
     */
    public Inventory scan() {
        return scan(Inventory.READING);
    }

    Inventory scan(Inventory.Eye eye) {
        Map<String, Dataset> parts = new LinkedHashMap<>();
        parts.put(Inventory.TRAINING, train);
        parts.put(Inventory.TEST, test);
        return Inventory.of(spec, labels, parts, eye);
    }

    /**
     * Decodes every picture, on all processors, and finds what is likely wrong with the data: pictures that are there
     * twice, perhaps once to learn from and once for the test or in two classes, and odd ones. Throws
     * {@link StoppedException} when the thread is interrupted.
     */
    public Survey survey() {
        return Survey.of(this);
    }

    /**
     * The data set without some pictures. Throws {@link WrongUseException} when nothing is left of a class to learn
     * from, or nothing to test on.
     *
     * @param names of pictures; those that it does not have count as left out, too
     */
    public Splits without(List<String> names) {
        if (names.isEmpty()) return this;
        Set<String> all = new HashSet<>(names);
        Dataset trained = Selection.without(train, all), tested = Selection.without(test, all);
        Set<Integer> left =
                IntStream.range(0, trained.size()).mapToObj(trained::label).collect(Collectors.toSet());
        for (int k = 0; k < labels.size(); k++)
            if (!left.contains(k))
                throw new WrongUseException(
                        spec + ": without the broken pictures there is none of '" + labels.get(k) + "' to learn from");
        if (tested.size() == 0)
            throw new WrongUseException(spec + ": without the broken pictures there is none to test on");
        return new Splits(
                spec,
                labels,
                form,
                trained,
                tested,
                notes,
                Stream.concat(leftOut.stream(), names.stream()).distinct().toList());
    }

    /**
     * Holds out some of the training pictures: of each class its share, rounded, at least one of five or more, never its
     * last. Which ones is decided by the order of the contents' checksums, whatever the files are called.
     *
     * @param share from 0, for none, to a half
     * @throws IllegalArgumentException for another share
     */
    public HeldOut holdOut(double share) {
        if (!(share >= 0 && share <= 0.5))
            throw new IllegalArgumentException("the share held out is from 0 to a half, got " + share);
        return Folds.heldOut(this, share);
    }

    /** One line that says what was taken for what: how many images of which classes, and where they are from. */
    public String summary() {
        String counts = String.format(
                Locale.ROOT,
                "%s: %,d training and %,d test images of %d classes (%s)",
                spec,
                train.size(),
                test.size(),
                labels.size(),
                some(labels));
        List<String> all = new ArrayList<>(notes);
        if (!leftOut.isEmpty()) all.add("left out as broken: " + leftOut.size());
        return line(counts, all);
    }

    static String line(String counts, List<String> notes) {
        return Stream.concat(Stream.of(counts), notes.stream()).collect(Collectors.joining("; "));
    }

    /** The first of some names, and how many more there are. */
    static String some(List<String> names) {
        String first = String.join(", ", names.subList(0, Math.min(NAMED, names.size())));
        return names.size() > NAMED ? first + " and " + (names.size() - NAMED) + " more" : first;
    }
}
