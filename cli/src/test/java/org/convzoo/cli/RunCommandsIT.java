package org.convzoo.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.convzoo.engine.Engine;
import org.convzoo.engine.Precision;
import org.convzoo.failure.StoppedException;
import org.convzoo.images.Splits;
import org.convzoo.models.Models;
import org.convzoo.models.Options;
import org.convzoo.models.Task;
import org.convzoo.train.RunDirectory;
import org.convzoo.train.TrainListener;
import org.convzoo.train.TrainRequest;
import org.convzoo.train.Trainer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Train, evaluate and predict as one types them, and what they say to bad input. */
class RunCommandsIT {
    private static final Path FIVE = Path.of("../docs/five.png");

    @TempDir
    static Path directory;

    private static Path run;
    private static Cli trained;

    @BeforeAll
    static void train() {
        run = directory.resolve("run");
        trained =
                Cli.run("train", "lenet", "-O", "modern=true", "--epochs", 3, "--clip", 2, "--ema", 0.98, "--out", run);
    }

    private static JsonNode json(Cli result) throws IOException {
        assertThat(result.code()).as(result.err()).isZero();
        return new ObjectMapper().readTree(result.out());
    }

    /** One line on standard error, nothing on standard output. */
    private static void refused(int code, Cli result, Object... parts) {
        assertThat(result.err().lines()).as(result.err()).hasSize(1);
        assertThat(result.err())
                .startsWith("convzoo: ")
                .contains(Stream.of(parts).map(Object::toString).toArray(String[]::new));
        assertThat(result.out()).isEmpty();
        assertThat(result.code()).isEqualTo(code);
    }

    @Test
    void trainingTellsHowItGoesAndWhatIsLeft() throws IOException {
        assertThat(trained.code()).as(trained.err()).isZero();
        assertThat(trained.err())
                .contains("lenet 1x28x28 -> 10, 61,706 parameters, ")
                .contains("digits: 7,600 training and 1,000 test images of 10 classes")
                .contains("3 epochs of batches of 64", "norm of 2.0", "averaged with a decay of 0.98")
                .containsPattern(
                        "epoch 3/3 +loss [\\d.]+ +training +[\\d.]+ % +validation +[\\d.]+ % +[\\d,]+ images/s +0.0 s left");
        assertThat(trained.out())
                .containsPattern("The test: 9\\d\\.\\d % right .* of training, .* s of it waiting for pictures\\.")
                .contains("Look at   " + run.resolve("report.html"))
                .contains("convzoo predict " + run);
        for (String file : Arrays.asList("model.safetensors", "last.ckpt", "metrics.jsonl", "report.html"))
            assertThat(run.resolve(file)).exists();
        assertThat(Files.readString(run.resolve("report.html"))).contains("lenet on digits", "data:image/png;base64,");
    }

    /** At a rate that changes no weight. */
    @Test
    void aTrainingThatEndsEarlySaysWhatItKeepsAndShowsItselfInTensorBoard() throws IOException {
        Path out = directory.resolve("early");
        Cli result =
                Cli.run("train", "lenet", "--epochs", 30, "--patience", 1, "--learning-rate", "1e-30", "--out", out);
        assertThat(result.code()).as(result.err()).isZero();
        assertThat(result.err()).containsPattern("kept epoch 2 of 2 \\(30 planned\\): validation \\d\\d?\\.\\d %");
        assertThat(Files.readString(out.resolve("report.html")))
                .containsPattern("kept epoch 2 of 2 \\(30 planned\\): validation \\d\\d?\\.\\d %");
        assertThat(trained.err()).as("nothing to tell").doesNotContain("kept epoch");

        assertOnceInTensorBoard(out);
        assertThat(Cli.run("train", "--resume", out).code()).isZero();
        assertOnceInTensorBoard(out);
    }

    private static void assertOnceInTensorBoard(Path run) throws IOException {
        try (Stream<Path> files = Files.list(run)) {
            Path events = files.filter(f -> f.getFileName().toString().contains(".tfevents."))
                    .findFirst()
                    .orElseThrow();
            assertThat(Files.readString(events, StandardCharsets.ISO_8859_1))
                    .containsOnlyOnce("brain.Event:2")
                    .containsOnlyOnce("_hparams_/session_start_info")
                    .containsOnlyOnce("_hparams_/session_end_info")
                    .containsOnlyOnce("top1/test")
                    .containsOnlyOnce("test/confusion")
                    .containsOnlyOnce("test/mistakes");
        }
    }

    @Test
    void theRecipeIsAFilesWithWhatIsSetDifferent() throws IOException {
        Path mine = Files.writeString(directory.resolve("mine.json"), "{\"epochs\": 40, \"optimizer\": \"sgd\"}");
        Path out = directory.resolve("mine");
        Cli result = Cli.run(
                "train",
                "lenet",
                "--recipe",
                mine,
                "--set",
                "schedule.curve=linear",
                "--set",
                "mixing.mixup=0.2",
                "--epochs",
                1,
                "--hold-out",
                0.2,
                "--batch",
                "auto",
                "--watch",
                "--out",
                out);
        assertThat(result.code()).as(result.err()).isZero();
        assertThat(result.err())
                .containsPattern("1 epoch of batches of \\d+, SGD with Nesterov's momentum 0.9, learning rate 0.00\\d+,"
                        + " linear, mixup 0.2, 20 % held out, seed 1");
        assertThat(out.resolve("layers.jsonl")).exists();
        assertThat(Files.readString(out.resolve("report.html"))).contains("for training, 1,520 for validation");

        Cli paper = Cli.run("train", "lenet", "--recipe", "paper", "--preview", directory.resolve("paper.html"));
        assertThat(paper.code()).as(paper.err()).isZero();
        assertThat(Files.readString(directory.resolve("paper.html"))).contains("20 epochs of batches of 1, SGD");

        refused(2, Cli.run("train", "lenet", "--set", "epoch=1"), "a recipe has no 'epoch'; near are epochs");
        refused(2, Cli.run("train", "lenet", "--recipe", "no-such"), "no-such: there is no such file, and no recipe");
        refused(2, Cli.run("train", "lenet", "--minutes", 1, "--epochs", 1), "--minutes and --epochs");
        refused(2, Cli.run("train", "lenet", "--batch", "many"), "--batch takes a number of images or auto");
        refused(2, Cli.run("train", "lenet", "--hold-out", 0.9), "from 0 to a half");
        refused(1, Cli.run("train", "lenet", "--recipe", FIVE), FIVE, "no recipe");
    }

    @Test
    void whatIsOnlyLookedAtTrainsNothing() throws IOException {
        Path seen = directory.resolve("seen.html"), rates = directory.resolve("rates.html");
        Cli preview = Cli.run("train", "lenet", "--preview", seen);
        assertThat(preview.code()).as(preview.err()).isZero();
        assertThat(preview.out()).isEqualTo("Look at   " + seen + "\n");
        assertThat(Files.readString(seen)).contains("What lenet on digits will see", "data:image/png;base64,");

        Cli search = Cli.run("train", "lenet", "--find-lr", rates);
        assertThat(search.code()).as(search.err()).isZero();
        assertThat(search.out())
                .containsPattern(
                        "^Try       --learning-rate \\d\\.\\de-\\d\\d; the recipe's is 2.0e-02, the loss is least at ")
                .endsWith("Look at   " + rates + "\n");
        assertThat(Files.readString(rates)).contains("A learning rate for lenet on digits", "<polyline");
    }

    @Test
    void recipesAreListedAndShown() throws IOException {
        assertThat(Cli.run("recipes").out()).contains("resnet ", "1512.03385");
        Path file = Files.writeString(
                directory.resolve("resnet.json"), Cli.run("recipes", "resnet").out());
        assertThat(org.convzoo.recipe.Recipes.read(file.toString()))
                .isEqualTo(org.convzoo.recipe.Recipes.read("resnet"));
        refused(2, Cli.run("recipes", "resnets"), "there is no recipe named 'resnets'; near are resnet");
    }

    @Test
    void evaluationGivesTheNumbersOfTheEndOfTraining() throws IOException {
        Path csv = directory.resolve("predictions.csv");
        JsonNode result = json(Cli.run("evaluate", run, "--json", "--csv", csv));

        assertThat(result.path("images").asInt()).isEqualTo(1000);
        assertThat(result.path("top5").asDouble())
                .isGreaterThanOrEqualTo(result.path("top1").asDouble());
        assertThat(trained.out())
                .contains("(" + Math.round(1000 * result.path("top1").asDouble()) + " of 1,000), loss "
                        + String.format("%.4f", result.path("loss").asDouble()));
        assertThat(Files.readAllLines(csv)).hasSize(1001);
        assertThat(csv).hasSameTextualContentAs(run.resolve("predictions.csv"));

        Cli text = Cli.run("evaluate", run.resolve("model.safetensors"));
        assertThat(text.out()).startsWith("top-1 ").contains("precision", "is \\ said");
    }

    @Test
    void predictsADigitDrawnDarkOnLight() throws IOException {
        JsonNode all = json(Cli.run("predict", run, FIVE, "--json", "--top", 10));

        assertThat(all).hasSize(1);
        assertThat(all.path(0).path("image").asText()).isEqualTo(FIVE.toString());
        JsonNode predictions = all.path(0).path("predictions");
        assertThat(predictions).hasSize(10);
        assertThat(predictions.path(0).path("label").asText()).isEqualTo("5");
        double sum = 0;
        for (JsonNode p : predictions) sum += p.path("probability").asDouble();
        assertThat(sum).isBetween(0.9999, 1.0001);

        assertThat(Cli.run("predict", run, FIVE).out().lines()).hasSize(1 + 3);
        assertThat(Cli.run("predict", run, FIVE, "--invert", "yes").out())
                .isEqualTo(Cli.run("predict", run, FIVE).out())
                .isNotEqualTo(Cli.run("predict", run, FIVE, "--invert", "no").out());
    }

    @Test
    void aBrokenPictureDoesNotKeepTheOthersFromTheirTurn() throws IOException {
        byte[] whole = Files.readAllBytes(FIVE);
        Path cut = Files.write(directory.resolve("cut.png"), Arrays.copyOf(whole, whole.length / 2));
        Path text = Files.writeString(directory.resolve("text.png"), "no picture");

        Cli result = Cli.run("predict", run, cut, text, directory.resolve("none.png"), FIVE);

        assertThat(result.code()).isEqualTo(1);
        assertThat(result.err().lines())
                .satisfiesExactly(
                        l -> assertThat(l).startsWith("convzoo: " + cut),
                        l -> assertThat(l).startsWith("convzoo: " + text),
                        l -> assertThat(l).contains("none.png"));
        assertThat(result.out()).startsWith(FIVE.toString());
    }

    @Test
    void aFolderStandsForThePicturesInIt() throws IOException {
        Path folder = Files.createDirectories(directory.resolve("pictures"));
        Path first = Files.copy(FIVE, folder.resolve("a.png")), last = Files.copy(FIVE, folder.resolve("b.PNG"));
        Files.copy(FIVE, folder.resolve(".hidden.png"));
        Files.copy(FIVE, Files.createDirectory(folder.resolve("deeper")).resolve("c.png"));
        Files.writeString(folder.resolve("notes.txt"), "no picture");

        Cli result = Cli.run("predict", run, folder, FIVE, "--top", 1);

        assertThat(result.code()).as(result.err()).isZero();
        assertThat(result.out().lines().filter(l -> !l.startsWith(" ")))
                .containsExactly(first.toString(), last.toString(), FIVE.toString());
        Path empty = Files.createDirectory(directory.resolve("no pictures"));
        refused(2, Cli.run("predict", run, empty), empty, "holds no pictures");
    }

    @Test
    void aNetworkWithoutPublishedWeightsIsNoModel() {
        refused(2, Cli.run("evaluate", "lenet"), "lenet: no published weights are known", "train lenet makes some");
    }

    @Test
    void aRunStoppedBeforeItsFirstEpochHasLearntNothing() {
        Path stopped = directory.resolve("stopped");
        Splits digits = Splits.open("digits");
        var request = TrainRequest.of(Models.named("lenet"), Options.NONE, Task.mnist(), digits);
        TrainListener impatient = new TrainListener() {
            @Override
            public void step(Progress progress) {
                Thread.currentThread().interrupt();
            }
        };
        try (Engine engine = Engine.open()) {
            new Trainer(engine).withListener(impatient).train(request, new RunDirectory(stopped));
        } catch (StoppedException | IOException e) {
            assertThat(e).isInstanceOf(StoppedException.class);
            Thread.interrupted();
        }

        Cli result = Cli.run("predict", stopped, FIVE);

        assertThat(result.code()).isZero();
        assertThat(result.err().lines()).hasSize(1);
        assertThat(result.err()).contains("has learnt nothing yet", "train --resume " + stopped);
        assertThat(result.out()).startsWith(FIVE.toString());
    }

    /** What a network for grey digits does not see is said, once; a digit drawn in black loses nothing. */
    @Test
    void photosLoseTheirColours() throws IOException {
        BufferedImage image = new BufferedImage(100, 80, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < 80; y++) for (int x = 0; x < 100; x++) image.setRGB(x, y, x < 50 ? 0xd02020 : 0x2060d0);
        Path data = directory.resolve("photos");
        for (String name : List.of("train/a/1.png", "train/b/2.png", "test/a/3.png", "test/b/4.png")) {
            Path file = data.resolve(name);
            Files.createDirectories(file.getParent());
            ImageIO.write(image, "png", file.toFile());
        }
        Path photo = data.resolve("test/a/3.png");

        Cli predicted = Cli.run("predict", run, photo, photo);
        assertThat(predicted.code()).isZero();
        assertThat(predicted.err().lines()).hasSize(1);
        assertThat(predicted.err()).contains("grey images of 28x28", "colours and finer details are lost");
        assertThat(Cli.run("predict", run, FIVE).err()).isEmpty();
        assertThat(trained.err()).doesNotContain("are lost");

        Cli again = Cli.run("train", "lenet", "--data", data, "--epochs", 1, "--out", directory.resolve("grey"));
        assertThat(again.code()).as(again.err()).isZero();
        assertThat(again.err()).containsOnlyOnce("grey images of 28x28");
    }

    @Test
    void resumingAFinishedRunWritesTheSameAgain() throws IOException {
        Path copy = copy("finished");
        byte[] model = Files.readAllBytes(copy.resolve("model.safetensors"));
        Files.delete(copy.resolve("model.safetensors"));

        Cli result = Cli.run("train", "--resume", copy);

        assertThat(result.code()).as(result.err()).isZero();
        assertThat(copy.resolve("model.safetensors")).hasBinaryContent(model);
    }

    private static Path copy(String name) throws IOException {
        Path copy = Files.createDirectory(directory.resolve(name));
        try (Stream<Path> files = Files.list(run)) {
            for (Path file : files.toList()) Files.copy(file, copy.resolve(file.getFileName()));
        }
        return copy;
    }

    @Test
    void theRunRemembersItsPrecision() throws IOException {
        try (Engine engine = Engine.open(TuningOption.USUAL)) {
            assumeThat(engine.precisions()).contains(Precision.BF16);
        }
        Path half = directory.resolve("half");
        Cli first = Cli.run("train", "lenet", "--epochs", 1, "--precision", "bf16", "--out", half);
        byte[] model = Files.readAllBytes(half.resolve("model.safetensors"));
        Files.delete(half.resolve("model.safetensors"));

        Cli resumed = Cli.run("train", "--resume", half);

        assertThat(first.err()).contains("computed in bf16");
        assertThat(resumed.err()).contains("computed in bf16");
        assertThat(half.resolve("model.safetensors")).hasBinaryContent(model);
        assertThat(half.resolve("report.html")).content().contains("computed in bf16");
        refused(2, Cli.run("train", "--resume", half, "--precision", "f32"), "leave out the other options");

        JsonNode f32 = json(Cli.run("evaluate", half, "--json"));
        JsonNode bf16 = json(Cli.run("evaluate", half, "--json", "--precision", "bf16"));
        assertThat(first.out())
                .contains("loss " + String.format("%.4f", f32.path("loss").asDouble()));
        assertThat(bf16.path("loss").asDouble())
                .isNotEqualTo(f32.path("loss").asDouble())
                .isCloseTo(f32.path("loss").asDouble(), within(0.01));
        assertThat(json(Cli.run("predict", half, FIVE, "--json", "--precision", "bf16")))
                .isNotEqualTo(json(Cli.run("predict", half, FIVE, "--json")));
    }

    @Test
    void checkpointingChangesNothingButTheMemory() throws IOException {
        List<String> tests = new ArrayList<>();
        for (String[] more : new String[][] {{}, {"--checkpointing"}}) {
            Path out = directory.resolve("kept" + more.length);
            List<Object> words = new ArrayList<>(List.of("train", "lenet", "--epochs", 1, "--out", out));
            words.addAll(List.of(more));
            Cli result = Cli.run(words.toArray());
            assertThat(result.code()).as(result.err()).isZero();
            assertThat(result.err().contains("checkpointing")).isEqualTo(more.length > 0);
            tests.add(json(Cli.run("evaluate", out, "--json")).toString());
        }
        assertThat(tests.get(1)).isEqualTo(tests.get(0));
    }

    @Test
    void whatWasCutInHalfIsNamed() throws IOException {
        Path copy = copy("cut");
        byte[] model = Files.readAllBytes(run.resolve("model.safetensors"));
        for (String name : Arrays.asList("last.ckpt", "model.safetensors")) {
            byte[] whole = Files.readAllBytes(copy.resolve(name));
            Files.write(copy.resolve(name), Arrays.copyOf(whole, whole.length / 2));
        }

        refused(1, Cli.run("evaluate", copy), copy.resolve("model.safetensors"), "cut off");
        refused(1, Cli.run("predict", copy, FIVE), copy.resolve("model.safetensors"), "cut off");
        Files.write(copy.resolve("model.safetensors"), model);
        refused(1, Cli.run("train", "--resume", copy), copy.resolve("last.ckpt"), "cut off");
        assertThat(copy.resolve("model.safetensors")).hasBinaryContent(model);
    }

    @Test
    void aRunIsNotTakenForAnother() {
        refused(2, Cli.run("train", "resnet18", "--resume", run), run, "is a run of lenet, not of resnet18");
        refused(2, Cli.run("train", "--resume", run, "--batch", 9), "leave out the other options");
        refused(1, Cli.run("train", "--resume", directory), directory, "holds no run to resume");
        refused(1, Cli.run("train", "lenet", "--out", run), run, "holds a run already");
        refused(1, Cli.run("evaluate", directory), directory, "no model");
        refused(1, Cli.run("evaluate", directory.resolve("none")), "there is no such file");
        refused(1, Cli.run("evaluate", FIVE), FIVE, "not a safetensors file");
    }

    @Test
    void aRunCannotBeWrittenWhereThereIsAFile() throws IOException {
        Path file = Files.writeString(directory.resolve("file"), "mine");

        refused(1, Cli.run("train", "lenet", "--out", file), file);
        refused(1, Cli.run("train", "lenet", "--out", file.resolve("run")), file.resolve("run"), "cannot be written");
        refused(1, Cli.run("evaluate", run, "--csv", file.resolve("x.csv")), file.resolve("x.csv"));
        assertThat(file).hasContent("mine");
    }

    @Test
    void aCommandToTypeNextQuotesTheRunsPath() throws IOException {
        Path taken = Files.createDirectory(directory.resolve("it's mine"));
        Files.writeString(taken.resolve("file"), "mine");

        String quoted = "'" + directory + "/it'\\''s mine'";
        refused(1, Cli.run("train", "lenet", "--out", taken), taken, "(--resume " + quoted + " goes on, ");
    }

    @Test
    void aFolderThatIsNoDataSetIsTold() throws IOException {
        Path empty = Files.createDirectory(directory.resolve("empty"));
        Path one = Files.createDirectories(directory.resolve("one/class")).getParent();
        Files.copy(FIVE, one.resolve("class/a.png"));
        Path idx = Files.createDirectory(directory.resolve("idx"));
        for (String name : Arrays.asList("train-images-idx3-ubyte", "train-labels-idx1-ubyte"))
            Files.write(idx.resolve(name), new byte[] {0, 0, 8, 3, 0, 0, 0, 9});

        refused(1, Cli.run("train", "lenet", "--data", empty), empty, "no class folders");
        refused(1, Cli.run("train", "lenet", "--data", one), "only the class 'class'");
        refused(1, Cli.run("train", "lenet", "--data", "mnist:" + empty), empty, "train-images-idx3-ubyte");
        refused(1, Cli.run("train", "lenet", "--data", "mnist:" + idx), idx.resolve("train-"), "no IDX file of");
        refused(2, Cli.run("train", "lenet", "--data", "digitz"), "no data set", "digits, fashion");
        assertThat(Files.list(directory).map(p -> p.getFileName().toString())).doesNotContain("runs");
    }

    @Test
    void anImageThatTheNetworkCannotTakeNamesTheLayer() {
        refused(2, Cli.run("train", "alexnet", "--image", "3x20x20"), "alexnet/features.", "use a larger image");
    }

    /** Three classes of plain pictures in a folder each, and one that is no picture. */
    private static Path photos(String name) throws IOException {
        Path photos = Files.createDirectory(directory.resolve(name));
        int shade = 20;
        for (String label : List.of("dark", "grey", "light")) {
            for (int i = 0; i < 8; i++, shade += 9) {
                BufferedImage image = new BufferedImage(32, 32, BufferedImage.TYPE_BYTE_GRAY);
                for (int p = 0; p < 32 * 32; p++) image.getRaster().setSample(p % 32, p / 32, 0, shade + p % 7);
                Path file = photos.resolve(label).resolve(i + ".png");
                Files.createDirectories(file.getParent());
                ImageIO.write(image, "png", file.toFile());
            }
        }
        Files.writeString(photos.resolve("grey/8.png"), "");
        Files.writeString(photos.resolve("dark/broken.jpg"), "text");
        return photos;
    }

    @Test
    void brokenPicturesAreNamedOrLeftOutAndTheRestIsEvaluatedWhole() throws IOException {
        Path photos = photos("shades"), out = directory.resolve("of-shades");
        Object[] train = {"train", "lenet", "--data", photos, "--epochs", 1, "--out", out};

        refused(
                1,
                Cli.run(train),
                "2 of 26 pictures cannot be read: ",
                "grey/8.png: the file is empty",
                "dark/broken.jpg: no picture",
                "--skip-broken leaves them out");
        assertThat(out).doesNotExist();
        Cli scan = Cli.run("scan", photos);
        assertThat(scan.code()).isEqualTo(1);
        assertThat(scan.out())
                .contains("of 3 classes (dark, grey, light)", "grey/8.png: the file is empty", "2 of 26 pictures");
        assertThat(json(new Cli(0, Cli.run("scan", photos, "--json").out(), "")).path("broken"))
                .hasSize(2);

        List<Object> skipping = new ArrayList<>(List.of(train));
        skipping.add("--skip-broken");
        Cli trained = Cli.run(skipping.toArray());
        assertThat(trained.code()).as(trained.err()).isZero();
        assertThat(trained.err()).contains("left out: grey/8.png: the file is empty", "left out as broken: 2");
        assertThat(json(Cli.run("evaluate", out, "--json")).path("images").asInt())
                .isBetween(3, 11);
        Cli longer = Cli.run("train", "--resume", out, "--epochs", 2);
        assertThat(longer.code()).as(longer.err()).isZero();
        assertThat(Files.readAllLines(out.resolve("metrics.jsonl"))).hasSize(2);

        Path part = Files.createDirectory(directory.resolve("part"));
        Files.move(photos.resolve("dark"), part.resolve("dark"));
        Files.delete(part.resolve("dark/broken.jpg"));
        JsonNode evaluated = json(Cli.run("evaluate", out, "--data", part, "--json"));
        assertThat(evaluated.path("images").asInt()).isEqualTo(8);
        assertThat(evaluated.path("classes").get(1).path("recall").isNull()).isTrue();
        assertThat(Cli.run("evaluate", out, "--data", part).out()).containsPattern("grey +0 +-");
        Files.move(part.resolve("dark"), part.resolve("mauve"));
        refused(2, Cli.run("evaluate", out, "--data", part), "does not know mauve", "dark, grey, light");
        refused(2, Cli.run("train", "--resume", out), "cannot be resumed", "missing (dark/0.png");
    }
}
