package org.convzoo.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.nio.file.Files;
import java.nio.file.Path;
import org.convzoo.engine.Engine;
import org.convzoo.engine.Tuning;
import org.convzoo.engine.Untuned;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
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
        finish(TrainProcess.start(undisturbed, "true", Tuning.USUAL, photos));
        Process process = TrainProcess.start(killed, "true", Tuning.USUAL, photos);
        TrainProcess.await(process, "3/3");
        process.destroyForcibly().waitFor();
        assertThat(new RunDirectory(killed).checkpoint().history()).hasSizeBetween(2, 3);
        assertThat(killed.resolve("model.safetensors")).doesNotExist();
        finish(TrainProcess.start(killed, "true", Tuning.USUAL, photos));
        assertThat(killed.resolve("model.safetensors"))
                .hasSameBinaryContentAs(undisturbed.resolve("model.safetensors"));
    }

    /** What was measured to be faster is written to a file; when that says the opposite, the run keeps to what it did. */
    @Test
    @Tag("thorough")
    void aRunEndsInTheSameBitsWhateverWouldBeMeasuredNow() throws Exception {
        Path cache = temp.resolve("cache"), plans = cache.resolve("convzoo/plans.properties");
        String measuring = "export XDG_CACHE_HOME=" + cache;
        Path killed = temp.resolve("killed-tuned"), same = temp.resolve("same"), opposite = temp.resolve("opposite");
        Process process = TrainProcess.start(killed, measuring, Tuning.MEASURED, "digits");
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
        finish(TrainProcess.start(run, before, Tuning.MEASURED, "digits"));
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
