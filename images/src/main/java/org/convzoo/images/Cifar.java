package org.convzoo.images;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.convzoo.failure.BrokenFileException;

/**
 * The binary form of CIFAR-10 and CIFAR-100 (Krizhevsky, https://www.cs.toronto.edu/~kriz/cifar.html): records of labels,
 * then 1024 bytes red, green and blue, row by row. Pictures are read from their file when they are asked for.
 *
 * @param labels the class of each picture
 * @param files as many records in each as {@code counts} says
 * @param before the bytes of a record before its pixels
 */
record Cifar(List<Path> files, int[] counts, byte[] labels, int before) implements Dataset {
    /** One of the two data sets. */
    enum Variant {
        CIFAR10("cifar-10-batches-bin", "batches.meta.txt", 10, 1),
        CIFAR100("cifar-100-binary", "fine_label_names.txt", 100, 2);

        private final String folder;
        private final String names;
        private final int classes;
        private final int before;

        Variant(String folder, String names, int classes, int before) {
            this.folder = folder;
            this.names = names;
            this.classes = classes;
            this.before = before;
        }

        private List<String> training() {
            return this == CIFAR100
                    ? List.of("train.bin")
                    : IntStream.rangeClosed(1, 5)
                            .mapToObj(i -> "data_batch_" + i + ".bin")
                            .toList();
        }

        private List<String> test() {
            return List.of(this == CIFAR100 ? "test.bin" : "test_batch.bin");
        }

        /** The folder with the files: one given, or the one in it that the archive makes. */
        private Path in(Path given) {
            if (!Files.isDirectory(given)) throw new BrokenFileException(given + ": no such folder");
            Path unpacked = given.resolve(folder);
            return Files.isDirectory(unpacked) ? unpacked : given;
        }

        Splits splits(String spec, Path given) {
            Path in = in(given);
            return Splits.of(spec, labels(in), Form.PHOTOS, read(in, training()), read(in, test()));
        }

        TestSet test(String spec, Path given) {
            Path in = in(given);
            return new TestSet(spec, labels(in), read(in, test()), List.of());
        }

        private List<String> labels(Path in) {
            Path file = in.resolve(names);
            try {
                if (!Files.isRegularFile(file)) throw missing(in, names);
                byte[] bytes;
                try (InputStream stream = Files.newInputStream(file)) {
                    bytes = stream.readNBytes(1 << 16);
                }
                List<String> labels = new String(bytes, StandardCharsets.UTF_8)
                        .lines()
                        .filter(line -> !line.isBlank())
                        .map(Table::label)
                        .toList();
                if (labels.size() != classes || new HashSet<>(labels).size() != classes)
                    throw new BrokenFileException(
                            file + ": has " + new HashSet<>(labels).size() + " names of classes, not " + classes);
                return labels;
            } catch (IllegalArgumentException e) {
                throw new BrokenFileException(file + ": " + e.getMessage(), e);
            } catch (IOException e) {
                throw new BrokenFileException(file + ": cannot be read", e);
            }
        }

        private BrokenFileException missing(Path in, String name) {
            boolean python = Files.exists(in.resolve("data_batch_1")) || Files.exists(in.resolve("train"));
            return new BrokenFileException(in + ": holds no " + name
                    + (python
                            ? "; it is the form for Python, and the binary one is read"
                            : "; the binary form of CIFAR-" + classes + " has "
                                    + Splits.some(Stream.of(training(), test(), List.of(names))
                                            .flatMap(List::stream)
                                            .toList())));
        }

        private Cifar read(Path in, List<String> names) {
            List<Path> files = new ArrayList<>();
            int[] counts = new int[names.size()];
            byte[] labels = {};
            for (String name : names) {
                Path file = in.resolve(name);
                if (!Files.isRegularFile(file)) throw missing(in, name);
                byte[] own = read(file);
                counts[files.size()] = own.length;
                files.add(file);
                labels = Arrays.copyOf(labels, labels.length + own.length);
                System.arraycopy(own, 0, labels, labels.length - own.length, own.length);
            }
            return new Cifar(files, counts, labels, before);
        }

        private byte[] read(Path file) {
            try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
                long size = Files.size(file), length = before + PIXELS;
                if (size == 0) throw new BrokenFileException(file + ": the file is empty");
                if (size % length != 0)
                    throw new BrokenFileException(file + ": cut short or of another form, its " + size
                            + " bytes are no multiple of " + length);
                if (size / length > MOST)
                    throw new BrokenFileException(file + ": has " + size / length + " pictures, more than " + MOST);
                byte[] labels = new byte[(int) (size / length)];
                for (int i = 0; i < labels.length; i++) {
                    byte[] record = in.readNBytes((int) length);
                    if (record.length < length) throw new BrokenFileException(file + ": cut short while it was read");
                    labels[i] = record[before - 1]; // of CIFAR-100 the second, which is the finer one
                    if ((labels[i] & 255) >= classes)
                        throw new BrokenFileException(file + ": picture " + i + " is of the class " + (labels[i] & 255)
                                + "; there are " + classes + ", counted from 0");
                }
                return labels;
            } catch (IOException e) {
                throw new BrokenFileException(file + ": cannot be read", e);
            }
        }
    }

    private static final int SIDE = 32, PLANE = SIDE * SIDE, PIXELS = 3 * PLANE;
    private static final int MOST = 1_000_000;

    @Override
    public int size() {
        return labels.length;
    }

    @Override
    public int label(int i) {
        return labels[i] & 255;
    }

    private Place.Member place(int i) {
        int file = 0, number = i;
        while (number >= counts[file]) number -= counts[file++];
        long offset = (long) number * (before + PIXELS) + before;
        return new Place.Member(files.get(file), Integer.toString(number), offset, PIXELS);
    }

    @Override
    public Picture picture(int i) {
        byte[] planes = place(i).bytes(), pixels = new byte[PIXELS];
        for (int p = 0; p < PLANE; p++) for (int c = 0; c < 3; c++) pixels[3 * p + c] = planes[c * PLANE + p];
        return new Picture(SIDE, SIDE, 3, pixels);
    }

    @Override
    public String name(int i) {
        Place.Member place = place(i);
        return place.file().getFileName() + "/" + place.member();
    }
}
