package org.convzoo.pretrained;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The 1,000 classes of ImageNet (ILSVRC 2012) in the order in which published networks give them. The source and the
 * licences stand in the README beside the resource.
 */
public final class ImageNet {
    /**
     * A class.
     *
     * @param id of its synset in WordNet 3.0, {@code n02123045}; what ImageNet calls its folders
     * @param label a short name that no other class has: torchvision's, which takes WordNet's first word for the synset
     *     but for {@code crane bird} and {@code maillot tank suit}, whose first words other classes have
     * @param synset all of WordNet's words for it, {@code tabby, tabby cat}
     */
    public record Category(String id, String label, String synset) {
        /** The label, the other words for it, and the id: {@code tabby, tabby cat (n02123045)}. */
        public String text() {
            Stream<String> others = Stream.of(synset.split(", ")).filter(word -> !word.equals(label));
            return Stream.concat(Stream.of(label), others).collect(Collectors.joining(", ")) + " (" + id + ")";
        }
    }

    /** In the order of their numbers, from 0 to 999. */
    public static final List<Category> CATEGORIES = read();

    /** The labels in that order, no two the same. */
    public static final List<String> LABELS =
            CATEGORIES.stream().map(Category::label).toList();

    private ImageNet() {}

    /** Labels for so many classes of which nothing is known: ImageNet's for a thousand, else numbers. */
    public static List<String> labels(int classes) {
        return classes == LABELS.size()
                ? LABELS
                : IntStream.range(0, classes).mapToObj(k -> "class " + k).toList();
    }

    /**
     * The label of the class that somebody calls so: by its id, as ImageNet names its folders, by its label, by all of
     * WordNet's words for it, or by its number; small and capital letters are the same, and so are spaces and underscores.
     * Another name as it is.
     */
    public static String label(String name) {
        if (name.matches("\\d{1,3}")) return LABELS.get(Integer.parseInt(name));
        String plain = name.replace('_', ' ');
        return CATEGORIES.stream()
                .filter(c -> Stream.of(c.id, c.label, c.synset).anyMatch(plain::equalsIgnoreCase))
                .map(Category::label)
                .findFirst()
                .orElse(name);
    }

    private static List<Category> read() {
        try (BufferedReader rows = new BufferedReader(new InputStreamReader(
                Objects.requireNonNull(ImageNet.class.getResourceAsStream("imagenet/classes.tsv")),
                StandardCharsets.UTF_8))) {
            return rows.lines()
                    .map(row -> row.split("\t"))
                    .map(row -> new Category(row[0], row[1], row[2]))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
