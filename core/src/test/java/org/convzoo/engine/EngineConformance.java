package org.convzoo.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.convzoo.graph.Value.concat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.convzoo.engine.Optimizer.AdamW;
import org.convzoo.engine.Optimizer.Decay;
import org.convzoo.engine.Optimizer.Sgd;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Init;
import org.convzoo.graph.Node;
import org.convzoo.graph.Op;
import org.convzoo.graph.Shape;
import org.convzoo.graph.Value;
import org.convzoo.graph.Window;
import org.convzoo.verify.Finding;
import org.convzoo.verify.NetworkCheck;
import org.convzoo.verify.OperatorCheck;
import org.convzoo.verify.ValueRule;
import org.convzoo.weights.Weights;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What every engine must do. An engine's module extends this class, and {@link EngineEndurance} for what takes long.
 * Reference files give the numbers where they have them, {@link PlainEngine} elsewhere.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class EngineConformance {
    private static final Sgd MOMENTUM = new Sgd(0.9, false, new Decay(1e-3, true));
    private static final Sgd PLAIN_SGD = new Sgd(0, false, Decay.NONE);

    private Engine engine;

    /** Opens the engine under test. */
    protected abstract Engine open();

    /** The reference files to check in the quick run. */
    protected List<String> networks() {
        return References.networks().stream()
                .filter(n -> References.cost(n) < EngineEndurance.EXPENSIVE)
                .toList();
    }

    @BeforeAll
    void openEngine() {
        engine = open();
    }

    @AfterEach
    void nothingIsHeld() {
        assertThat(engine.nativeBytes()).as("native bytes once all is closed").isZero();
    }

    @AfterAll
    void closeEngine() {
        engine.close();
        engine.close();
    }

    // -- numbers ----------------------------------------------------------------------------------

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
        return networks().stream().map(n -> dynamicTest(n, () -> checkNetwork(References.read(n))));
    }

    /** Holds the engine against a network's reference file. */
    protected void checkNetwork(JsonNode file) {
        assertOk(NetworkCheck.check(file, engine));
    }

    static void assertOk(List<Finding> findings) {
        assertThat(findings).isNotEmpty();
        for (Finding f : findings) assertThat(f.ok()).as(f.text()).isTrue();
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
        return LongStream.range(0, 60).mapToObj(Samples::network).map(g -> agrees(g, 5, 1e-4, 1e-3));
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
        int c = map.channels();
        return Graph.of("depthwise " + window + " on " + map, map, x -> x.conv("before", c, 1)
                .relu()
                .conv("depthwise", c, window.groups(c))
                .conv("after", 5, 1)
                .avgPoolTo(1)
                .flatten()
                .linear("classes", 3));
    }

    private static Graph wholeMap(Shape map, Window window) {
        return Graph.of(window + " on " + map, map, x -> {
            Value y = x.conv("first", 6, window);
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

    /** The largest difference against the largest magnitude; a gradient that is zero but for rounding may be that. */
    private static void assertNear(String what, float[] got, float[] expected, double tolerance) {
        assertNear(what, got, expected, tolerance, 0);
    }

    private static void assertNear(String what, float[] got, float[] expected, double tolerance, double floor) {
        assertThat(got).as(what).hasSameSizeAs(expected);
        double magnitude = floor, worst = 0;
        for (int i = 0; i < got.length; i++) {
            magnitude = Math.max(magnitude, Math.abs(expected[i]));
            double d = Math.abs((double) got[i] - expected[i]);
            worst = Double.isNaN(d) ? Double.POSITIVE_INFINITY : Math.max(worst, d);
        }
        assertThat(worst).as(what + " departs; magnitude " + magnitude).isLessThanOrEqualTo(tolerance * magnitude);
    }

    /** Tensor by tensor; what the expected ones lack must be absent or zero. */
    private static void assertNear(String what, Weights got, Weights expected, double tolerance) {
        double largest = 0;
        for (Weights.Tensor t : expected.tensors().values())
            for (float v : t.toArray()) largest = Math.max(largest, Math.abs(v));
        assertThat(got.tensors().keySet()).containsAll(expected.tensors().keySet());
        for (String name : got.tensors().keySet()) {
            float[] values = got.get(name).toArray();
            float[] right =
                    expected.tensors().containsKey(name) ? expected.get(name).toArray() : new float[values.length];
            assertNear(what + " " + name, values, right, tolerance, 0.01 * largest);
        }
    }

    // -- the learner ------------------------------------------------------------------------------

    @Test
    void everyParameterHasAGradient() {
        for (Graph graph : List.of(Samples.everything(), Samples.plain())) {
            try (Learner learner = engine.learner(
                    graph, Samples.weights(graph), PLAIN_SGD, LearnerOptions.DEFAULTS.withRegularised(false))) {
                learner.gradients(Samples.batch(graph, 0, 8));
                Weights gradients = learner.gradientsByName();
                assertThat(List.copyOf(gradients.tensors().keySet()))
                        .containsExactlyElementsOf(graph.parameters().entrySet().stream()
                                .filter(e -> e.getValue().trainable())
                                .map(Map.Entry::getKey)
                                .toList());
                gradients.tensors().forEach((name, g) -> {
                    double sum = 0;
                    for (float v : g.toArray()) sum += Math.abs(v);
                    assertThat(sum).as("gradient of " + name).isFinite().isPositive();
                });
            }
        }
    }

    @Test
    void sameSeedSameBits() {
        Graph graph = Samples.everything();
        List<Weights> runs = new ArrayList<>();
        for (long seed : new long[] {7, 7, 8}) {
            try (Learner learner =
                    engine.learner(graph, Samples.weights(graph), MOMENTUM, LearnerOptions.DEFAULTS.withSeed(seed))) {
                train(learner, graph, 0, 3);
                runs.add(learner.weights());
            }
        }
        assertSameBits(runs.get(1), runs.get(0));
        assertThat(runs.get(2).get("classes.weight").toArray())
                .as("another seed drops other elements")
                .isNotEqualTo(runs.get(0).get("classes.weight").toArray());
    }

    private static List<Double> train(Learner learner, Graph graph, int from, int to) {
        List<Double> losses = new ArrayList<>();
        for (int i = from; i < to; i++) {
            losses.add(learner.gradients(Samples.batch(graph, 4 * i, 4)).loss());
            learner.update(0.01);
        }
        return losses;
    }

    private static void assertSameBits(Weights got, Weights expected) {
        assertThat(got.tensors().keySet()).isEqualTo(expected.tensors().keySet());
        expected.tensors()
                .forEach((name, t) ->
                        assertThat(bits(got.get(name).toArray())).as(name).containsExactly(bits(t.toArray())));
    }

    private static int[] bits(float[] values) {
        return IntStream.range(0, values.length)
                .map(i -> Float.floatToRawIntBits(values[i]))
                .toArray();
    }

    @Test
    void continuesBitForBitFromWhatItGaveAway() {
        Graph graph = Samples.everything();
        List<Optimizer> optimizers = List.of(
                PLAIN_SGD,
                MOMENTUM,
                new Sgd(0.9, true, new Decay(1e-3, false)),
                AdamW.of(0.05),
                MOMENTUM.clip(0.1).ema(0.9),
                AdamW.of(0.05).clip(0.1).ema(0.9));
        for (Optimizer optimizer : optimizers) {
            try (Learner through =
                    engine.learner(graph, Samples.weights(graph), optimizer, LearnerOptions.DEFAULTS.withSeed(5))) {
                train(through, graph, 0, 3);
                Weights weights = through.weights(), slots = through.slots();
                assertThat(through.steps()).isEqualTo(3);
                List<Double> losses = train(through, graph, 3, 6);
                Weights other = Weights.initial(graph, 99);
                try (Learner resumed = engine.learner(graph, other, optimizer, LearnerOptions.DEFAULTS.withSeed(5))) {
                    resumed.gradients(Samples.batch(graph, 40, 4)); // is forgotten
                    resumed.restore(weights, slots, 3);
                    assertThat(train(resumed, graph, 3, 6))
                            .as(optimizer.toString())
                            .isEqualTo(losses);
                    assertThat(resumed.steps()).isEqualTo(6);
                    assertSameBits(resumed.weights(), through.weights());
                    assertSameBits(resumed.slots(), through.slots());
                    assertSameBits(resumed.averages(), through.averages());
                }
            }
        }
    }

    /**
     * Three steps, the first within the limit. The weights are those of {@code clip_grad_norm_(1)} and the optimizer in
     * float64 by PyTorch 2.15; the averages are {@code num_updates}' rule on them, worked out outside Java.
     */
    @Test
    void clipsAsPyTorchAndAveragesAsTensorFlow() {
        Decay decay = new Decay(0.01, true);
        clipsAndAverages(
                new Sgd(0.9, false, decay),
                new float[] {0.41930044f, -0.13999849f, 0.96369155f, 0.06049100f, 0.25317906f, -0.31367007f},
                new float[] {0.42270887f, -0.14910850f, 0.97063405f, 0.06204631f, 0.24894670f, -0.31099301f});
        clipsAndAverages(
                new Sgd(0.9, true, decay),
                new float[] {0.42534968f, -0.12288023f, 0.93748668f, 0.06388010f, 0.26094848f, -0.32482858f},
                new float[] {0.41188260f, -0.12753167f, 0.95721738f, 0.05695310f, 0.25904192f, -0.31599503f});
        clipsAndAverages(
                new AdamW(0.9, 0.999, 1e-8, decay),
                new float[] {0.31016796f, -0.09642817f, 0.91275650f, -0.08863323f, 0.35222317f, -0.38334739f},
                new float[] {0.31715997f, -0.10619715f, 0.91719842f, -0.08180039f, 0.34263325f, -0.37942276f});
    }

    private void clipsAndAverages(Optimizer optimizer, float[] values, float[] averages) {
        Graph graph = Graph.of("one", new Shape(1), x -> x.linear("fc", 3));
        Weights start = new Weights(Map.of(
                "fc.weight", new Weights.Tensor(new Shape(3, 1), new float[] {0.5f, -0.25f, 1}),
                "fc.bias", new Weights.Tensor(new Shape(3), new float[] {0.1f, 0.2f, -0.3f})));
        FloatBuffer image = Batch.buffer(1).put(0, 2);
        try (Learner learner = engine.learner(
                graph, start, optimizer.clip(1).ema(0.9), LearnerOptions.DEFAULTS.withRegularised(false))) {
            assertSameBits(learner.averages(), learner.weights());
            for (float[] g : new float[][] {{0.1f, -0.3f, 0.2f}, {2, 1, -3}, {-4, 0.5f, 3.5f}}) {
                FloatBuffer targets = Batch.buffer(3); // rows that add up to 0 are the gradient, negated
                for (int k = 0; k < 3; k++) targets.put(k, -g[k]);
                learner.gradients(new Batch(1, image, targets));
                learner.update(0.1);
            }
            assertNear(optimizer + ": weights", both(learner.weights()), values, 1e-6);
            assertNear(optimizer + ": averages", both(learner.averages()), averages, 1e-6);
        }
    }

    private static float[] both(Weights layer) {
        FloatBuffer all = FloatBuffer.allocate(6);
        return all.put(layer.get("fc.weight").toArray())
                .put(layer.get("fc.bias").toArray())
                .array();
    }

    /** Parameters of every layout, and running statistics. */
    @Test
    void averagesWhatTheWeightsWere() {
        Graph graph = Samples.everything();
        Map<String, double[]> expected = new LinkedHashMap<>();
        double[] decays = {2 / 11.0, 3 / 12.0, 0.3, 0.3};
        Samples.weights(graph).tensors().forEach((name, t) -> expected.put(name, doubles(t.toArray())));
        try (Learner learner = engine.learner(
                graph, Samples.weights(graph), AdamW.of(0.05).ema(0.3), LearnerOptions.DEFAULTS.withSeed(5))) {
            for (int i = 0; i < 4; i++) {
                train(learner, graph, i, i + 1);
                double ema = decays[i];
                learner.weights().tensors().forEach((name, t) -> {
                    float[] v = t.toArray();
                    double[] a = expected.get(name);
                    for (int k = 0; k < v.length; k++) a[k] = ema * a[k] + (1 - ema) * v[k];
                });
            }
            Weights averages = learner.averages();
            assertThat(averages.tensors().keySet()).isEqualTo(expected.keySet());
            expected.forEach((name, a) -> {
                float[] right = new float[a.length];
                for (int k = 0; k < a.length; k++) right[k] = (float) a[k];
                assertNear("average of " + name, averages.get(name).toArray(), right, 1e-6);
            });
        }
    }

    private static double[] doubles(float[] values) {
        return IntStream.range(0, values.length).mapToDouble(i -> values[i]).toArray();
    }

    /** A weight that goes 0, 1, 2, 3, 4; the decays are 2/11, 3/12, and from then on 0.3, as 4/13 and 5/14 are more. */
    @Test
    void theAverageWarmsUp() {
        Graph graph = Graph.of("one", new Shape(1), x -> x.linear("fc", 2));
        Weights start = new Weights(Map.of(
                "fc.weight", new Weights.Tensor(new Shape(2, 1), new float[2]),
                "fc.bias", new Weights.Tensor(new Shape(2), new float[2])));
        Batch batch = new Batch( // whose gradient is -1 and 1
                1, Batch.buffer(1).put(0, 1), Batch.buffer(2).put(0, 1).put(1, -1));
        double[] averages = {9 / 11.0, 0.25 * 9 / 11 + 0.75 * 2, 2.6113636, 3.5834091};
        try (Learner learner =
                engine.learner(graph, start, PLAIN_SGD.ema(0.3), LearnerOptions.DEFAULTS.withRegularised(false))) {
            for (int t = 1; t <= 4; t++) {
                learner.gradients(batch);
                learner.update(1);
                assertThat(learner.weights().get("fc.weight").toArray()).containsExactly(t, -t);
                float average = (float) averages[t - 1];
                assertNear(
                        "step " + t,
                        learner.averages().get("fc.weight").toArray(),
                        new float[] {average, -average},
                        1e-6);
            }
        }
        assertThat(PLAIN_SGD.ema(0.999).ema(140)).isEqualTo(141 / 150.0);
        assertThat(PLAIN_SGD.ema(0.999).ema(9000)).isEqualTo(0.999);
        assertThat(PLAIN_SGD.ema(1)).isZero();
    }

    @Test
    void clipsToTheNormOfAllGradients() {
        Graph graph = Samples.everything();
        Weights start = Samples.weights(graph);
        try (Learner learner =
                engine.learner(graph, start, PLAIN_SGD.clip(0.01), LearnerOptions.DEFAULTS.withRegularised(false))) {
            learner.gradients(Samples.batch(graph, 0, 4));
            assertThat(norm(learner.gradientsByName(), new Weights(Map.of()))).isGreaterThan(0.02);
            learner.update(1);
            assertThat(norm(learner.weights(), start)).isCloseTo(0.01, within(1e-5));
        }
        try (Learner learner =
                engine.learner(graph, start, PLAIN_SGD.clip(1e-6), LearnerOptions.DEFAULTS.withRegularised(false))) {
            learner.gradients(Samples.batch(graph, 0, 4));
            float factor = (float) (1e-6 / norm(learner.gradientsByName(), new Weights(Map.of())));
            scaleGradients(learner, graph, factor);
            learner.update(1e6);
            assertThat(norm(learner.weights(), start))
                    .as("clip / (norm + 1e-6) is a half")
                    .isCloseTo(0.5, within(1e-4));
        }
    }

    /** Of the difference, in what the graph trains. */
    private static double norm(Weights from, Weights to) {
        double sum = 0;
        for (String name : from.tensors().keySet()) {
            if (name.contains("running")) continue;
            float[] a = from.get(name).toArray();
            float[] b = to.tensors().containsKey(name) ? to.get(name).toArray() : new float[a.length];
            for (int i = 0; i < a.length; i++) sum += ((double) a[i] - b[i]) * ((double) a[i] - b[i]);
        }
        return Math.sqrt(sum);
    }

    @Test
    void givesCopies() {
        Graph graph = Samples.everything();
        Weights start = Samples.weights(graph);
        try (Learner learner = engine.learner(graph, start, MOMENTUM, LearnerOptions.DEFAULTS.withSeed(5))) {
            Weights before = learner.weights();
            assertSameBits(before, start);
            train(learner, graph, 0, 1);
            assertSameBits(before, start);
            Weights slots = learner.slots();
            float[] momentum = slots.get("momentum/classes.weight").toArray();
            train(learner, graph, 1, 2);
            assertThat(slots.get("momentum/classes.weight").toArray()).containsExactly(momentum);
            assertThat(learner.weights().get("classes.weight").toArray())
                    .isNotEqualTo(start.get("classes.weight").toArray());
        }
    }

    @Test
    void namesWhatTheOptimizerRemembers() {
        Graph graph = Samples.plain();
        List<String> names = List.copyOf(graph.parameters().keySet());
        try (Learner sgd = engine.learner(
                        graph, Samples.weights(graph), MOMENTUM, LearnerOptions.DEFAULTS.withRegularised(false));
                Learner adam = engine.learner(
                        graph, Samples.weights(graph), AdamW.of(0), LearnerOptions.DEFAULTS.withRegularised(false));
                Learner both = engine.learner(
                        graph,
                        Samples.weights(graph),
                        MOMENTUM.ema(0.9),
                        LearnerOptions.DEFAULTS.withRegularised(false))) {
            assertThat(sgd.slots().tensors().keySet())
                    .containsExactlyInAnyOrderElementsOf(
                            names.stream().map(n -> "momentum/" + n).toList());
            assertThat(adam.slots().tensors().keySet())
                    .containsExactlyInAnyOrderElementsOf(names.stream()
                            .flatMap(n -> Stream.of("mean/" + n, "square/" + n))
                            .toList());
            assertThat(both.slots().tensors().keySet())
                    .containsExactlyInAnyOrderElementsOf(names.stream()
                            .flatMap(n -> Stream.of("momentum/" + n, "average/" + n))
                            .toList());
        }
    }

    @Test
    void gradientsOfPartsAddUp() {
        Graph graph = Samples.plain();
        try (Learner whole = engine.learner(
                        graph, Samples.weights(graph), PLAIN_SGD, LearnerOptions.DEFAULTS.withRegularised(false));
                Learner parts = engine.learner(
                        graph, Samples.weights(graph), PLAIN_SGD, LearnerOptions.DEFAULTS.withRegularised(false))) {
            double loss = whole.gradients(Samples.batch(graph, 0, 8)).loss();
            double sum = 0;
            for (int i = 0; i < 4; i++)
                sum += parts.gradients(Samples.batch(graph, 2 * i, 2)).loss();
            assertThat(sum / 4).isCloseTo(loss, within(1e-5));
            scaleGradients(parts, graph, 0.25f);
            assertNear("gradient of", parts.gradientsByName(), whole.gradientsByName(), 1e-5);
            whole.update(0.1);
            parts.update(0.1);
            assertNear("weights", parts.weights(), whole.weights(), 1e-6);
            whole.gradients(Samples.batch(graph, 8, 4));
            parts.gradients(Samples.batch(graph, 8, 4));
            assertNear("next gradient of", parts.gradientsByName(), whole.gradientsByName(), 1e-5);
        }
    }

    private static FloatBuffer gradients(Learner learner, Graph graph) {
        FloatBuffer all = Batch.buffer(graph.parameterCount());
        learner.readGradients(all);
        return all;
    }

    private static void scaleGradients(Learner learner, Graph graph, float factor) {
        FloatBuffer all = gradients(learner, graph);
        for (int i = 0; i < all.limit(); i++) all.put(i, all.get(i) * factor);
        learner.writeGradients(all);
    }

    /** What an all-reduce between machines needs: the graph's own order, each parameter row by row. */
    @Test
    void gradientsComeInTheOrderOfTheGraph() {
        Graph graph = Samples.everything();
        try (Learner learner = engine.learner(
                graph, Samples.weights(graph), PLAIN_SGD, LearnerOptions.DEFAULTS.withRegularised(false))) {
            learner.gradients(Samples.batch(graph, 0, 4));
            FloatBuffer all = gradients(learner, graph);
            assertThat(all.position()).isZero();
            Weights named = learner.gradientsByName();
            graph.parameters().forEach((name, p) -> {
                if (!p.trainable()) return;
                float[] part = new float[(int) p.shape().elements()];
                all.get(part);
                assertThat(part).as(name).containsExactly(named.get(name).toArray());
            });
            assertThat(all.hasRemaining()).isFalse();
        }
    }

    @Test
    void gradientsAreWrittenAsTheyWereRead() {
        Graph graph = Samples.everything();
        LearnerOptions plain = LearnerOptions.DEFAULTS.withRegularised(false);
        try (Learner one = engine.learner(graph, Samples.weights(graph), PLAIN_SGD, plain);
                Learner two = engine.learner(Samples.everything(), Samples.weights(graph), PLAIN_SGD, plain)) {
            one.gradients(Samples.batch(graph, 0, 4));
            FloatBuffer read = gradients(one, graph);
            two.writeGradients(read); // before it has any of its own
            assertThat(gradients(two, graph)).isEqualTo(read);
            assertSameBits(two.gradientsByName(), one.gradientsByName());
            one.update(0.1);
            two.update(0.1);
            for (String name : one.gradientsByName().tensors().keySet())
                assertThat(two.weights().get(name).toArray())
                        .containsExactly(one.weights().get(name).toArray());
        }
    }

    @Test
    void writtenGradientsAreAddedTo() {
        Graph graph = Samples.plain();
        LearnerOptions plain = LearnerOptions.DEFAULTS.withRegularised(false);
        try (Learner learner = engine.learner(graph, Samples.weights(graph), PLAIN_SGD, plain)) {
            learner.gradients(Samples.batch(graph, 0, 4));
            FloatBuffer once = gradients(learner, graph);
            learner.writeGradients(once);
            learner.gradients(Samples.batch(graph, 0, 4));
            FloatBuffer twice = gradients(learner, graph);
            for (int i = 0; i < once.limit(); i++)
                assertThat(twice.get(i)).isCloseTo(2 * once.get(i), within(1e-5f + 1e-3f * Math.abs(once.get(i))));
        }
    }

    /** Also to an optimizer, which then moves the parameters no further. */
    @Test
    void gradientsAreZeroAfterAnUpdate() {
        Graph graph = Samples.plain();
        LearnerOptions plain = LearnerOptions.DEFAULTS.withRegularised(false);
        try (Learner learner = engine.learner(graph, Samples.weights(graph), PLAIN_SGD, plain)) {
            learner.gradients(Samples.batch(graph, 0, 4));
            learner.update(0.1);
            FloatBuffer all = gradients(learner, graph);
            for (int i = 0; i < all.limit(); i++) assertThat(all.get(i)).isZero();
            Weights before = learner.weights();
            learner.update(0.1);
            assertSameBits(learner.weights(), before);
        }
    }

    @Test
    void gradientsNeedTheirOwnNumberOfPlaces() {
        Graph graph = Samples.plain();
        try (Learner learner = engine.learner(graph, Samples.weights(graph), PLAIN_SGD, LearnerOptions.DEFAULTS)) {
            FloatBuffer small = Batch.buffer(graph.parameterCount() - 1);
            assertThatThrownBy(() -> learner.readGradients(small))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(graph.parameterCount() + " floats");
            assertThatThrownBy(() -> learner.writeGradients(small)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void takesBatchesOfAnySizeInAnyOrder() {
        Graph graph = Samples.everything();
        try (Learner expected = new PlainEngine()
                        .learner(
                                graph,
                                Samples.weights(graph),
                                PLAIN_SGD,
                                LearnerOptions.DEFAULTS.withRegularised(false));
                Learner learner = engine.learner(
                        graph, Samples.weights(graph), PLAIN_SGD, LearnerOptions.DEFAULTS.withRegularised(false));
                Predictor predictor = engine.predictor(graph, Samples.weights(graph));
                Predictor right = new PlainEngine().predictor(graph, Samples.weights(graph))) {
            int from = 0;
            for (int size : new int[] {5, 2, 5, 1, 9, 2}) {
                Batch batch = Samples.batch(graph, from, size);
                assertThat(learner.gradients(batch).loss())
                        .as("loss of " + size)
                        .isCloseTo(expected.gradients(batch).loss(), within(1e-4));
                expected.update(0.001);
                learner.update(0.001);
                assertNear(
                        "logits of " + size,
                        predictor.logits(batch.images(), size),
                        right.logits(batch.images(), size),
                        2e-5);
                from += size;
            }
        }
    }

    @Test
    void decaysWhatItShould() {
        Graph graph = Samples.plain();
        Weights start = Samples.weights(graph);
        for (boolean everywhere : new boolean[] {true, false}) {
            Decay decay = new Decay(0.5, everywhere);
            Map<Optimizer, Optimizer> pairs = Map.of(
                    new Sgd(0.9, false, decay), new Sgd(0.9, false, Decay.NONE),
                    new Sgd(0, false, decay), PLAIN_SGD,
                    new AdamW(0.9, 0.999, 1e-8, decay), new AdamW(0.9, 0.999, 1e-8, Decay.NONE));
            pairs.forEach((with, without) -> {
                Weights decayed = oneStep(graph, start, with), kept = oneStep(graph, start, without);
                start.tensors().forEach((name, t) -> {
                    boolean decays = everywhere || t.shape().rank() > 1;
                    float[] p = t.toArray();
                    for (int i = 0; i < p.length; i++) {
                        float expected = kept.get(name).toArray()[i] - (decays ? 0.1f * 0.5f * p[i] : 0);
                        assertThat(decayed.get(name).toArray()[i])
                                .as(name + " by " + with)
                                .isCloseTo(expected, within(1e-6f));
                    }
                });
            });
        }
    }

    private Weights oneStep(Graph graph, Weights start, Optimizer optimizer) {
        try (Learner learner =
                engine.learner(graph, start, optimizer, LearnerOptions.DEFAULTS.withRegularised(false))) {
            learner.gradients(Samples.batch(graph, 0, 4));
            learner.update(0.1);
            return learner.weights();
        }
    }

    /** Logits are the image where it was not dropped: the classifier is the identity. */
    @Test
    void dropsTheShareThatItShould() {
        int size = 64, count = 64;
        float[] identity = new float[size * size];
        for (int i = 0; i < size; i++) identity[i * size + i] = 1;
        Weights weights = new Weights(Map.of("fc.weight", new Weights.Tensor(new Shape(size, size), identity)));
        FloatBuffer ones = Batch.buffer((long) size * count);
        for (int i = 0; i < ones.limit(); i++) ones.put(i, 1);
        Batch batch = new Batch(count, ones, Targets.rows(new int[count], size));
        for (Op op : List.of(new Op.Dropout(0.25), new Op.DropPath(0.25))) {
            Graph graph = Graph.of("drop", new Shape(size), x -> x.op("drop", op)
                    .op("fc", new Op.Linear(size, false, Init.Rule.ZERO, Init.Rule.ZERO)));
            try (Learner learner = engine.learner(graph, weights, PLAIN_SGD, LearnerOptions.DEFAULTS.withSeed(3))) {
                List<float[]> seen = new ArrayList<>();
                int dropped = 0, runs = 20;
                for (int run = 0; run < runs; run++) {
                    float[] logits = learner.gradients(batch).logits();
                    seen.add(logits);
                    for (int i = 0; i < logits.length; i++) {
                        assertThat(logits[i]).isIn(0f, 1 / 0.75f);
                        if (logits[i] == 0) dropped++;
                        if (op instanceof Op.DropPath) assertThat(logits[i]).isEqualTo(logits[i / size * size]);
                    }
                    if (run % 2 == 1) learner.update(0);
                }
                assertThat(seen.get(1)).as("within a step").isNotEqualTo(seen.get(0));
                assertThat(seen.get(2)).as("step after step").isNotEqualTo(seen.get(0));
                double draws = op instanceof Op.Dropout ? runs * count * size : runs * count;
                double share = (double) dropped / (runs * count * size);
                assertThat(share).isCloseTo(0.25, within(4 * Math.sqrt(0.25 * 0.75 / draws)));
            }
        }
    }

    @Test
    void refusesOneValueAChannelOrStaysFinite() {
        Graph graph =
                Graph.of("one", new Shape(3, 1, 1), x -> x.bn("bn").flatten().linear("fc", 2));
        try (Learner learner = engine.learner(
                graph, Samples.weights(graph), PLAIN_SGD, LearnerOptions.DEFAULTS.withRegularised(false))) {
            try {
                learner.gradients(Samples.batch(graph, 0, 1));
                learner.update(0.1);
            } catch (IllegalArgumentException e) {
                assertThat(e).hasMessageContaining("batch norm");
            }
            learner.weights().tensors().forEach((name, t) -> {
                for (float v : t.toArray()) assertThat(v).as(name).isFinite();
            });
        }
    }

    // -- the predictor and the probe --------------------------------------------------------------

    /** Folded batch norms, fused activations and shared memory must not show. */
    @Test
    void predictsWhatTheTrainedNetworkGivesInEvaluation() {
        Graph graph = Samples.everything();
        FloatBuffer images = Samples.images(graph, 0, 6);
        try (Learner learner =
                engine.learner(graph, Samples.weights(graph), MOMENTUM, LearnerOptions.DEFAULTS.withSeed(1))) {
            train(learner, graph, 0, 5);
            Weights trained = learner.weights();
            try (Predictor predictor = engine.predictor(graph, trained);
                    Probe probe = engine.probe(graph, trained)) {
                probe.forward(images.duplicate(), 6, Probe.Statistics.RUNNING);
                float[] logits = predictor.logits(images.duplicate(), 6);
                assertNear("logits", logits, probe.activation(graph.output()), 2e-5);
                assertSameBits(probe.weights(), trained);
            }
        }
    }

    /** In memory of Java's or of the system's, in whatever byte order, and from the buffer's position on. */
    @Test
    void readsImagesWhereverTheyLie() {
        Graph graph = Samples.plain();
        FloatBuffer all = Samples.images(graph, 0, 3);
        float[] before = new float[all.remaining()];
        all.get(0, before);
        int each = all.remaining() / 3;
        List<FloatBuffer> places = new ArrayList<>();
        places.add(FloatBuffer.allocate(3 * each + 5).position(5));
        for (ByteOrder order : List.of(ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN))
            for (int bytes : new int[] {0, 4, 1}) {
                ByteBuffer b = ByteBuffer.allocateDirect(12 * each + bytes + 12);
                places.add(
                        b.position(bytes).slice().order(order).asFloatBuffer().position(3));
            }
        try (Predictor predictor = engine.predictor(graph, Samples.weights(graph))) {
            float[] logits = predictor.logits(all.duplicate(), 3);
            assertThat(logits).hasSize(15);
            for (FloatBuffer images : places) {
                images.duplicate().put(all.duplicate());
                FloatBuffer given = images.asReadOnlyBuffer().limit(images.position() + 3 * each);
                assertThat(predictor.logits(given, 3)).as(given.toString()).containsExactly(logits);
            }
            FloatBuffer second = all.duplicate().position(each).limit(2 * each);
            assertNear("second", predictor.logits(second, 1), Arrays.copyOfRange(logits, 5, 10), 1e-5);
            assertThat(predictor.logits(all.duplicate(), 3)).containsExactly(logits);
            predictor.logits(FloatBuffer.allocate(3 * each), 3);
            float[] after = new float[before.length];
            all.get(0, after);
            assertThat(after).as("the images themselves").containsExactly(before);
        }
    }

    @Test
    void takesOtherWeights() {
        Graph graph = Samples.everything();
        Weights first = Samples.weights(graph), second = Weights.initial(graph, 3);
        FloatBuffer images = Samples.images(graph, 0, 2);
        try (Predictor predictor = engine.predictor(graph, first);
                Predictor other = engine.predictor(graph, second)) {
            float[] before = predictor.logits(images.duplicate(), 2);
            float[] expected = other.logits(images.duplicate(), 2);
            predictor.load(second);
            assertThat(predictor.logits(images.duplicate(), 2)).containsExactly(expected);
            assertThatThrownBy(() -> predictor.load(new Weights(Map.of())))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("the weights do not fit everything: ");
            assertThat(predictor.logits(images.duplicate(), 2)).as("still").containsExactly(expected);
            predictor.load(first);
            assertThat(predictor.logits(images.duplicate(), 2)).containsExactly(before);
        }
    }

    @ParameterizedTest
    @EnumSource
    void eightThreadsPredictTheSameBits(Mode mode) throws Exception {
        Graph graph = Samples.everything();
        Weights weights = Samples.weights(graph);
        try (Predictor predictor = engine.predictor(graph, weights, PredictorOptions.DEFAULTS.withMode(mode));
                Predictor usual = engine.predictor(graph, weights)) {
            Map<Integer, float[]> alone = new LinkedHashMap<>();
            for (int size = 1; size < 7; size++) {
                FloatBuffer images = Samples.images(graph, size, size);
                alone.put(size, predictor.logits(images, size));
                assertNear("in " + mode, alone.get(size), usual.logits(images, size), 1e-5);
            }
            inThreads(8, thread -> {
                for (int i = 0; i < 40; i++) {
                    int size = 1 + (thread + i) % 6;
                    assertThat(predictor.logits(Samples.images(graph, size, size), size))
                            .containsExactly(alone.get(size));
                }
                return null;
            });
        }
    }

    /** Each prediction is by the weights of before or of after, never by some of both. */
    @ParameterizedTest
    @EnumSource
    void takesOtherWeightsBetweenPredictions(Mode mode) throws Exception {
        Graph graph = Samples.everything();
        List<Weights> weights = List.of(Samples.weights(graph), Weights.initial(graph, 3));
        FloatBuffer images = Samples.images(graph, 0, 4);
        try (Predictor predictor = engine.predictor(graph, weights.get(0), PredictorOptions.DEFAULTS.withMode(mode))) {
            List<float[]> expected = new ArrayList<>();
            for (Weights w : weights) {
                predictor.load(w);
                expected.add(predictor.logits(images.duplicate(), 4));
            }
            inThreads(4, thread -> {
                for (int i = 0; i < 40; i++) {
                    if (thread == 0) predictor.load(weights.get(i % 2));
                    else assertThat(predictor.logits(images.duplicate(), 4)).isIn(expected);
                }
                return null;
            });
        }
    }

    @Test
    void predictsImagesOfOtherSizes() {
        Graph graph = Graph.of("any size", new Shape(3, 20, 12), image -> image.conv("first", 32, 3)
                .bn("norm")
                .relu()
                .maxPool(2, 2)
                .conv("second", 32, Window.k(3).groups(32))
                .conv("third", 40, 3)
                .relu6()
                .avgPoolTo(1)
                .flatten()
                .linear("classes", 5));
        Weights weights = Samples.weights(graph);
        try (Predictor predictor = engine.predictor(graph, weights);
                Predictor expected = new PlainEngine().predictor(graph, weights)) {
            for (Shape image : List.of(
                    new Shape(3, 33, 17),
                    new Shape(3, 12, 20),
                    graph.input().shape(),
                    new Shape(3, 8, 8),
                    new Shape(3, 64, 50),
                    new Shape(3, 33, 17))) {
                for (int count : new int[] {1, 5}) {
                    FloatBuffer images = ValueRule.images(image, count);
                    assertNear(
                            count + " of " + image,
                            predictor.logits(images.duplicate(), count, image),
                            expected.logits(images.duplicate(), count, image),
                            1e-5);
                }
            }
            Shape gray = new Shape(1, 20, 12), small = new Shape(3, 8, 8);
            assertThatThrownBy(() -> predictor.logits(ValueRule.images(gray, 1), 1, gray))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("first")
                    .hasMessageContaining("1x20x12");
            assertThatThrownBy(() -> predictor.logits(ValueRule.images(small, 2), 1, small))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("1 images of 3x8x8 are 192 floats, got 384");
        }
    }

    /** Working memory for the latest few batch sizes only. */
    @Test
    void forgetsBatchSizesOfLongAgo() {
        Graph graph = Samples.everything();
        try (Predictor predictor = engine.predictor(graph, Samples.weights(graph))) {
            predictor.logits(Samples.images(graph, 0, 1), 1);
            float[] expected = predictor.logits(Samples.images(graph, 0, 40), 40);
            long two = engine.nativeBytes();
            for (int size = 12; size > 0; size--) predictor.logits(Samples.images(graph, 0, size), size);
            assertThat(engine.nativeBytes()).isLessThanOrEqualTo(two);
            assertThat(predictor.logits(Samples.images(graph, 0, 40), 40)).containsExactly(expected);
        }
    }

    /** A learner may move from thread to thread, and others may work beside it. */
    @Test
    void learnersInTwoThreadsDoNotDisturbEachOther() throws Exception {
        Graph graph = Samples.everything();
        Weights alone;
        try (Learner learner =
                engine.learner(graph, Samples.weights(graph), MOMENTUM, LearnerOptions.DEFAULTS.withSeed(2))) {
            train(learner, graph, 0, 6);
            alone = learner.weights();
        }
        try (Learner a = engine.learner(graph, Samples.weights(graph), MOMENTUM, LearnerOptions.DEFAULTS.withSeed(2));
                Learner b =
                        engine.learner(graph, Samples.weights(graph), MOMENTUM, LearnerOptions.DEFAULTS.withSeed(2))) {
            train(a, graph, 0, 2);
            train(b, graph, 0, 2);
            inThreads(2, thread -> train(thread == 0 ? a : b, graph, 2, 6));
            assertSameBits(a.weights(), alone);
            assertSameBits(b.weights(), alone);
        }
    }

    @FunctionalInterface
    private interface Work {
        Object in(int thread) throws Exception;
    }

    private static void inThreads(int threads, Work work) throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            List<Callable<Object>> tasks = new ArrayList<>();
            for (int t = 0; t < threads; t++) {
                int thread = t;
                tasks.add(() -> work.in(thread));
            }
            for (Future<Object> f : pool.invokeAll(tasks)) f.get();
        } finally {
            pool.shutdown();
        }
    }

    @Test
    void looksAtEveryNode() {
        Graph graph = Samples.everything();
        try (Probe probe = engine.probe(graph, Samples.weights(graph))) {
            probe.forward(Samples.images(graph, 0, 2), 2, Probe.Statistics.RUNNING);
            for (Node n : graph.nodes())
                assertThat(probe.activation(n)).as(n.toString()).hasSize((int)
                        (2 * n.shape().elements()));
            Node middle = graph.node("unit");
            float[] ones = new float[probe.activation(middle).length];
            Arrays.fill(ones, 1);
            probe.backward(Map.of(middle, ones));
            assertThat(probe.gradient(middle)).containsExactly(ones);
            assertThat(probe.gradient(graph.input())).hasSize(2 * 3 * 21 * 18);
            assertThatThrownBy(() -> probe.gradient(graph.output()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(graph.output().path());
        }
    }

    @Test
    void aNodeOfAnotherGraphIsRefused() {
        Graph graph = Samples.everything();
        Node other = Samples.everything().node("unit");
        try (Probe probe = engine.probe(graph, Samples.weights(graph))) {
            probe.forward(Samples.images(graph, 0, 2), 2, Probe.Statistics.RUNNING);
            float[] ones = new float[2 * (int) other.shape().elements()];
            for (ThrowingCallable wrong : List.<ThrowingCallable>of(
                    () -> probe.activation(other),
                    () -> probe.backward(Map.of(other, ones)),
                    () -> probe.gradient(other)))
                assertThatThrownBy(wrong)
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageMatching("unit \\(.*is a layer of another network than .*");
        }
    }

    /** From two places at once, as from a main and an auxiliary head: gradients add up. */
    @Test
    void gradientsFromTwoPlacesAddUp() {
        Graph graph = Samples.everything();
        Node side = graph.auxiliaries().get(0).output(), main = graph.output();
        float[] one = ValueRule.values("one", 10, 1, 0), two = ValueRule.values("two", 10, 1, 0);
        try (Probe probe = engine.probe(graph, Samples.weights(graph))) {
            probe.forward(Samples.images(graph, 0, 2), 2, Probe.Statistics.RUNNING);
            probe.backward(Map.of(main, one));
            float[] sum = probe.gradient(graph.input());
            probe.backward(Map.of(side, two));
            float[] other = probe.gradient(graph.input());
            for (int i = 0; i < sum.length; i++) sum[i] += other[i];
            probe.backward(Map.of(main, one, side, two));
            assertNear("gradient of the image", probe.gradient(graph.input()), sum, 1e-5);
        }
    }

    // -- closing and misuse -----------------------------------------------------------------------

    @Test
    void closingTwiceDoesNothing() {
        Graph graph = Samples.plain();
        Weights weights = Samples.weights(graph);
        Predictor predictor = engine.predictor(graph, weights);
        Learner learner = engine.learner(graph, weights, MOMENTUM, LearnerOptions.DEFAULTS.withRegularised(false));
        Probe probe = engine.probe(graph, weights);
        learner.gradients(Samples.batch(graph, 0, 2));
        for (int i = 0; i < 2; i++) {
            predictor.close();
            learner.close();
            probe.close();
        }
        assertThat(engine.nativeBytes()).isZero();
    }

    @Test
    void aClosedPredictorSaysSo() {
        Graph graph = Samples.plain();
        Predictor predictor = engine.predictor(graph, Samples.weights(graph));
        predictor.close();
        assertThatThrownBy(() -> predictor.logits(Samples.images(graph, 0, 1), 1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("closed");
    }

    @ParameterizedTest
    @EnumSource
    void closingWaitsForPredictionsUnderWay(Mode mode) throws Exception {
        Graph graph = Samples.everything();
        for (int round = 0; round < 10; round++) {
            Predictor predictor =
                    engine.predictor(graph, Samples.weights(graph), PredictorOptions.DEFAULTS.withMode(mode));
            FloatBuffer images = Samples.images(graph, 0, 16);
            float[] expected = predictor.logits(images.duplicate(), 16);
            CountDownLatch busy = new CountDownLatch(3);
            inThreads(4, thread -> {
                if (thread == 3) {
                    busy.await();
                    predictor.close();
                    assertThat(engine.nativeBytes()).as("once close returns").isZero();
                    return null;
                }
                for (boolean first = true; ; first = false) {
                    try {
                        float[] got = predictor.logits(images.duplicate(), 16);
                        assertThat(got).containsExactly(expected);
                    } catch (IllegalStateException e) {
                        return null;
                    }
                    if (first) busy.countDown();
                }
            });
        }
    }

    @Test
    void refusesBuffersOfAnotherSize() {
        Graph graph = Samples.plain();
        Weights weights = Samples.weights(graph);
        FloatBuffer two = Samples.images(graph, 0, 2);
        FloatBuffer targets = Targets.rows(new int[2], 5);
        try (Predictor predictor = engine.predictor(graph, weights);
                Learner learner =
                        engine.learner(graph, weights, MOMENTUM, LearnerOptions.DEFAULTS.withRegularised(false));
                Probe probe = engine.probe(graph, weights)) {
            for (int count : new int[] {-1, 0, 1, 3})
                assertThatThrownBy(() -> predictor.logits(two.duplicate(), count))
                        .as("%d of 2 images", count)
                        .isInstanceOf(IllegalArgumentException.class);
            for (int count : new int[] {0, 1, 3})
                assertThatThrownBy(() -> learner.gradients(new Batch(count, two, targets)))
                        .as("%d of 2 images", count)
                        .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> learner.gradients(new Batch(2, two, Targets.rows(new int[2], 4))))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("targets");
            assertThatThrownBy(() -> probe.forward(two.duplicate(), 3, Probe.Statistics.RUNNING))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThat(predictor.logits(two.duplicate(), 2)).as("works on").hasSize(10);
            assertThat(learner.gradients(new Batch(2, two, targets)).loss())
                    .as("works on")
                    .isPositive();
        }
    }

    @Test
    void refusesWeightsOfAnotherNetwork() {
        Graph graph = Samples.plain();
        Weights weights = Samples.weights(Samples.everything());
        List<ThrowingCallable> calls = List.of(
                () -> engine.predictor(graph, weights),
                () -> engine.learner(graph, weights, MOMENTUM, LearnerOptions.DEFAULTS.withRegularised(false)),
                () -> engine.probe(graph, weights));
        for (var call : calls)
            assertThatThrownBy(call)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("the weights do not fit plain: ")
                    .hasMessageContaining("missing")
                    .hasMessageContaining("not of this network");
    }

    @Test
    void describesItself() {
        assertThat(engine.name()).matches("[a-z]+");
        assertThat(engine.description()).isNotBlank().doesNotContain("\n");
    }
}
