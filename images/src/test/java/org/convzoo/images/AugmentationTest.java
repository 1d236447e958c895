package org.convzoo.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.convzoo.graph.Shape;
import org.convzoo.images.Augmentation.Affine;
import org.convzoo.images.Augmentation.Erasing;
import org.convzoo.images.Augmentation.Flip;
import org.convzoo.images.Augmentation.PaddedCrop;
import org.convzoo.images.Augmentation.ScaledCrop;
import org.convzoo.images.Augmentation.Sometimes;
import org.convzoo.images.Geometry.Perspective;
import org.convzoo.images.Geometry.Rotation;
import org.junit.jupiter.api.Test;

class AugmentationTest {
    private static final ScaledCrop CROP = new ScaledCrop(0.35, 1, 0.75, 1.3333, Filter.BILINEAR);
    private static final Shape SHAPE = new Shape(3, 24, 24);

    private final SplittableRandom random = new SplittableRandom(3);

    /** One of every kind. */
    static final List<Augmentation.Step> ALL = List.of(
            CROP,
            new PaddedCrop(4),
            new Flip(0.5),
            new Affine(10, 0.1, 2, 5),
            new Rotation(15, Filter.BILINEAR),
            new Perspective(0.4),
            new ColourJitter(0.2, 0.3, 0.4, 0.1),
            new Tones.Lighting(0.1),
            new Tones.GaussianNoise(0.05),
            new Tones.GaussianBlur(5, 0.1, 2),
            new Sometimes(0.2, new Tones.Grey()),
            new Sometimes(0.1, new Tones.Invert()),
            new Tones.Posterize(6),
            new Sometimes(0.5, new Tones.Solarize(128)),
            new Sometimes(0.5, new Tones.Equalize()),
            new Tones.AutoContrast(),
            new Tones.Sharpness(1.5),
            new Policies.RandAugment(2, 9, Filter.NEAREST),
            new Policies.TrivialAugmentWide(Filter.BILINEAR),
            new Policies.AutoAugment(Filter.BILINEAR),
            new Erasing(0.02, 0.33, 0.3, 3.3, List.of(124, 116, 104)));

    @Test
    void everyKindOfStepIsTheSameAfterJson() throws JsonProcessingException {
        Augmentation all = new Augmentation(ALL);
        assertThat(ALL.stream()
                        .flatMap(step -> step instanceof Sometimes s ? Stream.of(s, s.then()) : Stream.of(step))
                        .map(Object::getClass))
                .contains(Augmentation.Step.class.getPermittedSubclasses());
        String json = all.toJson().toString();
        assertThat(json)
                .contains("{\"step\":\"flip\",\"probability\":0.5}")
                .contains("{\"step\":\"sometimes\",\"probability\":0.2,\"then\":{\"step\":\"grey\"}}")
                .contains("{\"step\":\"rand augment\",\"operations\":2,\"magnitude\":9,\"filter\":\"nearest\"}");
        assertThat(Augmentation.of(new ObjectMapper().readTree(json))).isEqualTo(all);
    }

    @Test
    void whatIsNoStepIsToldInOneLine() {
        for (String step : List.of(
                "{\"step\":\"glue\"}",
                "{\"step\":\"posterize\"}",
                "{\"step\":\"posterize\",\"bits\":9}",
                "{\"step\":\"posterize\",\"bits\":7.5}",
                "{\"step\":\"grey\",\"bits\":9}",
                "{\"step\":\"sometimes\",\"probability\":0.5,\"then\":null}",
                "{\"step\":\"erasing\",\"smallest\":0.1,\"largest\":0.2,\"flattest\":1,\"tallest\":1,\"colour\":[null]}",
                "{\"step\":\"rotation\",\"degrees\":10,\"filter\":\"lanczos\"}"))
            assertThatThrownBy(() -> Augmentation.of(new ObjectMapper().readTree("{\"steps\":[" + step + "]}")))
                    .as(step)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("no augmentation: ")
                    .hasMessageNotContaining("\n");
    }

    @Test
    void refusesWhatMakesNoSense() {
        assertThatThrownBy(() -> Augmentation.of(new Flip(0.5), CROP)).hasMessageContaining("first step");
        assertThatThrownBy(() -> new Flip(1.5)).hasMessageContaining("from 0 to 1");
        assertThatThrownBy(() -> new ScaledCrop(0, 1, 1, 1, Filter.BOX)).hasMessageContaining("areas");
        assertThatThrownBy(() -> new Affine(0, 1, 0, 0)).hasMessageContaining("scale under 1");
        assertThatThrownBy(() -> new PaddedCrop(0)).hasMessageContaining("1 pixel");
        assertThatThrownBy(() -> new Rotation(181, Filter.NEAREST)).hasMessageContaining("0 to 180 degrees");
        assertThatThrownBy(() -> new Rotation(1, Filter.BICUBIC)).hasMessageContaining("nearest or bilinear");
        assertThatThrownBy(() -> new Perspective(1.1)).hasMessageContaining("from 0 to 1, got 1.1");
        assertThatThrownBy(() -> new Tones.Lighting(-1)).hasMessageContaining("got -1");
        assertThatThrownBy(() -> new Tones.GaussianNoise(Double.NaN)).hasMessageContaining("got NaN");
        assertThatThrownBy(() -> new Tones.GaussianBlur(4, 1, 1)).hasMessageContaining("odd size");
        assertThatThrownBy(() -> new Tones.GaussianBlur(3, 2, 1)).hasMessageContaining("0 < 2.0 <= 1.0");
        assertThatThrownBy(() -> new Tones.Posterize(0)).hasMessageContaining("1 to 8 bits");
        assertThatThrownBy(() -> new Tones.Solarize(257)).hasMessageContaining("0 to 256");
        assertThatThrownBy(() -> new Tones.Sharpness(-1)).hasMessageContaining("0 to 100");
        assertThatThrownBy(() -> new Policies.RandAugment(2, 31, Filter.NEAREST))
                .hasMessageContaining("2 of 31");
        assertThatThrownBy(() -> new Policies.AutoAugment(Filter.BOX)).hasMessageContaining("got BOX");
        assertThatThrownBy(() -> new Policies.TrivialAugmentWide(Filter.BOX)).hasMessageContaining("got BOX");
        assertThatThrownBy(() -> new Erasing(0.1, 0.2, 1, 1, List.of(1, 2))).hasMessageContaining("1 or 3 values");
        assertThatThrownBy(() -> new Erasing(0.1, 0.2, 1, 1, List.of(256))).hasMessageContaining("0 to 255");
        assertThatThrownBy(() -> new Erasing(0, 0.2, 1, 1, List.of())).hasMessageContaining("areas");
        assertThatThrownBy(() -> new Sometimes(2, new Flip(1))).hasMessageContaining("from 0 to 1");
        assertThatThrownBy(() -> new Sometimes(1, CROP)).hasMessageContaining("other than a scaled crop");
    }

    /** Sizes from 1 on, grey and colour, by several chances; what goes in stays as it is. */
    @Test
    void everyStepKeepsTheSizeOfEveryPicture() {
        int[][] sizes = {{1, 1}, {1, 9}, {2, 2}, {3, 1}, {24, 24}, {31, 17}};
        for (Augmentation.Step step : ALL.subList(1, ALL.size()))
            for (int[] size : sizes)
                for (int channels : new int[] {1, 3})
                    for (int seed = 0; seed < 20; seed++) {
                        Picture p = Fixtures.noise(size[0], size[1], channels, seed);
                        byte[] before = p.pixels().clone();
                        Picture out = step.apply(p, SHAPE, new SplittableRandom(seed));
                        assertThat(List.of(out.width(), out.height(), out.channels()))
                                .as(step.toString())
                                .isEqualTo(List.of(size[0], size[1], channels));
                        assertThat(p.pixels()).as(step.toString()).isEqualTo(before);
                        assertThat(step.apply(p, SHAPE, new SplittableRandom(seed))
                                        .pixels())
                                .as(step.toString())
                                .isEqualTo(out.pixels());
                    }
    }

    @Test
    void sometimesIsAsOftenAsItSays() {
        Picture p = Fixtures.plain(2, 2, 3, 10);
        int happened = 0;
        for (int i = 0; i < 1000; i++)
            if (new Sometimes(0.2, new Tones.Invert()).apply(p, SHAPE, random).pixels()[0] != 10) happened++;
        assertThat(happened).isBetween(160, 240);
    }

    @Test
    void erasedPartsKeepAreaAndProportions() {
        Picture white = Fixtures.plain(60, 40, 1, 255);
        double least = 1, most = 0;
        boolean topLeft = false, bottomRight = false;
        for (int i = 0; i < 2000; i++) {
            byte[] out = new Erasing(0.1, 0.3, 0.5, 2, List.of(7, 8, 9))
                    .apply(white, SHAPE, random)
                    .pixels();
            int left = 60, right = -1, top = 40, low = -1, count = 0;
            for (int k = 0; k < out.length; k++)
                if (out[k] == 7) {
                    left = Math.min(left, k % 60);
                    right = Math.max(right, k % 60);
                    top = Math.min(top, k / 60);
                    low = Math.max(low, k / 60);
                    count++;
                }
            assertThat(count).isEqualTo((right - left + 1) * (low - top + 1));
            assertThat((low - top + 1.0) / (right - left + 1)).isBetween(0.45, 2.2);
            least = Math.min(least, count / 2400.0);
            most = Math.max(most, count / 2400.0);
            topLeft |= left == 0 && top == 0;
            bottomRight |= right == 59 && low == 39;
        }
        assertThat(least).isBetween(0.09, 0.11);
        assertThat(most).isBetween(0.29, 0.31);
        assertThat(List.of(topLeft, bottomRight)).containsOnly(true);
        byte[] noise = new Erasing(0.5, 0.5, 1, 1, List.of())
                .apply(Fixtures.plain(40, 40, 1, 0), SHAPE, random)
                .pixels();
        Set<Byte> values = new HashSet<>();
        for (byte b : noise) values.add(b);
        assertThat(values).as("noise").hasSizeGreaterThan(200);
    }

    @Test
    void noiseAndLightAreAsStrongAsTheySay() {
        Picture middle = Fixtures.plain(100, 100, 1, 128);
        assertThat(deviation(new Tones.GaussianNoise(0.1).apply(middle, SHAPE, random)))
                .isBetween(24.5, 26.5);
        double sum = 0;
        for (int i = 0; i < 2000; i++) {
            Picture lit = new Tones.Lighting(0.1).apply(Fixtures.plain(1, 1, 3, 128), SHAPE, random);
            sum += Math.pow((lit.pixels()[0] & 255) - 128, 2) / 2000;
        }
        // 255 x 0.1 x the length of (0.5675 x 0.2175, 0.7192 x 0.0188, 0.4009 x 0.0045)
        assertThat(Math.sqrt(sum)).isBetween(2.9, 3.5);
    }

    private static double deviation(Picture p) {
        double sum = 0, squares = 0;
        for (byte b : p.pixels()) {
            sum += b & 255;
            squares += (b & 255) * (b & 255);
        }
        int n = p.pixels().length;
        return Math.sqrt(squares / n - sum / n * sum / n);
    }

    /** Each operation, and both directions of what has two. */
    @Test
    void policiesReachWhatTheyHave() {
        byte[] pixels = Fixtures.noise(40, 30, 3, 5).pixels();
        for (int i = 0; i < pixels.length; i++) pixels[i] = (byte) ((pixels[i] & 255) / 2 + 40);
        Picture p = new Picture(40, 30, 3, pixels);
        Set<Integer> rand = new HashSet<>(), trivial = new HashSet<>(), auto = new HashSet<>();
        for (int i = 0; i < 3000; i++) {
            SplittableRandom random = new SplittableRandom(i);
            rand.add(hash(new Policies.RandAugment(1, 20, Filter.NEAREST).apply(p, SHAPE, random)));
            trivial.add(hash(new Policies.TrivialAugmentWide(Filter.NEAREST).apply(p, SHAPE, random)));
            auto.add(hash(new Policies.AutoAugment(Filter.NEAREST).apply(p, SHAPE, random)));
        }
        assertThat(rand).as("9 of two signs, 4 others, and none").hasSize(9 * 2 + 4 + 1);
        assertThat(trivial).hasSizeGreaterThan(300);
        assertThat(auto).hasSizeGreaterThan(40);
    }

    private static int hash(Picture p) {
        return Arrays.hashCode(p.pixels());
    }

    @Test
    void perspectivesOfNoCornersMovedChangeNothing() {
        Picture p = Fixtures.noise(17, 12, 3, 1);
        assertThat(new Perspective(0).apply(p, SHAPE, random).pixels()).isEqualTo(p.pixels());
        assertThat(Geometry.perspective(p, 0, 0, 5, 5, 10, 10, 0, 11))
                .as("corners on a line")
                .isSameAs(p);
    }

    @Test
    void flipsAsOftenAsItSays() {
        Picture p = Fixtures.noise(5, 4, 3, 1);
        int flipped = 0;
        for (int i = 0; i < 1000; i++) {
            byte[] out = new Flip(0.3).apply(p, SHAPE, random).pixels();
            if (Arrays.equals(out, p.turned(2).pixels())) flipped++;
            else assertThat(out).isEqualTo(p.pixels());
        }
        assertThat(flipped).isBetween(250, 350);
    }

    @Test
    void paddedCropsReachEveryPlace() {
        Picture dot = Fixtures.plain(1, 1, 1, 9).place(3, 3, 7, 7);
        Set<Integer> places = new HashSet<>();
        for (int i = 0; i < 1000; i++) {
            byte[] out = new PaddedCrop(2).apply(dot, SHAPE, random).pixels();
            for (int k = 0; k < out.length; k++) if (out[k] == 9) places.add(k);
        }
        assertThat(places).hasSize(25).contains(1 * 7 + 1, 5 * 7 + 5);
    }

    @Test
    void scaledCropsKeepAreaAndProportions() {
        // The red of a pixel is its column, the green its row: the crop's corners can be read off.
        Picture ramp = ramp(200, 120);
        double leastArea = 1, mostArea = 0;
        for (int i = 0; i < 500; i++) {
            Picture out = new ScaledCrop(0.2, 0.8, 0.5, 2, Filter.NEAREST).apply(ramp, new Shape(3, 50, 50), random);
            int last = out.pixels().length - 3;
            double width = ((out.pixels()[last] & 255) - (out.pixels()[0] & 255)) * 50 / 49.0;
            double height = ((out.pixels()[last + 1] & 255) - (out.pixels()[1] & 255)) * 50 / 49.0;
            assertThat(width / height).isBetween(0.45, 2.2);
            leastArea = Math.min(leastArea, width * height / 24000);
            mostArea = Math.max(mostArea, width * height / 24000);
        }
        assertThat(leastArea).isBetween(0.18, 0.25);
        assertThat(mostArea).isBetween(0.7, 0.85);
        Picture tall = new ScaledCrop(1, 1, 0.9, 1.1, Filter.NEAREST).apply(ramp, new Shape(3, 4, 4), random);
        assertThat(tall.pixels()[0] & 255).as("no such crop: the middle").isBetween(34, 60);
    }

    @Test
    void anAffineStepOfNothingChangesNothing() {
        for (int channels : new int[] {1, 3}) {
            Picture p = Fixtures.noise(13, 10, channels, 4);
            assertThat(new Affine(0, 0, 0, 0).apply(p, SHAPE, random).pixels()).isEqualTo(p.pixels());
        }
    }

    @Test
    void anAffineStepMovesTurnsAndScalesAboutTheMiddle() {
        Picture spot = Fixtures.plain(3, 3, 1, 250).place(24, 14, 31, 31); // 10 pixels right of the middle
        double farthest = 0, nearest = 99, highest = 0, middle = 0;
        for (int i = 0; i < 300; i++) {
            byte[] out = new Affine(30, 0.2, 0, 0).apply(spot, SHAPE, random).pixels();
            double mass = 0, x = 0, y = 0;
            for (int k = 0; k < out.length; k++) {
                mass += out[k] & 255;
                x += (out[k] & 255) * (k % 31 - 15.0);
                y += (out[k] & 255) * (k / 31 - 15.0);
            }
            double distance = Math.hypot(x, y) / mass;
            farthest = Math.max(farthest, distance);
            nearest = Math.min(nearest, distance);
            highest = Math.max(highest, Math.toDegrees(Math.atan2(-y, x)));
            middle += Math.toDegrees(Math.atan2(-y, x)) / 300;
        }
        assertThat(farthest).isBetween(11.5, 12.1);
        assertThat(nearest).isBetween(7.9, 8.5);
        assertThat(highest).isBetween(28.0, 30.5);
        assertThat(middle).isBetween(-3.0, 3.0);
    }

    @Test
    void leaningAndTurningKeepTheArea() {
        Picture square = Fixtures.plain(15, 15, 1, 200).place(22, 22, 60, 60);
        boolean leaned = false;
        for (int i = 0; i < 100; i++) {
            byte[] out = new Affine(45, 0, 0, 30).apply(square, SHAPE, random).pixels();
            double mass = 0, x = 0, y = 0, xx = 0, yy = 0;
            for (int k = 0; k < out.length; k++) {
                double v = (out[k] & 255) / 200.0, column = k % 60, row = k / 60;
                mass += v;
                x += v * column;
                y += v * row;
                xx += v * column * column;
                yy += v * row * row;
            }
            assertThat(mass).isBetween(222.0, 228.0);
            double width = xx / mass - x / mass * x / mass, height = yy / mass - y / mass * y / mass;
            leaned |= Math.max(width, height) > 1.25 * (15 * 15 - 1) / 12;
        }
        assertThat(leaned).isTrue();
    }

    @Test
    void aScaledCropTakesThePlaceOfTheTransformsOwnResizing() {
        Transform transform = Form.PHOTOS.transform(SHAPE);
        Picture corner = Fixtures.plain(2, 2, 1, 255).place(0, 0, 64, 48); // outside of any centre crop
        Augmentation whole = Augmentation.of(new ScaledCrop(1, 1, 64 / 48.0, 64 / 48.0, Filter.BOX));
        assertThat(transform.picture(corner).pixels()[0]).isZero();
        Picture cropped = whole.change(whole.start(corner, transform), SHAPE, random);
        assertThat(cropped.pixels()[0]).isNotZero();
        assertThat(Augmentation.NONE.start(corner, transform).pixels())
                .isEqualTo(transform.picture(corner).pixels());
        assertThat(List.of(cropped.width(), cropped.height(), cropped.channels()))
                .isEqualTo(List.of(24, 24, 3));
    }

    private static Picture ramp(int width, int height) {
        byte[] pixels = new byte[3 * width * height];
        for (int i = 0; i < width * height; i++) {
            pixels[3 * i] = (byte) (i % width);
            pixels[3 * i + 1] = (byte) (i / width);
        }
        return new Picture(width, height, 3, pixels);
    }
}
