package org.convzoo.images;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.convzoo.failure.BrokenFileException;
import org.convzoo.failure.OutOfMemoryException;
import org.convzoo.failure.StoppedException;

/**
 * What a look at every picture of a data set found: {@link Splits#scan}.
 *
 * @param items the pictures that can be read, those of the training first
 * @param broken the pictures that cannot
 * @param misnamed what is said of files that can be read although their content is of another format than their name
 *     says: {@code "hat/a.jpg is a WebP picture"}
 */
public record Inventory(List<Item> items, List<Broken> broken, List<String> misnamed) {
    /**
     * A picture that can be read.
     *
     * @param part {@value #TRAINING} or {@value #TEST}
     * @param label the name of its class
     * @param content {@link Dataset#fingerprint}, in hexadecimal, and the {@link Dataset#weight} of a picture that counts
     *     otherwise than once
     */
    public record Item(String part, String name, String label, String content) {}

    /**
     * A picture that cannot be read.
     *
     * @param name as {@link Dataset#name}
     * @param reason what is wrong with it
     */
    public record Broken(String name, String reason) {
        @Override
        public String toString() {
            return name + ": " + reason;
        }
    }

    static final String TRAINING = "train", TEST = "test";

    /** Reads what was not read before. */
    static final Eye READING = (part, pictures, i) -> pictures.fingerprint(i);

    private static final int NAMED = 3, LINE = 700;

    public Inventory {
        items = List.copyOf(items);
        broken = List.copyOf(broken);
        misnamed = List.copyOf(misnamed);
    }

    /** Looks at picture {@code i}, from several threads, and says its {@link Dataset#fingerprint}, or throws as that does. */
    interface Eye {
        long fingerprint(String part, Dataset pictures, int i);
    }

    /**
     * Reads every picture of some parts of a data set, on all processors; what was read before is remembered.
     *
     * @param data what the data set is called
     * @param parts the parts by their names
     * @throws StoppedException when the thread is interrupted
     */
    static Inventory of(String data, List<String> labels, Map<String, Dataset> parts, Eye eye) {
        Thread caller = Thread.currentThread();
        List<Item> items = new ArrayList<>();
        List<Broken> broken = new ArrayList<>();
        List<String> misnamed = new ArrayList<>();
        parts.forEach((name, part) -> {
            List<Object> found = IntStream.range(0, part.size())
                    .parallel()
                    .mapToObj(i -> {
                        if (caller.isInterrupted()) throw new StoppedException("stopped while looking at " + data);
                        return look(name, part, i, labels, eye);
                    })
                    .toList();
            for (Object o : found) {
                if (o instanceof Item item) items.add(item);
                if (o instanceof Broken b) broken.add(b);
            }
            for (PictureFolder folder : folders(part)) {
                folder.remember();
                folder.misnamed().stream().filter(m -> !misnamed.contains(m)).forEach(misnamed::add);
            }
        });
        return new Inventory(items, broken, misnamed);
    }

    private static List<PictureFolder> folders(Dataset part) {
        if (part instanceof PictureFolder folder) return List.of(folder);
        if (part instanceof Selection s) return folders(s.from());
        if (part instanceof Tested.Pictures t) return folders(t.from());
        return part instanceof Folds.Joined j
                ? Stream.concat(folders(j.first()).stream(), folders(j.second()).stream())
                        .toList()
                : List.of();
    }

    private static Object look(String name, Dataset part, int i, List<String> labels, Eye eye) {
        try {
            String content = Long.toHexString(eye.fingerprint(name, part, i));
            if (part.weight(i) != 1) content += " weight " + part.weight(i);
            return new Item(name, part.name(i), labels.get(part.label(i)), content);
        } catch (BrokenFileException | OutOfMemoryException e) {
            String message = String.valueOf(e.getMessage()), called = part.name(i) + ": ";
            int at = message.indexOf(called);
            return new Broken(part.name(i), at < 0 ? message : message.substring(at + called.length()));
        }
    }

    /** A checksum of all that can be read, in its order. */
    public long checksum() {
        CRC32 crc = new CRC32();
        for (Item i : items) crc.update((i + "\n").getBytes(StandardCharsets.UTF_8));
        return crc.getValue();
    }

    /** {@code "6 of 54 pictures cannot be read"}. */
    public String brokenCount() {
        return broken.size() + " of " + (items.size() + broken.size()) + " pictures cannot be read";
    }

    /**
     * Throws {@link BrokenFileException} that names the broken pictures, if there are any; of many the first.
     *
     * @param data what the data set is called
     */
    public void requireWhole(String data) {
        if (broken.isEmpty()) return;
        StringBuilder line = new StringBuilder(data + ": " + brokenCount());
        int told = 0;
        for (Broken b : broken) {
            if (line.length() > LINE) break;
            line.append(told++ == 0 ? ": " : "; ").append(b);
        }
        if (told < broken.size()) line.append("; and " + (broken.size() - told) + " more");
        if (!misnamed.isEmpty()) line.append("; read in spite of its name: " + Splits.some(misnamed));
        throw new BrokenFileException(line.toString());
    }

    /**
     * What is different in {@code now}, a phrase for each kind of difference: {@code "2 added (a/8.png, a/9.png)"}.
     * Empty when all is the same.
     */
    public List<String> differences(Inventory now) {
        Map<String, Item> before = new LinkedHashMap<>();
        for (Item i : items) before.put(i.part + " " + i.name, i);
        List<String> added = new ArrayList<>(), moved = new ArrayList<>(), changed = new ArrayList<>();
        for (Item i : now.items) {
            Item was = before.remove(i.part + " " + i.name);
            if (was == null) added.add(i.name);
            else if (!was.label.equals(i.label)) moved.add(i.name);
            else if (!was.content.equals(i.content)) changed.add(i.name);
        }
        List<String> missing = before.values().stream().map(Item::name).toList(), all = new ArrayList<>();
        phrase(all, missing, "missing");
        phrase(all, added, "added");
        phrase(all, changed, "changed");
        phrase(all, moved, "of another class");
        if (all.isEmpty() && !items.equals(now.items)) all.add("their order");
        return all;
    }

    private static void phrase(List<String> phrases, List<String> names, String what) {
        if (names.isEmpty()) return;
        String first = String.join(", ", names.subList(0, Math.min(NAMED, names.size())));
        phrases.add(names.size() + " " + what + " (" + first + (names.size() > NAMED ? ", ..." : "") + ")");
    }
}
