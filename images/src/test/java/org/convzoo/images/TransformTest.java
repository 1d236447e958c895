package org.convzoo.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.FloatBuffer;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import org.convzoo.graph.Shape;
import org.convzoo.images.Transform.CentreCrop;
import org.convzoo.images.Transform.Colour;
import org.convzoo.images.Transform.Exact;
import org.convzoo.images.Transform.Normalise;
import org.convzoo.images.Transform.Pad;
import org.convzoo.images.Transform.ShorterSide;
import org.junit.jupiter.api.Test;

class TransformTest {
    private static final Normalise GREY = new Normalise(List.of(0.5), List.of(0.25));

    private static final Transform ALL = new Transform(
            List.of(
                    new Colour(1),
                    new Ink(Ink.Polarity.DARK_ON_LIGHT, 28, 20),
                    new ShorterSide(20, Filter.LANCZOS),
                    new CentreCrop(16, 16),
                    new Exact(10, 12, Filter.BOX),
                    new Pad(14, 14),
                    new Colour(3)),
            new Normalise(List.of(0.485, 0.456, 0.406), List.of(0.229, 0.224, 0.225)));

    @Test
    void isTheSameAfterJson() throws JsonProcessingException {
        String json = ALL.toJson().toString();
        assertThat(json).contains("{\"step\":\"shorter side\",\"size\":20,\"filter\":\"lanczos\"}");
        assertThat(Transform.of(new ObjectMapper().readTree(json))).isEqualTo(ALL);
        assertThat(ALL.output()).isEqualTo(new Shape(3, 14, 14));
    }

    @Test
    void jsonThatIsNoTransformGivesOneLine() {
        for (String json : List.of(
                "{\"steps\":[{\"step\":\"twist\"}],\"normalise\":{\"mean\":[0],\"std\":[1]}}",
                "{\"steps\":[{\"step\":\"colour\"}],\"normalise\":{\"mean\":[0],\"std\":[1]}}",
                "{\"steps\":[{\"step\":\"colour\",\"channels\":2}],\"normalise\":{\"mean\":[0],\"std\":[1]}}",
                "{\"steps\":[],\"normalise\":{\"mean\":[0],\"std\":[1]},\"more\":1}",
                "{\"steps\":[]}",
                "{\"steps\":[null],\"normalise\":{\"mean\":[0],\"std\":[1]}}",
                "{\"steps\":null,\"normalise\":{\"mean\":[0],\"std\":[1]}}",
                "{\"steps\":[{\"step\":\"colour\",\"channels\":1.5}],\"normalise\":{\"mean\":[0],\"std\":[1]}}",
                "{\"steps\":[{\"step\":\"resize\",\"width\":4,\"height\":4,\"filter\":null}],"
                        + "\"normalise\":{\"mean\":[0],\"std\":[1]}}",
                "{\"steps\":[{\"step\":\"colour\",\"channels\":1}],\"normalise\":{\"mean\":[null],\"std\":[1]}}",
                "{\"steps\":[{\"step\":\"colour\",\"channels\":1}],\"normalise\":{\"mean\":[\"NaN\"],\"std\":[1]}}",
                "null",
                "[]"))
            assertThatThrownBy(() -> Transform.of(new ObjectMapper().readTree(json)))
                    .as(json)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("no transform: ")
                    .hasMessageNotContaining("\n");
    }

    @Test
    void picturesMustComeOutAlike() {
        assertThatThrownBy(() -> new Transform(List.of(new Colour(1), new Pad(2, 2)), GREY))
                .hasMessageContaining("no fixed shape: 1x3x2, 1x4x5");
        assertThatThrownBy(() -> new Transform(List.of(new Exact(4, 4, Filter.BOX)), GREY))
                .hasMessageContaining("no fixed shape: 1x4x4, 3x4x4");
        assertThatThrownBy(() -> new Transform(List.of(new Colour(3), new Exact(4, 4, Filter.BOX)), GREY))
                .hasMessageContaining("3 channels, but there are means of 1");
    }

    @Test
    void cropsTheMiddleAndRoundsHalvesToEven() {
        Picture row = new Picture(6, 1, 1, new byte[] {1, 2, 3, 4, 5, 6});
        assertThat(new CentreCrop(4, 1).apply(row).pixels()).containsExactly(2, 3, 4, 5);
        assertThat(new CentreCrop(5, 1).apply(row).pixels()).containsExactly(1, 2, 3, 4, 5); // 0.5 to 0
        assertThat(new CentreCrop(3, 1).apply(row).pixels()).containsExactly(3, 4, 5); // 1.5 to 2
        assertThat(new CentreCrop(8, 2).apply(row).pixels())
                .containsExactly(0, 1, 2, 3, 4, 5, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    }

    @Test
    void normalisesPlaneByPlane() {
        Transform t = new Transform(
                List.of(new Colour(3), new CentreCrop(2, 1)),
                new Normalise(List.of(0.0, 0.5, 1.0), List.of(1.0, 0.5, 0.25)));
        FloatBuffer into = FloatBuffer.allocate(8).position(1);
        t.apply(new Picture(2, 1, 3, new byte[] {0, (byte) 255, 51, (byte) 255, 0, (byte) 204}), into);
        assertThat(into.position()).isEqualTo(7);
        float[] expected = {0, 0, 1, 1, -1, -3.2f, -0.8f, 0};
        for (int i = 0; i < expected.length; i++) assertThat(into.get(i)).isCloseTo(expected[i], within(1e-6f));
    }

    @Test
    void formsGiveTheShapeAskedFor() {
        for (Form form : Form.values())
            for (String shape : List.of("1x28x28", "1x32x32", "3x32x32", "3x64x48", "1x224x224"))
                assertThat(form.transform(Shape.parse(shape)).output()).hasToString(shape);
    }

    @Test
    void thinPicturesGoThroughEveryForm() {
        int[][] sizes = {{1, 20_000}, {60_000, 1}, {1, 100_000}, {100_000, 1}, {2, 65_500}, {65_500, 3}, {1, 1}};
        for (Form form : Form.values())
            for (String shape : List.of("1x28x28", "3x32x32", "3x224x224", "3x64x480")) {
                Transform transform = form.transform(Shape.parse(shape));
                for (int[] size : sizes)
                    for (int channels : new int[] {1, 3})
                        assertThat(transform
                                        .picture(Fixtures.noise(size[0], size[1], channels, 3))
                                        .pixels())
                                .as(form + " " + shape + " " + size[0] + "x" + size[1])
                                .hasSize((int) Shape.parse(shape).elements());
            }
    }

    @Test
    void resizingAndCroppingAtOnceIsTheSameAsOneAfterTheOther() {
        for (int[] size : new int[][] {{40, 30}, {7, 90}, {120, 11}, {64, 64}, {1, 300}})
            for (int[] crop : new int[][] {{20, 20}, {21, 18}, {50, 3}, {3, 50}, {300, 300}}) {
                Picture picture = Fixtures.noise(size[0], size[1], 3, 5);
                ShorterSide shorter = new ShorterSide(24, Filter.BICUBIC);
                CentreCrop centre = new CentreCrop(crop[0], crop[1]);
                Transform both = new Transform(
                        List.of(new Colour(3), shorter, centre),
                        new Normalise(List.of(0.0, 0.0, 0.0), List.of(1.0, 1.0, 1.0)));
                assertThat(both.picture(picture).pixels())
                        .isEqualTo(centre.apply(shorter.apply(picture)).pixels());
            }
    }

    @Test
    void stepsWithoutEndOrMeasureAreRefusedAtOnce() {
        assertThatThrownBy(() -> new Transform(Collections.nCopies(5000, new Colour(1)), GREY))
                .hasMessage("a transform has at most 32 steps, got 5000");
        assertThatThrownBy(
                        () -> new Transform(Collections.nCopies(30, new Exact(20_000, 20_000, Filter.LANCZOS)), GREY))
                .hasMessage("the steps make pictures of more than 268,435,456 pixels, one of them 1x20000x20000");
        assertThatThrownBy(() -> new Pad(100_000, 100_000))
                .hasMessage("sizes are from 1 to 65536 pixels, got 100000x100000");
        assertThatThrownBy(() -> new Ink(Ink.Polarity.AUTO, 1 << 20, 20)).hasMessageStartingWith("sizes are from 1");
        assertThatThrownBy(() -> Form.PHOTOS.transform(new Shape(3, 100_000, 100_000)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void namesOfFiltersAreTheSameInEveryLanguage() {
        Locale usual = Locale.getDefault();
        try {
            Locale.setDefault(new Locale("tr", "TR"));
            Transform transform = new Transform(List.of(new Colour(1), new Exact(4, 4, Filter.BILINEAR)), GREY);
            assertThat(transform.toJson().toString()).contains("\"bilinear\"");
            assertThat(Transform.of(transform.toJson())).isEqualTo(transform);
        } finally {
            Locale.setDefault(usual);
        }
    }

    @Test
    void polarityCanBeOverridden() {
        Transform digits = Form.DIGITS.transform(new Shape(1, 28, 28)).with(Ink.Polarity.LIGHT_ON_DARK);
        Picture white = Fixtures.plain(28, 28, 1, 255);
        assertThat(digits.picture(white).pixels()).containsOnly(255);
        assertThat(digits.with(Ink.Polarity.DARK_ON_LIGHT).picture(white).pixels())
                .containsOnly(0);
    }

    @Test
    void anotherSizeKeepsTheProportions() {
        Transform published = new Transform(
                List.of(
                        new Transform.Colour(3),
                        new Transform.ShorterSide(256, Filter.BICUBIC),
                        new Transform.CentreCrop(224, 224)),
                new Transform.Normalise(List.of(0.75, 0.5, 0.25), List.of(0.2, 0.2, 0.5)));
        assertThat(published.to(new Shape(3, 224, 224))).isEqualTo(published);
        assertThat(published.to(new Shape(3, 160, 160)).steps())
                .containsExactly(
                        new Transform.Colour(3),
                        new Transform.ShorterSide(182, Filter.BICUBIC),
                        new Transform.CentreCrop(160, 160));
        assertThat(published.to(new Shape(3, 112, 224)).steps())
                .as("the crop is not padded")
                .contains(new Transform.ShorterSide(256, Filter.BICUBIC), new Transform.CentreCrop(224, 112));
        assertThat(published.filter()).isEqualTo(Filter.BICUBIC);

        Transform grey = published.to(new Shape(1, 112, 112));
        assertThat(grey.output()).isEqualTo(new Shape(1, 112, 112));
        assertThat(grey.normalise().mean()).containsExactly(0.5);
        Transform drawn = Form.DIGITS.transform(new Shape(1, 28, 28)).to(new Shape(3, 56, 40));
        assertThat(drawn.output()).isEqualTo(new Shape(3, 56, 40));
        assertThat(drawn.normalise().std()).containsExactly(0.309, 0.309, 0.309);
    }
}
