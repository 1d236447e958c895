package org.convzoo.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import javax.imageio.ImageIO;
import org.convzoo.experiment.Experiment;
import org.convzoo.experiment.Experiments;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An experiment as one types it, on a dozen pictures. */
class ExperimentIT {
    @TempDir
    static Path temp;

    private static Path photos() throws IOException {
        Path photos = temp.resolve("photos");
        var random = new SplittableRandom(1);
        for (String label : new String[] {"dark", "light"}) {
            for (int i = 0; i < 8; i++) {
                var image = new BufferedImage(30, 30, BufferedImage.TYPE_INT_RGB);
                int least = label.equals("dark") ? 0 : 150;
                for (int y = 0; y < 30; y++)
                    for (int x = 0; x < 30; x++) image.setRGB(x, y, least + random.nextInt(100) << 8);
                Path file =
                        photos.resolve(i < 6 ? "train" : "test").resolve(label).resolve(i + ".png");
                Files.createDirectories(file.getParent());
                ImageIO.write(image, "png", file.toFile());
            }
        }
        return photos;
    }

    @Test
    void leavesAPageAndGoesOnWhereItWas() throws IOException {
        Path photos = photos(), out = temp.resolve("activation");
        Object[] command = {"experiment", "activation", "--quick", "--data", photos, "--out", out};
        Cli first = Cli.run(command);
        assertThat(first.code()).as(first.err()).isZero();
        assertThat(first.err().lines()).as(first.err()).hasSize(9);
        assertThat(first.err()).contains("1/9   relu, seed 1   training error", "9/9   sigmoid, seed 3");
        assertThat(first.out())
                .contains("ReLUs get there sooner than tanh.", "Look at   " + out.resolve("index.html"))
                .containsPattern("tanh +61\\.\\d k");
        assertThat(out.resolve("index.html")).content().contains("What the paper found", "relu/seed-3/report.html");
        assertThat(out.resolve("relu/seed-3/report.html")).exists();

        // One that was stopped: its last run lacks an end, all else stays as it is.
        Files.delete(out.resolve("sigmoid/seed-3/model.safetensors"));
        Files.delete(out.resolve("index.html"));
        Object before = Files.getLastModifiedTime(out.resolve("relu/seed-1/last.ckpt"));
        Cli again = Cli.run(command);
        assertThat(again.code()).as(again.err()).isZero();
        assertThat(again.out()).isEqualTo(first.out());
        assertThat(again.err().lines().filter(l -> l.endsWith("(was there)"))).hasSize(8);
        assertThat(Files.getLastModifiedTime(out.resolve("relu/seed-1/last.ckpt")))
                .isEqualTo(before);
        assertThat(out.resolve("index.html")).exists();

        refused(
                Cli.run("experiment", "widths", "--quick", "--data", photos, "--out", out),
                out + ": holds the experiment activation on part:",
                "/1000:folder:" + photos);
        refused(
                Cli.run("experiment", "activation", "--quick", "--data", photos, "--out", photos),
                photos + ": is not empty and holds no experiment; choose another directory");
    }

    @Test
    void whatThereIsAndWhatIsWrong() {
        Cli list = Cli.run("experiment");
        assertThat(list.code()).isZero();
        for (Experiment e : Experiments.all()) assertThat(list.out()).contains(e.name(), e.title());
        Path out = temp.resolve("nothing");
        refused(Cli.run("experiment", "degradations", "--out", out), "no experiment 'degradations'", "degradation");
        refused(
                Cli.run("experiment", "widths", "--data", "nowhere", "--out", out),
                "no data set and no folder 'nowhere'");
        refused(Cli.run("experiment", "--quick"), "which experiment?");
        assertThat(out).doesNotExist();
    }

    private static void refused(Cli result, String... parts) {
        assertThat(result.err().lines()).as(result.err()).hasSize(1);
        assertThat(result.err()).contains(parts);
        assertThat(result.code()).isEqualTo(2);
    }
}
