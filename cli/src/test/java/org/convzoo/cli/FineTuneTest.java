package org.convzoo.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import javax.imageio.ImageIO;
import org.convzoo.classify.Model;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Training from weights that are there, as one types it: five photos a class, SqueezeNet as it comes with the library. */
class FineTuneTest {
    @TempDir
    static Path temp;

    private static Path photos;

    @BeforeAll
    static void draw() throws IOException {
        photos = temp.resolve("photos");
        var random = new SplittableRandom(1);
        for (String label : new String[] {"blue", "green", "red"}) {
            for (int i = 0; i < 5; i++) {
                var image = new BufferedImage(40, 50, BufferedImage.TYPE_INT_RGB);
                int shift = label.equals("blue") ? 0 : label.equals("green") ? 8 : 16;
                for (int y = 0; y < 50; y++)
                    for (int x = 0; x < 40; x++) image.setRGB(x, y, 150 + random.nextInt(100) << shift);
                Path file = photos.resolve(label).resolve(i + ".png");
                Files.createDirectories(file.getParent());
                ImageIO.write(image, "png", file.toFile());
            }
        }
    }

    private static Cli train(Object... more) {
        Object[] all = new Object[more.length + 7];
        Object[] first = {"train", "squeezenet1_1", "--weights", "--data", photos, "--image", "3x64x64"};
        System.arraycopy(first, 0, all, 0, 7);
        System.arraycopy(more, 0, all, 7, more.length);
        return Cli.run(all);
    }

    private static void refused(Cli result, String... parts) {
        assertThat(result.err().lines()).as(result.err()).hasSize(1);
        assertThat(result.err()).contains(parts);
        assertThat(result.code()).isEqualTo(2);
    }

    @Test
    void aLinearProbeIsARunThatGoesOnToFineTuning() {
        Path run = temp.resolve("probe");
        Cli probe = train("--linear-probe", "--out", run);
        assertThat(probe.err()).contains("a linear probe").contains("epoch 1/1");
        assertThat(probe.code()).as(probe.err()).isZero();
        Model model = Model.read(run);
        assertThat(model.labels()).containsExactly("blue", "green", "red");
        assertThat(model.provenance().origin()).contains("github.com/forresti/SqueezeNet");
        assertThat(run.resolve("report.html")).content().contains("forresti").doesNotContain("How it learned");

        Cli predicted = Cli.run("predict", run, photos.resolve("red/0.png"));
        assertThat(predicted.out()).contains("red");
        assertThat(Cli.run("evaluate", run).out()).startsWith("top-1 ");

        Cli tuned = Cli.run("train", "--resume", run, "--epochs", 2);
        assertThat(tuned.err()).contains("epoch 2/2");
        assertThat(tuned.code()).as(tuned.err()).isZero();
        assertThat(run.resolve("report.html")).content().contains("forresti", "How it learned");
        // A run is a start as well.
        Cli again = Cli.run(
                "train", "squeezenet1_1", "--weights", run, "--data", photos, "--linear-probe", "--out", run + "-2");
        assertThat(again.code()).as(again.err()).isZero();
        assertThat(Model.read(Path.of(run + "-2")).task()).isEqualTo(model.task());
    }

    @Test
    void foldsAreRunsWithAMeanAndASpread() throws IOException {
        Path directory = temp.resolve("folds");
        Cli folds = train("--linear-probe", "--folds", 3, "--out", directory);
        assertThat(folds.code()).as(folds.err()).isZero();
        assertThat(folds.out())
                .contains("fold")
                .contains("The mean of 3 folds: ")
                .contains("standard deviation");
        assertThat(directory.resolve("folds.json"))
                .content()
                .contains("\"top1\":")
                .contains("\"deviation\":");
        for (int f = 1; f <= 3; f++)
            assertThat(Model.read(directory.resolve("fold-" + f)).provenance().data())
                    .isEqualTo("fold:" + f + "/3:folder:" + photos);

        // One that was stopped goes on: what has ended stays, the rest is trained.
        Files.delete(directory.resolve("fold-3/model.safetensors"));
        byte[] first = Files.readAllBytes(directory.resolve("fold-1/predictions.csv"));
        Cli again = train("--linear-probe", "--folds", 3, "--out", directory);
        assertThat(again.out()).as(again.err()).isEqualTo(folds.out());
        assertThat(directory.resolve("fold-1/predictions.csv")).hasBinaryContent(first);
        assertThat(directory.resolve("fold-3/model.safetensors")).exists();
        refused(train("--folds", 3, "--out", directory), "another network, data or recipe");
    }

    @Test
    void whatLearnsHowFastIsAsAskedFor() {
        Path usual = temp.resolve("usual"), other = temp.resolve("other");
        assertThat(train("--linear-probe", "--out", usual).code()).isZero();
        Cli asked =
                train("--linear-probe", "--no-freeze-norms", "--layer-decay", 0.5, "--head-rate", 3, "--out", other);
        assertThat(asked.code()).as(asked.err()).isZero();
        JsonNode tuning = Model.read(other).provenance().recipe().get("fine_tuning");
        assertThat(tuning.get("freeze_norms").booleanValue()).isFalse();
        assertThat(tuning.get("layer_decay").doubleValue()).isEqualTo(0.5);
        assertThat(tuning.get("head_rate").doubleValue()).isEqualTo(3);
        JsonNode left = Model.read(usual).provenance().recipe().get("fine_tuning");
        assertThat(left.get("freeze_norms").booleanValue()).isTrue();
    }

    @Test
    void whatDoesNotFitIsToldInOneLine() {
        Path out = temp.resolve("refused");
        refused(train("--freeze", "features.99", "--out", out), "no parameter of squeezenet1_1", "near are");
        refused(train("--freeze", "*", "--out", out), "nothing would learn");
        refused(train("--layer-decay", 2, "--out", out), "decay");
        refused(train("--folds", 1, "--out", out), "--folds");
        refused(train("--folds", 9, "--out", out), "too few for 9 folds");
        refused(
                Cli.run("train", "squeezenet1_1", "--weights", "v7", "--data", photos, "--out", out),
                "no weights tagged 'v7'",
                "imagenet1k_v1");
        refused(
                Cli.run("train", "squeezenet1_1", "--weights", "--data", photos, "--image", "3x8x8", "--out", out),
                "squeezenet1_1");
        refused(
                Cli.run("train", "lenet", "--weights", "--data", photos, "--out", out),
                "lenet",
                "no published weights");
        assertThat(out).doesNotExist();
    }
}
