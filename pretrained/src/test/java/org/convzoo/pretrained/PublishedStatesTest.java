package org.convzoo.pretrained;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Param;
import org.convzoo.graph.Shape;
import org.convzoo.json.Field;
import org.convzoo.json.Json;
import org.convzoo.models.Architecture;
import org.convzoo.models.Models;
import org.convzoo.models.Options;
import org.convzoo.models.Task;
import org.convzoo.weights.TorchState;
import org.convzoo.weights.Weights;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** All networks that have published weights, beside the states of the libraries that published them. */
class PublishedStatesTest {
    @TempDir
    Path directory;

    record State(String network, String library, Map<String, List<Integer>> arrays) {
        @Override
        public String toString() {
            return network + ", " + library;
        }
    }

    static Stream<State> states() throws IOException {
        try (var in = new GZIPInputStream(PublishedStatesTest.class.getResourceAsStream("states.json.gz"))) {
            Map<String, State> all = new LinkedHashMap<>();
            new Field("states", Json.parse(in.readAllBytes()))
                    .members()
                    .forEach((network, state) -> all.put(network, state(network, state)));
            return all.values().stream();
        }
    }

    private static State state(String network, Field json) {
        Map<String, List<Integer>> arrays = new LinkedHashMap<>();
        for (Field array : json.at("arrays").list())
            arrays.put(
                    array.list().get(0).text(),
                    array.list().get(1).list().stream().map(Field::count).toList());
        return new State(network, json.at("library").text(), arrays);
    }

    @Test
    void thereAreAllOfThem() throws IOException {
        assertThat(states().map(State::network)).containsExactlyInAnyOrderElementsOf(Published.networks());
        assertThat(Published.networks()).hasSize(74);
    }

    /** Those of prediction in the library's order; the library has counters and perhaps auxiliary heads beside them. */
    @ParameterizedTest
    @MethodSource("states")
    void theStateIsTheLibrarysNameByNameAndShapeByShape(State state) {
        Map<String, List<Integer>> ours = new LinkedHashMap<>();
        Models.named(state.network).graph().parameters().forEach((name, p) -> ours.put(name, dims(p)));
        Map<String, List<Integer>> theirs = new LinkedHashMap<>(state.arrays);
        theirs.keySet().removeIf(n -> n.endsWith("num_batches_tracked") || n.matches("(?i)aux.*"));
        assertThat(ours).containsExactlyEntriesOf(theirs);
    }

    private static List<Integer> dims(Param p) {
        return Arrays.stream(p.shape().dims()).boxed().toList();
    }

    static Stream<State> small() throws IOException {
        return states().filter(s -> parameters(s) < 3_000_000);
    }

    static Stream<State> large() throws IOException {
        return states().filter(s -> parameters(s) >= 3_000_000 && parameters(s) < 60_000_000);
    }

    private static long parameters(State s) {
        return Published.named(s.network).parameters();
    }

    @ParameterizedTest
    @MethodSource("small")
    void aFileInTheLibrarysFormatLoadsWithNothingMissing(State state) throws IOException {
        load(state);
    }

    @Tag("thorough")
    @ParameterizedTest
    @MethodSource("large")
    void aLargeFileInTheLibrarysFormatLoadsWithNothingMissing(State state) throws IOException {
        load(state);
    }

    private void load(State state) throws IOException {
        Architecture a = Models.named(state.network);
        boolean auxiliary = state.arrays.keySet().stream().anyMatch(n -> n.matches("(?i)aux.*"));
        Task task = new Task(Published.named(state.network).transform().output(), 1000);
        Graph whole = a.graph(task, auxiliary ? Options.of("aux", true) : Options.NONE);
        Map<String, Weights.Tensor> rule = new LinkedHashMap<>();
        whole.parameters().forEach((name, p) -> rule.put(name, new Weights.Tensor(p.shape(), values(name, p.shape()))));
        Path file = directory.resolve("weights");
        var written = new TorchState(whole, new Weights(rule), TorchState.Type.F32);
        if (state.library.equals("timm")) written.writeSafeTensors(file);
        else written.writeTorch(file);
        if (state.library.equals("pytorchcv")) zip(file);
        Weights read = Fitting.of(a, Options.NONE, task, file).weights();
        assertThat(read.tensors().keySet())
                .isEqualTo(a.graph(task, Options.NONE).parameters().keySet());
        read.tensors().forEach((name, t) -> assertThat(
                        t.values().mismatch(rule.get(name).values()))
                .as(name)
                .isEqualTo(-1));
    }

    private static void zip(Path file) throws IOException {
        var out = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(out)) {
            zip.putNextEntry(new ZipEntry("net-1234.pth"));
            zip.write(Files.readAllBytes(file));
        }
        Files.write(file, out.toByteArray());
    }

    /** The value rule of the reference files. */
    private static float[] values(String name, Shape shape) {
        CRC32 crc = new CRC32();
        crc.update(name.getBytes(StandardCharsets.UTF_8));
        float[] v = new float[(int) shape.elements()];
        double fanIn = (double) v.length / shape.dim(0);
        for (int i = 0; i < v.length; i++) {
            long z = crc.getValue() + (i + 1) * 0x9E3779B97F4A7C15L;
            z = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
            z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
            z ^= z >>> 31;
            float u = (z >>> 40) / 8388608f - 1;
            boolean scale = name.endsWith("running_var") || shape.rank() == 1 && name.endsWith("weight");
            v[i] = scale ? 1 + 0.25f * u : shape.rank() == 1 ? 0.1f * u : (float) (u * Math.sqrt(6 / fanIn));
        }
        return v;
    }
}
