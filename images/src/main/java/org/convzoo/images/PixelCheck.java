package org.convzoo.images;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
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
import org.convzoo.verify.Fields;
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
        Optional<String> run(Fields one) throws IOException;
    }

    /**
     * A finding a case.
     *
     * @param file the content of a {@code resize.json}
     * @param directory where its pictures lie
     * @throws IllegalArgumentException with one line when it is no such file
     */
    public static List<Finding> check(JsonNode file, Path directory) {
        Fields fields = Fields.of(file);
        List<Finding> findings = new ArrayList<>();
        if (fields.has("exact"))
            for (JsonNode one : fields.list("exact"))
                findings.add(finding(one, exactName(one), c -> exact(c, directory)));
        if (fields.has("evaluation"))
            for (JsonNode one : fields.list("evaluation"))
                findings.add(finding(one, evaluationName(one), c -> evaluation(c, normalise(fields), directory)));
        return findings;
    }

    private static Finding finding(JsonNode one, String name, Comparison comparison) {
        try {
            return comparison
                    .run(Fields.of(one, ""))
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

    private static Optional<String> exact(Fields c, Path directory) throws IOException {
        Picture picture =
                PictureReader.read(directory.resolve(c.text("source"))).rgb();
        double[] to = c.numbers("resize_to", 2);
        Picture part = c.has("box") ? crop(picture, c.numbers("box", 4)) : picture;
        Picture resized = Resize.resize(part, (int) to[0], (int) to[1], filter(c));
        return bytes("converted", picture, c.object("converted"))
                .or(() -> bytes("resized", resized, c.object("resized")));
    }

    private static Picture crop(Picture picture, double[] box) {
        int left = (int) box[0], top = (int) box[1];
        return picture.crop(left, top, (int) box[2] - left, (int) box[3] - top);
    }

    private static Optional<String> evaluation(Fields c, Transform.Normalise normalise, Path directory)
            throws IOException {
        int crop = c.count("crop");
        Transform.Step colour = new Transform.Colour(3), cut = new Transform.CentreCrop(crop, crop);
        Transform.Step resize = new Transform.ShorterSide(c.count("resize_shorter"), filter(c));
        Picture picture = PictureReader.read(directory.resolve(c.text("source")));
        Picture resized = resize.apply(colour.apply(picture)), cropped = cut.apply(resized);
        FloatBuffer floats = FloatBuffer.allocate(3 * crop * crop);
        new Transform(List.of(colour, resize, cut), normalise).apply(picture, floats);
        return bytes("resized", resized, c.object("resized"))
                .or(() -> bytes("cropped", cropped, c.object("cropped")))
                .or(() -> floats(floats, crop, c));
    }

    private static Transform.Normalise normalise(Fields file) {
        return new Transform.Normalise(
                Arrays.stream(file.numbers("mean", 3)).boxed().toList(),
                Arrays.stream(file.numbers("std", 3)).boxed().toList());
    }

    private static Filter filter(Fields c) {
        return Filter.valueOf(c.text("resample").toUpperCase(Locale.ROOT));
    }

    private static Optional<String> bytes(String what, Picture got, Fields expected) {
        double[] size = expected.numbers("size", 2);
        int width = (int) size[0], height = (int) size[1];
        if (got.width() != width || got.height() != height)
            return Optional.of(what + " to " + got.width() + "x" + got.height() + ", not " + width + "x" + height);
        if (sha256(got.pixels()).equals(expected.text("sha256"))) return Optional.empty();
        byte[] head = HexFormat.of().parseHex(expected.has("head") ? expected.text("head") : "");
        for (int i = 0; i < Math.min(head.length, got.pixels().length); i++)
            if (head[i] != got.pixels()[i])
                return Optional.of(
                        what + ": byte " + i + " is " + (got.pixels()[i] & 255) + ", not " + (head[i] & 255));
        return Optional.of(what + ": bytes after the first " + head.length + " differ");
    }

    /** The mean of each channel, and its first and last pixel. */
    private static Optional<String> floats(FloatBuffer got, int crop, Fields c) {
        double[] mean = c.numbers("normalised_mean", 3), pixels = c.numbers("normalised_first", 6);
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
