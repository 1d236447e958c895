package org.convzoo.models;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Shape;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Names, shapes and order of the state, parameters and MACs equal those of the reference implementations. */
class ReferenceTest {
    static Stream<File> networks() throws URISyntaxException {
        File[] files = new File(ReferenceTest.class.getResource("/reference").toURI())
                .listFiles((dir, name) -> name.endsWith(".json") && !name.equals("ops.json"));
        return Stream.of(files).sorted();
    }

    @ParameterizedTest
    @MethodSource("networks")
    void equals(File file) throws IOException {
        JsonNode json = new ObjectMapper().readTree(file);
        Graph graph = graph(json);

        List<String> expected = new ArrayList<>();
        json.get("state").forEach(t -> expected.add(t.get(0).asText() + " " + shape(t.get(1))));
        List<String> state = new ArrayList<>();
        graph.parameters().forEach((name, p) -> state.add(name + " " + p.shape()));
        assertThat(state).isEqualTo(expected);
        assertThat(graph.parameterCount()).isEqualTo(json.get("parameters").asLong());
        assertThat(graph.macs()).isEqualTo(json.get("macs").asLong());
    }

    private static Graph graph(JsonNode json) {
        Map<String, String> options = new TreeMap<>();
        json.get("options")
                .properties()
                .forEach(o -> options.put(o.getKey(), o.getValue().asText()));
        return Models.named(json.get("model").asText())
                .graph(new Task(shape(json.get("input")), json.get("classes").asInt()), new Options(options));
    }

    private static Shape shape(JsonNode sizes) {
        int[] dims = new int[sizes.size()];
        for (int i = 0; i < dims.length; i++) dims[i] = sizes.get(i).asInt();
        return new Shape(dims);
    }
}
