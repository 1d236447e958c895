package org.convzoo.images;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.convzoo.verify.Finding;

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
        Optional<String> run(JsonNode one) throws IOException;
    }

    /**
     * A finding a case.
     *
     * @param file the content of a {@code resize.json}
     * @param directory where its pictures lie
     */
    public static List<Finding> check(JsonNode file, Path directory) {
        List<Finding> findings = new ArrayList<>();
        for (JsonNode one : file.path("exact")) findings.add(finding(one, exactName(one), c -> exact(c, directory)));
        for (JsonNode one : file.path("evaluation"))
            findings.add(finding(one, evaluationName(one), c -> evaluation(c, normalise(file), directory)));
        return findings;
    }

    private static Finding finding(JsonNode one, String name, Comparison comparison) {
        try {
            return comparison
                    .run(one)
                    .map(departure -> new Finding(name, false, name + " " + departure))
                    .orElse(new Finding(name, true, name + " ok"));
        } catch (IOException | RuntimeException e) {
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

    private static Optional<String> exact(JsonNode c, Path directory) throws IOException {
        Picture picture = PictureReader.read(
                        directory.resolve(c.required("source").asText()))
                .rgb();
        JsonNode to = c.required("resize_to");
        Picture resized = Resize.resize(
                c.has("box") ? crop(picture, c.get("box")) : picture,
                to.required(0).asInt(),
                to.required(1).asInt(),
                filter(c));
        return bytes("converted", picture, c.required("converted"))
                .or(() -> bytes("resized", resized, c.required("resized")));
    }

    private static Picture crop(Picture picture, JsonNode box) {
        int left = box.required(0).asInt(), top = box.required(1).asInt();
        return picture.crop(
                left, top, box.required(2).asInt() - left, box.required(3).asInt() - top);
    }

    private static Optional<String> evaluation(JsonNode c, Transform.Normalise normalise, Path directory)
            throws IOException {
        int crop = c.required("crop").asInt();
        Transform.Step colour = new Transform.Colour(3), cut = new Transform.CentreCrop(crop, crop);
        Transform.Step resize =
                new Transform.ShorterSide(c.required("resize_shorter").asInt(), filter(c));
        Picture picture =
                PictureReader.read(directory.resolve(c.required("source").asText()));
        Picture resized = resize.apply(colour.apply(picture)), cropped = cut.apply(resized);
        FloatBuffer floats = FloatBuffer.allocate(3 * crop * crop);
        new Transform(List.of(colour, resize, cut), normalise).apply(picture, floats);
        return bytes("resized", resized, c.required("resized"))
                .or(() -> bytes("cropped", cropped, c.required("cropped")))
                .or(() -> floats(floats, crop, c));
    }

    private static Transform.Normalise normalise(JsonNode file) {
        List<Double> mean = new ArrayList<>(), std = new ArrayList<>();
        for (JsonNode m : file.required("mean")) mean.add(m.asDouble());
        for (JsonNode s : file.required("std")) std.add(s.asDouble());
        return new Transform.Normalise(mean, std);
    }

    private static Filter filter(JsonNode c) {
        return Filter.valueOf(c.required("resample").asText().toUpperCase(Locale.ROOT));
    }

    private static Optional<String> bytes(String what, Picture got, JsonNode expected) {
        int width = expected.required("size").required(0).asInt();
        int height = expected.required("size").required(1).asInt();
        if (got.width() != width || got.height() != height)
            return Optional.of(what + " to " + got.width() + "x" + got.height() + ", not " + width + "x" + height);
        if (sha256(got.pixels()).equals(expected.required("sha256").asText())) return Optional.empty();
        byte[] head = HexFormat.of().parseHex(expected.path("head").asText());
        for (int i = 0; i < head.length; i++)
            if (head[i] != got.pixels()[i])
                return Optional.of(
                        what + ": byte " + i + " is " + (got.pixels()[i] & 255) + ", not " + (head[i] & 255));
        return Optional.of(what + ": bytes after the first " + head.length + " differ");
    }

    /** The mean of each channel, and its first and last pixel. */
    private static Optional<String> floats(FloatBuffer got, int crop, JsonNode c) {
        int plane = crop * crop;
        for (int k = 0; k < 3; k++) {
            double sum = 0;
            for (int i = 0; i < plane; i++) sum += got.get(k * plane + i);
            double[] found = {sum / plane, got.get(k * plane), got.get((k + 1) * plane - 1)};
            double[] expected = {
                c.required("normalised_mean").required(k).asDouble(),
                c.required("normalised_first").required(0).required(k).asDouble(),
                c.required("normalised_first").required(1).required(k).asDouble()
            };
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
