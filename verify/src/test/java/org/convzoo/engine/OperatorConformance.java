package org.convzoo.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.convzoo.graph.Value.concat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.convzoo.graph.Filters;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Node;
import org.convzoo.graph.Op;
import org.convzoo.graph.Shape;
import org.convzoo.graph.Value;
import org.convzoo.graph.Window;
import org.convzoo.verify.NetworkCheck;
import org.convzoo.verify.OperatorCheck;
import org.convzoo.verify.ValueRule;
import org.convzoo.weights.Weights;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * What every engine must compute. Reference files give the numbers where they have them, {@link PlainEngine} elsewhere.
 */
public abstract class OperatorConformance extends EngineConformance {
    /** Multiply-accumulates from which a network's check takes long. */
    private static final double LONG = 2.2e10;

    /** The reference files to check; those of large networks are left to {@link EngineEndurance}. */
    protected List<String> networks() {
        return References.networks().stream()
                .filter(n -> References.cost(n) < EngineEndurance.EXPENSIVE)
                .toList();
    }

    @TestFactory
    Stream<DynamicTest> operatorsAsPyTorch() {
        List<DynamicTest> tests = new ArrayList<>();
        for (JsonNode c : References.operators().path("cases")) {
            JsonNode alone = JsonNodeFactory.instance
                    .objectNode()
                    .set("cases", JsonNodeFactory.instance.arrayNode().add(c));
            tests.add(dynamicTest(c.path("name").asText(), () -> assertOk(OperatorCheck.check(alone, engine))));
        }
        return tests.stream();
    }

    @TestFactory
    Stream<DynamicTest> networksAsTheirSources() {
        return networks().stream().filter(n -> References.cost(n) < LONG).map(this::asItsSource);
    }

    @TestFactory
    @Tag("thorough")
    Stream<DynamicTest> largerNetworksAsTheirSources() {
        return networks().stream().filter(n -> References.cost(n) >= LONG).map(this::asItsSource);
    }

    private DynamicTest asItsSource(String network) {
        return dynamicTest(network, () -> checkNetwork(References.read(network)));
    }

    /** Holds the engine against a network's reference file. */
    protected void checkNetwork(JsonNode file) {
        assertOk(NetworkCheck.check(file, engine));
    }

    @TestFactory
    Stream<DynamicTest> operatorsOfManySizesAsThePlainEngine() {
        return LongStream.range(0, 300).mapToObj(seed -> {
            Graph g = Samples.operator(seed);
            String what = g.name() + ": " + g.output().op() + " on "
                    + g.output().input().shape();
            int count = g.output().op() instanceof Op.BatchNorm ? 5 : (int) (1 + seed % 5);
            return dynamicTest(what, () -> assertNodesAgree(g, count, 1e-5, 1e-5));
        });
    }

    @TestFactory
    Stream<DynamicTest> randomNetworksAsThePlainEngine() {
        return randomNetworks(0, 12);
    }

    @TestFactory
    @Tag("thorough")
    Stream<DynamicTest> moreRandomNetworksAsThePlainEngine() {
        return randomNetworks(12, 60);
    }

    private Stream<DynamicTest> randomNetworks(long from, long to) {
        return LongStream.range(from, to).mapToObj(Samples::network).map(g -> agrees(g, 5, 1e-4, 1e-3));
    }

    @Test
    void everyOpInOneNetworkAsThePlainEngine() {
        assertNodesAgree(Samples.everything(), 4, 2e-5, 1e-4);
        assertStepsAgree(Samples.everything(), 2e-5, 1e-4);
    }

    /** Convolutions whose kernel meets the whole map at its only place: linear layers in effect, some beside padding. */
    @TestFactory
    Stream<DynamicTest> convolutionsOfWholeMapsAsThePlainEngine() {
        return Stream.of(
                        wholeMap(new Shape(5, 1, 1), Window.k(3)),
                        wholeMap(new Shape(18, 1, 1), Window.k(1)),
                        wholeMap(
                                new Shape(3, 1, 1),
                                Window.k(3, 5).dilation(1, 1).withBias()),
                        wholeMap(new Shape(8, 2, 2), Window.k(3).stride(2)),
                        wholeMap(new Shape(17, 2, 2), Window.k(3).stride(2).padSame()),
                        wholeMap(new Shape(4, 5, 5), Window.k(5).pad(0).withBias()),
                        wholeMap(new Shape(4, 1, 3), Window.k(3).stride(1, 3)),
                        wholeMap(new Shape(4, 1, 1), Window.k(3).pad(2).dilation(2, 2)),
                        wholeMap(new Shape(4, 1, 1), Window.k(3).groups(2)))
                .map(g -> agrees(g, 7, 1e-4, 1e-4));
    }

    /** Large kernels of one channel each, as EfficientNet's. */
    @TestFactory
    Stream<DynamicTest> depthwiseConvolutionsAsThePlainEngine() {
        Window k5 = Window.k(5), k3 = Window.k(3);
        return Stream.of(
                        depthwise(new Shape(16, 9, 9), k5),
                        depthwise(new Shape(20, 7, 12), k5.stride(2)),
                        depthwise(new Shape(8, 12, 12), k5.stride(2).padSame()),
                        depthwise(new Shape(24, 14, 14), k5.stride(2)),
                        depthwise(new Shape(8, 11, 6), k5.pad(0).stride(3)),
                        depthwise(new Shape(3, 9, 9), Window.k(7).stride(1, 2)),
                        depthwise(new Shape(16, 9, 9), Window.k(3, 5).withBias()),
                        depthwise(new Shape(16, 9, 9), k5.dilation(2, 2).pad(4)),
                        depthwise(new Shape(16, 8, 8), Window.k(4).padSame()),
                        depthwise(new Shape(16, 13, 13), k3),
                        depthwise(new Shape(9, 13, 13), k3.stride(2)),
                        depthwise(new Shape(16, 6, 6), k3.pad(0)),
                        depthwise(new Shape(16, 5, 5), k3.pad(3)))
                .map(g -> agrees(g, 5, 1e-4, 1e-4));
    }

    /** Concatenations of concatenations, of which others read parts: DenseNet's blocks, and odder ones. */
    @TestFactory
    Stream<DynamicTest> nestedConcatenationsAsThePlainEngine() {
        return Stream.of(
                        joined("a dense block", 32, 16, (x, y, z) -> {
                            Value first = concat(x, normed("p", x));
                            Value second = concat(first, normed("q", first));
                            return concat(second, normed("r", second)).bn("last");
                        }),
                        joined("the old behind the new", 16, 16, (x, y, z) -> {
                            Value first = concat(y, z);
                            Value second = concat(normed("p", first), first);
                            return concat(normed("q", second), second);
                        }),
                        joined("odd channels", 10, 7, (x, y, z) -> {
                            Value first = concat(x, y);
                            Value second = concat(first, normed("p", first));
                            return concat(z, second);
                        }),
                        joined("odd channels at the end", 32, 7, (x, y, z) -> {
                            Value first = concat(x, y);
                            return concat(normed("p", first), first);
                        }),
                        joined("other readers", 16, 16, (x, y, z) -> {
                            Value first = concat(y, z), second = concat(first, x);
                            return concat(second, first.conv("p", 16, 3), y.bn("q"));
                        }),
                        joined("a part of itself", 16, 16, (x, y, z) -> {
                            Value first = concat(y, z);
                            return concat(first, first.slice(0, 16), normed("p", first));
                        }),
                        joined("twice the same", 16, 16, (x, y, z) -> {
                            Value first = concat(y, z);
                            return concat(first, first).bn("p");
                        }),
                        joined("concatenations only", 16, 16, (x, y, z) -> concat(concat(x, y), concat(z, x))
                                .relu()))
                .map(g -> agrees(g, 5, 1e-4, 1e-4));
    }

    /** Two maps whose channels take turns, and what may be read of that: ShuffleNet V2's units, and odder ones. */
    @TestFactory
    Stream<DynamicTest> shuffledConcatenationsAsThePlainEngine() {
        return Stream.of(
                        joined("two units", 16, 16, (x, y, z) -> {
                            Value first = concat(y, z).shuffle(2);
                            Value right = first.slice(16, 32).conv("p", 16, 3).relu();
                            Value second = concat(first.slice(0, 16), right).shuffle(2);
                            return concat(
                                            second.slice(0, 16),
                                            second.slice(16, 32).conv("q", 16, 1))
                                    .shuffle(2);
                        }),
                        joined("broken blocks", 6, 6, (x, y, z) -> {
                            Value first = concat(y, z).shuffle(2);
                            Value second = concat(
                                            first.slice(0, 6),
                                            first.slice(6, 12).conv("p", 6, 1))
                                    .shuffle(2);
                            return second.conv("q", 4, 1);
                        }),
                        joined("odd halves", 5, 5, (x, y, z) -> {
                            Value first = concat(y, z).shuffle(2);
                            return concat(first.slice(0, 5), first.slice(5, 10).conv("p", 5, 1))
                                    .shuffle(2);
                        }),
                        joined("unequal parts, read twice", 12, 12, (x, y, z) -> {
                            Value first = concat(y, z).shuffle(2);
                            Value small = first.slice(0, 4), large = first.slice(4, 24);
                            return concat(small.conv("p", 8, 1), small.bn("q"), large.relu(), large.conv("r", 3, 1));
                        }),
                        joined("one half", 8, 8, (x, y, z) -> concat(y, z)
                                .shuffle(2)
                                .slice(8, 16)
                                .conv("p", 8, 1)),
                        joined("a part and all", 8, 8, (x, y, z) -> {
                            Value all = concat(y, z).shuffle(2);
                            return concat(all, all.slice(0, 8), all.slice(8, 16));
                        }),
                        joined("the upper half first", 8, 8, (x, y, z) -> {
                            Value all = concat(y, z).shuffle(2);
                            return concat(all.slice(8, 16), all.slice(0, 8));
                        }),
                        joined("a half that leads nowhere", 8, 8, (x, y, z) -> {
                            Value all = concat(y, z).shuffle(2), low = all.slice(0, 8);
                            all.slice(8, 16).conv("p", 8, 1);
                            return low.conv("q", 8, 1);
                        }),
                        joined("read before it is shuffled", 8, 8, (x, y, z) -> {
                            Value all = concat(y, z);
                            return concat(all.shuffle(2), all.conv("p", 8, 1));
                        }),
                        joined("pieces of two channels, one of them a residual", 4, 4, (x, y, z) -> {
                            Value all = concat(y, z).shuffle(2);
                            return all.slice(0, 2).conv("p", 6, 1).add(all.slice(2, 8));
                        }),
                        joined("maps of one pixel", 8, 8, (x, y, z) -> {
                            Value all = concat(y.avgPoolTo(1), z.avgPoolTo(1)).shuffle(2);
                            return concat(all.slice(0, 8), all.slice(8, 16).conv("p", 8, 1));
                        }),
                        Graph.of("the image itself", new Shape(4, 6, 5), image -> {
                            Value all = concat(image, image.conv("y", 4, 3)).shuffle(2);
                            Value z = concat(all.slice(0, 4).conv("p", 4, 3), all.slice(4, 8));
                            return z.avgPoolTo(1).flatten().linear("classes", 3);
                        }),
                        joined("other groups", 8, 8, (x, y, z) -> concat(y, z).shuffle(4)),
                        joined("three maps", 6, 6, (x, y, z) -> concat(x, y, z).shuffle(2)),
                        joined("unequal maps", 4, 12, (x, y, z) -> concat(x, z).shuffle(2)),
                        joined("twice the same map", 8, 8, (x, y, z) -> concat(y, y)
                                .shuffle(2)))
                .map(g -> agrees(g, 5, 1e-4, 1e-4));
    }

    /** What follows a batch norm, where its results lie on both sides of all bends of ReLU6. */
    @TestFactory
    Stream<DynamicTest> normsAndWhatFollowsAsThePlainEngine() {
        return Stream.of(Op.Activation.values())
                .flatMap(a -> Stream.of(32, 20)
                        .map(c -> Graph.of(a + " of " + c, new Shape(3, 9, 7), image -> {
                            Value x = image.conv("first", c, 3).bn("norm").act(a);
                            Value y = x.conv("second", c, 1).bn("sum").add(x).act(a);
                            return y.avgPoolTo(1).flatten().linear("classes", 3);
                        })))
                .map(g -> dynamicTest(g.name(), () -> {
                    Map<String, Weights.Tensor> tensors =
                            new LinkedHashMap<>(Samples.weights(g).tensors());
                    for (String norm : List.of("norm", "sum")) {
                        tensors.computeIfPresent(norm + ".weight", (n, t) -> each(t, v -> 5 * v));
                        tensors.computeIfPresent(norm + ".bias", (n, t) -> each(t, v -> v + 3));
                    }
                    assertStepsAgree(g, new Weights(tensors), 1e-4, 1e-4);
                    tensors.computeIfPresent("first.weight", (n, t) -> each(t, v -> Double.NaN));
                    try (Learner learner = engine.learner(
                            g, new Weights(tensors), MOMENTUM, LearnerOptions.DEFAULTS.withRegularised(false))) {
                        assertThat(learner.gradients(Samples.batch(g, 0, 5)).loss())
                                .as("loss, though a ReLU may give 0 for what is no number")
                                .isNaN();
                    }
                }));
    }

    private static Weights.Tensor each(Weights.Tensor t, DoubleUnaryOperator f) {
        float[] values = t.toArray();
        for (int i = 0; i < values.length; i++) values[i] = (float) f.applyAsDouble(values[i]);
        return new Weights.Tensor(t.shape(), values);
    }

    private interface Join {
        Value of(Value x, Value y, Value z);
    }

    /** @param y channels of the second and third map, which convolutions make; the first has {@code x} */
    private static Graph joined(String name, int x, int y, Join join) {
        return Graph.of(name, new Shape(3, 6, 5), image -> {
            Value first = image.conv("x", x, 3).relu().maxPool(2, 1);
            return join.of(first, first.conv("y", y, 3), first.conv("z", y, 1).relu())
                    .avgPoolTo(1)
                    .flatten()
                    .linear("classes", 3);
        });
    }

    private static Value normed(String name, Value x) {
        return x.in(name, v -> v.bn("norm").relu().conv("conv", 16, 3));
    }

    private static Graph depthwise(Shape map, Window window) {
        return depthwise(map, new Filters(window));
    }

    private static Graph depthwise(Shape map, Filters filters) {
        int c = map.channels();
        return Graph.of("depthwise " + filters + " on " + map, map, x -> x.conv("before", c, 1)
                .relu()
                .conv("depthwise", c, filters.groups(c))
                .conv("after", 5, 1)
                .avgPoolTo(1)
                .flatten()
                .linear("classes", 3));
    }

    private static Graph wholeMap(Shape map, Window window) {
        return wholeMap(map, new Filters(window));
    }

    private static Graph wholeMap(Shape map, Filters filters) {
        return Graph.of(filters + " on " + map, map, x -> {
            Value y = x.conv("first", 6, filters);
            return y.conv("second", 6, Window.k(3).withBias())
                    .relu()
                    .conv("third", 6, 3)
                    .add(y)
                    .relu()
                    .flatten()
                    .linear("classes", 3);
        });
    }

    /** Activations, gradients, parameters' gradients and moved statistics, node by node, in both modes. */
    private DynamicTest agrees(Graph graph, int count, double forward, double backward) {
        return dynamicTest(graph.name(), () -> {
            assertNodesAgree(graph, count, forward, backward);
            assertStepsAgree(graph, forward, backward);
        });
    }

    private void assertNodesAgree(Graph graph, int count, double forward, double backward) {
        if (probes()) assertProbesAgree(graph, count, forward, backward);
        if (graph.output().shape().rank() > 1) return;
        assertPredictionsAgree(graph, count, forward);
        assertPredictionsAgree(graph, 1, 3 * forward); // of the largest of one image only
    }

    /** Whether to look inside; it looks the same whatever way of learning and predicting is forced. */
    protected boolean probes() {
        return true;
    }

    private void assertProbesAgree(Graph graph, int count, double forward, double backward) {
        Weights weights = Samples.weights(graph);
        FloatBuffer images = Samples.images(graph, 0, count);
        int outputs = Math.toIntExact(count * graph.output().shape().elements());
        float[] gradient = ValueRule.values("gradient", outputs, 1, 0);
        try (Engine plain = new PlainEngine();
                Probe expected = plain.probe(graph, weights);
                Probe probe = engine.probe(graph, weights)) {
            for (Probe.Statistics statistics : Probe.Statistics.values()) {
                for (Probe p : List.of(expected, probe)) {
                    p.forward(images.duplicate(), count, statistics);
                    p.backward(Map.of(graph.output(), gradient));
                }
                String mode = " with statistics " + statistics;
                for (Node n : graph.inferenceNodes()) {
                    assertNear(n + mode, probe.activation(n), expected.activation(n), forward);
                    assertNear("gradient of " + n + mode, probe.gradient(n), expected.gradient(n), backward);
                }
                assertNear("gradient of" + mode, probe.parameterGradients(), expected.parameterGradients(), backward);
                assertNear("state after" + mode, probe.weights(), expected.weights(), forward);
            }
        }
    }

    private void assertPredictionsAgree(Graph graph, int count, double tolerance) {
        Weights weights = Samples.weights(graph);
        FloatBuffer images = Samples.images(graph, 0, count);
        try (Predictor predictor = engine.predictor(graph, weights);
                Predictor expected = new PlainEngine().predictor(graph, weights)) {
            float[] logits = expected.logits(images.duplicate(), count);
            assertNear("prediction", predictor.logits(images.duplicate(), count), logits, tolerance);
        }
    }

    /** Losses, logits, gradients and weights of a short training. */
    private void assertStepsAgree(Graph graph, double forward, double backward) {
        assertStepsAgree(graph, Samples.weights(graph), forward, backward);
    }

    private void assertStepsAgree(Graph graph, Weights weights, double forward, double backward) {
        try (Learner expected = new PlainEngine()
                        .learner(graph, weights, MOMENTUM, LearnerOptions.DEFAULTS.withRegularised(false));
                Learner learner =
                        engine.learner(graph, weights, MOMENTUM, LearnerOptions.DEFAULTS.withRegularised(false))) {
            for (int i = 0; i < 2; i++) {
                Batch batch = Samples.batch(graph, 5 * i, 5);
                Learner.Step right = expected.gradients(batch), step = learner.gradients(batch);
                assertThat(step.loss()).as("loss").isCloseTo(right.loss(), within(backward * right.loss()));
                assertNear("logits", step.logits(), right.logits(), i == 0 ? forward : backward);
                assertThat(step.auxiliary()).containsOnlyKeys(right.auxiliary().keySet());
                right.auxiliary()
                        .forEach((head, logits) ->
                                assertNear(head, step.auxiliary().get(head), logits, backward));
                assertNear("gradient of", learner.gradientsByName(), expected.gradientsByName(), backward);
                expected.update(0.01);
                learner.update(0.01);
            }
            assertNear("weights after training", learner.weights(), expected.weights(), backward);
            assertNear("slots after training", learner.slots(), expected.slots(), 2 * backward);
        }
    }
}
