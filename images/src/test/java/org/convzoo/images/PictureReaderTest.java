package org.convzoo.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
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
        assertThat(tests).hasSizeGreaterThan(80);
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
                        .isInstanceOf(IOException.class)
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
        assertThatThrownBy(() -> PictureReader.read(folder)).hasMessageStartingWith(folder + ": cannot be read");
        assertThatThrownBy(() -> PictureReader.read(new byte[0], "b.png")).hasMessage("b.png: the file is empty");
        assertThatThrownBy(() -> PictureReader.read("GIF89a".getBytes(), "c.png"))
                .hasMessage("c.png: neither a PNG nor a JPEG picture");
        assertThatThrownBy(() -> PictureReader.read(Fixtures.path("formats/broken_cut_60.jpg")))
                .hasMessageEndingWith("broken picture, it ends too early");
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
