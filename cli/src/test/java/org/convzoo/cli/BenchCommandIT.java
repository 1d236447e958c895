package org.convzoo.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.convzoo.engine.Engine;
import org.convzoo.engine.Precision;
import org.convzoo.models.Models;
import org.convzoo.weights.SafeTensors;
import org.convzoo.weights.Weights;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each way of measuring, for some seconds each; what comes out is complete, whatever the times are. */
class BenchCommandIT {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path directory;

    @Test
    void jsonHasEverything() throws IOException {
        Path svg = directory.resolve("roofline.svg");

        Cli result = Cli.run("bench", "lenet", "--batch", 2, "--json", "--profile", "--svg", svg);

        assertThat(result.code()).as(result.err()).isZero();
        JsonNode json = JSON.readTree(result.out());
        assertThat(json.at("/peak/f32/gflops").asDouble()).isPositive();
        assertThat(json.at("/peak/f32/copy_gigabytes_per_second").asDouble()).isPositive();
        assertThat(json.path("threads").asInt()).isPositive();
        JsonNode one = json.at("/results/0");
        double[] p = {
            one.at("/milliseconds/min").asDouble(),
            one.at("/milliseconds/p50").asDouble(),
            one.at("/milliseconds/p90").asDouble(),
            one.at("/milliseconds/p99").asDouble()
        };
        assertThat(p).isSorted();
        assertThat(p[0]).isPositive();
        long macs = 0;
        for (JsonNode step : one.path("profile")) macs += step.path("macs").asLong();
        assertThat(macs).isEqualTo(2 * Models.named("lenet").graph().macs());
        if (Files.exists(Path.of("/proc/self/status")))
            assertThat(one.path("resident_bytes").asLong()).isGreaterThan(10 << 20);
        assertThat(svg).content().contains("lenet", "a prediction of 2 x 1x28x28, f32");
    }

    @Test
    void csvHasALineForEachCase() {
        Cli result = Cli.run("bench", "lenet", "resnet20", "--batch", 1, "--batch", 2, "--no-tune", "--csv");

        assertThat(result.code()).as(result.err()).isZero();
        List<String> lines = result.out().lines().toList();
        List<String> names = List.of(lines.get(0).split(","));
        assertThat(names).contains("network", "batch", "p50_ms", "images_per_second");
        assertThat(lines.subList(1, lines.size()))
                .hasSize(4)
                .allSatisfy(line -> assertThat(line.split(",", -1)).hasSameSizeAs(names))
                .extracting(line ->
                        line.split(",")[names.indexOf("network")] + " " + line.split(",")[names.indexOf("batch")])
                .containsExactly("lenet 1", "lenet 2", "resnet20 1", "resnet20 2");
    }

    @Test
    void frozenPartsHaveNoStepsBackward() throws IOException {
        Cli result =
                Cli.run("bench", "lenet", "--train", "--batch", 2, "--freeze", "features.*", "--json", "--profile");

        assertThat(result.code()).as(result.err()).isZero();
        Set<String> backward = new TreeSet<>();
        for (JsonNode step : JSON.readTree(result.out()).at("/results/0/profile"))
            if (step.path("pass").asText().equals("backward"))
                backward.add(step.path("layer").asText());
        assertThat(backward)
                .anyMatch(layer -> layer.startsWith("classifier"))
                .noneMatch(layer -> layer.startsWith("features"));
    }

    @Test
    void tableAndProfileOfTraining() {
        Cli result = Cli.run("bench", "lenet", "--train", "--profile");

        assertThat(result.code()).as(result.err()).isZero();
        assertThat(result.out()).contains("lenet: a training step of 64 x 1x28x28, f32", "backward", "java:optimizer");
        assertThat(result.err()).contains("FLOP/s in f32");
    }

    @Test
    void anotherNumberOfThreads() throws IOException {
        int other = 3;

        Cli result = Cli.run("bench", "lenet", "--batch", 1, "--threads", other, "--json");

        assertThat(result.code()).isZero();
        assertThat(JSON.readTree(result.out()).path("threads").asInt()).isEqualTo(other);
        assertThat(Cli.run("bench", "lenet", "--threads", other, "--precision", "f32", "--first", directory)
                        .code())
                .as("a failure over there is one here")
                .isEqualTo(1);
    }

    @Test
    void theFirstPredictionIsThatOfTheFile() throws IOException {
        Path file = directory.resolve("weights.safetensors");
        var graph = Models.named("resnet20").graph();

        Cli made = Cli.run("bench", "resnet20", "--first", file);
        Cli again = Cli.run("bench", "resnet20", "--first", file);
        var seven = Weights.initial(graph, 7);
        new SafeTensors(seven, java.util.Map.of()).write(file);
        Cli other = Cli.run("bench", "resnet20", "--first", file);

        assertThat(made.code()).as(made.err()).isZero();
        assertThat(again.out()).isEqualTo(made.out());
        assertThat(other.code()).isZero();
        assertThat(other.out()).isNotEqualTo(made.out());
        assertThat(SafeTensors.read(file).weights().get("conv1.weight").toArray())
                .as("a file that is there stays")
                .isEqualTo(seven.get("conv1.weight").toArray());
    }

    @Test
    void theWorkerAnswersLineByLine() throws IOException {
        long began = System.nanoTime();

        Cli result = answering("ours 1 3\nours 4 1\n", "bench", "--worker", "--batch", 1, "lenet");

        double seconds = (System.nanoTime() - began) * 1e-9;
        assertThat(result.code()).as(result.err()).isZero();
        List<String> lines = result.out().lines().toList();
        assertThat(lines.get(0)).startsWith("ready {");
        JsonNode ready = JSON.readTree(lines.get(0).substring(6));
        try (Engine engine = Engine.open(TuningOption.USUAL)) {
            boolean half = engine.precisions().contains(Precision.BF16);
            assertThat(ready.path("variants").toString())
                    .isEqualTo(half ? "[[\"ours\",1],[\"ours_bf16\",1]]" : "[[\"ours\",1]]");
            assertThat(ready.at("/info/ours").asText()).isEqualTo(engine.description());
        }
        assertThat(lines.get(1)).matches("(\\d+\\.\\d{4} ){2}\\d+\\.\\d{4}");
        assertThat(lines.get(2)).matches("\\d+\\.\\d{4}");
        assertThat(lines).hasSize(3);
        assertThat(seconds)
                .as("a second of warm-up for each variant")
                .isGreaterThan(ready.path("variants").size());

        Cli wrong = answering("theirs 1 3\n", "bench", "--worker", "--batch", 1, "lenet");
        assertThat(wrong.code()).isEqualTo(2);
        assertThat(wrong.err()).contains("expected 'VARIANT BATCH N', VARIANT one of ours", "'theirs 1 3'");
    }

    private static Cli answering(String input, Object... args) {
        InputStream own = System.in;
        System.setIn(new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)));
        try {
            return Cli.run(args);
        } finally {
            System.setIn(own);
        }
    }
}
