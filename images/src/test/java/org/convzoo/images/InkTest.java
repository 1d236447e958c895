package org.convzoo.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class InkTest {
    private static final Ink INK = new Ink(Ink.Polarity.AUTO, 28, 20);
    private static Dataset digits;

    @BeforeAll
    static void open() throws IOException {
        digits = Splits.open("digits").test();
    }

    @Test
    void leavesTheDataAsItIs() throws IOException {
        for (String spec : List.of("digits", "fashion")) {
            Splits splits = Splits.open(spec);
            for (Dataset data : List.of(splits.train(), splits.test()))
                for (int i = 0; i < data.size(); i++)
                    if (!Arrays.equals(
                            INK.apply(data.picture(i)).pixels(), data.picture(i).pixels()))
                        fail(spec + " " + data.name(i) + " was changed");
        }
    }

    @Test
    void turnsDarkOnLightAround() throws IOException {
        for (int i = 0; i < 200; i++)
            assertThat(INK.apply(inverted(digits.picture(i)).rgb()).pixels())
                    .as(digits.name(i))
                    .isEqualTo(digits.picture(i).pixels());
        Ink stubborn = new Ink(Ink.Polarity.LIGHT_ON_DARK, 28, 20);
        Picture dark = inverted(digits.picture(0));
        assertThat(stubborn.apply(dark).pixels()).isEqualTo(dark.pixels());
    }

    @Test
    void bringsADrawingOfAnySizeAndPlaceBack() throws IOException {
        double sum = 0;
        for (int i = 0; i < 40; i++) {
            Picture large = Resize.resize(digits.picture(i), 140, 140, Filter.BICUBIC);
            Picture somewhere = large.place(i * 3, 100 - i, 300, 260);
            sum += difference(INK.apply(inverted(somewhere).rgb()), digits.picture(i));
            assertThat(difference(INK.apply(somewhere), INK.apply(inverted(somewhere))))
                    .as("light on dark")
                    .isZero();
        }
        // Pictures of the same digit differ by about 30 levels a pixel, of different ones by 37.
        assertThat(sum / 40).isLessThan(9);
    }

    @Test
    void shadowsAndNoiseAreNotInk() throws IOException {
        double sum = 0;
        for (int i = 0; i < 40; i++) {
            Picture large =
                    Resize.resize(digits.picture(i), 150, 150, Filter.BICUBIC).place(70, 40, 300, 240);
            byte[] photo = new byte[300 * 240];
            Random noise = new Random(i);
            for (int k = 0; k < photo.length; k++) {
                double light = 1 - 0.5 * (k % 300) / 300 - 0.2 * k / photo.length;
                double paper = 220 - 160 * (large.pixels()[k] & 255) / 255.0;
                photo[k] = (byte) Math.max(0, Math.min(255, light * paper + 4 * noise.nextGaussian()));
            }
            sum += difference(INK.apply(new Picture(300, 240, 1, photo)), digits.picture(i));
        }
        assertThat(sum / 40).isLessThan(11);
    }

    @Test
    void aThinPenIsThickened() {
        byte[] page = new byte[200 * 200];
        Arrays.fill(page, (byte) 250);
        for (int y = 60; y < 140; y++) page[y * 200 + 100] = 10;
        byte[] one = INK.apply(new Picture(200, 200, 1, page)).pixels();
        int row = 0;
        for (int x = 0; x < 28; x++) row += one[14 * 28 + x] & 255;
        assertThat(row / 255.0).isBetween(1.5, 3.5);
    }

    @Test
    void centresTheMassAndKeepsTheBox() throws IOException {
        Picture large =
                Resize.resize(digits.picture(3), 200, 200, Filter.BICUBIC).place(0, 40, 320, 300);
        byte[] out = INK.apply(large).pixels();
        double mass = 0, across = 0, down = 0;
        int left = 28, right = 0, top = 28, bottom = 0;
        for (int i = 0; i < out.length; i++) {
            int v = out[i] & 255;
            mass += v;
            across += v * (i % 28);
            down += v * (i / 28);
            if (v == 0) continue;
            left = Math.min(left, i % 28);
            right = Math.max(right, i % 28);
            top = Math.min(top, i / 28);
            bottom = Math.max(bottom, i / 28);
        }
        assertThat(across / mass).isBetween(13.4, 14.6);
        assertThat(down / mass).isBetween(13.4, 14.6);
        assertThat(Math.max(right - left, bottom - top) + 1).isEqualTo(20);
    }

    @Test
    void aBlankSheetIsBlank() {
        assertThat(INK.apply(Fixtures.plain(300, 200, 3, 240)).pixels()).containsOnly(0);
        assertThat(INK.apply(Fixtures.plain(1, 1, 1, 0)).pixels())
                .hasSize(28 * 28)
                .containsOnly(0);
    }

    private static Picture inverted(Picture p) {
        byte[] out = new byte[p.pixels().length];
        for (int i = 0; i < out.length; i++) out[i] = (byte) ~p.pixels()[i];
        return new Picture(p.width(), p.height(), p.channels(), out);
    }

    private static double difference(Picture a, Picture b) {
        double sum = 0;
        for (int i = 0; i < a.pixels().length; i++) sum += Math.abs((a.pixels()[i] & 255) - (b.pixels()[i] & 255));
        return sum / a.pixels().length;
    }
}
