package org.convzoo.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.Map;
import org.convzoo.classify.Model;
import org.convzoo.classify.Provenance;
import org.convzoo.engine.Engine;
import org.convzoo.engine.EngineOptions;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Shape;
import org.convzoo.images.Loader;
import org.convzoo.recipe.Recipe;
import org.convzoo.weights.Weights;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WeightAverageTest {
    @TempDir
    Path temp;

    private static Weights of(float... values) {
        return new Weights(Map.of("w", new Weights.Tensor(new Shape(values.length), values)));
    }

    @Test
    void isTheMean() {
        Weights mean = WeightAverage.add(of(0, 0), 0, of(1, 2));
        mean = WeightAverage.add(mean, 1, of(2, 4));
        mean = WeightAverage.add(mean, 2, of(6, 0));
        assertThat(mean.get("w").toArray()).containsExactly(3, 2);
        Weights slots = WeightAverage.with(of(7), mean);
        assertThat(WeightAverage.in(slots).get("w").toArray()).containsExactly(3, 2);
        assertThat(WeightAverage.without(slots).tensors()).containsOnlyKeys("w");
    }

    /** A batch norm right behind the image has the statistics of the batches' pixels. */
    @Test
    void statisticsAreTheMeanOfTheBatches() throws Exception {
        TrainRequest request = Drawings.request(Drawings.write(temp.resolve("drawings")));
        Graph graph = Graph.of(
                "norm", new Shape(1, 28, 28), x -> x.bn().avgPoolTo(1).flatten().linear(2));
        Weights weights = Weights.initial(graph, 1);
        Model model = new Model(graph, request.transform(), request.splits().labels(), Provenance.unknown(), weights);
        Recipe recipe = Recipe.PLAIN;
        try (Engine engine = Engine.open(EngineOptions.DEFAULTS);
                Loader loader = new Loader(
                        request.splits().train(),
                        request.transform(),
                        recipe.augmentation(),
                        Loader.Settings.of(4, 2))) {
            double mean = 0, variance = 0;
            int batches = loader.batches();
            try (Loader.Epoch epoch = loader.epoch(1, Loader.Order.SHUFFLED)) {
                while (epoch.hasNext()) {
                    float[] x = new float[4 * 28 * 28];
                    epoch.next().batch().images().get(x);
                    double sum = 0, squares = 0;
                    for (float v : x) sum += v;
                    for (float v : x) squares += (v - sum / x.length) * (v - sum / x.length);
                    mean += sum / x.length / batches;
                    variance += squares / (x.length - 1) / batches;
                }
            }
            try (Loader.Epoch epoch = loader.epoch(1, Loader.Order.SHUFFLED)) {
                Weights anew = WeightAverage.withStatistics(engine, model, weights, recipe, epoch);
                assertThat(anew.tensors().keySet())
                        .containsExactlyElementsOf(weights.tensors().keySet());
                String norm = graph.nodes().get(1).path();
                assertThat((double) anew.get(norm + ".running_mean").values().get(0))
                        .isCloseTo(mean, within(1e-5));
                assertThat((double) anew.get(norm + ".running_var").values().get(0))
                        .isCloseTo(variance, within(1e-4));
                assertThat(anew.get(norm + ".weight").toArray()).containsExactly(1);
            }
        }
    }
}
