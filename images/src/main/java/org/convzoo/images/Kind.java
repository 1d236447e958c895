package org.convzoo.images;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.convzoo.failure.BrokenFileException;
import org.convzoo.failure.OutOfMemoryException;
import org.convzoo.failure.WrongUseException;

/**
 * A kind of data set that a specification names by its prefix, and a folder if there is more to say.
 *
 * @param rest what follows the prefix, for people; empty when nothing does
 */
record Kind(String prefix, String rest, Opener opener) {
    /** Opens a data set. */
    private interface Opener {
        /** @param rest of the specification {@code spec} */
        Splits splits(String spec, String rest);

        /** Without a test: the training part, or everything. */
        Splits learnt(String spec, String rest);

        TestSet test(String spec, String rest);
    }

    /** Reads a file of an embedded data set or of a folder, by its name without {@code .gz}. */
    private interface Source {
        Idx.File read(String place, String name) throws IOException;
    }

    /** IDX files as MNIST has them. */
    private record MnistFiles(Form form, List<String> labels, Source source) implements Opener {
        @Override
        public Splits splits(String spec, String rest) {
            Idx train = part(rest, "train", "train"), test = part(rest, "test", "t10k");
            List<String> names = names(Math.max(train.classes(), test.classes()));
            if (names.size() < 2)
                throw new BrokenFileException(spec + ": has only one class; a classifier needs at least 2");
            return Splits.of(spec, names, form, train, test);
        }

        @Override
        public Splits learnt(String spec, String rest) {
            return withoutTest(splits(spec, rest));
        }

        @Override
        public TestSet test(String spec, String rest) {
            Idx test = part(rest, "test", "t10k");
            return new TestSet(spec, names(test.classes()), test, List.of());
        }

        private Idx part(String place, String name, String files) {
            try {
                return Idx.read(
                        name,
                        source.read(place, files + "-images-idx3-ubyte"),
                        source.read(place, files + "-labels-idx1-ubyte"));
            } catch (IOException e) {
                throw new BrokenFileException(Objects.requireNonNullElse(e.getMessage(), e.toString()), e);
            }
        }

        private List<String> names(int classes) {
            if (!labels.isEmpty()) return labels;
            return IntStream.range(0, classes).mapToObj(Integer::toString).toList();
        }
    }

    private record Folder() implements Opener {
        @Override
        public Splits splits(String spec, String rest) {
            return Layout.of(path(rest, "folder")).splits(spec);
        }

        @Override
        public Splits learnt(String spec, String rest) {
            return Layout.of(path(rest, "folder")).learnt(spec);
        }

        @Override
        public TestSet test(String spec, String rest) {
            return Layout.of(path(rest, "folder")).test(spec);
        }
    }

    /** Pictures that are listed one by one. */
    private record Lists(Function<String, Listed> read) implements Opener {
        @Override
        public Splits splits(String spec, String rest) {
            return read.apply(rest).splits(spec);
        }

        @Override
        public Splits learnt(String spec, String rest) {
            return read.apply(rest).learnt(spec);
        }

        @Override
        public TestSet test(String spec, String rest) {
            return read.apply(rest).test(spec);
        }
    }

    private record CifarFiles(Cifar.Variant variant) implements Opener {
        @Override
        public Splits splits(String spec, String rest) {
            return variant.splits(spec, path(rest, "folder"));
        }

        @Override
        public Splits learnt(String spec, String rest) {
            return withoutTest(splits(spec, rest));
        }

        @Override
        public TestSet test(String spec, String rest) {
            return variant.test(spec, path(rest, "folder"));
        }
    }

    private static final List<String> GARMENTS = List.of(
            "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot");

    private static final Pattern FOLD = Pattern.compile("fold:(\\d{1,4})/(\\d{1,4}):(.*)", Pattern.DOTALL);

    private static final Pattern PART = Pattern.compile("part:(\\d{1,9})/(\\d{1,9}):(.*)", Pattern.DOTALL);

    private static final Kind FOLDER = new Kind("folder:", "DIR", new Folder());

    private static final List<Kind> ALL = List.of(
            new Kind("digits", "", new MnistFiles(Form.DIGITS, List.of(), (p, name) -> embedded("digits", name))),
            new Kind("fashion", "", new MnistFiles(Form.GARMENTS, GARMENTS, (p, name) -> embedded("fashion", name))),
            new Kind("mnist:", "DIR", new MnistFiles(Form.DIGITS, List.of(), Kind::inFolder)),
            FOLDER,
            new Kind("csv:", "FILE", new Lists(rest -> Table.read(path(rest, "folder")))),
            new Kind("cifar10:", "DIR", new CifarFiles(Cifar.Variant.CIFAR10)),
            new Kind("cifar100:", "DIR", new CifarFiles(Cifar.Variant.CIFAR100)),
            new Kind("shards:", "GLOB", new Lists(Shards::read)));

    static Splits splits(String spec) {
        Matcher fold = FOLD.matcher(spec);
        if (fold.matches())
            return Folds.fold(splits(fold.group(3)), Integer.parseInt(fold.group(1)), Integer.parseInt(fold.group(2)));
        Matcher part = PART.matcher(spec);
        if (part.matches())
            return Folds.part(splits(part.group(3)), Integer.parseInt(part.group(1)), Integer.parseInt(part.group(2)));
        if (Tested.is(spec)) return Tested.of(learnt(Tested.learnt(spec)), test(absolute(Tested.test(spec))));
        return of(spec).opener.splits(absolute(spec), of(spec).restOf(spec));
    }

    /** What {@code spec} has to learn from, without a test. */
    private static Splits learnt(String spec) {
        return isMade(spec) ? withoutTest(splits(spec)) : of(spec).opener.learnt(absolute(spec), of(spec).restOf(spec));
    }

    /** Whether a specification names data sets that others name, too. */
    private static boolean isMade(String spec) {
        return Tested.is(spec)
                || FOLD.matcher(spec).matches()
                || PART.matcher(spec).matches();
    }

    private static Splits withoutTest(Splits splits) {
        return new Splits(
                splits.spec(),
                splits.labels(),
                splits.form(),
                splits.train(),
                Selection.none(splits.test()),
                splits.notes(),
                splits.leftOut());
    }

    static TestSet test(String spec) {
        if (!isMade(spec)) return of(spec).opener.test(spec, of(spec).restOf(spec));
        Splits splits = splits(spec);
        return new TestSet(splits.spec(), splits.labels(), splits.test(), splits.notes());
    }

    /** A run that remembers what it was trained on finds it from another working directory, too. */
    private static String absolute(String spec) {
        if (isMade(spec)) return spec;
        Kind kind = of(spec);
        return kind.rest.isEmpty()
                ? spec
                : kind.prefix
                        + path(kind.restOf(spec), "folder").toAbsolutePath().normalize();
    }

    /** Throws {@link WrongUseException} when there is no such kind and no such folder. */
    private static Kind of(String spec) {
        for (Kind kind : ALL)
            if (kind.rest.isEmpty() ? spec.equals(kind.prefix) : spec.startsWith(kind.prefix)) return kind;
        if (!spec.isEmpty() && Files.exists(path(spec, "folder"))) return FOLDER;
        String known = ALL.stream().map(k -> k.prefix + k.rest).collect(Collectors.joining(", "));
        throw new WrongUseException(
                "there is no data set and no folder '" + spec + "'; a data set is one of " + known + ", or a folder");
    }

    private String restOf(String spec) {
        return spec.startsWith(prefix) ? spec.substring(prefix.length()) : spec;
    }

    /**
     * A path that is written so.
     *
     * @param what it is to be, for messages: a file or a folder
     */
    static Path path(String text, String what) {
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            throw new WrongUseException(
                    "'" + text + "' cannot be the name of a " + what + " here (" + e.getReason()
                            + "); if letters of it are lost, set LC_ALL=C.UTF-8",
                    e);
        }
    }

    private static Idx.File embedded(String folder, String name) throws IOException {
        String resource = folder + "/" + name + ".gz";
        try (InputStream in = Splits.class.getResourceAsStream(resource)) {
            if (in == null) throw new IOException(resource + " is not on the class path; the build is incomplete");
            return new Idx.File(resource, in.readAllBytes());
        }
    }

    private static Idx.File inFolder(String folder, String name) throws IOException {
        Path directory = path(folder, "folder");
        if (!Files.isDirectory(directory)) throw new IOException(folder + ": no such folder");
        for (String usual : List.of(name, name + ".gz", name.replace("-idx", ".idx"))) {
            Path file = directory.resolve(usual);
            if (!Files.isRegularFile(file)) continue;
            if (Files.size(file) > Room.ALL)
                throw new OutOfMemoryException(file + ": has " + Room.size(Files.size(file)) + "; there are "
                        + Room.size(Room.ALL) + " for pictures, half of Java's heap (-Xmx)");
            return new Idx.File(file.toString(), Files.readAllBytes(file));
        }
        throw new IOException(folder + ": holds no " + name + ", plain or .gz; an MNIST folder has images and labels of"
                + " train and t10k");
    }
}
