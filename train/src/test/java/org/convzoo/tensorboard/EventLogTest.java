package org.convzoo.tensorboard;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.convzoo.classify.Model;
import org.convzoo.classify.Provenance;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Shape;
import org.convzoo.graph.Value;
import org.convzoo.images.Filter;
import org.convzoo.images.Transform;
import org.convzoo.json.Json;
import org.convzoo.weights.Weights;
import org.junit.jupiter.api.Test;

/** The bytes are those of TensorBoard's own RecordWriter and messages; {@code events/make.py} writes what is expected. */
class EventLogTest {
    private static String expected(String name) throws IOException {
        try (InputStream json = EventLogTest.class.getResourceAsStream("events/expected.json")) {
            return Json.parse(json.readAllBytes()).path(name).textValue();
        }
    }

    private static String hex(byte[] record) {
        return HexFormat.of().formatHex(record);
    }

    @Test
    void scalarsAreTensorBoards() throws IOException {
        Map<String, Double> values = new LinkedHashMap<>();
        values.put("loss/train", 0.1);
        values.put("top1/test", 0.975);
        assertThat(hex(EventLog.version(1700000000.25))).isEqualTo(expected("version"));
        assertThat(hex(EventLog.scalars(1700000001.5, 300, values))).isEqualTo(expected("scalars"));
    }

    private static final Graph GRAPH = Graph.of("mine", new Shape(3, 8, 8), x -> x.in("stem", y -> {
                Value c = y.conv("conv", 4, 3);
                return c.bn("bn").add(c);
            })
            .avgPoolTo(1)
            .flatten()
            .linear("fc", 2));

    @Test
    void theNetworkIsTensorBoards() throws IOException {
        assertThat(hex(EventLog.graph(1700000002.5, GRAPH))).isEqualTo(expected("graph"));
    }

    @Test
    void theSessionIsTensorBoards() throws IOException {
        ObjectNode recipe = (ObjectNode) Json.parse("""
                {"epochs": 12, "watch": false, "optimizer": {"kind": "adamw", "decay": {"rate": 0.05}},
                 "network": [{"kind": "small_head"}]}""");
        Provenance provenance = Provenance.unknown()
                .withData("folder:photos")
                .withOrigin("somebody")
                .withRecipe(recipe);
        Transform plain = new Transform(
                List.of(new Transform.Colour(3), new Transform.Exact(8, 8, Filter.BILINEAR)),
                new Transform.Normalise(List.of(0.5, 0.5, 0.5), List.of(1.0, 1.0, 1.0)));
        Model model = new Model(GRAPH, plain, List.of("a", "b"), provenance, Weights.initial(GRAPH, 1));
        assertThat(hex(EventLog.summary(1700000003.5, 7, Session.start(model, 1700000003.5))))
                .isEqualTo(expected("start"));
        assertThat(hex(EventLog.summary(1700000003.5, 7, Session.end(1700000009.5))))
                .isEqualTo(expected("end"));
    }
}
