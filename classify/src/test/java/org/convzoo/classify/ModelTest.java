package org.convzoo.classify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.convzoo.failure.BrokenFileException;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Shape;
import org.convzoo.images.Filter;
import org.convzoo.images.Transform;
import org.convzoo.models.Models;
import org.convzoo.models.Options;
import org.convzoo.models.Task;
import org.convzoo.weights.SafeTensors;
import org.convzoo.weights.Weights;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModelTest {
    @TempDir
    Path temp;

    /** A network that no catalogue has, with a batch norm and an auxiliary head. */
    private static Graph own() {
        return Graph.of("own", new Shape(1, 8, 8), x -> x.conv(4, 3)
                .bn()
                .relu()
                .aux("side", 0.25, a -> a.flatten().linear("fc", 3))
                .maxPool(2, 2)
                .flatten()
                .linear("out", 3));
    }

    static Model model(Graph graph) {
        Shape image = graph.input().shape();
        List<Double> numbers =
                IntStream.range(0, image.channels()).mapToObj(c -> 0.1 + c).toList();
        return new Model(
                graph,
                new Transform(
                        List.of(
                                new Transform.Colour(image.channels()),
                                new Transform.Exact(image.width(), image.height(), Filter.BILINEAR)),
                        new Transform.Normalise(numbers, numbers)),
                IntStream.range(0, graph.classes())
                        .mapToObj(i -> "class \"" + i + "\" \u0414\u0410")
                        .toList(),
                Provenance.unknown().withData("made up").withOrigin("nobody").withLicence("CC0-1.0"),
                Weights.initial(graph, 1));
    }

    private static void assertSame(Model read, Model written) {
        assertThat(read.weights().tensors().keySet())
                .containsExactlyElementsOf(written.weights().tensors().keySet());
        written.weights().tensors().forEach((name, t) -> assertThat(
                        read.weights().get(name).toArray())
                .isEqualTo(t.toArray()));
        assertThat(GraphJson.write(read.graph())).isEqualTo(GraphJson.write(written.graph()));
        assertThat(read.transform()).isEqualTo(written.transform());
        assertThat(read.labels()).isEqualTo(written.labels());
        assertThat(read.provenance()).isEqualTo(written.provenance());
    }

    @Test
    void aNetworkOfOnesOwnIsWrittenAndReadAndIsTheSameBytesAgain() throws IOException {
        Path file = temp.resolve("m.safetensors"), again = temp.resolve("again");
        Model m = model(own());
        m.write(file);
        Model read = Model.read(file);
        assertSame(read, m);
        assertThat(read.provenance().catalogued()).isEmpty();
        read.write(again);
        assertThat(again).hasSameBinaryContentAs(file);
    }

    @Test
    void aCheckpointIsWrittenAndReadAndItsAveragesAreWhatIsUsed() throws IOException {
        Path file = temp.resolve(Model.CHECKPOINT);
        Model m = model(own());
        Map<String, Weights.Tensor> slots = new LinkedHashMap<>();
        Weights averages = Weights.initial(m.graph(), 2);
        averages.tensors().forEach((name, t) -> slots.put("average/" + name, t));
        new CheckpointFile(m, new Weights(slots), "{\"step\":1}").write(file);

        CheckpointFile read = CheckpointFile.read(file);
        assertSame(read.model(), m);
        assertThat(read.training()).isEqualTo("{\"step\":1}");
        assertSame(Model.read(temp), m.with(m.provenance().metrics(), averages));
        assertSame(Model.read(file), Model.read(temp));
    }

    @Test
    void theLanguageOfTheMachineDoesNotShowInFiles() throws IOException {
        Path file = temp.resolve("m.safetensors"), turkish = temp.resolve("turkish");
        Locale usual = Locale.getDefault();
        model(own()).write(file);
        try {
            Locale.setDefault(Locale.forLanguageTag("tr"));
            model(own()).write(turkish);
        } finally {
            Locale.setDefault(usual);
        }
        assertThat(turkish).hasSameBinaryContentAs(file);
    }

    @Test
    void filesOfTheFirstFormatAreRead() {
        Model lenet = Model.read(Path.of("src/test/resources/format1/lenet.safetensors"));
        assertThat(GraphJson.write(lenet.graph()))
                .isEqualTo(GraphJson.write(Models.named("lenet").graph(Task.mnist(), Options.of("modern", true))));
        assertThat(lenet.provenance().architecture()).isEqualTo("lenet");
        assertThat(lenet.provenance().catalogued()).contains(Models.named("lenet"));
        assertThat(lenet.provenance().data()).isEqualTo("digits");
        assertThat(lenet.provenance().metrics().path("top1").asDouble()).isEqualTo(0.947);
        assertThat(lenet.labels()).containsExactly("0", "1", "2", "3", "4", "5", "6", "7", "8", "9");

        CheckpointFile narrow = CheckpointFile.read(Path.of("src/test/resources/format1/narrow.ckpt"));
        assertThat(narrow.model().graph().parameterCount())
                .isEqualTo(Models.named("mobilenet_v1")
                        .graph(Task.imagenet(224).classes(10), Options.of("width", 0.06))
                        .parameterCount());
        assertThat(narrow.result().weights().get("bn1.weight").toArray())
                .isNotEqualTo(narrow.model().weights().get("bn1.weight").toArray());
    }

    @Test
    void filesOfTheFirstFormatAreTheSameModelInTheSecond() throws IOException {
        Model old = Model.read(Path.of("src/test/resources/format1/lenet.safetensors"));
        old.write(temp.resolve("m"));
        assertSame(Model.read(temp.resolve("m")), old);
    }

    @Test
    void partsThatDoNotFit() {
        Model m = model(own());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Model(m.graph(), m.transform(), List.of("a", "b"), m.provenance(), m.weights()))
                .withMessage("3 classes need as many labels, got 2");
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> new Model(m.graph(), m.transform(), List.of("a", "b", "a"), m.provenance(), m.weights()))
                .withMessage("two classes are labelled 'a'");
        Transform other = model(Models.named("lenet").graph()).transform();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Model(m.graph(), other, m.labels(), m.provenance(), m.weights()))
                .withMessage("the transform makes images of 1x28x28, the network takes 1x8x8");
    }

    @Test
    void whatIsNoModelSaysSo() throws IOException {
        Path file = temp.resolve("m.safetensors");
        Model m = model(own());
        m.write(file);
        byte[] bytes = Files.readAllBytes(file);

        new SafeTensors(m.weights(), Map.of()).write(file);
        fails(file, "does not say which network its weights are of");
        Files.write(file, Arrays.copyOf(bytes, bytes.length - 10));
        fails(file, "");
        fails(temp.resolve("nothing"), "there is no such file");
        assertThatThrownBy(() -> Model.read(temp.toAbsolutePath().getParent().resolve("none")))
                .isInstanceOf(BrokenFileException.class);
        Files.createDirectory(temp.resolve("empty"));
        fails(temp.resolve("empty"), "holds no model");
    }

    /** Without a checksum, so that what reads the description sees it. */
    private void fails(Model m, Consumer<ObjectNode> change, String why) throws IOException {
        ObjectNode json = m.toJson();
        change.accept(json);
        Path file = temp.resolve("changed.safetensors");
        new SafeTensors(m.weights(), Map.of("convzoo", json.toString())).write(file);
        fails(file, why);
    }

    private static void fails(Path file, String why) {
        assertThatThrownBy(() -> Model.read(file))
                .isInstanceOf(BrokenFileException.class)
                .hasMessageStartingWith(file + ": ")
                .hasMessageContaining(why)
                .hasMessageNotContaining("\n");
    }

    @Test
    void aNewerFormatIsRefused() throws IOException {
        fails(
                model(own()),
                json -> json.put("format", 3),
                "written by a newer convzoo (format 3); this one reads up to 2");
    }

    @ParameterizedTest
    @ValueSource(strings = {"graph", "architecture", "options", "transform", "labels", "data", "recipe", "metrics"})
    void everyFieldIsMissedAndCheckedForItsType(String field) throws IOException {
        Model m = model(own());
        fails(m, json -> json.remove(field), field + " is missing");
        fails(m, json -> json.putNull(field), field + " is null");
        fails(m, json -> json.put(field, 7), field + " is 7");
        fails(m, json -> json.putArray(field).addNull(), field);
    }

    @Test
    void everyFieldOfTheFirstFormatToo() throws IOException {
        Model m = Model.read(Path.of("src/test/resources/format1/lenet.safetensors"));
        for (String task : List.of("null", "{}", "{\"classes\":10}", "{\"image\":[1,28,28]}", "7", "[1]")) {
            fails(
                    m,
                    json -> {
                        json.remove("format");
                        json.set("task", GraphJsonTest.json(task));
                    },
                    "task");
        }
        fails(
                m,
                json -> {
                    json.remove("format");
                    json.set("task", GraphJsonTest.json("{\"classes\":10}"));
                },
                "task.image is missing");
    }

    @Test
    void valuesThatAreNotFiniteAndNegativeVariancesAreRefused() throws IOException {
        Path file = temp.resolve("m.safetensors");
        Model m = model(own());
        for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
            changed(m, "0.weight", bad).write(file);
            fails(file, "0.weight has a value that is not finite: " + bad);
        }
        changed(m, "1.running_var", -1).write(file);
        fails(file, "1.running_var has a negative variance: -1.0");
        changed(m, "1.running_mean", -1).write(file);
        Model.read(file);

        Map<String, Weights.Tensor> slots = new LinkedHashMap<>();
        changed(m, "out.bias", Float.NaN).weights().tensors().forEach((name, t) -> slots.put("average/" + name, t));
        new CheckpointFile(m, new Weights(slots), "{}").write(file);
        assertThatThrownBy(() -> CheckpointFile.read(file))
                .isInstanceOf(BrokenFileException.class)
                .hasMessage(file + ": the averages do not fit: out.bias has a value that is not finite: NaN");
    }

    private static Model changed(Model m, String array, float value) {
        Map<String, Weights.Tensor> tensors = new LinkedHashMap<>(m.weights().tensors());
        float[] values = m.weights().get(array).toArray();
        values[values.length / 2] = value;
        tensors.put(array, new Weights.Tensor(m.weights().get(array).shape(), values));
        return new Model(m.graph(), m.transform(), m.labels(), m.provenance(), new Weights(tensors));
    }

    @Test
    void damageAnywhereInTheFileIsNoticed() throws IOException {
        Path file = temp.resolve("m.safetensors");
        model(own()).write(file);
        byte[] bytes = Files.readAllBytes(file);
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        int name = text.indexOf("convzoo.checksum");
        List<String> unnoticed = new ArrayList<>();
        for (int i = 0; i < bytes.length; i += 11) {
            byte[] damaged = bytes.clone();
            damaged[i] ^= 1;
            Files.write(file, damaged);
            try {
                Model.read(file);
                // What is spoilt there is no checksum any more, only an unknown text.
                if (i < name || i >= name + "convzoo.checksum".length())
                    unnoticed.add(i + ": " + text.substring(i - 20, i + 20));
            } catch (BrokenFileException e) {
                assertThat(e).hasMessageStartingWith(file + ": ").hasMessageNotContaining("\n");
            }
        }
        assertThat(unnoticed).isEmpty();
    }

    @Test
    void theChecksumIsOfTheContentWhateverTheOrder() throws IOException {
        Path file = temp.resolve("m.safetensors");
        Model m = model(own());
        m.write(file);
        SafeTensors content = SafeTensors.read(file);
        new SafeTensors(new Weights(new TreeMap<>(content.weights().tensors())), content.metadata()).write(file);
        Model.read(file);
        new SafeTensors(changed(m, "out.bias", 9).weights(), content.metadata()).write(file);
        fails(file, "it is damaged");
    }
}
