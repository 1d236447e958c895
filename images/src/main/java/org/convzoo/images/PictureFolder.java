package org.convzoo.images;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.stream.Stream;
import java.util.zip.CRC32;

/** Pictures in a folder a class. What was decoded is kept as long as there is room, first come, first kept. */
final class PictureFolder implements Dataset {
    /** A picture's file, its path relative to the data set, and its class. */
    private record Entry(Path file, String name, int label) {
        /** From 0 to 99, and the same whatever else is in the folder. */
        int hash() {
            CRC32 crc = new CRC32();
            crc.update(name.getBytes(StandardCharsets.UTF_8));
            return (int) (crc.getValue() % 100);
        }
    }

    private static final List<String> TRAIN = List.of("train", "training");
    private static final List<String> TEST = List.of("test", "val", "valid", "validation");
    private static final int TEST_PERCENT = 20;
    private static final long ROOM = Math.min(256L << 20, Runtime.getRuntime().maxMemory() / 8);

    private final List<Entry> entries;
    private final AtomicReferenceArray<Picture> kept;
    private final AtomicLong room = new AtomicLong(ROOM);

    private PictureFolder(List<Entry> entries) {
        this.entries = List.copyOf(entries);
        this.kept = new AtomicReferenceArray<>(entries.size());
    }

    /**
     * Opens a folder with a folder a class, or with such folders under {@code train} and {@code test} (or {@code val}).
     * Without a test folder about a fifth of each class, at least one picture, is for the test, chosen by a hash of the
     * relative path: it stays the same when pictures are added.
     */
    static Splits open(String spec, Path root) throws IOException {
        if (!Files.exists(root)) throw new IOException(root + ": no such folder");
        if (!Files.isDirectory(root))
            throw new IOException(root + " is a file; a data set is a folder with a folder of pictures a class");
        Path train = first(root, TRAIN), test = first(root, TEST);
        List<Path> classes = folders(train);
        if (classes.isEmpty())
            throw new IOException(train + " has no class folders; expected " + root + "/CLASS/*.jpg or *.png, or "
                    + root + "/train/CLASS/* and " + root + "/test/CLASS/*");
        List<String> labels = classes.stream().map(PictureFolder::fileName).toList();
        if (labels.size() < 2)
            throw new IOException(train + " has only the class '" + labels.get(0) + "'; a classifier needs at least 2");
        List<Entry> learnt = entries(root, train, labels), tested = new ArrayList<>();
        if (train.equals(root) || test.equals(root)) {
            tested = chosenForTest(learnt, labels);
            learnt.removeAll(tested);
        } else {
            tested = entries(root, test, labels);
        }
        return new Splits(spec, labels, Form.PHOTOS, new PictureFolder(learnt), new PictureFolder(tested));
    }

    /** The first folder of these names that is there and holds folders; {@code root} when there is none. */
    private static Path first(Path root, List<String> names) throws IOException {
        for (String name : names) {
            Path folder = root.resolve(name);
            if (Files.isDirectory(folder) && !folders(folder).isEmpty()) return folder;
        }
        return root;
    }

    private static List<Path> folders(Path folder) throws IOException {
        try (Stream<Path> list = Files.list(folder)) {
            return list.filter(p -> Files.isDirectory(p) && !fileName(p).startsWith("."))
                    .sorted(Comparator.comparing(PictureFolder::fileName))
                    .toList();
        } catch (IOException e) {
            throw new IOException(folder + ": cannot be listed", e);
        }
    }

    private static String fileName(Path path) {
        return String.valueOf(path.getFileName());
    }

    private static List<Entry> entries(Path root, Path split, List<String> labels) throws IOException {
        List<Entry> entries = new ArrayList<>();
        for (Path folder : folders(split)) {
            int label = labels.indexOf(fileName(folder));
            if (label < 0) throw new IOException(folder + ": there is no class of that name to learn from");
            List<Path> pictures = pictures(folder);
            if (pictures.isEmpty()) throw new IOException(folder + " holds no JPEG or PNG picture");
            for (Path picture : pictures) {
                String name = root.relativize(picture).toString().replace('\\', '/');
                entries.add(new Entry(picture, name, label));
            }
        }
        return entries;
    }

    private static List<Path> pictures(Path folder) throws IOException {
        try (Stream<Path> walk = Files.walk(folder, FileVisitOption.FOLLOW_LINKS)) {
            return walk.filter(p -> isPicture(fileName(p)) && Files.isRegularFile(p))
                    .sorted()
                    .toList();
        } catch (UncheckedIOException e) {
            throw new IOException(folder + ": cannot be listed, " + e.getCause().getMessage(), e);
        }
    }

    private static boolean isPicture(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return !lower.startsWith(".") && (lower.endsWith(".jpg") || lower.endsWith(".jpeg") || lower.endsWith(".png"));
    }

    private static List<Entry> chosenForTest(List<Entry> entries, List<String> labels) throws IOException {
        List<Entry> chosen = new ArrayList<>();
        for (int label = 0; label < labels.size(); label++) {
            int own = label;
            List<Entry> sorted = entries.stream()
                    .filter(e -> e.label == own)
                    .sorted(Comparator.comparingInt(Entry::hash).thenComparing(Entry::name))
                    .toList();
            if (sorted.size() < 2)
                throw new IOException("the class '" + labels.get(label)
                        + "' has only one picture; it needs one to learn from and one for the test");
            int count =
                    (int) sorted.stream().filter(e -> e.hash() < TEST_PERCENT).count();
            chosen.addAll(sorted.subList(0, Math.max(1, Math.min(sorted.size() - 1, count))));
        }
        chosen.sort(Comparator.comparing(Entry::name));
        return chosen;
    }

    @Override
    public int size() {
        return entries.size();
    }

    @Override
    public int label(int i) {
        return entries.get(i).label;
    }

    @Override
    public String name(int i) {
        return entries.get(i).name;
    }

    @Override
    public Picture picture(int i) throws IOException {
        Picture known = kept.get(i);
        if (known != null) return known;
        Picture picture = PictureReader.read(entries.get(i).file);
        int bytes = picture.pixels().length;
        if (room.addAndGet(-bytes) >= 0) kept.set(i, picture);
        else room.addAndGet(bytes);
        return picture;
    }

    /** A file that begins and ends as its format does passes; any other is decoded. */
    @Override
    public void check(int i) throws IOException {
        Path path = entries.get(i).file;
        byte[] begin = new byte[4], end = new byte[8];
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "r")) {
            if (file.length() >= begin.length + end.length) {
                file.readFully(begin);
                file.seek(file.length() - end.length);
                file.readFully(end);
            }
        } catch (IOException e) {
            throw new IOException(path + ": cannot be read", e);
        }
        boolean jpeg = begin[0] == (byte) 0xFF && begin[1] == (byte) 0xD8;
        boolean ended = jpeg
                ? end[6] == (byte) 0xFF && end[7] == (byte) 0xD9
                : begin[1] == 'P' && end[0] == 'I' && end[1] == 'E' && end[2] == 'N' && end[3] == 'D';
        if (!ended) PictureReader.read(path);
    }
}
