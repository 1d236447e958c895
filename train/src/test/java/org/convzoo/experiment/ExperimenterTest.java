package org.convzoo.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.convzoo.classify.Model;
import org.convzoo.engine.Engine;
import org.convzoo.engine.EngineOptions;
import org.convzoo.engine.Tuning;
import org.convzoo.failure.BrokenFileException;
import org.convzoo.failure.StoppedException;
import org.convzoo.failure.WrongUseException;
import org.convzoo.train.TrainListener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExperimenterTest {
    private static final Experiment.Size TINY = new Experiment.Size(60, 30, 2, 2);
    private static final Experiment RATES = new Experiment(
            "rates",
            "A rate without bounds",
            new Experiment.Paper("", "", "", List.of(), List.of()),
            List.of(),
            List.of("optimizer=sgd", "batch=20"),
            List.of(Made.arm("sound", "learning_rate=0.01"), Made.arm("wild", "learning_rate=1e30")),
            List.of(new Claim("The wild one is worse.", Measure.TEST_ERROR, "wild", "sound")),
            List.of(Measure.TEST_ERROR),
            new Experiment.Figure.Learning(),
            TINY,
            TINY);

    @TempDir
    Path temp;

    /** What was trained, in order, and what stood in the way. */
    private static class Heard implements Experimenter.Listener {
        final List<String> trained = new ArrayList<>();
        int ended;

        @Override
        public TrainListener run(Arm arm, long seed, int number, int count) {
            return new TrainListener() {
                @Override
                public void started(Model model, int epochs) {
                    trained.add(arm.name() + " " + seed + " of " + count + " after " + epochs);
                }
            };
        }

        @Override
        public void ended(List<Result> results) {
            ended = results.size();
        }
    }

    private static List<Result> run(Heard heard, Path directory) throws IOException {
        try (Engine engine = Engine.open(EngineOptions.DEFAULTS.withTuning(Tuning.USUAL))) {
            return new Experimenter(engine, heard).run(RATES, TINY, "digits", directory);
        }
    }

    @Test
    void eachArmIsARunForEachSeedAndWhatDivergedIsAResult() throws IOException {
        Path directory = temp.resolve("rates");
        Heard heard = new Heard();
        List<Result> results = run(heard, directory);
        assertThat(heard.trained)
                .containsExactly(
                        "sound 1 of 4 after 0", "wild 1 of 4 after 0", "sound 2 of 4 after 0", "wild 2 of 4 after 0");
        assertThat(heard.ended).isEqualTo(4);
        assertThat(results).extracting(Result::diverged).containsExactly(false, true, false, true);
        assertThat(results.get(0).history()).hasSize(2);
        assertThat(results.get(0).top1()).isBetween(0.0, 1.0);
        assertThat(results.get(1).divergence()).contains("step");
        Model model = Model.read(directory.resolve("sound/seed-2"));
        assertThat(model.provenance().data()).isEqualTo("part:60/30:digits");
        assertThat(model.provenance().recipe().get("seed").asInt()).isEqualTo(2);
        assertThat(Judgement.of(RATES.claims().get(0), results, 2).outcome()).isEqualTo(Judgement.Outcome.SHOWS);

        // What has ended or diverged is there; what was stopped goes on from its last epoch.
        Files.delete(directory.resolve("sound/seed-2/model.safetensors"));
        Heard again = new Heard();
        assertThat(run(again, directory))
                .usingElementComparator(ExperimenterTest::compared)
                .isEqualTo(results);
        assertThat(again.trained).containsExactly("sound 2 of 4 after 2");
        assertThat(again.ended).isEqualTo(4);
    }

    /** By all but the graph, which is traced anew. */
    private static int compared(Result one, Result other) {
        boolean same = one.arm().equals(other.arm())
                && one.seed() == other.seed()
                && one.history().equals(other.history())
                && Double.compare(one.top1(), other.top1()) == 0
                && one.divergence().equals(other.divergence());
        return same ? 0 : 1;
    }

    @Test
    void whatIsStoppedGoesOn() throws IOException {
        Path directory = temp.resolve("stopped");
        Heard stopping = new Heard() {
            @Override
            public void ended(List<Result> results) {
                if (results.size() == 1) Thread.currentThread().interrupt();
            }
        };
        try {
            assertThatExceptionOfType(StoppedException.class).isThrownBy(() -> run(stopping, directory));
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
        Heard heard = new Heard();
        run(heard, directory);
        assertThat(heard.trained).doesNotContain("sound 1 of 4 after 0").hasSize(3);
    }

    @Test
    void aDirectoryOfSomethingElseIsLeftAlone() throws IOException {
        Path full = Files.createDirectories(temp.resolve("full"));
        Files.writeString(full.resolve("letter.txt"), "mine");
        assertThatExceptionOfType(WrongUseException.class)
                .isThrownBy(() -> run(new Heard(), full))
                .withMessage(full + ": is not empty and holds no experiment; choose another directory");
        assertThat(full.toFile().list()).containsExactly("letter.txt");

        Path other = Files.createDirectories(temp.resolve("other"));
        new Protocol("widths", "part:60/30:digits", TINY, Map.of()).write(other);
        assertThatExceptionOfType(WrongUseException.class)
                .isThrownBy(() -> run(new Heard(), other))
                .withMessageContaining(other + ": holds the experiment widths on part:60/30:digits with 2 epochs");

        Files.writeString(other.resolve(Protocol.FILE), "{");
        assertThatExceptionOfType(BrokenFileException.class)
                .isThrownBy(() -> run(new Heard(), other))
                .withMessageStartingWith(other.resolve(Protocol.FILE) + ": is broken");
    }
}
