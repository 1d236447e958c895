package org.convzoo.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.convzoo.graph.Graph;
import org.convzoo.verify.ValueRule;
import org.convzoo.weights.Weights;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * The specification itself: PyTorch's cases hold, gradients are slopes of the loss, and the suite asks nothing that
 * plain loops do not do.
 */
class PlainEngineTest {
    @Nested
    class Operators extends OperatorConformance {
        @Override
        protected Engine open() {
            return new PlainEngine();
        }

        @Override
        protected List<String> networks() {
            return List.of("lenet-1x32x32-10", "lenet-3x32x32-10");
        }

        @Override
        @TestFactory
        Stream<DynamicTest> operatorsOfManySizesAsThePlainEngine() {
            return Stream.empty();
        }

        @Override
        @TestFactory
        Stream<DynamicTest> randomNetworksAsThePlainEngine() {
            return Stream.empty();
        }

        @Override
        @TestFactory
        Stream<DynamicTest> moreRandomNetworksAsThePlainEngine() {
            return Stream.empty();
        }
    }

    @Nested
    class Learners extends LearnerConformance {
        @Override
        protected Engine open() {
            return new PlainEngine();
        }
    }

    @Nested
    class Groups extends GroupConformance {
        @Override
        protected Engine open() {
            return new PlainEngine();
        }

        @Override
        @TestFactory
        Stream<DynamicTest> frozenPartsOfRandomNetworks() {
            return Stream.empty();
        }
    }

    @Nested
    class Predictors extends PredictorConformance {
        @Override
        protected Engine open() {
            return new PlainEngine();
        }
    }

    /** Along a direction in the space of all parameters, the loss rises as the gradient says. */
    @Test
    void gradientsAreSlopes() {
        Graph graph = Samples.everything();
        for (int direction = 0; direction < 5; direction++) {
            double slope = 0;
            Step at = step(graph, direction, 0);
            for (String name : at.gradients.tensors().keySet()) {
                float[] g = at.gradients.get(name).toArray(), d = along(direction, name, g.length);
                for (int i = 0; i < g.length; i++) slope += (double) g[i] * d[i];
            }
            double h = 1e-4; // longer steps cross kinks of rectifiers and maxima
            double difference = (step(graph, direction, h).loss - step(graph, direction, -h).loss) / (2 * h);
            assertThat(difference).as("direction %d", direction).isCloseTo(slope, within(3e-3 * Math.abs(slope)));
        }
    }

    private record Step(double loss, Weights gradients) {}

    /** The same elements are dropped each time: the learner is new, and the seed the same. */
    private static Step step(Graph graph, int direction, double length) {
        Map<String, Weights.Tensor> moved = new LinkedHashMap<>();
        Samples.weights(graph).tensors().forEach((name, t) -> {
            float[] p = t.toArray(), d = along(direction, name, p.length);
            for (int i = 0; i < p.length; i++) p[i] += (float) (length * d[i]);
            moved.put(name, new Weights.Tensor(t.shape(), p));
        });
        var optimizer = new Optimizer.Sgd(0, false, Optimizer.Decay.NONE);
        try (Learner learner =
                new PlainEngine().learner(graph, new Weights(moved), optimizer, LearnerOptions.DEFAULTS.withSeed(4))) {
            return new Step(learner.gradients(Samples.batch(graph, 0, 6)).loss(), learner.gradientsByName());
        }
    }

    private static float[] along(int direction, String name, int n) {
        return ValueRule.values(direction + "/" + name, n, 0.1, 0);
    }
}
