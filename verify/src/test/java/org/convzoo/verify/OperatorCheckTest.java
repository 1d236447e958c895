package org.convzoo.verify;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.convzoo.engine.Engine;
import org.convzoo.engine.PlainEngine;
import org.convzoo.json.Field;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** That what departs is noticed; the engines' own tests show that what is right passes. */
class OperatorCheckTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private final Engine engine = new PlainEngine();

    private static ObjectNode ops(String... names) {
        try (var in = OperatorCheckTest.class.getResourceAsStream("/reference/ops.json")) {
            ObjectNode ops = (ObjectNode) JSON.readTree(in);
            ArrayNode some = JSON.createArrayNode();
            for (JsonNode c : ops.path("cases"))
                if (names.length == 0 || List.of(names).contains(c.path("name").asText())) some.add(c);
            return ops.set("cases", some);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private Finding changed(String name, Consumer<ObjectNode> change) {
        ObjectNode ops = ops(name);
        change.accept((ObjectNode) ops.path("cases").get(0));
        List<Finding> findings = OperatorCheck.check(ops, engine);
        assertThat(findings).hasSize(1);
        return findings.get(0);
    }

    @Test
    void oneFindingACaseInTheFilesOrder() {
        List<Finding> findings = OperatorCheck.check(ops("relu", "sgd", "linear"), engine);
        assertThat(findings).extracting(Finding::name).containsExactly("relu", "linear", "sgd");
        assertThat(findings).allSatisfy(f -> assertThat(f.text())
                .matches("\\w+: worst [ \\w]+ \\d\\.\\de-\\d\\d, ok")
                .startsWith(f.name() + ": "));
    }

    /** Every number of every case: the expected one off by 1e-4 of the largest must not pass. */
    static Stream<String> everyNumber() {
        return Stream.of(ops().path("cases"))
                .flatMap(cases ->
                        Stream.iterate(0, i -> i < cases.size(), i -> i + 1).map(cases::get))
                .flatMap(c -> pointers(c).map(p -> c.path("name").asText() + p));
    }

    private static Stream<String> pointers(JsonNode c) {
        return Stream.concat(
                c.has("output") ? Stream.of("/output/values") : Stream.of("/parameter_after/2"),
                Stream.of("gradients", "after")
                        .flatMap(f -> c.path(f).properties().stream().map(e -> "/" + f + "/" + e.getKey())));
    }

    @ParameterizedTest
    @MethodSource("everyNumber")
    void aNumberThatDepartsIsNoticed(String place) {
        int slash = place.indexOf('/');
        Finding f = changed(place.substring(0, slash), c -> {
            ArrayNode values = (ArrayNode) c.at(place.substring(slash));
            int at = values.size() / 2;
            double largest = Departure.magnitude(new Field("values", values).numbers());
            values.set(at, JSON.getNodeFactory().numberNode(values.get(at).asDouble() + 1e-4 * largest));
        });
        assertThat(f.ok()).as(f.text()).isFalse();
        assertThat(f.text()).contains("departs: ").contains(" over 1.0e-05");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "conv_3x3_bias     | output_padding | [1, 1]    | not understood: attribute output_padding of conv",
                "conv_3x3_bias     | kernel         | [3, 3, 3] | not understood: kernel [3,3,3] of conv",
                "softmax           | dim            | 0         | not understood: dim 0.0 of softmax",
                "dropout_eval      | training       | true      | not understood: training of dropout",
                "cross_entropy     | reduction      | '\"none\"'| not understood: reduction none",
                "cross_entropy     | targets        | '\"odd\"' | not understood: targets \"odd\"",
                "cross_entropy     | ignore_index   | 3         | not understood: attribute ignore_index",
                "sgd               | dampening      | 0.1       | not understood: attribute dampening of sgd",
                "adamw             | amsgrad        | true      | not understood: attribute amsgrad of adamw",
            })
    void anAttributeThatIsNotUnderstoodIsToldOf(String name, String attribute, String value, String message)
            throws IOException {
        JsonNode json = JSON.readTree(value);
        Finding f = changed(name, c -> ((ObjectNode) c.path("attributes")).set(attribute, json));
        assertThat(f.ok()).isFalse();
        assertThat(f.text()).startsWith(name + ": ").contains(message);
    }

    @Test
    void anythingElseThatIsNotUnderstoodIsToldOf() {
        assertThat(changed("relu", c -> c.put("op", "prelu")).text()).contains("not understood: operator prelu");
        assertThat(changed("relu", c -> c.put("jacobian", 1)).text()).contains("not understood: jacobian of relu");
        assertThat(changed("relu", c -> ((ObjectNode) c.path("inputs"))
                                .set("y", c.path("inputs").path("x")))
                        .text())
                .contains("not understood: input y of relu");
        assertThat(changed("linear", c -> ((ObjectNode) c.path("inputs")).remove("bias"))
                        .text())
                .contains("inputs.bias is missing");
        assertThat(changed("relu", c -> ((ArrayNode) c.path("output").path("shape")).set(1, 4))
                        .text())
                .contains("output has the shape 3x4x4 instead of 4x4x4");
    }

    /** Every field of some cases in turn is null: each time the finding says so and names no class of ours. */
    @ParameterizedTest
    @ValueSource(strings = {"conv_3x3_bias", "batch_norm_train", "cross_entropy", "sgd"})
    void whatIsNullIsNamed(String name) {
        List<String> places = new ArrayList<>();
        changed(name, c -> places(c, "", places));
        for (String place : places) {
            int slash = place.lastIndexOf('/');
            Finding f = changed(name, c -> ((ObjectNode) (slash == 0 ? c : c.at(place.substring(0, slash))))
                    .putNull(place.substring(slash + 1)));
            assertThat(f.ok()).as(place).isFalse();
            assertThat(f.text()).doesNotContain("Exception", "because", "\n").contains("null");
        }
    }

    private static void places(JsonNode node, String at, List<String> into) {
        node.properties().forEach(e -> {
            into.add(at + "/" + e.getKey());
            places(e.getValue(), at + "/" + e.getKey(), into);
        });
    }

    /** PyTorch's other reduction is the mean times what the mean divides by. */
    @Test
    void sumsInsteadOfMeans() {
        Finding f = changed("cross_entropy_smoothing", c -> {
            ((ObjectNode) c.path("attributes")).put("reduction", "sum");
            for (String values : List.of("/output/values", "/gradients/x")) {
                ArrayNode v = (ArrayNode) c.at(values);
                for (int i = 0; i < v.size(); i++)
                    v.set(i, JSON.getNodeFactory().numberNode(4 * v.get(i).asDouble()));
            }
        });
        assertThat(f.ok()).as(f.text()).isTrue();
    }
}
