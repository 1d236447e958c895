package org.convzoo.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import javax.imageio.ImageIO;
import org.convzoo.engine.Engine;
import org.convzoo.engine.Tuning;
import org.convzoo.engine.Untuned;
import org.convzoo.recipe.EpochMetrics;
import org.convzoo.train.TrainProcess.Work;
import org.convzoo.weights.SafeTensors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Runs that end in ways that no program can catch. */
class ResumeIT {
    @TempDir
    static Path temp;

    private static Path whole;

    @BeforeAll
    static void trainWithoutABreak() throws Exception {
        whole = temp.resolve("whole");
        finish(whole);
    }

    private static void finish(Path run) throws Exception {
        finish(TrainProcess.start(run, "true"));
    }

    private static void finish(Process process) throws Exception {
        TrainProcess.await(process, "");
        assertThat(process.waitFor())
                .as(Files.readString(temp.resolve("errors.txt")))
                .isZero();
    }

    @Test
    void aKilledRunEndsInTheSameBits() throws Exception {
        Path killed = temp.resolve("killed");
        Process process = TrainProcess.start(killed, "true");
        TrainProcess.await(process, "2/50");
        try (Engine engine = Untuned.open()) {
            assertThatIOException()
                    .isThrownBy(() -> new Trainer(engine).resume(new RunDirectory(killed)))
                    .withMessageContaining("another training is writing to it");
        }
        process.destroyForcibly().waitFor();
        assertThat(new RunDirectory(killed).checkpoint().history()).isNotEmpty().hasSizeLessThan(3);
        assertThat(killed.resolve("model.safetensors")).doesNotExist();
        finish(killed);
        assertThat(killed.resolve("model.safetensors")).hasSameBinaryContentAs(whole.resolve("model.safetensors"));
        assertThat(new RunDirectory(killed).history()).hasSize(3);
    }

    /** Of four epochs the first fits the head, so that the rates of the others depend on how many steps those are. */
    @Test
    void aKilledFineTuningEndsInTheSameBits() throws Exception {
        String photos = Drawings.write(temp.resolve("photos")).toString();
        Path killed = temp.resolve("killed-tuning"), undisturbed = temp.resolve("tuning");
        finish(TrainProcess.start(undisturbed, "true", Tuning.USUAL, Work.SQUEEZENET, photos));
        Process process = TrainProcess.start(killed, "true", Tuning.USUAL, Work.SQUEEZENET, photos);
        TrainProcess.await(process, "3/3");
        process.destroyForcibly().waitFor();
        assertThat(new RunDirectory(killed).checkpoint().history()).hasSizeBetween(2, 3);
        assertThat(killed.resolve("model.safetensors")).doesNotExist();
        finish(TrainProcess.start(killed, "true", Tuning.USUAL, Work.SQUEEZENET, photos));
        assertThat(killed.resolve("model.safetensors"))
                .hasSameBinaryContentAs(undisturbed.resolve("model.safetensors"));
    }

    /**
     * Eight epochs with all that draws or remembers, killed once in each of six moments. A part of the pictures lies in a
     * file in the cache, with which the program that wrote it dies.
     */
    @Test
    @Tag("thorough")
    @EnabledOnOs(OS.LINUX)
    void aRunThatIsKilledAgainAndAgainEndsInTheSameBits() throws Exception {
        Path cache = temp.resolve("kept"), killed = temp.resolve("often-killed"), undisturbed = temp.resolve("once");
        String photos = photos(temp.resolve("stripes")).toString(), caching = "export XDG_CACHE_HOME=" + cache;
        finish(everything(undisturbed, caching, photos));

        Process process = everything(killed, caching, photos);
        TrainProcess.await(process, "1/6");
        killWriting(process, killed, "best.safetensors");
        assertThat(new RunDirectory(killed).checkpoint().history()).isEmpty();

        process = everything(killed, caching, photos);
        TrainProcess.await(process, "3/4");
        assertThat(openFiles(process)).anyMatch(f -> f.startsWith(cache.resolve("convzoo/pictures-") + ""));
        kill(process);

        process = everything(killed, caching, photos);
        assertThat(cache.resolve("convzoo")).isDirectoryNotContaining("glob:**/pictures-*");
        TrainProcess.await(process, "4/6");
        killWriting(process, killed, "last.ckpt");

        process = everything(killed, caching, photos);
        TrainProcess.await(process, "6");
        kill(process);

        process = everything(killed, caching, photos);
        TrainProcess.await(process, "7/1");
        kill(process);

        process = everything(killed, caching, photos);
        TrainProcess.await(process, "8");
        killWriting(process, killed, "model.safetensors");

        finish(everything(killed, caching, photos));
        for (String file : List.of("model.safetensors", "best.safetensors", "predictions.csv", "layers.jsonl"))
            assertThat(killed.resolve(file)).as(file).hasSameBinaryContentAs(undisturbed.resolve(file));
        assertThat(state(killed)).isEqualTo(state(undisturbed));
        assertThat(timeless(killed)).hasSize(8).isEqualTo(timeless(undisturbed));
        assertThat(cache.resolve("convzoo")).isDirectoryNotContaining("glob:**/pictures-*");
    }

    @Test
    @Tag("thorough")
    void aLargeNetworkTrainsAndGoesOnInAHeapOfLittleMoreThanItsWeights() throws Exception {
        String drawings = Drawings.write(temp.resolve("drawings")).toString();
        Path killed = temp.resolve("killed-large"), undisturbed = temp.resolve("large");
        finish(TrainProcess.start(undisturbed, "true", Tuning.USUAL, Work.LARGE, drawings));
        Process process = TrainProcess.start(killed, "true", Tuning.USUAL, Work.LARGE, drawings);
        TrainProcess.await(process, "3/2");
        kill(process);
        finish(TrainProcess.start(killed, "true", Tuning.USUAL, Work.LARGE, drawings));
        assertThat(killed.resolve("model.safetensors"))
                .hasSameBinaryContentAs(undisturbed.resolve("model.safetensors"));
        assertThat(Files.size(killed.resolve("last.ckpt"))).isGreaterThan(160 << 20);
    }

    private static Process everything(Path run, String before, String photos) throws Exception {
        return TrainProcess.start(run, before, Tuning.USUAL, Work.EVERYTHING, photos);
    }

    /** Coloured stripes that lie or stand: 128 pictures to train on, of more bytes than are kept in memory, and 16 others. */
    private static Path photos(Path dir) throws IOException {
        var random = new SplittableRandom(1);
        for (int i = 0; i < 144; i++) {
            var image = new BufferedImage(192, 192, BufferedImage.TYPE_3BYTE_BGR);
            Graphics2D pen = image.createGraphics();
            for (int at = 0; at < 192; at += 16) {
                pen.setColor(new Color(random.nextInt(1 << 24)));
                if (i % 2 == 0) pen.fillRect(0, at, 192, 16);
                else pen.fillRect(at, 0, 16, 192);
            }
            Path folder = dir.resolve(i < 128 ? "train" : "test").resolve(i % 2 == 0 ? "lying" : "standing");
            ImageIO.write(
                    image,
                    "png",
                    Files.createDirectories(folder).resolve(i + ".png").toFile());
        }
        return dir;
    }

    private static void kill(Process process) throws InterruptedException {
        assertThat(process.isAlive()).isTrue();
        process.destroyForcibly().waitFor();
    }

    /** Kills it as soon as it has begun to write that file of the run. */
    private static void killWriting(Process process, Path run, String file) throws Exception {
        String half = "." + file + "." + process.pid() + "-*.tmp";
        while (process.isAlive()) {
            try (DirectoryStream<Path> begun = Files.newDirectoryStream(run, half)) {
                if (begun.iterator().hasNext()) break;
            }
            Thread.sleep(1);
        }
        kill(process);
    }

    private static List<String> openFiles(Process process) throws IOException {
        List<String> open = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(Path.of("/proc/" + process.pid() + "/fd"))) {
            for (Path file : files) open.add(Files.readSymbolicLink(file).toString());
        }
        return open;
    }

    /** All arrays of the last checkpoint. */
    private static Map<String, FloatBuffer> state(Path run) {
        Map<String, FloatBuffer> arrays = new TreeMap<>();
        SafeTensors.read(run.resolve("last.ckpt"))
                .weights()
                .tensors()
                .forEach((name, t) -> arrays.put(name, t.values()));
        return arrays;
    }

    private static List<EpochMetrics> timeless(Path run) throws IOException {
        return new RunDirectory(run)
                .history().stream()
                        .map(e -> e.withSeconds(0)
                                .withImagesPerSecond(0)
                                .withWaitingSeconds(0)
                                .withTime(0))
                        .toList();
    }

    /** What was measured to be faster is written to a file; when that says the opposite, the run keeps to what it did. */
    @Test
    @Tag("thorough")
    void aRunEndsInTheSameBitsWhateverWouldBeMeasuredNow() throws Exception {
        Path cache = temp.resolve("cache"), plans = cache.resolve("convzoo/plans.properties");
        String measuring = "export XDG_CACHE_HOME=" + cache;
        Path killed = temp.resolve("killed-tuned"), same = temp.resolve("same"), opposite = temp.resolve("opposite");
        Process process = TrainProcess.start(killed, measuring, Tuning.MEASURED, Work.LENET, "digits");
        TrainProcess.await(process, "2/50");
        process.destroyForcibly().waitFor();
        tuned(same, measuring);
        String swapped = Files.readString(plans)
                .replace("=BLOCKED", "=other")
                .replace("=CHANNELS_LAST", "=BLOCKED")
                .replace("=other", "=CHANNELS_LAST");
        Files.writeString(plans, swapped);

        tuned(killed, measuring);
        tuned(opposite, measuring);

        Path model = same.resolve("model.safetensors");
        assertThat(killed.resolve("model.safetensors")).hasSameBinaryContentAs(model);
        assertThat(Files.readAllBytes(opposite.resolve("model.safetensors")))
                .as("the plans matter")
                .isNotEqualTo(Files.readAllBytes(model));
    }

    private static void tuned(Path run, String before) throws Exception {
        finish(TrainProcess.start(run, before, Tuning.MEASURED, Work.LENET, "digits"));
    }

    /** The first checkpoint fits under the limit; the second, with the optimizer's memory, does not. */
    @Test
    void aFullDiskKeepsTheLastGoodCheckpoint() throws Exception {
        Path full = temp.resolve("full");
        Process process = TrainProcess.start(full, "ulimit -f 1000");
        TrainProcess.await(process, "");
        assertThat(process.waitFor()).isEqualTo(1);
        assertThat(Files.readString(temp.resolve("errors.txt")))
                .endsWith(full.resolve("last.ckpt") + ": cannot be saved: File too large; make room, then go on with"
                        + " the run (what was saved before is kept)\n");
        assertThat(new RunDirectory(full).checkpoint().step()).isZero();
        finish(full);
        assertThat(full.resolve("model.safetensors")).hasSameBinaryContentAs(whole.resolve("model.safetensors"));
    }
}
