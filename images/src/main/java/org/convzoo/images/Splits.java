package org.convzoo.images;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.convzoo.failure.BrokenFileException;
import org.convzoo.failure.OutOfMemoryException;

/**
 * A data set for training and test.
 *
 * @param spec what {@link #open} was given
 * @param labels the names of the classes
 * @param form what its pictures are, and so what they go through by default
 */
public record Splits(String spec, List<String> labels, Form form, Dataset train, Dataset test) {
    public Splits {
        labels = List.copyOf(labels);
    }

    /** Opens what the rest of a specification names. */
    private interface Opener {
        Splits open(String spec, String rest) throws IOException;
    }

    /** Reads a file of an embedded data set or of a folder, by its name without {@code .gz}. */
    private interface Source {
        Idx.File read(String name) throws IOException;
    }

    private record Kind(String prefix, String rest, Opener opener) {}

    private static final List<String> GARMENTS = List.of(
            "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot");

    /** Every kind of data set. */
    private static final List<Kind> KINDS = List.of(
            new Kind("digits", "", (spec, rest) -> idx(spec, Form.DIGITS, List.of(), name -> embedded("digits", name))),
            new Kind("fashion", "", (spec, rest) -> idx(spec, Form.GARMENTS, GARMENTS, name -> embedded(spec, name))),
            new Kind("mnist:", "DIR", (spec, rest) -> idx(spec, Form.DIGITS, List.of(), name -> inFolder(rest, name))),
            new Kind("folder:", "DIR", (spec, rest) -> PictureFolder.open(spec, Path.of(rest))));

    /**
     * Opens {@code digits}, {@code fashion} (both embedded), {@code mnist:DIR} (IDX files, plain or gzipped),
     * {@code folder:DIR} or just {@code DIR} (a folder a class).
     *
     * @throws IllegalArgumentException with one line when there is no such kind of data set
     * @throws IOException with one line that says what is broken, or what was expected
     */
    public static Splits open(String spec) throws IOException {
        for (Kind kind : KINDS) {
            boolean named = kind.rest.isEmpty() ? spec.equals(kind.prefix) : spec.startsWith(kind.prefix);
            if (named) return kind.opener.open(spec, spec.substring(kind.prefix.length()));
        }
        if (Files.exists(Path.of(spec))) return PictureFolder.open(spec, Path.of(spec));
        String known = KINDS.stream().map(k -> k.prefix + k.rest).collect(Collectors.joining(", "));
        throw new IllegalArgumentException(
                "there is no data set and no folder '" + spec + "'; a data set is one of " + known + ", or a folder");
    }

    private static Splits idx(String spec, Form form, List<String> labels, Source source) throws IOException {
        Idx train = Idx.read("train", source.read("train-images-idx3-ubyte"), source.read("train-labels-idx1-ubyte"));
        Idx test = Idx.read("test", source.read("t10k-images-idx3-ubyte"), source.read("t10k-labels-idx1-ubyte"));
        int classes = Math.max(train.classes(), test.classes());
        if (classes < 2) throw new IOException(spec + " has only one class; a classifier needs at least 2");
        List<String> names = labels.isEmpty()
                ? IntStream.range(0, classes).mapToObj(Integer::toString).toList()
                : labels;
        return new Splits(spec, names, form, train, test);
    }

    private static Idx.File embedded(String folder, String name) throws IOException {
        String resource = folder + "/" + name + ".gz";
        try (InputStream in = Splits.class.getResourceAsStream(resource)) {
            if (in == null) throw new IOException(resource + " is not on the class path; the build is incomplete");
            return new Idx.File(resource, in.readAllBytes());
        }
    }

    private static Idx.File inFolder(String folder, String name) throws IOException {
        Path directory = Path.of(folder);
        if (!Files.isDirectory(directory)) throw new IOException(folder + ": no such folder");
        for (String usual : List.of(name, name + ".gz", name.replace("-idx", ".idx"))) {
            Path file = directory.resolve(usual);
            if (Files.isRegularFile(file)) return new Idx.File(file.toString(), Files.readAllBytes(file));
        }
        throw new IOException(folder + " holds no " + name + ", plain or .gz; an MNIST folder has images and labels of"
                + " train and t10k");
    }

    /** A line for each picture that cannot be decoded, as far as that shows at little cost; empty when all is well. */
    public List<String> scan() {
        return Stream.of(train, test).flatMap(Splits::problems).toList();
    }

    private static Stream<String> problems(Dataset dataset) {
        return IntStream.range(0, dataset.size()).parallel().boxed().flatMap(i -> {
            try {
                dataset.check(i);
                return Stream.empty();
            } catch (IOException | BrokenFileException | OutOfMemoryException e) {
                return Stream.of(String.valueOf(e.getMessage()));
            }
        });
    }
}
