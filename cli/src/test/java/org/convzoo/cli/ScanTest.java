package org.convzoo.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code scan} on a folder with a picture in training and in test, one in two classes, one of one colour. */
class ScanTest {
    @TempDir
    Path temp;

    private Path data;

    @BeforeEach
    void draw() throws IOException {
        data = temp.resolve("data");
        int seed = 0;
        for (String folder : List.of("train/cat", "train/dog & co", "test/cat", "test/dog & co")) {
            Files.createDirectories(data.resolve(folder));
            for (int i = 0; i < 3; i++) save(folder + "/" + i + ".png", scene(seed++));
        }
        save("train/cat/leaks.png", scene(6)); // as test/cat/0.png
        save("train/dog & co/mixed.png", scene(0)); // as train/cat/0.png
        save("train/cat/black.png", new BufferedImage(60, 40, BufferedImage.TYPE_INT_RGB));
    }

    private void save(String name, BufferedImage image) throws IOException {
        ImageIO.write(image, "png", data.resolve(name).toFile());
    }

    /** Squares of colours by chance. */
    private static BufferedImage scene(int seed) {
        Random random = new Random(seed);
        BufferedImage image = new BufferedImage(60, 40, BufferedImage.TYPE_INT_RGB);
        for (int x = 0; x < 60; x += 10)
            for (int y = 0; y < 40; y += 10) {
                int colour = random.nextInt(1 << 24);
                for (int i = 0; i < 100; i++) image.setRGB(x + i % 10, y + i / 10, colour);
            }
        return image;
    }

    @Test
    void tellsWhatMattersMostFirst() {
        Cli scan = Cli.run("scan", data);

        assertThat(scan.code()).as(scan.err()).isZero();
        assertThat(scan.out())
                .containsSubsequence(
                        "9 training and 6 test images of 2 classes",
                        "All can be read.",
                        "In training and in test (leakage): 1 picture.",
                        "  train/cat/leaks.png (cat) = test/cat/0.png (cat, test)",
                        "In two classes: 1 picture.",
                        "  train/cat/0.png (cat) = train/dog & co/mixed.png (dog & co)",
                        "Odd:",
                        "  train/cat/black.png, 60x40, is of one colour",
                        "The largest class has 1.25 times as many",
                        "Widths 60; heights 40; all in colour.",
                        "ImageNet's are 0.485 0.456 0.406, 0.229 0.224 0.225.")
                .containsPattern("dog & co +4 +3\n")
                .doesNotContain("More than once", "Nearly the same");
    }

    @Test
    void tellsProgramsAll() throws IOException {
        JsonNode json =
                new ObjectMapper().readTree(Cli.run("scan", data, "--json").out());

        assertThat(json.path("duplicates")).hasSize(2);
        JsonNode mixed = json.path("duplicates").path(0),
                leak = json.path("duplicates").path(1);
        assertThat(mixed.path("mixes_classes").asBoolean()).isTrue();
        assertThat(mixed.path("leakage").asBoolean()).isFalse();
        assertThat(leak.path("leakage").asBoolean()).isTrue();
        assertThat(leak.path("same_pixels").asBoolean()).isTrue();
        assertThat(leak.path("pictures").findValuesAsText("part")).containsExactly("train", "test");
        assertThat(json.at("/odd/0/oddity").asText()).isEqualTo("of one colour");
        assertThat(json.at("/classes/0/training").asInt()).isEqualTo(5);
        assertThat(json.path("mean")).hasSize(3).allMatch(v -> v.asDouble() > 0.3 && v.asDouble() < 0.6);
        assertThat(json.at("/widths/median").asInt()).isEqualTo(60);
    }

    @Test
    void showsThePictures() throws IOException {
        Path page = temp.resolve("scan.html");
        Files.writeString(data.resolve("train/cat/broken.png"), "no picture");

        Cli scan = Cli.run("scan", data, "--html", page);

        assertThat(scan.code()).isEqualTo(1);
        assertThat(scan.out()).contains("In training and in test");
        assertThat(scan.err()).isEqualTo("drawn: " + page + "\n");
        String html = Files.readString(page);
        assertThat(html)
                .contains(
                        "What is in data",
                        "train/cat/broken.png: ",
                        "In two classes",
                        "<b>cat, test</b>",
                        "dog &amp; co")
                .doesNotContain("<script", "http://", "https://", "dog & co");
        // two copies of two pictures, an odd one, and the training pictures of both classes
        assertThat(html.split("<img", -1)).hasSize(1 + 4 + 1 + 5 + 4);
        assertThat(Cli.run("scan", data, "--html", "-").out())
                .startsWith("<!DOCTYPE html>")
                .endsWith("</html>\n");
        assertThat(Cli.run("scan", data, "--html", temp).code()).isEqualTo(2);
    }
}
