package org.convzoo.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.convzoo.classify.Model;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A network of ImageNet's 1,000 classes on folders of a few of them. */
class ManyClassesTest {
    private static final Path CAT = Path.of("../docs/cat.png");

    @TempDir
    static Path models;

    @TempDir
    Path temp;

    private static Path model;
    private Path data;

    @BeforeAll
    static void write() throws IOException {
        model = models.resolve("squeezenet.safetensors");
        Model.pretrained("squeezenet1_1").write(model);
    }

    /** The same cat as a tiger cat by label, as an Egyptian cat by WordNet's id, and as an espresso. */
    @BeforeEach
    void copy() throws IOException {
        data = temp.resolve("cats");
        for (String name : List.of("tiger cat", "n02124075", "espresso")) {
            Path folder = Files.createDirectories(data.resolve(name));
            Files.copy(CAT, folder.resolve("cat.png"));
        }
    }

    @Test
    void foldersAreLabelsOrIdsAndAllClassesAreAnswers() throws IOException {
        Cli text = Cli.run("evaluate", model, "--data", data);

        assertThat(text.code()).as(text.err()).isZero();
        assertThat(text.err().lines())
                .hasSize(1)
                .first()
                .asString()
                .endsWith("cats: 3 images; 3 of the network's 1,000 classes");
        assertThat(text.out())
                .startsWith("top-1 33.3 % (1 of 3), top-5 66.7 %")
                .contains("weights from ", "BSD-2")
                .containsPattern("tiger cat +1 +100.0 %")
                .containsPattern("Egyptian cat +1 ")
                .containsPattern("espresso +1 +0\\.0 %")
                .contains("997 other classes: no images, and none said to be of them", "is \\ said");
        assertThat(text.out())
                .contains("top-1 of all such images: 6.1 to 79.2 % (95 % interval)", "sure on average")
                .containsPattern("tiger cat +1 +100.0 % +20.7 to 100.0 % .* \\d\\.\\d{3}\n");
        assertThat(text.out().lines().count()).isLessThan(30);

        Cli json = Cli.run("evaluate", model, "--data", data, "--json");
        JsonNode result = new ObjectMapper().readTree(json.out());
        assertThat(json.out().length()).isLessThan(5000);
        assertThat(result.path("images").asInt()).isEqualTo(3);
        assertThat(result.path("classes").findValuesAsText("label"))
                .containsExactlyInAnyOrder("tiger cat", "Egyptian cat", "espresso");
        assertThat(result.path("confusion")).hasSize(3).allSatisfy(row -> assertThat(row)
                .hasSize(3));
        assertThat(result.path("origin").asText()).contains("SqueezeNet");
        assertThat(result.path("licence").asText()).contains("BSD-2");
    }

    /** Of views that are averaged the answer is another, but not much; the line is as in timm's tables. */
    @Test
    void severalViewsAndALineForTables() throws IOException {
        Path results = temp.resolve("results.csv");
        JsonNode one = new ObjectMapper()
                .readTree(Cli.run("evaluate", model, "--data", data, "--json", "--results", results)
                        .out());
        JsonNode ten = new ObjectMapper()
                .readTree(Cli.run("evaluate", model, "--data", data, "--json", "--tta", "ten-crop")
                        .out());
        JsonNode two = new ObjectMapper()
                .readTree(Cli.run("evaluate", model, "--data", data, "--json", "--tta", "flips")
                        .out());

        assertThat(results)
                .hasContent("model,img_size,top1,top1_err,top5,top5_err,param_count,crop_pct,interpolation\n"
                        + "squeezenet1_1,224,33.333,66.667,66.667,33.333,1.24,0.875,bilinear\n");
        double loss = one.path("loss").asDouble();
        assertThat(ten.path("loss").asDouble()).isNotEqualTo(loss).isCloseTo(loss, within(1.5));
        assertThat(two.path("loss").asDouble())
                .isNotEqualTo(loss)
                .isNotEqualTo(ten.path("loss").asDouble())
                .isCloseTo(loss, within(1.5));
        assertThat(one.path("top1_interval")).hasSize(2);
        assertThat(one.at("/classes/0/auc").isNumber()).isTrue();
        Cli wrong = Cli.run("evaluate", model, "--data", data, "--tta", "five");
        assertThat(wrong.code()).isEqualTo(2);
        assertThat(wrong.err()).contains("there are flips and ten-crop, not 'five'");
    }

    @Test
    void whatIsNoClassIsNamedInOneLine() throws IOException {
        Files.move(data.resolve("tiger cat"), data.resolve("taby"));
        Cli refused = Cli.run("evaluate", model, "--data", data);

        assertThat(refused.code()).isEqualTo(2);
        assertThat(refused.out()).isEmpty();
        assertThat(refused.err().lines()).hasSize(1);
        assertThat(refused.err()).contains("does not know taby;", "and 992 more", "near 'taby' are tabby,");
    }

    @Test
    void predictionsSayOnceWhoseWeightsTheyAreBy() throws IOException {
        Path cat = data.resolve("tiger cat/cat.png"), coffee = data.resolve("espresso/cat.png");
        JsonNode said = new ObjectMapper()
                .readTree(Cli.run("predict", model, cat, coffee, "--json", "--top", 1000)
                        .out());

        assertThat(said).hasSize(2);
        assertThat(said.path(0).path("predictions")).hasSize(1000);
        assertThat(said.findValuesAsText("origin"))
                .hasSize(1)
                .first()
                .asString()
                .contains("SqueezeNet");
        assertThat(said.path(0).path("licence").asText()).contains("BSD-2");
    }
}
