package org.convzoo.images;

import java.nio.file.Path;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.convzoo.failure.BrokenFileException;

/**
 * What the folders of a data set are taken for.
 *
 * <ul>
 *   <li>Folders at the top that are called like a part of a data set, in upper or lower case, are its parts, each with
 *       a folder a class: {@code train} or {@code training}; {@code test} or {@code testing}; {@code val},
 *       {@code valid}, {@code validation} or {@code eval}. The test is on the test part, without one on the validation
 *       part; a validation part beside a test part is not used.
 *   <li>Without such folders every folder is a class, and so is each folder below {@code train} when it is alone. A
 *       part of each class is then held out for the test.
 *   <li>A part or a class of the test without a picture is as if it were missing.
 *   <li>A folder {@code train} with pictures of its own beside classes is a class, too: there are trains. Any other
 *       folder called like a part beside classes, two folders for the same part, and parts without classes are refused:
 *       nothing says what they are.
 * </ul>
 *
 * @param root the data set
 * @param training the folder with the classes to learn from; none where only a test is there
 * @param test the folder with the classes of the test; none where it has to be held out
 * @param notes what there is to say about other folders
 */
record Layout(PictureTree root, Optional<PictureTree> training, Optional<PictureTree> test, List<String> notes) {
    private static final int NAMED = 5;

    /** Throws {@link BrokenFileException} when the folders cannot be a data set. */
    static Layout of(Path path) {
        PictureTree root = PictureTree.of(path);
        List<String> notes = new ArrayList<>();
        Map<Part, List<PictureTree>> parts = new EnumMap<>(Part.class);
        List<PictureTree> named = new ArrayList<>(), classes = new ArrayList<>();
        for (PictureTree folder : root.folders()) {
            if (!Part.isName(folder.name())) {
                if (!folder.isEmpty()) classes.add(folder);
            } else if (folder.isEmpty()) {
                notes.add(folder.name() + "/ holds no pictures" + unread(folder));
            } else {
                named.add(folder);
                for (Part part : Part.values())
                    if (part.is(folder.name()))
                        parts.computeIfAbsent(part, p -> new ArrayList<>()).add(folder);
            }
        }
        if (classes.isEmpty() && !named.isEmpty()) return ofParts(root, parts, notes);
        for (PictureTree folder : named) {
            if (folder.isNested() || !Part.TRAINING.is(folder.name()))
                throw new BrokenFileException(path + ": " + folder.name() + "/ looks like a part of a data set, but "
                        + names(classes) + " beside it look like classes; move them into train/, or "
                        + folder.name() + "/ away");
        }
        requireDifferent(path, classes);
        return new Layout(root, Optional.of(root), Optional.empty(), notes);
    }

    /**
     * Throws {@link BrokenFileException} where the class folders hold folders of the same names, at least two each: they
     * are the parts of a data set, under names that say nothing.
     */
    private static void requireDifferent(Path path, List<PictureTree> classes) {
        List<List<String>> inside = classes.stream()
                .map(c -> c.folders().stream().map(PictureTree::name).sorted().toList())
                .distinct()
                .toList();
        boolean parts = classes.size() > 1
                && inside.size() == 1
                && inside.get(0).size() > 1
                && inside.get(0).stream().noneMatch(Part::isName)
                && classes.stream().allMatch(c -> c.pictures().isEmpty());
        if (parts)
            throw new BrokenFileException(path + ": " + names(classes) + " all hold " + Splits.some(inside.get(0))
                    + ", like the parts of a data set; name them train/ and test/");
    }

    private static Layout ofParts(PictureTree root, Map<Part, List<PictureTree>> parts, List<String> notes) {
        for (List<PictureTree> same : parts.values()) {
            for (PictureTree folder : same)
                if (!folder.isNested())
                    throw new BrokenFileException(folder.path() + ": holds pictures but no class folders; expected "
                            + folder.path() + "/CLASS/*.jpg");
            if (same.size() > 1)
                throw new BrokenFileException(
                        root.path() + ": " + names(same) + " look like the same part of the data set; keep one");
        }
        Optional<PictureTree> test = only(parts, Part.TEST), validation = only(parts, Part.VALIDATION);
        if (test.isPresent())
            validation.ifPresent(
                    v -> notes.add(v.name() + "/ (" + images(v.all().size()) + ") is not used"));
        return new Layout(root, only(parts, Part.TRAINING), test.or(() -> validation), notes);
    }

    private static Optional<PictureTree> only(Map<Part, List<PictureTree>> parts, Part part) {
        return Optional.ofNullable(parts.get(part)).map(folders -> folders.get(0));
    }

    private static String images(int count) {
        return count == 1 ? "1 image" : count + " images";
    }

    private static String names(List<PictureTree> folders) {
        String first = folders.stream().limit(NAMED).map(f -> f.name() + "/").collect(Collectors.joining(", "));
        return folders.size() > NAMED ? first + " and " + (folders.size() - NAMED) + " more" : first;
    }

    private static String unread(PictureTree folder) {
        Map<String, Integer> leftOut = folder.allLeftOut();
        return leftOut.isEmpty() ? "" : " that are read, but " + PictureTree.words(leftOut);
    }

    /** The data set for training and test. Throws {@link BrokenFileException} when it cannot be one. */
    Splits splits(String spec) {
        PictureTree train = training.orElseThrow(this::noTraining);
        for (PictureTree folder : train.folders())
            if (folder.isEmpty() && !(train == root && Part.isName(folder.name())))
                throw new BrokenFileException(folder.path() + ": holds no pictures" + unread(folder));
        Map<String, List<PictureTree>> classes = classes(train);
        List<String> labels = List.copyOf(classes.keySet());
        if (labels.size() < 2) throw onlyOne(train, classes.values().iterator().next());
        List<PictureFolder.Entry> learnt = entries(classes, labels), tested;
        List<String> said = new ArrayList<>();
        if (test.isEmpty()) {
            tested = PictureFolder.heldOut(learnt, labels, PictureFolder.Entry::hash);
            learnt.removeAll(new HashSet<>(tested));
            said.add("about " + PictureFolder.HELD_OUT + " % of each class "
                    + (train == root ? "" : "in " + train.name() + "/ ")
                    + "held out for the test, chosen by a hash of the name");
        } else {
            Map<String, List<PictureTree>> classesOfTest = classes(test.get());
            classesOfTest.forEach((name, folders) -> {
                if (!labels.contains(name))
                    throw new BrokenFileException(
                            folders.get(0).path() + ": there is no class of that name to learn from");
            });
            tested = entries(classesOfTest, labels);
            said.add("trained on " + train.name() + "/, tested on " + test.get().name() + "/");
            List<String> untested = new ArrayList<>(labels);
            untested.removeAll(classesOfTest.keySet());
            if (!untested.isEmpty()) said.add("no test images of " + Splits.some(untested));
        }
        said.addAll(notes);
        said.addAll(leftOut(Stream.concat(training.stream(), test.stream()).toList()));
        return PictureFolder.splits(spec, labels, learnt, tested, CheckedFiles.below(root.path()), said);
    }

    /**
     * The data set to learn from: the training part, or everything; without a test. Throws {@link BrokenFileException}
     * as {@link #splits}.
     */
    Splits learnt(String spec) {
        if (training.isEmpty()) throw noTraining();
        TestSet all = new Layout(root, training, Optional.empty(), notes).test(spec);
        if (all.labels().size() < 2)
            throw onlyOne(
                    training.get(), classes(training.get()).values().iterator().next());
        return new Splits(
                spec,
                all.labels(),
                Form.PHOTOS,
                all.pictures(),
                Selection.none(all.pictures()),
                all.notes(),
                List.of());
    }

    private BrokenFileException noTraining() {
        return new BrokenFileException(
                root.path() + ": has " + names(test.stream().toList()) + " but no train/ with classes");
    }

    /** The data set for a test: the test part, or everything. Throws {@link BrokenFileException} as {@link #splits}. */
    TestSet test(String spec) {
        PictureTree part = test.or(() -> training).orElseThrow();
        Map<String, List<PictureTree>> classes = classes(part);
        List<String> labels = List.copyOf(classes.keySet());
        List<String> said = new ArrayList<>();
        if (part != root) said.add("all of " + part.name() + "/");
        said.addAll(notes);
        said.addAll(leftOut(List.of(part)));
        PictureFolder pictures = new PictureFolder(entries(classes, labels), CheckedFiles.below(root.path()));
        return new TestSet(spec, labels, pictures, said);
    }

    /**
     * Folders of a class by its name, at least one class. There are two folders where a system wrote the same name in
     * another form of Unicode. Throws {@link BrokenFileException} when there is no class, or one holds parts.
     */
    private Map<String, List<PictureTree>> classes(PictureTree part) {
        Map<String, List<PictureTree>> classes = new TreeMap<>();
        for (PictureTree folder : part.folders()) {
            if (folder.isEmpty()) continue;
            refusePartsInside(folder);
            classes.computeIfAbsent(folder.name(), n -> new ArrayList<>()).add(folder);
        }
        if (classes.isEmpty()) throw noClasses(part);
        return classes;
    }

    private List<PictureFolder.Entry> entries(Map<String, List<PictureTree>> classes, List<String> labels) {
        List<PictureFolder.Entry> entries = new ArrayList<>();
        classes.forEach((name, folders) -> {
            int label = labels.indexOf(name);
            folders.stream()
                    .flatMap(f -> f.all().stream())
                    .map(file -> new PictureFolder.Entry(new Place.Whole(file, ""), relative(file), label))
                    .sorted(Comparator.comparing(PictureFolder.Entry::name))
                    .forEach(entries::add);
        });
        return entries;
    }

    private String relative(Path file) {
        String name = root.path().relativize(file).toString().replace('\\', '/');
        return Normalizer.normalize(name, Normalizer.Form.NFC);
    }

    private BrokenFileException noClasses(PictureTree train) {
        return new BrokenFileException(train.path() + ": has no class folders; expected a folder of"
                + " pictures for each class in " + root.path() + ", or such folders in its train/ and test/");
    }

    private static BrokenFileException onlyOne(PictureTree train, List<PictureTree> only) {
        PictureTree folder = only.get(0);
        boolean inside = folder.folders().stream().filter(f -> !f.isEmpty()).count() > 1;
        return new BrokenFileException(train.path() + ": has only the class '" + folder.name()
                + "'; a classifier needs at least 2" + (inside ? " (the data set may be " + folder.path() + ")" : ""));
    }

    private static void refusePartsInside(PictureTree folder) {
        List<PictureTree> inside = folder.folders().stream()
                .filter(f -> !f.isEmpty() && Part.isName(f.name()))
                .toList();
        if (inside.size() > 1 && inside.stream().anyMatch(f -> Part.TRAINING.is(f.name())))
            throw new BrokenFileException(folder.path() + ": " + names(inside)
                    + " look like parts of a data set inside a class; expected train/" + folder.name() + "/* and test/"
                    + folder.name() + "/*");
    }

    private List<String> leftOut(List<PictureTree> parts) {
        Map<String, Integer> leftOut = new TreeMap<>();
        int outside = root.pictures().size();
        for (PictureTree part : parts)
            if (part != root) outside += part.pictures().size();
        if (outside > 0) leftOut.put((outside == 1 ? "picture" : "pictures") + " outside the class folders", outside);
        for (PictureTree part : parts)
            for (PictureTree folder : part.folders())
                folder.allLeftOut().forEach((kind, n) -> leftOut.merge(kind, n, Integer::sum));
        return leftOut.isEmpty() ? List.of() : List.of("left out: " + PictureTree.words(leftOut));
    }
}
