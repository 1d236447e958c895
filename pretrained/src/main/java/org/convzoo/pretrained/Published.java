package org.convzoo.pretrained;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.function.Function;
import org.convzoo.failure.Near;
import org.convzoo.failure.WrongUseException;
import org.convzoo.images.Filter;
import org.convzoo.images.Transform;
import org.convzoo.json.Field;
import org.convzoo.json.Json;
import org.convzoo.models.Models;

/**
 * Weights that somebody published for a network of the catalogue: a row of {@code published.json}.
 *
 * @param network the catalogue's name of the network
 * @param tag tells the weights of one network apart, {@code imagenet1k_v2}
 * @param library whose facts these are, with its version
 * @param source where the file is: an address, or {@code pypi:PROJECT} for a file of the Python package index
 * @param file its name in the store and on a mirror
 * @param format how the weights are packed
 * @param sha256 what the file's SHA-256 begins with, in hexadecimal; empty where the library states none
 * @param memberSha1 what the SHA-1 of the one file within the archive begins with; empty where it states none
 * @param parameters how many the network has
 * @param top1 of ImageNet's validation images, in per cent, as the library states it
 * @param top5 as {@code top1}
 * @param licence an SPDX expression; empty where nobody said under which licence the weights are
 * @param featuresOnly whether the classifier is missing, so that they are only a start for training
 * @param transform what the network wants pictures to go through
 */
@RecordBuilder
public record Published(
        String network,
        String tag,
        String library,
        URI source,
        String file,
        Format format,
        String sha256,
        String memberSha1,
        long parameters,
        OptionalDouble top1,
        OptionalDouble top5,
        String licence,
        boolean featuresOnly,
        Transform transform)
        implements PublishedBuilder.With {
    /** How weights are packed. */
    public enum Format {
        SAFETENSORS("safetensors"),
        PTH("pth"),
        PTH_IN_ZIP("pth in zip"),
        /** Part of this library. */
        EMBEDDED("embedded");

        private final String text;

        Format(String text) {
            this.text = text;
        }

        @Override
        public String toString() {
            return text;
        }

        private static Format of(Field field) {
            for (Format format : values()) if (format.text.equals(field.text())) return format;
            throw field.not("a format of weights");
        }
    }

    private static final List<Published> ALL = read();

    /** All, in the order of the catalogue; of one network, its default first. */
    public static List<Published> all() {
        return ALL;
    }

    /**
     * Those of one network, the default first: what the library itself takes, its newest where there are several.
     *
     * @throws java.util.NoSuchElementException when the catalogue has no such network
     * @throws WrongUseException when nobody published weights for it
     */
    public static List<Published> of(String network) {
        Models.named(network);
        List<Published> found =
                ALL.stream().filter(p -> p.network.equals(network)).toList();
        if (found.isEmpty())
            throw new WrongUseException(
                    network + ": no published weights are known for it; near networks that have some" + " are "
                            + String.join(", ", Near.names(network, networks())));
        return found;
    }

    /** The default weights of a network. Throws as {@link #of(String)} does. */
    public static Published named(String network) {
        return of(network).get(0);
    }

    /** The weights of that tag. Throws as {@link #of(String)} does, and {@link WrongUseException} for another tag. */
    public static Published named(String network, String tag) {
        List<Published> all = of(network);
        return all.stream()
                .filter(p -> p.tag.equals(tag))
                .findFirst()
                .orElseThrow(() -> new WrongUseException(network + " has no weights tagged '" + tag + "'; it has "
                        + String.join(", ", all.stream().map(Published::tag).toList())));
    }

    /** Those networks of the catalogue that have published weights. */
    public static List<String> networks() {
        return ALL.stream().map(Published::network).distinct().toList();
    }

    /** {@code resnet50:imagenet1k_v2}. */
    public String name() {
        return network + ":" + tag;
    }

    /** Who published them and where, for people. */
    public String origin() {
        return library + ", " + source;
    }

    /** The bytes that the weights take as float32; files are about as long. */
    public long bytes() {
        return parameters * Float.BYTES;
    }

    private static List<Published> read() {
        try (InputStream in = Objects.requireNonNull(Published.class.getResourceAsStream("published.json"))) {
            List<Published> rows = new Field("published", Json.parse(in.readAllBytes()))
                    .list().stream().map(Published::of).toList();
            List<String> order = Models.all().stream().map(a -> a.name()).toList();
            return rows.stream()
                    .sorted(Comparator.comparing((Published p) -> order.indexOf(p.network)))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Published of(Field json) {
        return new Published(
                json.at("network").text(),
                json.at("tag").text(),
                json.at("library").text(),
                URI.create(json.at("source").text()),
                json.at("file").text(),
                Format.of(json.at("format")),
                optional(json.at("sha256"), Field::text, ""),
                optional(json.at("member_sha1"), Field::text, ""),
                json.at("parameters").integer(1, Long.MAX_VALUE),
                optional(json.at("top1"), f -> OptionalDouble.of(f.number()), OptionalDouble.empty()),
                optional(json.at("top5"), f -> OptionalDouble.of(f.number()), OptionalDouble.empty()),
                json.at("licence").text(),
                optional(json.at("features_only"), Field::truth, false),
                transform(json.at("transform")));
    }

    private static <T> T optional(Field field, Function<Field, T> value, T absent) {
        return field.present() ? value.apply(field) : absent;
    }

    /** As torchvision and timm evaluate: the shorter side resized, the middle cut out, normalised. */
    private static Transform transform(Field json) {
        int crop = json.at("crop").count();
        Filter filter =
                switch (json.at("interpolation").text()) {
                    case "bilinear" -> Filter.BILINEAR;
                    case "bicubic" -> Filter.BICUBIC;
                    default -> throw json.at("interpolation").not("bilinear or bicubic");
                };
        return new Transform(
                List.of(
                        new Transform.Colour(3),
                        new Transform.ShorterSide(json.at("resize").count(), filter),
                        new Transform.CentreCrop(crop, crop)),
                new Transform.Normalise(numbers(json.at("mean")), numbers(json.at("std"))));
    }

    private static List<Double> numbers(Field list) {
        return Arrays.stream(list.numbers(3)).boxed().toList();
    }
}
