package org.convzoo.pretrained;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Op;
import org.convzoo.graph.Shape;
import org.convzoo.json.Field;
import org.convzoo.json.Json;
import org.convzoo.models.Models;
import org.convzoo.weights.Weights;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Names of timm and of pytorchcv, and which of ours they are, as {@code src/test/dialects/make.py} has proved. */
class FittingTest {
    private static final int LARGEST = 25088 * 4096;

    @TempDir
    static Path directory;

    /** An array that another library has under {@code name}. */
    record Pair(String name, String ours, Shape shape) {}

    record Row(String library, String model, String network, double eps, List<Pair> pairs) {
        @Override
        public String toString() {
            return library + " " + model;
        }
    }

    static List<Row> rows() throws IOException {
        try (var in = new GZIPInputStream(FittingTest.class.getResourceAsStream("dialects.json.gz"))) {
            return new Field("dialects", Json.parse(in.readAllBytes()))
                    .list().stream().map(FittingTest::row).toList();
        }
    }

    private static Row row(Field json) {
        List<Pair> pairs = json.at("arrays").list().stream()
                .map(Field::list)
                .map(p -> new Pair(
                        p.get(0).text(),
                        p.get(1).text(),
                        new Shape(
                                p.get(2).list().stream().mapToInt(Field::count).toArray())))
                .toList();
        return new Row(
                json.at("library").text(),
                json.at("model").text(),
                json.at("network").text(),
                json.at("eps").number(),
                pairs);
    }

    /** Numbers of which the i-th is i, for the first of them; the rest takes no memory. */
    private static FloatBuffer numbers() throws IOException {
        try (var channel = FileChannel.open(
                directory.resolve("numbers"),
                StandardOpenOption.CREATE,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE,
                StandardOpenOption.SPARSE)) {
            ByteBuffer first = ByteBuffer.allocate(4096 * 4).order(ByteOrder.LITTLE_ENDIAN);
            for (int i = 0; i < 4096; i++) first.putFloat(i);
            channel.write(first.flip());
            return channel.map(FileChannel.MapMode.READ_WRITE, 0, 4L * (LARGEST + 4096))
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .asFloatBuffer();
        }
    }

    private static void assertFits(Row row, List<Pair> pairs) throws IOException {
        FloatBuffer numbers = numbers();
        Map<String, Weights.Tensor> theirs = new LinkedHashMap<>();
        Map<String, Integer> expected = new LinkedHashMap<>();
        for (Pair p : pairs) {
            int at = theirs.size();
            theirs.put(p.name, new Weights.Tensor(p.shape, numbers.slice(at, (int) p.shape.elements())));
            expected.put(p.ours, at);
        }
        Graph graph = Models.named(row.network).graph();
        Fitting fitting = Fitting.of(row.network, graph, new Weights(theirs));
        fitting.weights().check(fitting.graph());
        fitting.weights().tensors().forEach((name, t) -> assertThat(t.values().get(0))
                .as(name)
                .isEqualTo(expected.get(name).floatValue()));
        assertThat(fitting.graph().nodes().stream()
                        .filter(n -> n.op() instanceof Op.BatchNorm)
                        .map(n -> ((Op.BatchNorm) n.op()).eps()))
                .allSatisfy(eps -> assertThat(eps).isEqualTo(row.eps));
    }

    @ParameterizedTest
    @MethodSource("rows")
    void namesOfOtherLibrariesAreUnderstood(Row row) throws IOException {
        assertFits(row, row.pairs);
    }

    /** As safetensors writes them. */
    @ParameterizedTest
    @MethodSource("rows")
    void timmsNamesAreUnderstoodInWhateverOrder(Row row) throws IOException {
        List<Pair> sorted = new ArrayList<>(row.pairs);
        sorted.sort(Comparator.comparing(Pair::name));
        if (row.library.equals("timm")) assertFits(row, sorted);
    }
}
