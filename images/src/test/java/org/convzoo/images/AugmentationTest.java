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
import org.convzoo.graph.Shape;
import org.convzoo.images.Augmentation.Affine;
import org.convzoo.images.Augmentation.Flip;
import org.convzoo.images.Augmentation.PaddedCrop;
import org.convzoo.images.Augmentation.ScaledCrop;
import org.junit.jupiter.api.Test;

class AugmentationTest {
    private static final ScaledCrop CROP = new ScaledCrop(0.35, 1, 0.75, 1.3333, Filter.BILINEAR);
    private static final Shape SHAPE = new Shape(3, 24, 24);

    private final SplittableRandom random = new SplittableRandom(3);

    @Test
    void isTheSameAfterJson() throws JsonProcessingException {
        Augmentation all = Augmentation.of(CROP, new PaddedCrop(4), new Flip(0.5), new Affine(10, 0.1, 2, 5));
        String json = all.toJson().toString();
        assertThat(json).contains("{\"step\":\"flip\",\"probability\":0.5}");
        assertThat(Augmentation.of(new ObjectMapper().readTree(json))).isEqualTo(all);
        assertThatThrownBy(() -> Augmentation.of(new ObjectMapper().readTree("{\"steps\":[{\"step\":\"glue\"}]}")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("no augmentation: ");
    }

    @Test
    void refusesWhatMakesNoSense() {
        assertThatThrownBy(() -> Augmentation.of(new Flip(0.5), CROP)).hasMessageContaining("first step");
        assertThatThrownBy(() -> new Flip(1.5)).hasMessageContaining("from 0 to 1");
        assertThatThrownBy(() -> new ScaledCrop(0, 1, 1, 1, Filter.BOX)).hasMessageContaining("areas");
        assertThatThrownBy(() -> new Affine(0, 1, 0, 0)).hasMessageContaining("scale under 1");
        assertThatThrownBy(() -> new PaddedCrop(0)).hasMessageContaining("1 pixel");
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
        assertThat(whole.apply(corner, transform, SHAPE, random).pixels()[0]).isNotZero();
        assertThat(Augmentation.NONE.apply(corner, transform, SHAPE, random).pixels())
                .isEqualTo(transform.picture(corner).pixels());
        assertThat(List.of(24, 24, 3))
                .isEqualTo(List.of(
                        whole.apply(corner, transform, SHAPE, random).width(),
                        whole.apply(corner, transform, SHAPE, random).height(),
                        whole.apply(corner, transform, SHAPE, random).channels()));
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
