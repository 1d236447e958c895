package org.convzoo.images;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.awt.image.WritableRaster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.assertj.core.api.Assertions;
import org.convzoo.failure.BrokenFileException;
import org.convzoo.failure.OutOfMemoryException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Java's images and streams as pictures. */
class BufferedImageTest {
    private static final Path FIVE = Path.of("../docs/five.png");

    @ParameterizedTest
    @ValueSource(
            ints = {
                BufferedImage.TYPE_INT_RGB,
                BufferedImage.TYPE_INT_ARGB,
                BufferedImage.TYPE_INT_BGR,
                BufferedImage.TYPE_3BYTE_BGR,
                BufferedImage.TYPE_4BYTE_ABGR
            })
    void coloursAreTheSameHoweverTheyAreKept(int type) {
        BufferedImage image = new BufferedImage(3, 2, type);
        for (int y = 0; y < 2; y++) for (int x = 0; x < 3; x++) image.setRGB(x, y, 0xFF102030 + 0x010305 * (3 * y + x));
        Picture picture = Picture.of(image);
        assertThat(picture.channels()).isEqualTo(3);
        for (int i = 0; i < 6; i++) {
            assertThat(picture.pixels()[3 * i] & 255).isEqualTo(0x10 + i);
            assertThat(picture.pixels()[3 * i + 1] & 255).isEqualTo(0x20 + 3 * i);
            assertThat(picture.pixels()[3 * i + 2] & 255).isEqualTo(0x30 + 5 * i);
        }
        assertThat(Picture.of(image.getSubimage(1, 1, 2, 1)))
                .usingRecursiveComparison()
                .isEqualTo(picture.crop(1, 1, 2, 1));
    }

    @Test
    void greyKeepsItsSamples() {
        BufferedImage grey = new BufferedImage(256, 2, BufferedImage.TYPE_BYTE_GRAY);
        BufferedImage fine = new BufferedImage(256, 2, BufferedImage.TYPE_USHORT_GRAY);
        WritableRaster eight = grey.getRaster(), sixteen = fine.getRaster();
        for (int v = 0; v < 256; v++) {
            eight.setSample(v, 1, 0, v);
            sixteen.setSample(v, 1, 0, 257 * v);
        }
        Picture picture = Picture.of(grey);
        assertThat(picture.channels()).isEqualTo(1);
        for (int v = 0; v < 256; v++)
            assertThat(picture.pixels()[256 + v] & 255).isEqualTo(v);
        assertThat(Picture.of(fine)).usingRecursiveComparison().isEqualTo(picture);
        assertThat(Picture.of(grey.getSubimage(10, 1, 20, 1)))
                .usingRecursiveComparison()
                .isEqualTo(picture.crop(10, 1, 20, 1));
    }

    @Test
    void anImageOfJavasReaderIsThePictureOfOurs() throws IOException {
        assertThat(Picture.of(ImageIO.read(FIVE.toFile())))
                .usingRecursiveComparison()
                .isEqualTo(PictureReader.read(FIVE));
        BufferedImage drawn = new BufferedImage(4, 4, BufferedImage.TYPE_BYTE_BINARY);
        Graphics2D g = drawn.createGraphics();
        g.fillRect(1, 1, 2, 2);
        g.dispose();
        assertThat(Picture.of(drawn).pixels()[3 * 5]).isEqualTo((byte) 255);
    }

    @Test
    void streamsAreReadToTheirEndAndNoFurtherThanThereIsMemory() throws IOException {
        byte[] file = Files.readAllBytes(FIVE);
        assertThat(PictureReader.read(new ByteArrayInputStream(file), "stream"))
                .usingRecursiveComparison()
                .isEqualTo(PictureReader.read(FIVE));
        Assertions.assertThatExceptionOfType(BrokenFileException.class)
                .isThrownBy(() -> PictureReader.read(new ByteArrayInputStream(file, 0, 100), "stream"))
                .withMessageStartingWith("stream: broken picture");
        InputStream endless = new InputStream() {
            @Override
            public int read() {
                return 0;
            }

            @Override
            public int read(byte[] into, int from, int length) {
                return length;
            }
        };
        Assertions.assertThatExceptionOfType(OutOfMemoryException.class)
                .isThrownBy(() -> PictureReader.read(endless, "stream"))
                .withMessageStartingWith("stream: ");
    }
}
