package org.convzoo.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.convzoo.failure.BrokenFileException;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

class PictureReaderTest {
    /** A libjpeg 6b, as some JDKs bring, spreads chroma that is halved only vertically without smoothing. */
    private static final String DIFFERS_BY_JDK = "jpeg_440.jpg";

    @TestFactory
    List<DynamicTest> readsEveryFormatAsPillowDoes() throws IOException {
        List<DynamicTest> tests = new ArrayList<>();
        for (String folder : List.of("formats/", "photos/")) {
            JsonNode pictures = Fixtures.json(folder + "expected.json").get("pictures");
            pictures.properties().forEach(one -> {
                if (!one.getValue().has("error") && !one.getKey().equals(DIFFERS_BY_JDK))
                    tests.add(DynamicTest.dynamicTest(
                            one.getKey(), () -> check(Fixtures.path(folder + one.getKey()), one.getValue())));
            });
        }
        assertThat(tests).hasSizeGreaterThan(150);
        return tests;
    }

    private static void check(Path file, JsonNode expected) throws IOException {
        Picture picture = PictureReader.read(file);
        assertThat(picture.width()).isEqualTo(expected.get("size").get(0).asInt());
        assertThat(picture.height()).isEqualTo(expected.get("size").get(1).asInt());
        assertThat(Fixtures.sha256(picture.rgb().pixels()))
                .isEqualTo(expected.get("sha256").asText());
    }

    @Test
    void chromaHalvedOnlyVerticallyIsAtLeastClose() throws IOException {
        JsonNode expected =
                Fixtures.json("formats/expected.json").get("pictures").get(DIFFERS_BY_JDK);
        byte[] pillow = HexFormat.of().parseHex(expected.get("rgb").asText());
        byte[] ours = PictureReader.read(Fixtures.path("formats/" + DIFFERS_BY_JDK))
                .rgb()
                .pixels();
        double sum = 0;
        for (int i = 0; i < pillow.length; i++) sum += Math.abs((ours[i] & 255) - (pillow[i] & 255));
        assertThat(sum / pillow.length).isLessThan(3);
    }

    @TestFactory
    List<DynamicTest> brokenFilesGiveOneLineThatNamesThem() throws IOException {
        List<DynamicTest> tests = new ArrayList<>();
        JsonNode pictures = Fixtures.json("formats/expected.json").get("pictures");
        pictures.properties().forEach(one -> {
            Path file = Fixtures.path("formats/" + one.getKey());
            if (one.getValue().has("error"))
                tests.add(DynamicTest.dynamicTest(one.getKey(), () -> assertThatThrownBy(() -> PictureReader.read(file))
                        .isInstanceOf(BrokenFileException.class)
                        .hasMessageStartingWith(file + ": ")
                        .hasMessageNotContaining("\n")));
        });
        assertThat(tests).hasSizeGreaterThan(10);
        return tests;
    }

    @Test
    void saysWhatIsWrong(@TempDir Path folder) {
        assertThatThrownBy(() -> PictureReader.read(folder.resolve("a.png")))
                .hasMessage(folder.resolve("a.png") + ": no such file");
        assertThatThrownBy(() -> PictureReader.read(folder)).hasMessage(folder + ": cannot be read, it is a folder");
        assertThatThrownBy(() -> PictureReader.read(new byte[0], "b.png")).hasMessage("b.png: the file is empty");
        assertThatThrownBy(() -> PictureReader.read("GIF89a".getBytes(), "c.png"))
                .hasMessage("c.png: broken picture, it ends in its header");
        assertThatThrownBy(() -> PictureReader.read(Fixtures.path("formats/broken_cut_60.jpg")))
                .hasMessageEndingWith("broken picture, it ends too early");
    }

    @Test
    void whatIsNotReadIsNamedAsWhatItIs(@TempDir Path folder) throws IOException {
        Path heic = Files.write(
                folder.resolve("x.jpg"), "\0\0\0\u0018ftypheic\0\0\0\0mif1heic".getBytes(StandardCharsets.ISO_8859_1));
        assertThatThrownBy(() -> PictureReader.read(heic))
                .isInstanceOf(BrokenFileException.class)
                .hasMessage(heic + ": a HEIC picture, which is not read; convert it to JPEG or PNG");
        assertThatThrownBy(() -> PictureReader.read("%PDF-1.7".getBytes(StandardCharsets.US_ASCII), "x.pdf"))
                .hasMessage("x.pdf: a PDF document, which is not read; convert it to JPEG or PNG");
        assertThatThrownBy(() -> PictureReader.read("hello".getBytes(StandardCharsets.US_ASCII), "x.png"))
                .hasMessage("x.png: no picture of a known format");
    }

    @Test
    void theContentCountsNotTheName(@TempDir Path folder) throws IOException {
        Path renamed = Files.copy(Fixtures.path("formats/webp_lossy_75.webp"), folder.resolve("a.png"));
        assertThat(PictureReader.read(renamed).pixels())
                .isEqualTo(PictureReader.read(Fixtures.path("formats/webp_lossy_75.webp"))
                        .pixels());
    }

    @Test
    void sixteenBitsAreScaledInEveryFormat() {
        for (String format : List.of("png_gray_16.png", "tiff_16_gray_ii.tif", "tiff_16_rgb_mm.tif")) {
            byte[] pixels =
                    PictureReader.read(Fixtures.path("formats/" + format)).pixels();
            int[] counts = new int[256];
            for (byte p : pixels) counts[p & 255]++;
            assertThat(counts[255]).as(format).isLessThan(pixels.length / 10);
        }
    }

    @Test
    void whatMayNeverEndIsNotOpened() {
        Path endless = Path.of("/dev/zero");
        assumeTrue(Files.exists(endless));
        assertThatThrownBy(() -> PictureReader.read(endless))
                .hasMessage("/dev/zero: cannot be read, it is no ordinary file");
    }

    @Test
    void whatIsGreyStaysInOneChannel() throws IOException {
        assertThat(PictureReader.read(Fixtures.path("photos/camera_gray.jpg")).channels())
                .isEqualTo(1);
        assertThat(PictureReader.read(Fixtures.path("pillow/gray_alpha_61x45.png"))
                        .channels())
                .isEqualTo(1);
    }

    @Test
    void aPhotoTakenWithATurnedCameraComesOutUpright() throws IOException {
        Picture upright = PictureReader.read(Fixtures.path("photos/rocket.jpg"));
        Picture turned = PictureReader.read(Fixtures.path("photos/rocket_exif6.jpg"));
        assertThat(turned.width()).isEqualTo(upright.width());
        double sum = 0;
        for (int i = 0; i < upright.pixels().length; i++)
            sum += Math.abs((upright.pixels()[i] & 255) - (turned.pixels()[i] & 255));
        assertThat(sum / upright.pixels().length).isLessThan(4);
    }
}
