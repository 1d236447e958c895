package org.convzoo.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** What must hold for any size; {@link PixelCheckTest} holds the bytes against Pillow's. */
class ResizeTest {
    @Property(tries = 300, seed = "1", edgeCases = EdgeCasesMode.NONE)
    void aPlainPictureStaysPlain(
            @ForAll @IntRange(min = 1, max = 60) int width,
            @ForAll @IntRange(min = 1, max = 60) int height,
            @ForAll @IntRange(min = 1, max = 60) int newWidth,
            @ForAll @IntRange(min = 1, max = 60) int newHeight,
            @ForAll @IntRange(min = 0, max = 255) int value,
            @ForAll boolean colour,
            @ForAll Filter filter) {
        int channels = colour ? 3 : 1;
        Picture resized = Resize.resize(Fixtures.plain(width, height, channels, value), newWidth, newHeight, filter);
        assertThat(resized.width()).isEqualTo(newWidth);
        assertThat(resized.height()).isEqualTo(newHeight);
        assertThat(resized.channels()).isEqualTo(channels);
        assertThat(resized.pixels()).containsOnly(value);
    }

    @Property(tries = 100, seed = "1", edgeCases = EdgeCasesMode.NONE)
    void theSameSizeIsTheSamePicture(
            @ForAll @IntRange(min = 1, max = 40) int width,
            @ForAll @IntRange(min = 1, max = 40) int height,
            @ForAll Filter filter,
            @ForAll long seed) {
        Picture picture = Fixtures.noise(width, height, 3, seed);
        assertThat(Resize.resize(picture, width, height, filter).pixels()).isEqualTo(picture.pixels());
    }

    @Property(tries = 100, seed = "1", edgeCases = EdgeCasesMode.NONE)
    void channelsDoNotMix(
            @ForAll @IntRange(min = 1, max = 40) int width,
            @ForAll @IntRange(min = 1, max = 40) int height,
            @ForAll @IntRange(min = 1, max = 40) int newWidth,
            @ForAll @IntRange(min = 1, max = 40) int newHeight,
            @ForAll Filter filter,
            @ForAll long seed) {
        Picture grey = Fixtures.noise(width, height, 1, seed);
        assertThat(Resize.resize(grey.rgb(), newWidth, newHeight, filter).pixels())
                .isEqualTo(
                        Resize.resize(grey, newWidth, newHeight, filter).rgb().pixels());
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
