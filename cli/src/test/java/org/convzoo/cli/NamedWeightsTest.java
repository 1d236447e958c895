package org.convzoo.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.convzoo.classify.Model;
import org.convzoo.json.Json;
import org.convzoo.models.Models;
import org.convzoo.weights.SafeTensors;
import org.convzoo.weights.Weights;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Networks by name where commands take a model, with weights that others trained. */
class NamedWeightsTest {
    private static final Path CAT = Path.of("../docs/cat.png");

    @TempDir
    Path temp;

    /** A file of weights alone, as others publish them. */
    private Path bare() throws IOException {
        Path file = temp.resolve("bare weights.safetensors");
        new SafeTensors(Model.pretrained("squeezenet1_1").weights(), Map.of()).write(file);
        return file;
    }

    @Test
    void aNetworkByItsNameSaysWhatAPhotoShows() {
        Cli said = Cli.run("predict", "squeezenet1_1", CAT);
        assertThat(said.err()).isEmpty();
        assertThat(said.code()).isZero();
        assertThat(said.out().lines().skip(1))
                .containsExactlyInAnyOrder(
                        "   39.2 %  tiger cat (n02123159)",
                        "   31.0 %  Egyptian cat (n02124075)", "   28.4 %  tabby, tabby cat (n02123045)");
        JsonNode best = Json.parse(
                        Cli.run("predict", "squeezenet1_1", CAT, "--json").out())
                .at("/0/predictions/0");
        assertThat(best.get("label").asText()).isEqualTo("tiger cat");
        assertThat(best.get("class").asInt()).isEqualTo(282);
        assertThat(best.get("wordnet").asText()).isEqualTo("n02123159");
    }

    /** Beside one of which no name is that of a class of ImageNet's. */
    @Test
    void foldersOfImageNetsClassesMayHaveItsIdsNumbersOrWords() throws IOException {
        for (String name : new String[] {"n02123159", "282", "tiger_cat", "Tiger cat"}) {
            Path folder = Files.createDirectories(temp.resolve("by " + name).resolve(name));
            Files.copy(CAT, folder.resolve("cat.png"));
            Cli said = Cli.run("evaluate", "squeezenet1_1", "--data", folder.getParent(), "--json");
            assertThat(said.code()).as(said.err()).isZero();
            assertThat(Json.parse(said.out()).get("top1").asDouble()).as(name).isEqualTo(1);
        }
        Path folder = Files.createDirectories(temp.resolve("other/gnu"));
        Files.copy(CAT, folder.resolve("cat.png"));
        assertThat(Cli.run("evaluate", "squeezenet1_1", "--data", folder.getParent())
                        .err())
                .contains("the network does not know gnu");
    }

    @Test
    void aFileOfWeightsGoesWithTheNameOfItsNetwork() throws IOException {
        Path file = bare();
        Cli said = Cli.run("predict", "squeezenet1_1", "--weights", file, CAT);
        assertThat(said.out()).contains("39.2 %  tiger cat");
        assertThat(said.err())
                .isEqualTo("convzoo: " + file + " does not say how it wants pictures; they go through what"
                        + " squeezenet1_1:embedded wants\n");
        Cli other = Cli.run("predict", "resnet18", "--weights", file, CAT);
        assertThat(other.code()).isEqualTo(2);
        assertThat(other.err()).hasLineCount(1).contains("the weights do not fit resnet18");
    }

    /** Of a network whose weights nobody published, and under names that nobody knows. */
    @Test
    void whatIsNotKnownOfAFileIsSaid() throws IOException {
        Path file = temp.resolve("lenet.safetensors");
        Weights weights = Weights.initial(Models.named("lenet").graph(), 1);
        int[] layer = new int[1];
        new SafeTensors(weights.rename(name -> "layer" + layer[0]++), Map.of()).write(file);
        Cli said = Cli.run("predict", "lenet", "--weights", file, "../docs/five.png");
        assertThat(said.code()).as(said.err()).isZero();
        assertThat(said.err())
                .isEqualTo("convzoo: " + file + " does not say how it wants pictures; they go through what is usual for"
                        + " ImageNet\nconvzoo: " + file
                        + ": the names are not known; the arrays are taken in the file's"
                        + " order, in which all are of our kinds and shapes\n");
        assertThat(said.out()).contains("%  class ");
    }

    @Test
    void aFileOfWeightsAloneIsNoModelAndSaysHowItBecomesOne() throws IOException {
        Path file = bare();
        Cli said = Cli.run("predict", file, CAT);
        assertThat(said.code()).isEqualTo(2);
        assertThat(said.err())
                .isEqualTo("convzoo: " + file + " has weights, but does not say of which network; name it:  convzoo"
                        + " predict NETWORK --weights '" + file + "'\n");
    }

    /** A byte of a model's weights has flipped: still a file of weights, and still a model. */
    @Test
    void aDamagedModelIsToldAsSuch() throws IOException {
        Path file = temp.resolve("model.safetensors");
        Model.pretrained("squeezenet1_1").write(file);
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length - 100] ^= 1;
        Files.write(file, bytes);
        Cli said = Cli.run("predict", file, CAT);
        assertThat(said.code()).isEqualTo(1);
        assertThat(said.err()).hasLineCount(1).startsWith("convzoo: " + file).contains("damaged");
        Cli train = Cli.run("train", "squeezenet1_1", "--weights", file);
        assertThat(train.code()).isEqualTo(1);
        assertThat(train.err()).hasLineCount(1).startsWith("convzoo: " + file).contains("damaged");
    }

    @Test
    void trainingStartsFromAFileOfOthersToo() throws IOException {
        Path photos = temp.resolve("photos"), run = temp.resolve("run");
        for (String name : new String[] {"a/1.png", "a/2.png", "b/3.png", "b/4.png"}) {
            Files.createDirectories(photos.resolve(name).getParent());
            Files.copy(CAT, photos.resolve(name));
        }
        Path bare = bare();
        Cli trained = Cli.run(
                "train",
                "squeezenet1_1",
                "--weights",
                bare,
                "--data",
                photos,
                "--linear-probe",
                "--image",
                "3x64x64",
                "--out",
                run);
        assertThat(trained.code()).as(trained.err()).isZero();
        assertThat(trained.err()).contains(bare + " does not say how it wants pictures", "\nstarts from " + bare);
        assertThat(run.resolve("report.html"))
                .content()
                .contains(
                        "Fine-tuned, from weights of " + bare,
                        "A linear probe: only the head was fitted",
                        "--weights " + run);
        assertThat(Model.read(run).provenance().origin()).isEqualTo(bare.toString());
        Cli offline =
                Cli.run("train", "resnet18", "--weights", "--offline", "--data", photos, "--out", temp.resolve("none"));
        assertThat(offline.code()).isEqualTo(1);
        assertThat(offline.err()).hasLineCount(1).contains("are not here, and nothing may be downloaded");
    }

    @Test
    void whatIsNotThereNamesWhatIs() {
        Cli tag = Cli.run("predict", "resnet50", "--weights", "v3", CAT);
        assertThat(tag.code()).isEqualTo(2);
        assertThat(tag.err())
                .isEqualTo("convzoo: resnet50 has no weights tagged 'v3', and there is no such file; tags are"
                        + " imagenet1k_v2, imagenet1k_v1\n");
        Cli none = Cli.run("predict", "lenet", CAT);
        assertThat(none.code()).isEqualTo(2);
        assertThat(none.err())
                .startsWith("convzoo: lenet: no published weights are known for it; near networks that have some are")
                .endsWith("; convzoo train lenet makes some\n");
        Cli misspelt = Cli.run("predict", "squeezenet11", CAT);
        assertThat(misspelt.code()).isEqualTo(2);
        assertThat(misspelt.err()).contains("no run or model 'squeezenet11'", "squeezenet1_1");
        Cli file = Cli.run("predict", "squeezenet.pth", CAT);
        assertThat(file.code()).isEqualTo(1);
        assertThat(file.err()).isEqualTo("convzoo: squeezenet.pth: there is no such file\n");
    }

    @Test
    void weightsListsWhatThereIs() {
        Cli said = Cli.run("weights", "resnet50", "squeezenet1_1");
        assertThat(said.code()).isZero();
        assertThat(said.out().lines().skip(2))
                .satisfiesExactly(
                        l -> assertThat(l).startsWith("resnet50").contains("imagenet1k_v2", "80.86", "~97.5 MiB"),
                        l -> assertThat(l).startsWith("resnet50").contains("imagenet1k_v1", "76.13", "not stated"),
                        l -> assertThat(l).startsWith("squeezenet1_1").contains("embedded", "BSD-2-Clause", "yes"),
                        l -> assertThat(l).startsWith("squeezenet1_1").contains("imagenet1k_v1", "58.18"));
        assertThat(Cli.run("weights").out()).hasLineCount(2 + 92);
        JsonNode json =
                Json.parse(Cli.run("weights", "seresnet50:a3_in1k", "--json").out());
        assertThat(json).hasSize(1);
        assertThat(json.at("/0/licence").asText()).isEqualTo("Apache-2.0");
        assertThat(json.at("/0/source").asText()).startsWith("https://huggingface.co/");
        assertThat(Cli.run("weights", "--get", "squeezenet1_1").out())
                .isEqualTo("squeezenet1_1:embedded is part of the program\n");
        assertThat(Cli.run("weights", "--get").code()).isEqualTo(2);
        assertThat(Cli.run("weights", "resnet5").err()).contains("no network is named 'resnet5'");
    }
}
