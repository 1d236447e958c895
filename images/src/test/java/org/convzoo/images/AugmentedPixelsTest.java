package org.convzoo.images;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.StreamSupport;
import org.convzoo.graph.Shape;
import org.convzoo.images.Augmentation.Erasing;
import org.convzoo.images.Policies.Operation;
import org.convzoo.images.Policies.Part;
import org.convzoo.images.Policies.Scale;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Operations at fixed parameters, and the tables of the policies, against what torchvision and Pillow make of them. */
class AugmentedPixelsTest {
    private static final Shape SHAPE = new Shape(3, 47, 61);
    private static final RandomGenerator RANDOM = new SplittableRandom(1);
    private static final Map<String, Picture> PICTURES = new HashMap<>();
    private static JsonNode expected;

    @BeforeAll
    static void read() throws IOException {
        expected = Fixtures.json("augment/expected.json");
        Picture photo = PictureReader.read(Fixtures.path("pillow/chelsea.png"));
        expected.get("crops").properties().forEach(crop -> {
            int[] box = ints(crop.getValue());
            Picture picture = photo.crop(box[0], box[1], box[2] - box[0], box[3] - box[1]);
            PICTURES.put(crop.getKey(), picture);
            PICTURES.put(crop.getKey() + "_grey", picture.grey());
        });
        Picture wide = PICTURES.get("wide");
        byte[] dull = wide.pixels().clone();
        for (int i = 0; i < dull.length; i++) dull[i] = (byte) (i % 3 == 2 ? 77 : (dull[i] & 255) / 4 + 90);
        PICTURES.put("dull", new Picture(wide.width(), wide.height(), 3, dull));
    }

    /** Every byte: the tolerance is 0. */
    @Test
    void bytesArePillows() {
        List<String> wrong = new ArrayList<>();
        for (JsonNode one : expected.get("cases")) {
            Picture before = PICTURES.get(one.get("picture").asText());
            Picture after = applied(
                    one.get("operation").asText(),
                    before,
                    doubles(one.get("arguments")),
                    Filter.valueOf(one.get("filter").asText().toUpperCase(Locale.ROOT)));
            if (!Fixtures.sha256(after.pixels()).equals(one.get("sha256").asText()))
                wrong.add(one.get("picture") + " " + one.get("operation") + one.get("arguments") + one.get("filter"));
        }
        assertThat(wrong).isEmpty();
        assertThat(expected.get("cases").size()).isGreaterThan(1300);
    }

    private static Picture applied(String operation, Picture p, double[] values, Filter filter) {
        if (operation.startsWith("policy "))
            return Operation.valueOf(operation.substring(7).toUpperCase(Locale.ROOT))
                    .apply(p, values[0], filter);
        return switch (operation) {
            case "rotate" -> Geometry.rotated(p, values[0], filter);
            case "perspective" -> Geometry.perspective(p, rounded(values));
            case "grey" -> new Tones.Grey().apply(p, SHAPE, RANDOM);
            case "invert" -> new Tones.Invert().apply(p, SHAPE, RANDOM);
            case "equalize" -> new Tones.Equalize().apply(p, SHAPE, RANDOM);
            case "auto_contrast" -> new Tones.AutoContrast().apply(p, SHAPE, RANDOM);
            case "posterize" -> new Tones.Posterize((int) values[0]).apply(p, SHAPE, RANDOM);
            case "solarize" -> new Tones.Solarize(values[0]).apply(p, SHAPE, RANDOM);
            case "sharpness" -> new Tones.Sharpness(values[0]).apply(p, SHAPE, RANDOM);
            case "brightness" -> ColourJitter.brighter(p, (float) values[0]);
            case "contrast" -> ColourJitter.contrasted(p, (float) values[0]);
            case "saturation" -> ColourJitter.saturated(p, (float) values[0]);
            case "hue" -> ColourJitter.turned(p, values[0]);
            case "light" -> Tones.Lighting.lit(p, values);
            case "erase" ->
                new Erasing(0.1, 0.2, 1, 1, List.of(124, 116, 104))
                        .erased(p, (int) values[0], (int) values[1], (int) values[2], (int) values[3], RANDOM);
            default -> throw new IllegalArgumentException(operation);
        };
    }

    /** At most 1, in at most one value of a thousand: sums in single precision depend on their order. */
    @Test
    void blursArePyTorchs() {
        for (JsonNode one : expected.get("blurs")) {
            Picture before = PICTURES.get(one.get("picture").asText());
            byte[] bytes = Base64.getDecoder().decode(one.get("bytes").asText());
            double sigma = one.get("sigma").asDouble();
            byte[] after = new Tones.GaussianBlur(one.get("size").asInt(), sigma, sigma)
                    .apply(before, SHAPE, RANDOM)
                    .pixels();
            int different = 0;
            for (int i = 0; i < bytes.length; i++) {
                int difference = Math.abs((bytes[i] & 255) - (after[i] & 255));
                assertThat(difference).isLessThan(2);
                different += difference;
            }
            assertThat(different).as(one.get("picture") + " " + sigma).isLessThanOrEqualTo(bytes.length / 1000);
        }
        assertThat(expected.get("blurs").size()).isEqualTo(9);
    }

    /** Every byte, with PyTorch's own normal numbers. */
    @Test
    void noiseIsPyTorchs() {
        JsonNode noise = expected.get("noise");
        Iterator<JsonNode> draws = noise.get("draws").iterator();
        RandomGenerator replayed = new RandomGenerator() {
            @Override
            public long nextLong() {
                throw new AssertionError("noise is normal");
            }

            @Override
            public double nextGaussian() {
                return draws.next().asDouble();
            }
        };
        Picture after = new Tones.GaussianNoise(noise.get("sigma").asDouble())
                .apply(PICTURES.get(noise.get("picture").asText()), SHAPE, replayed);
        assertThat(Fixtures.sha256(after.pixels()))
                .isEqualTo(noise.get("sha256").asText());
        assertThat(draws.hasNext()).isFalse();
    }

    /** To the last bit. */
    @Test
    void magnitudesAreTorchvisions() {
        JsonNode policies = expected.get("policies");
        compare(Scale.NARROW, policies.get("rand_augment"), 31, 61, 47);
        compare(Scale.WIDE, policies.get("trivial_augment_wide"), 31, 61, 47);
        compare(Scale.NARROW, policies.get("auto_augment"), 10, 224, 331);
        assertThat(names(policies.get("rand_augment")))
                .isEqualTo(names(policies.get("trivial_augment_wide")))
                .hasSize(14)
                .doesNotContain("invert");
    }

    private static List<String> names(JsonNode policy) {
        return policy.properties().stream().map(Map.Entry::getKey).toList();
    }

    private static void compare(Scale scale, JsonNode table, int levels, int width, int height) {
        Picture picture = Fixtures.plain(width, height, 1, 0);
        for (var row : table.properties()) {
            Operation operation = Operation.valueOf(row.getKey().toUpperCase(Locale.ROOT));
            assertThat(operation.signed())
                    .isEqualTo(row.getValue().get("signed").asBoolean());
            double[] magnitudes = doubles(row.getValue().get("magnitudes"));
            if (magnitudes.length == 0)
                assertThat(scale.magnitude(operation, picture, levels, 1)).isZero();
            else assertThat(magnitudes).hasSize(levels);
            for (int i = 0; i < magnitudes.length; i++) {
                double ours = scale.magnitude(operation, picture, levels, i);
                assertThat(ours).as(row.getKey()).isEqualTo(magnitudes[i]);
            }
        }
    }

    @Test
    void autoAugmentsPairsAreTorchvisions() {
        List<List<Part>> pairs = new ArrayList<>();
        for (JsonNode pair : expected.get("policies").get("imagenet"))
            pairs.add(StreamSupport.stream(pair.spliterator(), false)
                    .map(part -> new Part(
                            Operation.valueOf(part.get("operation").asText().toUpperCase(Locale.ROOT)),
                            part.get("probability").asDouble(),
                            part.get("level").asInt()))
                    .toList());
        assertThat(Policies.IMAGENET).hasSize(25).isEqualTo(pairs);
    }

    private static int[] rounded(double[] values) {
        int[] out = new int[values.length];
        for (int i = 0; i < out.length; i++) out[i] = (int) values[i];
        return out;
    }

    private static int[] ints(JsonNode list) {
        return rounded(doubles(list));
    }

    private static double[] doubles(JsonNode list) {
        double[] out = new double[list.size()];
        for (int i = 0; i < out.length; i++) out[i] = list.get(i).asDouble();
        return out;
    }
}
