package org.convzoo.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.convzoo.failure.OutOfMemoryException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What must hold for any size; {@link PixelCheckTest} holds the bytes against Pillow's. */
class ResizeTest {
    /** A picture of noise, grey or in colour, and what becomes of it; {@code seed} makes it again. */
    record Case(int width, int height, int channels, int newWidth, int newHeight, Filter filter, long seed) {
        static Case of(long seed) {
            Random random = new Random(seed);
            return new Case(
                    1 + random.nextInt(60),
                    1 + random.nextInt(60),
                    random.nextBoolean() ? 3 : 1,
                    1 + random.nextInt(60),
                    1 + random.nextInt(60),
                    Filter.values()[random.nextInt(Filter.values().length)],
                    seed);
        }
    }

    static Stream<Case> cases() {
        return IntStream.range(0, 256).mapToObj(Case::of);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void aPlainPictureStaysPlain(Case c) {
        int value = (int) c.seed % 256;
        Picture plain = Fixtures.plain(c.width, c.height, c.channels, value);
        Picture resized = Resize.resize(plain, c.newWidth, c.newHeight, c.filter);
        assertThat(resized.width()).isEqualTo(c.newWidth);
        assertThat(resized.height()).isEqualTo(c.newHeight);
        assertThat(resized.channels()).isEqualTo(c.channels);
        assertThat(resized.pixels()).containsOnly(value);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void theSameSizeIsTheSamePicture(Case c) {
        Picture picture = Fixtures.noise(c.width, c.height, c.channels, c.seed);
        assertThat(Resize.resize(picture, c.width, c.height, c.filter).pixels()).isEqualTo(picture.pixels());
    }

    @ParameterizedTest
    @MethodSource("cases")
    void channelsDoNotMix(Case c) {
        Picture grey = Fixtures.noise(c.width, c.height, 1, c.seed);
        assertThat(Resize.resize(grey.rgb(), c.newWidth, c.newHeight, c.filter).pixels())
                .isEqualTo(Resize.resize(grey, c.newWidth, c.newHeight, c.filter)
                        .rgb()
                        .pixels());
    }

    @ParameterizedTest
    @MethodSource("cases")
    void aPartIsThatPartOfTheWhole(Case c) {
        Picture picture = Fixtures.noise(c.width, c.height, c.channels, c.seed);
        Random random = new Random(c.seed);
        int left = random.nextInt(c.newWidth), top = random.nextInt(c.newHeight);
        int width = 1 + random.nextInt(c.newWidth - left), height = 1 + random.nextInt(c.newHeight - top);
        Picture part = Resize.part(picture, c.newWidth, c.newHeight, c.filter, left, top, width, height);
        assertThat(part.pixels())
                .isEqualTo(Resize.resize(picture, c.newWidth, c.newHeight, c.filter)
                        .crop(left, top, width, height)
                        .pixels());
    }

    @Test
    void whatWouldNotFitIntoMemoryIsRefusedInOneLine() {
        Picture thin = Fixtures.plain(1, 100_000, 3, 7);
        for (int side : new int[] {256, 65_536, Integer.MAX_VALUE})
            assertThatThrownBy(() -> Resize.shorterSide(thin, side, Filter.LANCZOS))
                    .isInstanceOf(OutOfMemoryException.class)
                    .hasMessageStartingWith("it becomes ")
                    .hasMessageNotContaining("\n");
        assertThatThrownBy(() -> Resize.resize(thin, Integer.MAX_VALUE, Integer.MAX_VALUE, Filter.NEAREST))
                .isInstanceOf(OutOfMemoryException.class);
    }

    @Test
    void theShorterSideDecidesAndTheLongerIsRoundedDown() {
        Picture wide = Resize.shorterSide(Fixtures.plain(640, 427, 1, 0), 256, Filter.BILINEAR);
        assertThat(wide.width()).isEqualTo(383);
        assertThat(wide.height()).isEqualTo(256);
        Picture tall = Resize.shorterSide(Fixtures.plain(427, 640, 1, 0), 256, Filter.BILINEAR);
        assertThat(tall.width()).isEqualTo(256);
        assertThat(tall.height()).isEqualTo(383);
    }

    @Test
    void aSizeOfNothingIsRefused() {
        assertThatThrownBy(() -> Resize.resize(Fixtures.plain(2, 2, 1, 0), 0, 5, Filter.BOX))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("cannot resize to 0x5, sizes start at 1");
    }
}
