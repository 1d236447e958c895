package org.convzoo.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.convzoo.classify.Model;
import org.convzoo.graph.Shape;
import org.convzoo.images.Transform;
import org.convzoo.json.Json;
import org.convzoo.models.Models;
import org.convzoo.models.Options;
import org.convzoo.models.Task;
import org.convzoo.weights.TorchState;
import org.convzoo.weights.Weights;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Weights from files of others into models, and back. */
class ImportExportTest {
    private static final Path CAT = Path.of("../docs/cat.png");

    @TempDir
    Path temp;

    private Path exported(String format, String... more) {
        Path file = temp.resolve("exported");
        Object[] args = new Object[6 + more.length];
        System.arraycopy(new Object[] {"export", "squeezenet1_1", "--format", format, "--out", file}, 0, args, 0, 6);
        System.arraycopy(more, 0, args, 6, more.length);
        Cli said = Cli.run(args);
        assertThat(said.code()).as(said.err()).isZero();
        assertThat(said.err()).isEqualTo("weights of squeezenet1_1: " + file + "\n");
        return file;
    }

    @ParameterizedTest
    @CsvSource({"pth, f32", "safetensors, f16"})
    void whatIsExportedAndImportedSaysTheSame(String format, String type) {
        Path file = exported(format, "--dtype", type), model = temp.resolve("model.safetensors");
        Cli said = Cli.run("import", "squeezenet1_1", file, "--out", model);
        assertThat(said.code()).as(said.err()).isZero();
        assertThat(said.out()).isEqualTo("squeezenet1_1: 52 of 52 arrays match\n");
        assertThat(said.err()).contains("model: " + model + "; use it with  convzoo predict " + model + " PHOTO");
        assertThat(Cli.run("predict", model, CAT).out()).contains("39.2 %  tiger cat");
    }

    @Test
    void aNewHeadIsForOnesOwnClasses() throws IOException {
        Path classes = Files.writeString(temp.resolve("classes.txt"), "cat\n dog \n\nno animal\n");
        Path model = temp.resolve("model.safetensors");
        Cli said = Cli.run("import", "squeezenet1_1", exported("pth"), "--new-head", classes, "--out", model);
        assertThat(said.out())
                .isEqualTo("squeezenet1_1: 52 of 52 arrays match\n"
                        + "  a new head for 3 classes is drawn: classifier.1\n");
        Model made = Model.read(model);
        assertThat(made.labels()).containsExactly("cat", "dog", "no animal");
        assertThat(made.provenance().origin()).isEqualTo("exported");
        assertThat(made.transform()).isEqualTo(Model.pretrained("squeezenet1_1").transform());
    }

    /** A file for 5 classes and a network without published weights. */
    private Path lenet(int channels) throws IOException {
        var graph = Models.named("lenet").graph(new Task(new Shape(channels, 32, 32), 5), Options.NONE);
        Path file = temp.resolve("lenet.pth");
        new TorchState(graph, Weights.initial(graph, 1), TorchState.Type.F32).writeTorch(file);
        return file;
    }

    @Test
    void aModelHasAsManyClassesAsItsWeightsTellApart() throws IOException {
        Path model = temp.resolve("model.safetensors");
        Cli said = Cli.run("import", "lenet", lenet(3), "--image", "3x32x32", "--out", model);
        assertThat(said.code()).as(said.err()).isZero();
        Model made = Model.read(model);
        assertThat(made.labels()).containsExactly("class 0", "class 1", "class 2", "class 3", "class 4");
        assertThat(made.transform().output()).isEqualTo(new Shape(3, 32, 32));
        assertThat(made.transform().normalise().mean()).containsExactly(0.485, 0.456, 0.406);
        Path labels = Files.writeString(temp.resolve("labels.txt"), "a\nb\nc\n");
        Cli wrong = Cli.run(
                "import", "lenet", lenet(3), "--image", "3x32x32", "--labels", labels, "--out", temp.resolve("none"));
        assertThat(wrong.code()).isEqualTo(2);
        assertThat(wrong.err()).isEqualTo("convzoo: " + labels + " has 3 labels, the weights are for 5 classes\n");
        assertThat(temp.resolve("none")).doesNotExist();
    }

    @Test
    void filtersAreAdaptedToThePicturesChannels() throws IOException {
        Cli said =
                Cli.run("import", "lenet", lenet(3), "--image", "1x32x32", "--out", temp.resolve("model.safetensors"));
        assertThat(said.code()).as(said.err()).isZero();
        assertThat(said.out()).contains("is adapted from 3 to 1 input channels (summed)");
        assertThat(Model.read(temp.resolve("model.safetensors")).transform().steps())
                .contains(new Transform.Colour(1));
    }

    @Test
    void whatDoesNotFitIsToldInOneLineAfterTheReport() throws IOException {
        Path out = temp.resolve("model.safetensors");
        Cli said = Cli.run("import", "resnet18", exported("pth"), "--out", out);
        assertThat(said.code()).isEqualTo(2);
        assertThat(said.out()).startsWith("resnet18: 0 of 102 arrays match").contains("52 not of this network:");
        assertThat(said.err()).hasLineCount(1).contains("the weights do not fit resnet18");
        assertThat(out).doesNotExist();
        Cli web = Cli.run("import", "resnet18", Files.writeString(temp.resolve("x.pth"), "<html>"), "--out", out);
        assertThat(web.code()).isEqualTo(1);
        assertThat(web.err()).hasLineCount(1).contains("is a web page, no file of weights");
    }

    @Test
    void exportsMetadataSaysWhoseFormatItIs() throws IOException {
        assertThat(Json.parse(header(exported("safetensors")))
                        .at("/__metadata__/format")
                        .asText())
                .isEqualTo("pt");
    }

    private static byte[] header(Path file) throws IOException {
        byte[] all = Files.readAllBytes(file);
        int length = all[0] & 255 | (all[1] & 255) << 8 | (all[2] & 255) << 16;
        return java.util.Arrays.copyOfRange(all, 8, 8 + length);
    }
}
