package org.convzoo.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.convzoo.engine.Targets;
import org.convzoo.graph.Shape;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class MixingTest {
    private static final int COUNT = 5, CLASSES = 4;
    private static final Shape IMAGE = new Shape(3, 6, 9);
    private static final int[] LABELS = {0, 3, 3, 1, 2};
    private static final float[] WEIGHTS = {0.5f, 1, 2, 0.25f};
    private static JsonNode expected;

    @BeforeAll
    static void read() throws IOException {
        expected = Fixtures.json("mixing/expected.json");
    }

    private static FloatBuffer images() {
        float[] values = new float[COUNT * (int) IMAGE.elements()];
        for (int i = 0; i < values.length; i++) values[i] = i % 97 / 3f;
        return FloatBuffer.wrap(values);
    }

    private static float[] floats(JsonNode rows) {
        List<Float> all = new ArrayList<>();
        rows.forEach(row -> row.forEach(v -> all.add(v.floatValue())));
        float[] out = new float[all.size()];
        for (int i = 0; i < out.length; i++) out[i] = all.get(i);
        return out;
    }

    private static String sha256(FloatBuffer floats) {
        ByteBuffer bytes = ByteBuffer.allocate(floats.remaining() * Float.BYTES);
        bytes.asFloatBuffer().put(floats.duplicate());
        return Fixtures.sha256(bytes.array());
    }

    /** The loss as {@link Targets} has it, of logits as the script's. */
    private static double loss(FloatBuffer rows) {
        double loss = 0;
        for (int n = 0; n < COUNT; n++) {
            double[] logits = new double[CLASSES];
            for (int k = 0; k < CLASSES; k++) logits[k] = (n * CLASSES + k) % 7 / 2.0;
            double sum = Arrays.stream(logits).map(Math::exp).sum();
            for (int k = 0; k < CLASSES; k++) loss -= rows.get(n * CLASSES + k) * (logits[k] - Math.log(sum)) / COUNT;
        }
        return loss;
    }

    /** Images and rows to the bit; the loss with smoothing and class weights to a millionth. */
    @Test
    void atAGivenDrawItIsTorchvisions() {
        for (JsonNode one : expected.get("mixup")) {
            double lambda = one.get("lambda").asDouble();
            FloatBuffer images = images(), rows = Targets.rows(LABELS, CLASSES);
            Mixing.mix(images, COUNT, (int) IMAGE.elements(), lambda);
            Mixing.mix(rows, COUNT, CLASSES, lambda);
            compare(one, images, rows, lambda);
        }
        for (JsonNode one : expected.get("cutmix")) {
            int x = one.get("middle").get(0).asInt(),
                    y = one.get("middle").get(1).asInt();
            Mixing.Box box = Mixing.Box.around(x, y, one.get("lambda").asDouble(), IMAGE.width(), IMAGE.height());
            FloatBuffer images = images(), rows = Targets.rows(LABELS, CLASSES);
            box.cut(images, COUNT, IMAGE);
            double lambda = 1 - box.area() / 54.0;
            Mixing.mix(rows, COUNT, CLASSES, lambda);
            compare(one, images, rows, lambda);
        }
        assertThat(expected.get("cutmix").size() + expected.get("mixup").size()).isEqualTo(10);
    }

    private static void compare(JsonNode one, FloatBuffer images, FloatBuffer rows, double lambda) {
        float[] own = new float[rows.remaining()];
        rows.duplicate().get(own);
        assertThat(own).isEqualTo(floats(one.get("targets")));
        assertThat(sha256(images))
                .as(one.toString())
                .isEqualTo(one.get("sha256").asText());
        FloatBuffer weighted = Targets.rows(LABELS, CLASSES, 0.1, WEIGHTS);
        Mixing.mix(weighted, COUNT, CLASSES, lambda);
        assertThat(loss(weighted)).isCloseTo(one.get("loss").asDouble(), within(1e-6));
    }

    /** 20,000 numbers: their share below each quantile is off by less than 1 %, three standard deviations. */
    @Test
    void betaNumbersAreDistributedAsSciPySays() {
        for (var row : expected.get("quantiles").properties()) {
            double alpha = Double.parseDouble(row.getKey());
            SplittableRandom random = new SplittableRandom(5);
            double[] drawn = IntStream.range(0, 20_000)
                    .mapToDouble(i -> Mixing.beta(alpha, random))
                    .toArray();
            int i = 0;
            for (JsonNode quantile : row.getValue()) {
                double q = quantile.asDouble();
                double below = Arrays.stream(drawn).filter(v -> v <= q).count() / 20_000.0;
                assertThat(below).as(alpha + " " + q).isCloseTo(++i / 20.0, within(0.011));
            }
        }
        for (double alpha : new double[] {0.001, 1000})
            for (int i = 0; i < 2000; i++)
                assertThat(Mixing.beta(alpha, new SplittableRandom(i))).isBetween(0.0, 1.0);
    }

    /** What a batch shows after it: nothing, means of whole images, or boxes. */
    private enum Seen {
        NOTHING,
        MEANS,
        BOXES
    }

    /** Image n is n everywhere, so that its pixels tell where they are from. */
    private static Seen seen(Mixing mixing, RandomGenerator random) {
        int length = (int) IMAGE.elements();
        FloatBuffer images = FloatBuffer.allocate(COUNT * length), rows = FloatBuffer.allocate(COUNT * COUNT);
        for (int n = 0; n < COUNT; n++) {
            for (int i = 0; i < length; i++) images.put(n * length + i, n);
            rows.put(n * COUNT + n, 1);
        }
        mixing.apply(images, rows, COUNT, IMAGE, random);
        boolean boxes = false;
        for (int n = 0; n < COUNT; n++) {
            int before = (n + COUNT - 1) % COUNT;
            float own = rows.get(n * COUNT + n), other = rows.get(n * COUNT + before);
            assertThat(own + other).isCloseTo(1, within(1e-6f));
            double mean = 0;
            for (int i = 0; i < length; i++) {
                float v = images.get(n * length + i);
                boxes |= v != images.get(n * length);
                mean += v / length;
            }
            assertThat(mean).isCloseTo(n * own + before * other, within(1e-5));
        }
        if (boxes) return Seen.BOXES;
        return rows.get(0) == 1 ? Seen.NOTHING : Seen.MEANS;
    }

    private static int[] counts(Mixing mixing) {
        int[] counts = new int[Seen.values().length];
        for (int i = 0; i < 400; i++)
            counts[seen(mixing, new SplittableRandom(i)).ordinal()]++;
        return counts;
    }

    @Test
    void bothWaysTakeTurnsAndRowsTellWhatIsInTheImages() {
        assertThat(counts(Mixing.NONE)).containsExactly(400, 0, 0);
        assertThat(counts(Mixing.NONE.withMixup(1))).containsExactly(0, 400, 0);
        int[] half = counts(Mixing.NONE.withMixup(1).withProbability(0.5));
        assertThat(half[1]).isBetween(160, 240);
        int[] boxes = counts(new Mixing(0, 1, 1));
        assertThat(boxes[Seen.BOXES.ordinal()]).isGreaterThan(300); // a small box may have no pixel
        int[] both = counts(new Mixing(1, 1, 1));
        assertThat(both[Seen.MEANS.ordinal()]).isBetween(160, 240);
        assertThat(both[Seen.BOXES.ordinal()]).isGreaterThan(130);
    }

    @Test
    void aBatchOfOneStaysAsItIs() {
        FloatBuffer image = FloatBuffer.wrap(new float[] {1, 2, 3}), row = FloatBuffer.wrap(new float[] {0, 1});
        new Mixing(1, 1, 1).apply(image, row, 1, new Shape(3, 1, 1), new SplittableRandom(1));
        assertThat(image.array()).containsExactly(1, 2, 3);
        assertThat(row.array()).containsExactly(0, 1);
    }

    @Test
    void isTheSameAfterJsonAndRefusesWhatIsNoMixing() throws IOException {
        Mixing mixing = new Mixing(0.2, 1, 0.75);
        String json = mixing.toJson().toString();
        assertThat(json).isEqualTo("{\"mixup\":0.2,\"cutmix\":1.0,\"probability\":0.75}");
        assertThat(Mixing.of(new ObjectMapper().readTree(json))).isEqualTo(mixing);
        assertThatThrownBy(() -> Mixing.of(new ObjectMapper().readTree("{\"mixup\":0.2}")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("no mixing: ")
                .hasMessageNotContaining("\n");
        for (double alpha : new double[] {-1, 1e-9, 1e9, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertThatThrownBy(() -> Mixing.NONE.withMixup(alpha)).hasMessageContaining("the alpha of mixup");
            assertThatThrownBy(() -> Mixing.NONE.withCutmix(alpha)).hasMessageContaining("the alpha of cutmix");
        }
        for (double probability : new double[] {-0.1, 1.1, Double.NaN})
            assertThatThrownBy(() -> Mixing.NONE.withProbability(probability))
                    .hasMessageContaining("from 0 to 1, got " + probability);
    }
}
