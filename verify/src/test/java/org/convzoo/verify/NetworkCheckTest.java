package org.convzoo.verify;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.convzoo.engine.Batch;
import org.convzoo.engine.Engine;
import org.convzoo.engine.Learner;
import org.convzoo.engine.LearnerOptions;
import org.convzoo.engine.Optimizer;
import org.convzoo.engine.PlainEngine;
import org.convzoo.engine.Predictor;
import org.convzoo.engine.Targets;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Shape;
import org.convzoo.models.Models;
import org.convzoo.models.Options;
import org.convzoo.models.Task;
import org.convzoo.weights.Weights;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** That what departs is noticed; the engines' own tests show that what is right passes. */
class NetworkCheckTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private final Engine engine = new PlainEngine();

    private Finding changed(Consumer<ObjectNode> change) {
        try (var in = NetworkCheckTest.class.getResourceAsStream("/reference/lenet-1x32x32-10.json")) {
            ObjectNode file = (ObjectNode) JSON.readTree(in);
            change.accept(file);
            List<Finding> findings = NetworkCheck.check(JSON.readTree(JSON.writeValueAsBytes(file)), engine);
            assertThat(findings).hasSize(1);
            return findings.get(0);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void tellsCountsAndWorstDepartures() {
        Finding f = changed(file -> {});
        assertThat(f.ok()).isTrue();
        assertThat(f.name()).isEqualTo("lenet 1x32x32 10");
        assertThat(f.text())
                .matches("lenet 1x32x32 10: 61,706 parameters, 416,520 MACs(, \\w+ \\d\\.\\de-\\d\\d){5}, ok");
    }

    @ParameterizedTest
    @CsvSource({
        "/parameters, 'parameters 61,706 instead of 61,707'",
        "/macs, 'MACs 416,520 instead of 416,521'",
        "/eval_logits/1/3, eval logits",
        "/train_logits/0/9, train logits",
        "/train/losses/0, losses",
        "/train/losses/3, losses",
        "/train/gradient_norm, gradient norm",
        "/train/gradients/features.0.weight/max, largest gradient of features.0.weight",
        "/train/gradients/features.0.weight/first/3, gradient of features.0.weight",
    })
    void whatDepartsIsNoticed(String place, String told) {
        Finding f = changed(file -> {
            int slash = place.lastIndexOf('/');
            JsonNode parent = file.at(place.substring(0, slash)), old = file.at(place);
            double value = old.asDouble();
            JsonNode other = old.isIntegralNumber()
                    ? JSON.getNodeFactory().numberNode(old.asLong() + 1)
                    : JSON.getNodeFactory().numberNode(value + 3e-4 * Math.max(Math.abs(value), 1e-1));
            if (parent.isArray()) ((ArrayNode) parent).set(Integer.parseInt(place.substring(slash + 1)), other);
            else ((ObjectNode) (parent.isMissingNode() ? file : parent)).set(place.substring(slash + 1), other);
        });
        assertThat(f.ok()).as(f.text()).isFalse();
        assertThat(f.text()).contains("departs: " + told);
    }

    @Test
    void otherNamesShapesAndOrderAreNoticed() {
        assertThat(changed(file -> ((ArrayNode) file.at("/state/2")).set(0, "conv2.weight"))
                        .text())
                .endsWith("departs: tensor 3 is features.3.weight 16x6x5x5 instead of conv2.weight 16x6x5x5");
        assertThat(changed(file -> ((ArrayNode) file.at("/state/1/1")).set(0, 7))
                        .text())
                .endsWith("departs: tensor 2 is features.0.bias 6 instead of features.0.bias 7");
        assertThat(changed(file -> ((ArrayNode) file.path("state")).remove(9)).text())
                .endsWith("departs: tensor 10 is classifier.4.bias 10 instead of nothing");
        assertThat(changed(file -> ((ArrayNode) file.path("state"))
                                .add(JSON.createArrayNode()
                                        .add("more")
                                        .add(JSON.createArrayNode().add(1))))
                        .text())
                .endsWith("departs: tensor 11 is nothing instead of more 1");
    }

    /** A gradient that is zero in exact arithmetic has no first elements to compare. */
    @Test
    void aGradientThatShouldBeZeroIsHeldAgainstTheNorm() {
        Finding f = changed(file -> ((ObjectNode) file.at("/train/gradients/features.0.weight")).put("max", 1e-12));
        assertThat(f.ok()).isFalse();
        assertThat(f.text()).contains("departs: gradient of features.0.weight 2.0e-03 over 1.0e-05");
    }

    @Test
    void whatTheCatalogueLacksIsTold() {
        Finding model = changed(file -> file.put("model", "lenet6"));
        assertThat(model.ok()).isFalse();
        assertThat(model.text())
                .isEqualTo("lenet6 1x32x32 10: no network is named 'lenet6'; near are lenet, "
                        + model.text().replaceFirst(".*near are lenet, ", ""));
        Finding option =
                changed(file -> file.set("options", JSON.createObjectNode().put("width", 0.75)));
        assertThat(option.ok()).isFalse();
        assertThat(option.text()).startsWith("lenet 1x32x32 10 width=0.75: lenet has no option 'width'");
        Finding small = changed(file -> file.put("model", "vgg11").putPOJO("input", List.of(3, 8, 8)));
        assertThat(small.ok()).isFalse();
        assertThat(small.text()).startsWith("vgg11 3x8x8 10: vgg11/features.").contains("use a larger image");
    }

    /**
     * Auxiliary heads and running statistics, which no small reference file has: of a file that the engine itself made,
     * what was changed departs and nothing else does.
     */
    @Test
    void auxiliaryHeadsAndStatisticsCount() throws IOException {
        Graph graph = Models.named("googlenet_bn").graph(new Task(new Shape(1, 32, 32), 3), Options.of("aux", true));
        ObjectNode file = reference(graph);
        ((ArrayNode) file.at("/train_aux_logits/1/0")).set(2, 9.5);
        ((ArrayNode) file.at("/train/buffers_after/conv1.bn.running_var")).set(3, 9.5);
        ((ObjectNode) file.at("/train")).put("aux_weight", 0.4);
        Finding f = NetworkCheck.check(file, engine).get(0);
        assertThat(f.ok()).isFalse();
        assertThat(f.text().replaceFirst(".*departs: ", "").split("; "))
                .satisfiesExactly(
                        d -> assertThat(d).isEqualTo("aux1 counts 0.3 instead of 0.4"),
                        d -> assertThat(d).isEqualTo("aux2 counts 0.3 instead of 0.4"),
                        d -> assertThat(d).startsWith("aux2 logits "),
                        d -> assertThat(d).startsWith("conv1.bn.running_var after "));
    }

    /** Every field of the file in turn is null, then of another type: each time the finding names it. */
    @Test
    void whatIsNullOrOfAnotherTypeIsNamed() {
        List<String> places = new ArrayList<>();
        changed(file -> places(file, "", places));
        for (String place : places) {
            for (JsonNode other :
                    List.of(NullNode.getInstance(), JSON.createObjectNode().put("a", 1))) {
                int slash = place.lastIndexOf('/');
                String last = place.substring(slash + 1);
                Finding f = changed(file -> {
                    JsonNode parent = slash == 0 ? file : file.at(place.substring(0, slash));
                    if (parent.isArray()) ((ArrayNode) parent).set(Integer.parseInt(last), other);
                    else ((ObjectNode) parent).set(last, other);
                });
                assertThat(f.ok()).as(place + " " + other + ": " + f.text()).isFalse();
                assertThat(f.text())
                        .doesNotContain("Exception", "because", "\n")
                        .containsPattern("( is missing|, not |no tensor named)");
            }
        }
    }

    /** What the comparison needs of a file; of long lists the first and the last element. */
    private static void places(JsonNode node, String at, List<String> into) {
        if (node.isObject())
            node.properties().stream()
                    .filter(e -> !List.of("source", "options").contains(e.getKey()))
                    .forEach(e -> {
                        into.add(at + "/" + e.getKey());
                        places(e.getValue(), at + "/" + e.getKey(), into);
                    });
        else if (node.isArray())
            for (int i : new int[] {0, node.size() - 1}) {
                into.add(at + "/" + i);
                places(node.get(i), at + "/" + i, into);
            }
    }

    private ObjectNode reference(Graph graph) throws IOException {
        ObjectNode file = JSON.createObjectNode();
        file.put("model", graph.name()).put("classes", 3).put("batch", 2).putPOJO("input", List.of(1, 32, 32));
        file.putPOJO("options", Map.of("aux", true));
        file.put("parameters", graph.parameterCount()).put("macs", graph.macs());
        ArrayNode state = file.putArray("state");
        graph.parameters().forEach((name, p) -> state.addArray()
                .add(name)
                .addPOJO(IntStream.of(p.shape().dims()).boxed().toList()));
        Weights weights = ValueRule.state(graph, 1);
        Batch batch = new Batch(2, ValueRule.images(graph.input().shape(), 2), Targets.rows(new int[] {0, 1}, 3));
        var sgd = new Optimizer.Sgd(0.9, false, new Optimizer.Decay(1e-4, true));
        ObjectNode train = JSON.createObjectNode();
        train.put("lr", 1e-3).put("momentum", 0.9).put("weight_decay", 1e-4).put("aux_weight", 0.3);
        try (Predictor predictor = engine.predictor(graph, weights);
                Learner learner = engine.learner(graph, weights, sgd, LearnerOptions.DEFAULTS.withRegularised(false))) {
            file.putPOJO("eval_logits", List.of(predictor.logits(batch.images(), 2)));
            Learner.Step step = learner.gradients(batch);
            file.putPOJO("train_logits", List.of(step.logits()));
            file.putPOJO(
                    "train_aux_logits",
                    graph.auxiliaries().stream()
                            .map(a -> List.of(step.auxiliary().get(a.name())))
                            .toList());
            train.putPOJO("losses", List.of(step.loss()));
            double squares = 0;
            FloatBuffer flat = Batch.buffer(graph.parameterCount());
            learner.readGradients(flat);
            for (int i = 0; i < flat.limit(); i++) squares += (double) flat.get(i) * flat.get(i);
            train.put("gradient_norm", Math.sqrt(squares)).putObject("gradients");
            learner.update(1e-3);
            float[] after = learner.weights().get("conv1.bn.running_var").toArray();
            train.putPOJO("buffers_after", Map.of("conv1.bn.running_var", Arrays.copyOf(after, 4)));
        }
        file.set("train", train);
        return (ObjectNode) JSON.readTree(JSON.writeValueAsBytes(file));
    }
}
