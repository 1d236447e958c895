package org.convzoo.images;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.convzoo.failure.BrokenFileException;
import org.convzoo.failure.OutOfMemoryException;
import org.convzoo.failure.WrongUseException;

/**
 * Cross-validation: all pictures of a data set, those for the training and those for the test, dealt out to folds of the
 * same size with as many of each class; and parts of a data set. Which picture comes into which fold or part is decided by
 * the order of the contents' checksums, whatever the files are called.
 */
final class Folds {
    /** Two data sets, one after the other. */
    record Joined(Dataset first, Dataset second) implements Dataset {
        @Override
        public int size() {
            return first.size() + second.size();
        }

        private Dataset of(int i) {
            return i < first.size() ? first : second;
        }

        private int in(int i) {
            return i < first.size() ? i : i - first.size();
        }

        @Override
        public int label(int i) {
            return of(i).label(in(i));
        }

        @Override
        public Picture picture(int i) {
            return of(i).picture(in(i));
        }

        @Override
        public double weight(int i) {
            return of(i).weight(in(i));
        }

        @Override
        public String name(int i) {
            return of(i).name(in(i));
        }

        @Override
        public long fingerprint(int i) {
            return of(i).fingerprint(in(i));
        }

        @Override
        public long fingerprint(int i, Picture read) {
            return of(i).fingerprint(in(i), read);
        }
    }

    /** A class of so many pictures can spare one. */
    private static final int LEAST_SPARED = 5;

    private record Dealt(int number, long content, String name) {}

    private Folds() {}

    /** The data set with fold {@code number}, from 1, of {@code count} for the test, and the others to learn from. */
    static Splits fold(Splits whole, int number, int count) {
        Dataset all = new Joined(whole.train(), whole.test());
        if (count < 2 || number < 1 || number > count)
            throw new WrongUseException(
                    "there is no fold " + number + " of " + count + "; there are at least 2, counted from 1");
        int[] folds = deal(all, whole, count);
        int[] same = IntStream.range(0, whole.labels().size()).toArray();
        List<String> notes = new ArrayList<>(whole.notes());
        notes.add("fold " + number + " of " + count + " of all of them for the test");
        return new Splits(
                Splits.fold(number, count, whole.spec()),
                whole.labels(),
                whole.form(),
                new Selection(all, numbers(folds, f -> f != number - 1), same),
                new Selection(all, numbers(folds, f -> f == number - 1), same),
                notes,
                whole.leftOut());
    }

    private static int[] numbers(int[] folds, IntPredicate wanted) {
        return IntStream.range(0, folds.length)
                .filter(i -> wanted.test(folds[i]))
                .toArray();
    }

    /** The fold of each picture, counted from 0. */
    private static int[] deal(Dataset all, Splits whole, int count) {
        List<List<Dealt>> classes = byClass(all, whole.labels().size());
        int[] folds = new int[all.size()];
        int next = 0;
        for (List<Dealt> own : classes) {
            if (own.size() < count)
                throw new WrongUseException(whole.spec() + ": '"
                        + whole.labels().get(classes.indexOf(own)) + "' has " + own.size() + " pictures, too few for "
                        + count + " folds");
            for (Dealt d : own) folds[d.number] = next++ % count;
        }
        return folds;
    }

    /**
     * The data set with at most about so many pictures to learn from and for the test: of each class the same share, at
     * least one.
     */
    static Splits part(Splits whole, int train, int test) {
        if (Math.min(train, test) < 1)
            throw new WrongUseException("a part of a data set has at least 1 picture to learn from and 1 for the test");
        Dataset learnt = some(whole.train(), whole.labels().size(), train),
                tested = some(whole.test(), whole.labels().size(), test);
        List<String> notes = new ArrayList<>(whole.notes());
        notes.add("a part of " + whole.train().size() + " and " + whole.test().size());
        return new Splits(
                Splits.part(train, test, whole.spec()),
                whole.labels(),
                whole.form(),
                learnt,
                tested,
                notes,
                whole.leftOut());
    }

    private static Dataset some(Dataset all, int classes, int count) {
        if (count >= all.size()) return all;
        double share = (double) count / all.size();
        int[] numbers = byClass(all, classes).stream()
                .flatMap(own -> own.stream().limit(Math.max(1, Math.round(share * own.size()))))
                .mapToInt(Dealt::number)
                .sorted()
                .toArray();
        return new Selection(all, numbers, IntStream.range(0, classes).toArray());
    }

    /** The training pictures of {@code whole} with a share of each class held out: see {@link Splits#holdOut}. */
    static HeldOut heldOut(Splits whole, double share) {
        Dataset all = whole.train();
        int[] folds = new int[all.size()];
        for (List<Dealt> own : byClass(all, whole.labels().size())) {
            int count = (int) Math.min(own.size() - 1, Math.round(share * own.size()));
            if (share > 0 && count == 0 && own.size() >= LEAST_SPARED) count = 1;
            // Copies of a picture stay on one side.
            while (count > 0 && own.get(count - 1).content == own.get(count).content) count--;
            for (Dealt d : own.subList(0, Math.max(0, count))) folds[d.number] = 1;
        }
        if (Arrays.stream(folds).sum() == 0) return new HeldOut(all, Selection.none(all));
        int[] same = IntStream.range(0, whole.labels().size()).toArray();
        return new HeldOut(
                new Selection(all, numbers(folds, f -> f == 0), same),
                new Selection(all, numbers(folds, f -> f == 1), same));
    }

    /** The pictures of each class, in the order of their contents' checksums. */
    private static List<List<Dealt>> byClass(Dataset all, int count) {
        List<List<Dealt>> classes = new ArrayList<>();
        for (int k = 0; k < count; k++) classes.add(new ArrayList<>());
        for (int i = 0; i < all.size(); i++) classes.get(all.label(i)).add(new Dealt(i, content(all, i), all.name(i)));
        for (List<Dealt> own : classes)
            own.sort(Comparator.comparingLong(Dealt::content).thenComparing(Dealt::name));
        return classes;
    }

    /** A picture that cannot be read is told by who reads it to train on it. */
    private static long content(Dataset all, int i) {
        try {
            return all.fingerprint(i);
        } catch (BrokenFileException | OutOfMemoryException e) {
            return 0;
        }
    }
}
