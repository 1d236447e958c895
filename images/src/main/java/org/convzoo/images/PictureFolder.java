package org.convzoo.images;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.ToIntFunction;
import java.util.zip.CRC32;
import org.convzoo.failure.BrokenFileException;

/** Pictures in files and in archives. */
final class PictureFolder implements Dataset {
    /** About how many of a hundred pictures are held out for the test where a data set has none. */
    static final int HELD_OUT = 20;

    /** A picture's place, its path relative to the data set, its class, and {@link Dataset#weight}. */
    record Entry(Place place, String name, int label, double weight) {
        Entry(Place place, String name, int label) {
            this(place, name, label, 1);
        }

        /** From 0 to 99, and the same whatever else is in the folder. */
        int hash() {
            return PictureFolder.hash(name);
        }
    }

    private final List<Entry> entries;
    private final CheckedFiles checked;

    PictureFolder(List<Entry> entries, CheckedFiles checked) {
        this.entries = List.copyOf(entries);
        this.checked = checked;
    }

    /** Photos of both parts as a data set. */
    static Splits splits(
            String spec,
            List<String> labels,
            List<Entry> learnt,
            List<Entry> tested,
            CheckedFiles checked,
            List<String> notes) {
        return new Splits(
                spec,
                labels,
                Form.PHOTOS,
                new PictureFolder(learnt, checked),
                new PictureFolder(tested, checked),
                notes,
                List.of());
    }

    /** From 0 to 99. */
    static int hash(String text) {
        CRC32 crc = new CRC32();
        crc.update(text.getBytes(StandardCharsets.UTF_8));
        return (int) (crc.getValue() % 100);
    }

    /**
     * About {@value #HELD_OUT} of a hundred pictures of each class, at least one, chosen by a hash: the choice stays the
     * same when pictures are added. Throws {@link BrokenFileException} when a class has only one.
     *
     * @param hash from 0 to 99, the same whatever else is in the data set
     */
    static List<Entry> heldOut(List<Entry> entries, List<String> labels, ToIntFunction<Entry> hash) {
        List<Entry> chosen = new ArrayList<>();
        for (int label = 0; label < labels.size(); label++) {
            int own = label;
            List<Entry> sorted = entries.stream()
                    .filter(e -> e.label == own)
                    .sorted(Comparator.comparingInt(hash).thenComparing(Entry::name))
                    .toList();
            if (sorted.size() < 2)
                throw new BrokenFileException(sorted.get(0).place.title() + ": is the only picture of the class '"
                        + labels.get(label) + "'; a class needs one to learn from and one for the test");
            int count = (int)
                    sorted.stream().filter(e -> hash.applyAsInt(e) < HELD_OUT).count();
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
    public double weight(int i) {
        return entries.get(i).weight;
    }

    @Override
    public Picture picture(int i) {
        return entries.get(i).place.read();
    }

    /** A checksum of the file, or of the archive's member. It is decoded unless it has been and is the same by size and time. */
    @Override
    public long fingerprint(int i) {
        return checked.checksum(entries.get(i).place, () -> picture(i));
    }

    @Override
    public long fingerprint(int i, Picture read) {
        return checked.checksum(entries.get(i).place, () -> {});
    }

    /** A phrase for each file that was read although its content is of another format than its name says. */
    List<String> misnamed() {
        List<String> phrases = new ArrayList<>();
        for (Entry entry : entries) {
            Optional<PictureFormat> content = checked.format(entry.place);
            if (content.isPresent() && !content.equals(PictureFormat.ofName(entry.name)))
                phrases.add(entry.name + " is " + content.get().title());
        }
        return phrases;
    }

    /** Remembers for other processes which files have been decoded. */
    void remember() {
        checked.save();
    }
}
