package org.convzoo.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.List;
import org.convzoo.train.TrainListener.Progress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProgressLineTest {
    private static Progress at(int step, double speed, Duration left) {
        return new Progress(12, 100, step, 400, 1.2345, 0.734, speed, 0.01, left);
    }

    @ParameterizedTest
    @ValueSource(ints = {59, 79, 119, 300})
    void barAndTimeFitEveryTerminal(int columns) {
        Progress widest = at(100, 12345.6, Duration.ofSeconds(59 * 60 + 59));

        String line = ProgressLine.text(widest, columns);

        assertThat(line).startsWith("epoch 12/100  25 % [==").contains(" ]").endsWith(", 59 min 59 s left");
        assertThat(line.length()).isBetween(50, columns);
        assertThat(line.contains("images/s")).isEqualTo(columns > 90);
    }

    @Test
    void whatIsNarrowKeepsTheTime() {
        assertThat(ProgressLine.text(at(100, 1, Duration.ofSeconds(9)), 40))
                .isEqualTo("epoch 12/100  25 %, 9.0 s left");
    }

    @Test
    void theFirstStepSaysNothingOfTimeAndTheLastThatTheTestFollows() {
        assertThat(ProgressLine.text(at(1, 0, Duration.ZERO), 79))
                .doesNotContain("left", "images/s")
                .endsWith("73.4 %");
        assertThat(ProgressLine.text(at(400, 10, Duration.ofSeconds(9)), 79))
                .contains("[====")
                .endsWith(", testing");
    }

    @Test
    void theLineOfAnEpochFits() {
        List<String> parts = List.of(
                "epoch 12/100   loss 1.2345", "training 73.4 %", "test 71.2 %", " 12,345 images/s", "59 min 59 s left");
        assertThat(TrainingLines.fitted(parts, 0)).contains("images/s");
        assertThat(TrainingLines.fitted(parts, 120)).contains("images/s");
        assertThat(TrainingLines.fitted(parts, 80).length()).isLessThan(80);
        assertThat(TrainingLines.fitted(parts, 80)).doesNotContain("images/s").contains("training", "test", "left");
        assertThat(TrainingLines.fitted(parts, 60).length()).isLessThan(60);
        assertThat(TrainingLines.fitted(parts, 60)).contains("loss", "test", "left");
    }

    @Test
    void isOneLineOfATerminalAndNothingElsewhere() {
        StringWriter terminal = new StringWriter(), file = new StringWriter();
        for (StringWriter to : new StringWriter[] {terminal, file}) {
            ProgressLine line = new ProgressLine(new PrintWriter(to), to == file ? 0 : 30);
            line.show("tuning: as long as it takes, which may be some time");
            line.show(at(3, 0, Duration.ZERO));
            line.clear();
        }

        assertThat(file.toString()).isEmpty();
        String erase = "\u001b[K";
        assertThat(terminal.toString()).doesNotContain("\n").endsWith("\r" + erase);
        for (String line : terminal.toString().split("\r"))
            assertThat(line.replace(erase, "").length()).isLessThan(30);
    }
}
