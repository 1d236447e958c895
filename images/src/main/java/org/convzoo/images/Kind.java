package org.convzoo.images;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
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
            return Layout.of(path(rest)).splits(spec);
        }

        @Override
        public TestSet test(String spec, String rest) {
            return Layout.of(path(rest)).test(spec);
        }
    }

    private static final List<String> GARMENTS = List.of(
            "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot");

    private static final Pattern FOLD = Pattern.compile("fold:(\\d{1,4})/(\\d{1,4}):(.*)", Pattern.DOTALL);

    private static final Kind FOLDER = new Kind("folder:", "DIR", new Folder());

    private static final List<Kind> ALL = List.of(
            new Kind("digits", "", new MnistFiles(Form.DIGITS, List.of(), (p, name) -> embedded("digits", name))),
            new Kind("fashion", "", new MnistFiles(Form.GARMENTS, GARMENTS, (p, name) -> embedded("fashion", name))),
            new Kind("mnist:", "DIR", new MnistFiles(Form.DIGITS, List.of(), Kind::inFolder)),
            FOLDER);

    static Splits splits(String spec) {
        Matcher fold = FOLD.matcher(spec);
        if (fold.matches())
            return Folds.fold(splits(fold.group(3)), Integer.parseInt(fold.group(1)), Integer.parseInt(fold.group(2)));
        Kind kind = of(spec);
        String rest = kind.restOf(spec);
        // A run that remembers what it was trained on finds it from another working directory, too.
        if (!rest.isEmpty()) spec = kind.prefix + path(rest).toAbsolutePath().normalize();
        return kind.opener.splits(spec, rest);
    }

    static TestSet test(String spec) {
        if (FOLD.matcher(spec).matches()) {
            Splits fold = splits(spec);
            return new TestSet(fold.spec(), fold.labels(), fold.test(), fold.notes());
        }
        Kind kind = of(spec);
        return kind.opener.test(spec, kind.restOf(spec));
    }

    /** Throws {@link WrongUseException} when there is no such kind and no such folder. */
    private static Kind of(String spec) {
        for (Kind kind : ALL)
            if (kind.rest.isEmpty() ? spec.equals(kind.prefix) : spec.startsWith(kind.prefix)) return kind;
        if (!spec.isEmpty() && Files.exists(path(spec))) return FOLDER;
        String known = ALL.stream().map(k -> k.prefix + k.rest).collect(Collectors.joining(", "));
        throw new WrongUseException(
                "there is no data set and no folder '" + spec + "'; a data set is one of " + known + ", or a folder");
    }

    private String restOf(String spec) {
        return spec.startsWith(prefix) ? spec.substring(prefix.length()) : spec;
    }

    private static Path path(String text) {
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            throw new WrongUseException(
                    "'" + text + "' cannot be the name of a folder here (" + e.getReason()
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
        Path directory = path(folder);
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
