package org.convzoo.classify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.convzoo.graph.Value.concat;
import static org.convzoo.graph.Window.k;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.function.Consumer;
import org.convzoo.graph.Defaults;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Init;
import org.convzoo.graph.Node;
import org.convzoo.graph.Op;
import org.convzoo.graph.Shape;
import org.convzoo.graph.Value;
import org.convzoo.json.Field;
import org.convzoo.models.Architecture;
import org.convzoo.models.Models;
import org.convzoo.models.Options;
import org.convzoo.weights.Weights;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class GraphJsonTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    static List<Architecture> all() {
        return Models.all();
    }

    /** Every op there is, written for this test. */
    static Graph everything() {
        return Graph.of("everything", new Shape(3, 21, 18), x -> {
            Value stem = x.conv("stem", 16, k(5, 3).stride(2, 1).withBias())
                    .localResponseNorm(4, 0.5, 0.75, 1.1)
                    .act(Op.Activation.TANH)
                    .maxPool(k(3).stride(2).pad(0).ceilMode());
            Value left = stem.with(Defaults.PYTORCH.conv(Init.Rule.truncatedNormal(0.1, 0.17), Init.Rule.ZERO))
                    .slice(0, 8)
                    .conv("left", 16, k(3).dilation(2, 2).pad(2).groups(8))
                    .with(Defaults.PYTORCH.norm(1e-3, 0.01 / 3))
                    .bn("left_bn", Init.Rule.ZERO)
                    .relu6();
            Value right = stem.slice(8, 16)
                    .with(Defaults.PYTORCH.conv(Init.Rule.KAIMING_FAN_OUT, Init.Rule.ZERO))
                    .conv("right", 16, k(3).padSame())
                    .bn("right_bn")
                    .silu();
            Value both = concat(left, right);
            Value chosen = both.scale(both.avgPoolTo(1)
                    .conv("squeeze", 4, k(1).withBias())
                    .relu()
                    .conv("expand", 32, k(1).withBias())
                    .softmax(2));
            Value sum = chosen.slice(0, 16).add(chosen.slice(16, 32)).hardSwish();
            Value gated =
                    sum.scale(sum.avgPoolTo(1).conv("gate", 16, k(1).withBias()).act(Op.Activation.HARDSIGMOID));
            Value unit = gated.conv("unit", 16, 3)
                    .bn("unit_bn")
                    .dropPath(0.25)
                    .multiply(1 / 3.0)
                    .add(gated)
                    .sigmoid()
                    .shuffle(4);
            Value side = unit.aux(
                    "side", 0.3, a -> a.avgPool(k(2).stride(2)).flatten().linear("fc", 5));
            return concat(side.avgPoolInside(k(3).stride(2)), side.maxPool(3, 2))
                    .padChannels(40)
                    .conv("head", 24, k(3).withBias())
                    .avgPoolTo(2)
                    .flatten()
                    .dropout(0.5)
                    .op("hidden", new Op.Linear(12, false, Init.Rule.normal(0.02), Init.Rule.ZERO))
                    .linear("fc", 5);
        });
    }

    private static Graph again(Graph graph) {
        return GraphJson.read(Field.parse(GraphJson.write(graph).toString()));
    }

    static void assertSame(Graph read, Graph graph) {
        assertThat(read.name()).isEqualTo(graph.name());
        assertThat(read.nodes()).hasSameSizeAs(graph.nodes());
        for (int i = 0; i < graph.nodes().size(); i++) {
            Node a = read.nodes().get(i), b = graph.nodes().get(i);
            assertThat(a.path()).isEqualTo(b.path());
            assertThat(a.op().kind()).as(b.path()).isEqualTo(b.op().kind());
            assertThat(a.inputs().stream().map(Node::id))
                    .as(b.path())
                    .isEqualTo(b.inputs().stream().map(Node::id).toList());
            assertThat(a.shape()).as(b.path()).isEqualTo(b.shape());
            assertThat(a.params()).as(b.path()).isEqualTo(b.params());
            assertThat(a.macs()).as(b.path()).isEqualTo(b.macs());
        }
        // In the same order, with shapes and how they start.
        assertThat(List.copyOf(read.parameters().entrySet()))
                .isEqualTo(List.copyOf(graph.parameters().entrySet()));
        assertThat(read.output().id()).isEqualTo(graph.output().id());
        assertThat(read.auxiliaries()).hasSameSizeAs(graph.auxiliaries());
        for (int i = 0; i < graph.auxiliaries().size(); i++) {
            Graph.Auxiliary a = read.auxiliaries().get(i),
                    b = graph.auxiliaries().get(i);
            assertThat(a.name()).isEqualTo(b.name());
            assertThat(a.weight()).isEqualTo(b.weight());
            assertThat(a.output().id()).isEqualTo(b.output().id());
        }
        assertThat(GraphJson.write(read)).isEqualTo(GraphJson.write(graph));
    }

    @ParameterizedTest
    @MethodSource("all")
    void everyNetworkOfTheCatalogueComesBack(Architecture a) {
        assertSame(again(a.graph()), a.graph());
        for (String switched : List.of("aux", "modern")) {
            if (!a.options().containsKey(switched)) continue;
            Graph other = a.graph(a.usual(), Options.of(switched, true));
            assertSame(again(other), other);
        }
    }

    @Test
    void everyOpComesBack() {
        assertSame(again(everything()), everything());
        assertThat(Weights.initial(again(everything()), 3).tensors())
                .usingRecursiveComparison()
                .isEqualTo(Weights.initial(everything(), 3).tensors());
    }

    private static void refused(Consumer<ObjectNode> change, String why) {
        Graph graph = Graph.of("own", new Shape(1, 8, 8), x -> x.conv("c", 4, 3)
                .bn("n")
                .relu()
                .add(x.conv("d", 4, 1))
                .flatten()
                .aux("side", 1, a -> a.linear("fc", 3))
                .linear("e", 3));
        ObjectNode json = GraphJson.write(graph);
        change.accept(json);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> GraphJson.read(Field.parse(json.toString())))
                .withMessageContaining(why)
                .withMessageNotContaining("\n");
    }

    private static ObjectNode node(ObjectNode json, int number) {
        return (ObjectNode) json.get("nodes").get(number - 1);
    }

    static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private static ArrayNode numbers(int... values) {
        return JSON.valueToTree(values);
    }

    @Test
    void whatIsNoNetworkSaysWhere() {
        refused(
                j -> node(j, 1).put("op", "convolve"),
                "nodes[0].op is \"convolve\", not an op that this version knows");
        refused(j -> node(j, 1).remove("op"), "nodes[0].op is missing");
        refused(j -> node(j, 1).putNull("out"), "nodes[0].out is null, not a whole number from 1 to");
        refused(j -> node(j, 1).put("out", 0), "nodes[0].out is 0");
        refused(j -> node(j, 1).put("out", 1e30), "nodes[0].out is 1.0E30");
        refused(j -> node(j, 1).put("out", "4"), "nodes[0].out is \"4\"");
        refused(j -> node(j, 1).put("groups", 3), "nodes[0] does not fit: own/c (conv): 1 -> 4 channels do not split");
        refused(j -> node(j, 1).set("kernel", numbers(0, 3)), "nodes[0].kernel[0] is 0");
        refused(j -> node(j, 1).set("kernel", numbers(3)), "nodes[0].kernel is [3], not a pair");
        refused(j -> node(j, 1).set("kernel", numbers(98, 98)), "does not fit in a size of 8");
        refused(j -> node(j, 1).set("stride", numbers(0, 1)), "nodes[0].stride[0] is 0");
        refused(j -> node(j, 1).set("pad", numbers(-1, 1)), "nodes[0].pad[0] is -1");
        refused(j -> node(j, 1).set("pad", numbers(Integer.MAX_VALUE, Integer.MAX_VALUE)), "nodes[0]");
        refused(j -> node(j, 1).set("dilation", numbers(1 << 30, 1)), "does not fit in a size of 8");
        refused(j -> node(j, 1).set("weight", numbers(1, 2)), "nodes[0].weight[0] is 1, not a text");
        refused(j -> node(j, 1).set("weight", json("[\"normal\"]")), "not how a parameter starts");
        refused(j -> node(j, 1).set("weight", json("[\"odd\", 1]")), "not how a parameter starts");
        refused(j -> node(j, 1).set("weight", json("[\"normal\", -1]")), "nodes[0]: a parameter starts with");
        refused(j -> node(j, 1).set("weight", json("[\"truncated_normal\", 1, 0]")), "nodes[0]: a parameter");
        refused(j -> node(j, 2).put("eps", "NaN"), "nodes[1].eps is \"NaN\", not a finite number");
        refused(j -> node(j, 2).put("eps", -1), "nodes[1]: a layer needs an epsilon");
        refused(j -> node(j, 2).put("path", "c"), "nodes[1] does not fit: own: two layers are named c");
        refused(j -> node(j, 3).put("path", "c"), "nodes[2] does not fit: own: two layers are named c");
        refused(j -> node(j, 2).put("path", " "), "nodes[1].path is \" \", not a name");
        refused(j -> node(j, 2).put("path", "a\nb"), "nodes[1].path");
        refused(j -> node(j, 2).put("path", "a.".repeat(100_000)), "nodes[1].path is \"a.a.");
        refused(j -> node(j, 2).set("from", numbers(2)), "nodes[1].from[0] is 2, not a whole number from 0 to 1");
        refused(j -> node(j, 2).set("from", numbers(-1)), "nodes[1].from[0] is -1");
        refused(j -> node(j, 2).set("from", numbers(0, 1)), "own/n (batchnorm): cannot have 2 inputs");
        refused(j -> node(j, 2).set("from", numbers()), "own/n (batchnorm): cannot have 0 inputs");
        refused(j -> node(j, 2).put("from", 1), "nodes[1].from is 1, not a list");
        refused(j -> node(j, 5).set("from", numbers(3)), "cannot have 1 inputs");
        refused(j -> node(j, 5).set("from", numbers(0, 3)), "cannot add 1x8x8 and 4x8x8");
        refused(j -> node(j, 2).put("op", "input"), "nodes[1].op is \"input\"");
        refused(j -> j.set("input", numbers(1, 1 << 20, 1 << 20)), "too large");
        refused(j -> j.set("input", numbers(1, 8)), "input is [1,8], not a shape of 1 or 3 sizes");
        refused(j -> j.set("input", numbers(1, 8, 0)), "input[2] is 0");
        refused(j -> j.put("output", 99), "output is 99, not a whole number from 0 to 8");
        refused(j -> j.remove("output"), "output is missing");
        refused(j -> j.putNull("nodes"), "nodes is null, not a list");
        refused(j -> j.putArray("nodes").add(1), "nodes[0] is 1, not an object");
        refused(j -> j.remove("name"), "name is missing");
        refused(j -> ((ObjectNode) j.get("auxiliaries").get(0)).put("output", -1), "auxiliaries[0].output is -1");
        refused(j -> ((ArrayNode) j.get("auxiliaries")).add(j.get("auxiliaries").get(0)), "auxiliaries[1].name");
        refused(j -> j.put("auxiliaries", true), "auxiliaries is true, not a list");
    }
}
