package org.convzoo.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.convzoo.classify.Model;
import org.convzoo.weights.Weights;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code predict} and {@code evaluate} say with models that are there. */
class PredictTest {
    private static final Path FIVE = Path.of("../docs/five.png");
    private static final Path MODELS = Path.of("../classify/src/test/resources/format1");

    @TempDir
    Path temp;

    @Test
    void aModelOfTheFirstFormatAndACheckpointAnswer() {
        Cli said = Cli.run("predict", MODELS.resolve("lenet.safetensors"), FIVE, temp.resolve("none.png"));
        assertThat(said.out()).startsWith(FIVE + System.lineSeparator()).containsPattern("100 % +5|100\\.0 % +5");
        assertThat(said.err()).isEqualTo("convzoo: " + temp.resolve("none.png") + ": no such file\n");
        assertThat(said.code()).isEqualTo(1);

        Cli checkpoint = Cli.run("predict", MODELS.resolve("narrow.ckpt"), FIVE);
        assertThat(checkpoint.err()).isEmpty();
        assertThat(checkpoint.out()).containsPattern("14\\.\\d+ % +8");
    }

    @Test
    void valuesThatAreNoNumbersAreToldAndNotPrinted() throws IOException {
        Model lenet = Model.read(MODELS.resolve("lenet.safetensors"));
        Map<String, Weights.Tensor> huge = new LinkedHashMap<>();
        lenet.weights().tensors().forEach((name, t) -> {
            float[] values = t.toArray();
            Arrays.fill(values, Float.MAX_VALUE);
            huge.put(name, new Weights.Tensor(t.shape(), values));
        });
        Path file = temp.resolve("huge.safetensors");
        lenet.with(lenet.provenance().metrics(), new Weights(huge)).write(file);

        Cli predict = Cli.run("predict", file, FIVE), json = Cli.run("predict", file, FIVE, "--json");
        Cli evaluate = Cli.run("evaluate", file, "--json");
        for (Cli c : new Cli[] {predict, json, evaluate}) {
            assertThat(c.code()).isEqualTo(1);
            assertThat(c.err())
                    .contains("lenet answers with values that are not finite")
                    .hasLineCount(1);
            assertThat(c.out()).doesNotContain("NaN", "%");
        }
        assertThat(predict.out()).isEmpty();
        assertThat(json.out().strip()).isEqualTo("[ ]");
        assertThat(evaluate.out()).isEmpty();
    }
}
