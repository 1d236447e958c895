package org.convzoo.images;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.convzoo.failure.BrokenFileException;
import org.convzoo.failure.Near;
import org.convzoo.failure.WrongUseException;

/**
 * Pictures to evaluate a trained network on.
 *
 * @param spec what {@link #open} was given
 * @param labels the names of its classes
 * @param notes what there is to say of where the pictures are from, a phrase each
 */
public record TestSet(String spec, List<String> labels, Dataset pictures, List<String> notes) {
    public TestSet {
        labels = List.copyOf(labels);
        notes = List.copyOf(notes);
    }

    /**
     * Opens what {@link Splits#open} opens, but takes no more than a test needs: the test part of a data set that has
     * one, else all of its pictures, were it of a single class.
     *
     * @throws WrongUseException when there is no such data set
     * @throws BrokenFileException with one line that says what is broken, or what was expected
     */
    public static TestSet open(String spec) {
        return Kind.test(spec);
    }

    /** The same pictures, with other names for the classes; several may get the same. */
    public TestSet renamed(UnaryOperator<String> label) {
        return new TestSet(spec, labels.stream().map(label).toList(), pictures, notes);
    }

    /**
     * The pictures with their classes numbered as in {@code known}; where that has more, a note says so. Throws
     * {@link WrongUseException} that names the classes which are not among them.
     */
    public TestSet labelled(List<String> known) {
        List<String> normal = known.stream().map(TestSet::normal).toList();
        List<String> own = labels.stream().map(TestSet::normal).toList();
        List<String> unknown = own.stream().filter(l -> !normal.contains(l)).toList();
        if (!unknown.isEmpty())
            throw new WrongUseException(spec + ": the network does not know " + Splits.some(unknown)
                    + "; its classes are " + Splits.some(known)
                    + (known.size() <= Splits.NAMED
                            ? ""
                            : "; near '" + unknown.get(0) + "' are "
                                    + String.join(", ", Near.names(unknown.get(0), known))));
        long classes = own.stream().distinct().count();
        List<String> all = new ArrayList<>(notes);
        if (classes < known.size())
            all.add(String.format(Locale.ROOT, "%,d of the network's %,d classes", classes, known.size()));
        return new TestSet(spec, known, Selection.relabelled(pictures, own, normal), all);
    }

    private static String normal(String label) {
        return Normalizer.normalize(label, Normalizer.Form.NFC);
    }

    /** Reads every picture; see {@link Splits#scan}. */
    public Inventory scan() {
        return Inventory.of(spec, labels, Map.of(Inventory.TEST, pictures), Inventory.READING);
    }

    /** One line that says what was taken for what. */
    public String summary() {
        String counts = String.format(Locale.ROOT, "%s: %,d images", spec, pictures.size());
        return Splits.line(counts, notes);
    }
}
