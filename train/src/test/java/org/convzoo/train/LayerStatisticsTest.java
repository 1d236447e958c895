package org.convzoo.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;
import static org.convzoo.graph.Window.k;

import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.convzoo.engine.Batch;
import org.convzoo.engine.Engine;
import org.convzoo.engine.Learner;
import org.convzoo.engine.LearnerOptions;
import org.convzoo.engine.Optimizer;
import org.convzoo.engine.PlainEngine;
import org.convzoo.failure.BrokenFileException;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Node;
import org.convzoo.graph.Shape;
import org.convzoo.weights.Weights;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LayerStatisticsTest {
    private static final Optimizer SGD = new Optimizer.Sgd(0, false, Optimizer.Decay.NONE);

    /** A pixel times 1 and times -1, through a ReLU, and both added. */
    private static final Graph GRAPH = Graph.of(
            "small",
            new Shape(1, 2, 2),
            x -> x.conv("conv", 2, k(1)).relu().avgPoolTo(1).flatten().linear("fc", 2));

    private static final Map<String, Weights.Tensor> WEIGHTS = Map.of(
            "conv.weight", new Weights.Tensor(new Shape(2, 1, 1, 1), new float[] {1, -1}),
            "fc.weight", new Weights.Tensor(new Shape(2, 2), new float[] {1, 0, 0, 1}),
            "fc.bias", new Weights.Tensor(new Shape(2), new float[2]));

    @TempDir
    Path run;

    private final Engine engine = new PlainEngine();

    @Test
    void tellsMeanDeviationZerosAndDeadChannels() {
        LayerStatistics s = statistics(1, batch(1, 2, 3, 4, 5, 6, 7, 8));
        assertThat(s.outputs())
                .containsExactly(
                        new LayerStatistics.Output("conv", "conv", 0, 5.0498, 0, 0),
                        new LayerStatistics.Output("1", "relu", 2.25, 2.7726, 0.5, 0.5),
                        new LayerStatistics.Output("fc", "linear", 2.25, 2.6575, 0.5, 0.5));
        LayerStatistics alive = statistics(1, batch(1, 2, 3, 4, 5, 6, 7, -8));
        assertThat(alive.outputs().get(1))
                .as("one value that is not 0 keeps a channel alive")
                .isEqualTo(new LayerStatistics.Output("1", "relu", 2.25, 2.7726, 0.5, 0));
    }

    @Test
    void tellsTheNormsOfGradientsAndWeights() {
        Batch batch = batch(1, 1, 1, 1);
        try (Learner learner = engine.learner(GRAPH, new Weights(WEIGHTS), SGD, LearnerOptions.DEFAULTS)) {
            learner.gradients(batch);
            LayerStatistics s = LayerStatistics.of(3, engine, GRAPH, learner, batch);
            assertThat(s.epoch()).isEqualTo(3);
            double p = Math.E / (Math.E + 1); // logits 1 and 0, the first of which is right
            assertThat(s.gradients())
                    .extracting(LayerStatistics.Gradient::parameter)
                    .containsExactly("conv.weight", "fc.weight", "fc.bias");
            assertThat(s.gradients().get(1).norm()).isCloseTo((1 - p) * Math.sqrt(2), within(1e-5));
            assertThat(s.gradients().get(1).weight()).isCloseTo(Math.sqrt(2), within(1e-4));
            assertThat(s.gradients().get(2).weight()).isZero();
            Weights before = learner.gradientsByName();
            LayerStatistics.of(3, engine, GRAPH, learner, batch);
            assertThat(learner.gradientsByName().get("fc.weight").toArray())
                    .containsExactly(before.get("fc.weight").toArray());
        }
    }

    @Test
    void findsTheFirstLayerThatOverflows() {
        FloatBuffer pixels = Batch.buffer(40 * 4);
        for (int i = 0; i < pixels.limit(); i++) pixels.put(i, 1);
        Batch batch = new Batch(40, pixels, Batch.buffer(80));
        assertThat(overflow(WEIGHTS, batch)).isEmpty();
        assertThat(overflow(with("fc.weight", Float.MAX_VALUE, 0, Float.MAX_VALUE, 0), batch))
                .isEmpty();
        pixels.put(39 * 4, 100); // in the last image, which comes in the last part
        assertThat(overflow(with("fc.weight", Float.MAX_VALUE, 0, Float.MAX_VALUE, 0), batch))
                .containsExactly("fc");
        pixels.put(39 * 4, Float.MAX_VALUE);
        assertThat(overflow(with("conv.weight", 3, 1), batch)).containsExactly("conv");
        assertThat(overflow(with("conv.weight", Float.NaN, 1), batch)).containsExactly("conv");
        pixels.put(0, 100);
        Map<String, Weights.Tensor> both = with("fc.weight", Float.MAX_VALUE, 0, Float.MAX_VALUE, 0);
        both.put("conv.weight", with("conv.weight", 3, 1).get("conv.weight"));
        assertThat(overflow(both, batch))
                .as("of the last image, though the first overflows in fc")
                .containsExactly("conv");
        pixels.put(0, Float.NaN);
        assertThat(overflow(WEIGHTS, batch)).containsExactly("input");
    }

    @Test
    void whatIsNotFiniteIsLeftOut() {
        Batch batch = batch(1, 1, 1, 1);
        Weights weights = new Weights(with("fc.weight", Float.NaN, 0, 0, 1));
        try (Learner learner = engine.learner(GRAPH, weights, SGD, LearnerOptions.DEFAULTS)) {
            learner.gradients(batch);
            LayerStatistics s = LayerStatistics.of(1, engine, GRAPH, learner, batch);
            assertThat(s.outputs()).extracting(LayerStatistics.Output::layer).containsExactly("conv", "1");
            assertThat(s.gradients()).isEmpty();
        }
    }

    @Test
    void whatIsWrittenIsRead() throws Exception {
        LayerLog log = new LayerLog(run);
        assertThat(log.read()).isEmpty();
        LayerStatistics first = statistics(1, batch(1, 2, 3, 4)), second = statistics(2, batch(4, 3, 2, 1));
        log.add(first);
        log.add(second);
        assertThat(log.read()).containsExactly(first, second);
        assertThat(Files.readString(run.resolve("layers.jsonl"))
                        .lines()
                        .toList()
                        .get(0))
                .startsWith("{\"epoch\":1,\"outputs\":[{\"layer\":\"conv\",\"op\":\"conv\",\"mean\":0.0,");

        LayerStatistics again = statistics(1, batch(5, 6, 7, 8));
        log.add(again);
        assertThat(log.read()).as("an epoch that is done again").containsExactly(again);
    }

    @Test
    void aBrokenLineIsNamed() throws Exception {
        Path file = run.resolve(LayerLog.FILE);
        new LayerLog(run).add(statistics(1, batch(1, 2, 3, 4)));
        Files.writeString(file, Files.readString(file) + "{\"epoch\":2}\n");
        assertThatExceptionOfType(BrokenFileException.class)
                .isThrownBy(() -> new LayerLog(run).read())
                .withMessageStartingWith(file + ": line 2 is broken: ");
    }

    private LayerStatistics statistics(int epoch, Batch batch) {
        try (Learner learner = engine.learner(GRAPH, new Weights(WEIGHTS), SGD, LearnerOptions.DEFAULTS)) {
            learner.gradients(batch);
            return LayerStatistics.of(epoch, engine, GRAPH, learner, batch);
        }
    }

    private List<String> overflow(Map<String, Weights.Tensor> weights, Batch batch) {
        return LayerStatistics.firstOverflow(engine, GRAPH, new Weights(weights), batch).stream()
                .map(Node::path)
                .toList();
    }

    private static Map<String, Weights.Tensor> with(String name, float... values) {
        Map<String, Weights.Tensor> weights = new HashMap<>(WEIGHTS);
        weights.computeIfPresent(name, (n, t) -> new Weights.Tensor(t.shape(), values));
        return weights;
    }

    /** Images of four pixels each, of the first class. */
    private static Batch batch(float... pixels) {
        int images = pixels.length / 4;
        return Batch.labelled(Batch.buffer(pixels.length).put(pixels).flip(), 2, new int[images]);
    }
}
