package org.convzoo.verify;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.convzoo.images.Filter;
import org.convzoo.images.Picture;
import org.convzoo.images.PictureReader;
import org.convzoo.images.Resize;
import org.convzoo.images.Transform;
import org.convzoo.json.Field;

/**
 * Holds decoding, resizing and the usual evaluation pipeline (shorter side, centre crop, normalise) against what Pillow
 * made of the same files. Bytes must be equal, floats equal to the 7 digits that are given.
 */
public final class PixelCheck {
    private static final double SEVEN_DIGITS = 1e-6;
    private static final String[] WHAT = {"the mean", "the first pixel", "the last pixel"};

    private PixelCheck() {}

    /** What departs, if anything. */
    private interface Comparison {
        Optional<String> run(Field one);
    }

    /**
     * A finding a case.
     *
     * @param file the content of a {@code resize.json}
     * @param directory where its pictures lie
     * @throws IllegalArgumentException with one line when it is no such file
     */
    public static List<Finding> check(JsonNode file, Path directory) {
        Field fields = Field.of(file);
        List<Finding> findings = new ArrayList<>();
        for (Field one : fields.at("exact").optionalList())
            findings.add(finding(one, exactName(one.json()), c -> exact(c, directory)));
        for (Field one : fields.at("evaluation").optionalList())
            findings.add(finding(one, evaluationName(one.json()), c -> evaluation(c, normalise(fields), directory)));
        return findings;
    }

    private static Finding finding(Field one, String name, Comparison comparison) {
        try {
            return comparison
                    .run(Field.of(one.json()))
                    .map(departure -> new Finding(name, false, name + " " + departure))
                    .orElse(new Finding(name, true, name + " ok"));
        } catch (RuntimeException e) {
            return new Finding(name, false, name + " " + e.getMessage());
        }
    }

    private static String exactName(JsonNode c) {
        String box = c.has("box") ? " box " + list(c.get("box"), ",") : "";
        return c.path("source").asText() + " " + c.path("mode").asText() + box + " to " + list(c.path("resize_to"), "x")
                + " " + c.path("resample").asText();
    }

    private static String evaluationName(JsonNode c) {
        return c.path("source").asText() + " shorter side "
                + c.path("resize_shorter").asText() + " " + c.path("resample").asText() + " crop "
                + c.path("crop").asText();
    }

    private static String list(JsonNode numbers, String separator) {
        List<String> texts = new ArrayList<>();
        for (JsonNode n : numbers) texts.add(n.asText());
        return String.join(separator, texts);
    }

    private static Optional<String> exact(Field c, Path directory) {
        Picture picture =
                PictureReader.read(directory.resolve(c.at("source").text())).rgb();
        double[] to = c.at("resize_to").numbers(2);
        Picture part = c.has("box") ? crop(picture, c.at("box").numbers(4)) : picture;
        Picture resized = Resize.resize(part, (int) to[0], (int) to[1], filter(c));
        return bytes("converted", picture, c.at("converted")).or(() -> bytes("resized", resized, c.at("resized")));
    }

    private static Picture crop(Picture picture, double[] box) {
        int left = (int) box[0], top = (int) box[1];
        return picture.crop(left, top, (int) box[2] - left, (int) box[3] - top);
    }

    private static Optional<String> evaluation(Field c, Transform.Normalise normalise, Path directory) {
        int crop = c.at("crop").count();
        Transform.Step colour = new Transform.Colour(3), cut = new Transform.CentreCrop(crop, crop);
        Transform.Step resize = new Transform.ShorterSide(c.at("resize_shorter").count(), filter(c));
        Picture picture = PictureReader.read(directory.resolve(c.at("source").text()));
        Picture resized = resize.apply(colour.apply(picture)), cropped = cut.apply(resized);
        FloatBuffer floats = FloatBuffer.allocate(3 * crop * crop);
        new Transform(List.of(colour, resize, cut), normalise).apply(picture, floats);
        return bytes("resized", resized, c.at("resized"))
                .or(() -> bytes("cropped", cropped, c.at("cropped")))
                .or(() -> floats(floats, crop, c));
    }

    private static Transform.Normalise normalise(Field file) {
        return new Transform.Normalise(
                Arrays.stream(file.at("mean").numbers(3)).boxed().toList(),
                Arrays.stream(file.at("std").numbers(3)).boxed().toList());
    }

    private static Filter filter(Field c) {
        return Filter.valueOf(c.at("resample").text().toUpperCase(Locale.ROOT));
    }

    private static Optional<String> bytes(String what, Picture got, Field expected) {
        double[] size = expected.at("size").numbers(2);
        int width = (int) size[0], height = (int) size[1];
        if (got.width() != width || got.height() != height)
            return Optional.of(what + " to " + got.width() + "x" + got.height() + ", not " + width + "x" + height);
        if (sha256(got.pixels()).equals(expected.at("sha256").text())) return Optional.empty();
        byte[] head = HexFormat.of()
                .parseHex(expected.has("head") ? expected.at("head").text() : "");
        for (int i = 0; i < Math.min(head.length, got.pixels().length); i++)
            if (head[i] != got.pixels()[i])
                return Optional.of(
                        what + ": byte " + i + " is " + (got.pixels()[i] & 255) + ", not " + (head[i] & 255));
        return Optional.of(what + ": bytes after the first " + head.length + " differ");
    }

    /** The mean of each channel, and its first and last pixel. */
    private static Optional<String> floats(FloatBuffer got, int crop, Field c) {
        double[] mean = c.at("normalised_mean").numbers(3),
                pixels = c.at("normalised_first").numbers(6);
        int plane = crop * crop;
        for (int k = 0; k < 3; k++) {
            double sum = 0;
            for (int i = 0; i < plane; i++) sum += got.get(k * plane + i);
            double[] found = {sum / plane, got.get(k * plane), got.get((k + 1) * plane - 1)};
            double[] expected = {mean[k], pixels[k], pixels[3 + k]};
            for (int i = 0; i < found.length; i++)
                if (!(Math.abs(found[i] - expected[i]) <= SEVEN_DIGITS * Math.max(1, Math.abs(expected[i]))))
                    return Optional.of("normalised: " + WHAT[i] + " of channel " + k + " is " + (float) found[i]
                            + ", not " + (float) expected[i]);
        }
        return Optional.empty();
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every JDK has it
        }
    }
}
