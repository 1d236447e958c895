package org.convzoo.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class PictureTest {
    /** <pre>1 2 3 / 4 5 6</pre> */
    private final Picture p = new Picture(3, 2, 1, new byte[] {1, 2, 3, 4, 5, 6});

    @Test
    void turnsAsExifSays() {
        assertThat(p.turned(1).pixels()).containsExactly(1, 2, 3, 4, 5, 6);
        assertThat(p.turned(2).pixels()).containsExactly(3, 2, 1, 6, 5, 4);
        assertThat(p.turned(3).pixels()).containsExactly(6, 5, 4, 3, 2, 1);
        assertThat(p.turned(4).pixels()).containsExactly(4, 5, 6, 1, 2, 3);
        assertThat(p.turned(5).pixels()).containsExactly(1, 4, 2, 5, 3, 6);
        assertThat(p.turned(6).pixels()).containsExactly(4, 1, 5, 2, 6, 3);
        assertThat(p.turned(7).pixels()).containsExactly(6, 3, 5, 2, 4, 1);
        assertThat(p.turned(8).pixels()).containsExactly(3, 6, 2, 5, 1, 4);
        assertThat(p.turned(8).width()).isEqualTo(2);
        Picture colour = Fixtures.noise(4, 3, 3, 1);
        assertThat(colour.turned(6).turned(8).pixels()).isEqualTo(colour.pixels());
    }

    @Test
    void cropsAndPlaces() {
        assertThat(p.crop(1, 0, 2, 2).pixels()).containsExactly(2, 3, 5, 6);
        assertThat(p.place(1, 1, 4, 4).pixels()).containsExactly(0, 0, 0, 0, 0, 1, 2, 3, 0, 4, 5, 6, 0, 0, 0, 0);
        assertThat(p.place(-1, -1, 3, 2).pixels()).containsExactly(5, 6, 0, 0, 0, 0);
        assertThat(p.place(5, 5, 1, 1).pixels()).containsExactly(0);
        assertThatThrownBy(() -> p.crop(2, 0, 2, 2)).hasMessage("no crop of 2x2 at 2,0 in a picture of 3x2");
    }

    @Test
    void greyIsPillowsLuma() {
        byte[] colours = {(byte) 255, 0, 0, 0, (byte) 255, 0, 0, 0, (byte) 255, 10, 20, 30};
        assertThat(new Picture(4, 1, 3, colours).grey().pixels()).containsExactly(76, 150, 29, 18);
        assertThat(p.rgb().grey().pixels()).isEqualTo(p.pixels());
    }

    @Test
    void refusesBytesThatDoNotFit() {
        assertThatThrownBy(() -> new Picture(2, 2, 3, new byte[11]))
                .hasMessage("a picture of 2x2 with 3 channels has 12 bytes, got 11");
        assertThatThrownBy(() -> new Picture(2, 2, 2, new byte[8])).hasMessageContaining("1 or 3 channels");
    }
}
