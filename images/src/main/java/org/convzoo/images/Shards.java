package org.convzoo.images;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.convzoo.failure.BrokenFileException;
import org.convzoo.failure.OutOfMemoryException;
import org.convzoo.json.Json;
import org.jspecify.annotations.Nullable;

/**
 * Tar archives as WebDataset has them: members of the same path up to the first dot of the file's name are a sample,
 * which has a picture and, in this order, its label in {@code .cls} (a number or a name), {@code .json} (a text or
 * number, alone or as {@code "label"} or {@code "class"}) or {@code .txt} (a name). Archives with the name of a
 * {@link Part} in theirs, as in {@code photos-train-0001.tar}, are that part.
 */
final class Shards {
    /** What is known of a sample; a label of less rank is better. */
    private static final class Sample {
        Place.@Nullable Member picture;

        String label = "";
        int rank = LABELS.size();
    }

    private static final List<String> LABELS = List.of("cls", "json", "txt");

    /** Longer ones are no labels. */
    private static final int LONGEST_TEXT = 1 << 10, LONGEST_JSON = 1 << 16; // bytes

    /** About what a sample takes in memory, in bytes. */
    private static final int SAMPLE = 1500;

    private static final Pattern NO_LETTERS = Pattern.compile("[^\\p{L}]+");

    private final Path root;
    private final List<Listed.Row> rows = new ArrayList<>();
    private final Map<String, Integer> leftOut = new TreeMap<>();

    private Shards(Path root) {
        this.root = root;
    }

    /** Reads the headers and labels of all archives. Throws {@link BrokenFileException} that names what is broken. */
    static Listed read(String glob) {
        List<Path> archives = Glob.files(glob);
        Path root = archives.get(0).resolveSibling("");
        for (Path archive : archives) while (!archive.startsWith(root)) root = root.resolveSibling("");
        List<Optional<Part>> parts = archives.stream().map(Shards::part).toList();
        for (int i = 1; i < parts.size(); i++)
            if (parts.get(i).isEmpty() != parts.get(0).isEmpty())
                throw new BrokenFileException(archives.get(i) + ": of this archive and " + archives.get(0)
                        + " only one has the name of a part, as train or test; name all of them so or none");
        Shards shards = new Shards(root);
        for (int i = 0; i < parts.size(); i++) shards.add(archives.get(i), parts.get(i));
        if (shards.rows.isEmpty())
            throw new BrokenFileException(archives.get(0) + ": has no pictures" + shards.notes("; it has "));
        String counted = archives.size() == 1 ? "1 archive" : archives.size() + " archives";
        List<String> notes = Stream.concat(Stream.of(counted), Stream.of(shards.notes("left out: ")))
                .filter(n -> !n.isEmpty())
                .toList();
        return new Listed(glob, shards.rows, root, notes);
    }

    private String notes(String before) {
        return leftOut.isEmpty() ? "" : before + PictureTree.words(leftOut);
    }

    private static Optional<Part> part(Path archive) {
        return NO_LETTERS
                .splitAsStream(String.valueOf(archive.getFileName()))
                .flatMap(word -> Part.of(word).stream())
                .findFirst();
    }

    private void add(Path archive, Optional<Part> part) {
        Map<String, Sample> samples = new LinkedHashMap<>();
        try (Tar tar = new Tar(archive)) {
            for (Optional<Tar.Entry> e = tar.next(); e.isPresent(); e = tar.next()) add(archive, e.get(), samples);
            if (tar.others() > 0) leftOut.merge("links or devices", tar.others(), Integer::sum);
        } catch (IOException e) {
            throw new BrokenFileException(archive + ": cannot be read", e);
        }
        List<String> unlabelled = new ArrayList<>();
        for (Sample sample : samples.values()) {
            if (sample.picture == null) {
                leftOut.merge(
                        sample.rank < LABELS.size() ? "labels without a picture" : "other samples", 1, Integer::sum);
            } else if (sample.rank == LABELS.size()) {
                unlabelled.add(sample.picture.member());
            } else {
                String name = root.relativize(archive) + "/" + sample.picture.member();
                rows.add(new Listed.Row(
                        sample.picture, Normalizer.normalize(name, Normalizer.Form.NFC), sample.label, part, 1));
            }
        }
        if (!unlabelled.isEmpty())
            throw new BrokenFileException(archive + "/" + Table.shortened(unlabelled.get(0))
                    + ": has no label beside it in .cls, .json or .txt"
                    + (unlabelled.size() == 1 ? "" : ", nor have " + (unlabelled.size() - 1) + " more pictures"));
    }

    private void add(Path archive, Tar.Entry entry, Map<String, Sample> samples) {
        int slash = entry.name().lastIndexOf('/'), dot = entry.name().indexOf('.', slash + 1);
        if (dot <= slash + 1) return; // hidden, or of no sample
        String key = entry.name().substring(0, dot);
        String extension = entry.name().substring(dot + 1).toLowerCase(Locale.ROOT);
        boolean picture = PictureFormat.ofName("picture." + extension)
                .filter(f -> f.isRead() && extension.indexOf('.') < 0)
                .isPresent();
        int rank = LABELS.indexOf(extension);
        Sample sample = samples.computeIfAbsent(key, k -> new Sample());
        if (rows.size() + samples.size() > Room.ALL / SAMPLE)
            throw new OutOfMemoryException(
                    archive + ": more pictures than fit into memory; make Java's heap larger (-Xmx)");
        Place.Member member = new Place.Member(archive, entry.name(), entry.offset(), entry.size());
        if (picture) {
            if (sample.picture != null)
                throw new BrokenFileException(member.title() + ": a second picture of the same sample; the first is "
                        + sample.picture.member());
            sample.picture = member;
        } else if (rank >= 0 && rank < sample.rank) {
            label(member, extension).ifPresent(label -> {
                sample.label = label;
                sample.rank = rank;
            });
        } else if (rank < 0) {
            leftOut.merge(PictureTree.kind(entry.name()), 1, Integer::sum);
        }
    }

    /** The label that a member holds; empty where it is JSON about something else. */
    private static Optional<String> label(Place.Member member, String extension) {
        boolean json = extension.equals("json");
        int most = json ? LONGEST_JSON : LONGEST_TEXT;
        if (member.size() > most)
            throw new BrokenFileException(member.title() + ": is no label, it has " + member.size() + " bytes");
        try {
            String text = Utf8.text(member.bytes()).strip();
            if (!json) return Optional.of(canonical(Table.label(text)));
            JsonNode tree = Json.parse(text), said = tree;
            if (tree.isObject()) said = tree.has("label") ? tree.path("label") : tree.path("class");
            if (said.isMissingNode() && tree.isObject()) return Optional.empty();
            if (!said.isTextual() && !said.isIntegralNumber())
                throw new BrokenFileException(member.title() + ": its label is no text and no whole number");
            return Optional.of(canonical(Table.label(said.asText())));
        } catch (CharacterCodingException e) {
            throw new BrokenFileException(member.title() + ": is not in UTF-8", e);
        } catch (IllegalArgumentException e) {
            throw new BrokenFileException(member.title() + ": " + e.getMessage(), e);
        }
    }

    /** A number without zeros before it, so that one class is not taken for two. */
    private static String canonical(String label) {
        return label.chars().allMatch(c -> c >= '0' && c <= '9') ? new BigInteger(label).toString() : label;
    }
}
