package org.convzoo.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.SplittableRandom;
import java.util.zip.CRC32;
import org.convzoo.graph.Shape;
import org.junit.jupiter.api.Test;

/** Checksums of what torchvision 0.29's adjust_brightness, _contrast, _saturation and _hue make with Pillow 12: the bytes. */
class ColourJitterTest {
    private static final int WIDTH = 37, HEIGHT = 29;
    private static final Shape SHAPE = new Shape(3, HEIGHT, WIDTH);

    private static final Picture PICTURE = picture();

    private static Picture picture() {
        byte[] pixels = new byte[WIDTH * HEIGHT * 3];
        for (int y = 0, i = 0; y < HEIGHT; y++) {
            for (int x = 0; x < WIDTH; x++) {
                pixels[i++] = (byte) (x * 7 + y * 3);
                pixels[i++] = (byte) (x * x + y * 5);
                pixels[i++] = (byte) (255 - x * 4 + y * 2);
            }
        }
        return new Picture(WIDTH, HEIGHT, 3, pixels);
    }

    private static long crc(Picture picture) {
        CRC32 crc = new CRC32();
        crc.update(picture.pixels());
        return crc.getValue();
    }

    @Test
    void bytesArePillows() {
        assertThat(crc(PICTURE)).isEqualTo(3745557258L);
        assertThat(crc(ColourJitter.brighter(PICTURE, 0.6f))).isEqualTo(3451113960L);
        assertThat(crc(ColourJitter.brighter(PICTURE, 1.37f))).isEqualTo(1945849726L);
        assertThat(crc(ColourJitter.contrasted(PICTURE, 0.83f))).isEqualTo(1328592708L);
        assertThat(crc(ColourJitter.contrasted(PICTURE, 1.37f))).isEqualTo(2566581487L);
        assertThat(crc(ColourJitter.saturated(PICTURE, 0.6f))).isEqualTo(1719338932L);
        assertThat(crc(ColourJitter.saturated(PICTURE, 1.37f))).isEqualTo(686040887L);
        assertThat(crc(ColourJitter.turned(PICTURE, -0.4))).isEqualTo(4007617327L);
        assertThat(crc(ColourJitter.turned(PICTURE, -0.05))).isEqualTo(1910498891L);
        assertThat(crc(ColourJitter.turned(PICTURE, 0.1))).isEqualTo(2186938656L);
        assertThat(crc(ColourJitter.turned(PICTURE, 0.5))).isEqualTo(549857145L);
    }

    /** Also where a share of a difference lies just under a whole number, and steps in whole numbers will not do. */
    @Test
    void saturationIsTheBlendOfEachByteForAllFactors() {
        SplittableRandom random = new SplittableRandom(4);
        for (int i = 0; i < 1500; i++) {
            float factor = (float) (i < 700 ? i / 350.0 : 2 * random.nextDouble());
            if (i % 7 == 0) factor = Math.nextDown(factor);
            byte[] expected = PICTURE.pixels().clone(), grey = PICTURE.grey().pixels();
            for (int at = 0; at < expected.length; at++)
                expected[at] = ColourJitter.mixed(grey[at / 3] & 255, expected[at] & 255, factor);
            assertThat(ColourJitter.saturated(PICTURE, factor).pixels())
                    .as("factor %s", factor)
                    .isEqualTo(expected);
        }
    }

    /** One of the 16 colours where the last bit of a sixth of the circle decides how a half is rounded. */
    @Test
    void huesAreRoundedAsPillowRoundsThem() {
        Picture blue = new Picture(1, 1, 3, new byte[] {61, 38, (byte) 199});
        assertThat(ColourJitter.turned(blue, 0.1).pixels()).containsExactly(156, 38, 199);
    }

    @Test
    void aJitterIsOfItsSeed() {
        ColourJitter jitter = new ColourJitter(0.2, 0.2, 0.2, 0.05);
        Picture one = jitter.apply(PICTURE, SHAPE, new SplittableRandom(1));
        assertThat(jitter.apply(PICTURE, SHAPE, new SplittableRandom(1)).pixels())
                .isEqualTo(one.pixels());
        assertThat(jitter.apply(PICTURE, SHAPE, new SplittableRandom(2)).pixels())
                .isNotEqualTo(one.pixels());
        assertThat(new ColourJitter(0, 0, 0, 0).apply(PICTURE, SHAPE, new SplittableRandom(1)))
                .isSameAs(PICTURE);
        Augmentation all = Augmentation.of(jitter);
        assertThat(Augmentation.of(all.toJson())).isEqualTo(all);
        assertThatIllegalArgumentException().isThrownBy(() -> new ColourJitter(0, 0, 0, 0.6));
        assertThatIllegalArgumentException().isThrownBy(() -> new ColourJitter(-0.1, 0, 0, 0));

        Picture grey = PICTURE.grey();
        assertThat(ColourJitter.saturated(grey, 0.5f)).isSameAs(grey);
        assertThat(ColourJitter.turned(grey, 0.5)).isSameAs(grey);
    }
}
