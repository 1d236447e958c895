package org.convzoo.pretrained;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;
import org.convzoo.engine.Engine;
import org.convzoo.engine.EngineOptions;
import org.convzoo.engine.Predictor;
import org.convzoo.engine.PredictorOptions;
import org.convzoo.failure.BrokenFileException;
import org.convzoo.graph.Shape;
import org.convzoo.json.Field;
import org.convzoo.json.Json;
import org.convzoo.models.Models;
import org.convzoo.models.Options;
import org.convzoo.models.Task;
import org.convzoo.weights.Weights;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** MobileNetV2 as {@code src/test/keras/make.py} saved it with Keras 2 and 3, and the logits that it had there. */
class KerasFileTest {
    @TempDir
    Path directory;

    private Path resource(String name) throws IOException {
        try (var in = new GZIPInputStream(getClass().getResourceAsStream("keras/" + name + ".gz"))) {
            return Files.write(directory.resolve("weights"), in.readAllBytes());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"model.h5", "model.keras", "only.weights.h5", "keras2.h5", "keras2-weights.h5"})
    void mobileNetV2AnswersAsInKeras(String name) throws IOException {
        Fitting f = Fitting.of(
                Models.named("mobilenet_v2"),
                Options.of("width", 0.35),
                new Task(new Shape(3, 64, 64), 5),
                resource(name));
        assertThat(f.report())
                .contains("262 of 262 arrays match")
                .contains("the names are those of Keras")
                .contains("epsilon 0.001 in its batch norms and TensorFlow's padding");
        FloatBuffer image = FloatBuffer.allocate(3 * 64 * 64);
        for (int i = 0; i < image.limit(); i++) image.put(i, (float) (i * 37 % 101 / 50.0 - 1));
        float[] logits;
        try (Engine engine = Engine.open(EngineOptions.DEFAULTS);
                Predictor predictor = engine.predictor(f.graph(), f.weights(), PredictorOptions.DEFAULTS)) {
            logits = predictor.logits(image, 1);
        }
        try (var in = getClass().getResourceAsStream("keras/logits.json")) {
            double[] expected = new Field("logits", Json.parse(in.readAllBytes()))
                    .at("logits")
                    .numbers(5);
            double largest = Arrays.stream(expected).map(Math::abs).max().orElseThrow();
            for (int i = 0; i < 5; i++)
                assertThat(Math.abs(logits[i] - expected[i])).isLessThan(1e-4 * largest);
        }
    }

    @Test
    void namesAreThoseOfLayersAndVariables() throws IOException {
        Weights w = WeightsFile.read(resource("only.weights.h5"));
        assertThat(w.tensors()).hasSize(262).containsKeys("Conv1/kernel", "block_16_expand_BN/moving_variance");
        assertThat(w.get("Conv1/kernel").shape()).isEqualTo(new Shape(3, 3, 3, 16));
        assertThat(WeightsFile.read(resource("keras2.h5")).tensors())
                .hasSize(262)
                .containsKeys("block_16_depthwise/depthwise_kernel");
    }

    @Test
    void aNetworkThatIsNotOursIsTold() throws IOException {
        Fitting f = Fitting.of(
                Models.named("mobilenet_v2"), Options.NONE, new Task(new Shape(3, 64, 64), 5), resource("model.h5"));
        assertThatThrownBy(f::weights).hasMessageContaining("the weights do not fit mobilenet_v2");
    }

    @Test
    void aFileThatIsCutOffIsRefused() throws IOException {
        Path file = resource("only.weights.h5");
        byte[] whole = Files.readAllBytes(file);
        for (int length = 8; length < whole.length; length += whole.length / 40) {
            Files.write(file, Arrays.copyOf(whole, length));
            assertThatThrownBy(() -> WeightsFile.read(file))
                    .isInstanceOf(BrokenFileException.class)
                    .hasMessageStartingWith(file + ": ");
        }
    }
}
