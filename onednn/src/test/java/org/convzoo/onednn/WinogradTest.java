package org.convzoo.onednn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.convzoo.engine.Batch;
import org.convzoo.engine.Engine;
import org.convzoo.engine.LearnerOptions;
import org.convzoo.engine.Optimizer;
import org.convzoo.engine.Precision;
import org.convzoo.engine.PredictorOptions;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Shape;
import org.convzoo.models.Models;
import org.convzoo.models.Options;
import org.convzoo.models.Task;
import org.convzoo.onednn.binding.Layout;
import org.convzoo.onednn.compile.Plan;
import org.convzoo.onednn.tuning.Tuner;
import org.convzoo.onednn.winograd.WinogradUse;
import org.convzoo.verify.ValueRule;
import org.convzoo.weights.Weights;
import org.junit.jupiter.api.Test;

class WinogradTest {
    private static final Plan WHERE_FASTER = new Plan(Layout.BLOCKED, WinogradUse.WHERE_FASTER);

    private static Graph network(String name) {
        return Models.named(name).graph(new Task(new Shape(3, 128, 128), 10), Options.NONE);
    }

    @Test
    void onlyConvolutionsInFloat32GoThisWay() {
        Graph graph = network("resnet18");
        Weights weights = Weights.initial(graph, 1);
        Batch batch = Batch.labelled(ValueRule.images(graph.input().shape(), 4), 10, 0, 1, 2, 3);
        try (Engine engine = new OneDnnEngine(Tuner.forced(WHERE_FASTER))) {
            var sgd = new Optimizer.Sgd(0, false, Optimizer.Decay.NONE);
            var exact = (OneDnnLearner) engine.exactLearner(graph, weights, sgd, LearnerOptions.DEFAULTS);
            exact.gradients(batch);
            assertThat(count(exact.kernels(4))).as("exact sums").isZero();
            for (Precision p : engine.precisions()) {
                var learner =
                        (OneDnnLearner) engine.learner(graph, weights, sgd, LearnerOptions.DEFAULTS.withPrecision(p));
                learner.gradients(batch);
                var predictor =
                        (OneDnnPredictor) engine.predictor(graph, weights, PredictorOptions.DEFAULTS.withPrecision(p));
                long forward = count(predictor.kernels(4));
                assertThat(forward > 0).as(p + " prediction").isEqualTo(p == Precision.F32);
                assertThat(count(learner.kernels(4)))
                        .as(p + " training: and the gradients of the data")
                        .isEqualTo(2 * forward);
                assertThat(learner.kernels(4))
                        .filteredOn("java:winograd's gradient"::equals)
                        .as(p + " training: the gradients of the weight")
                        .hasSize((int) forward);
            }
        }
    }

    private static long count(List<String> kernels) {
        return kernels.stream().filter("java:winograd"::equals).count();
    }

    /** Thirty steps: rounding grows from step to step, but the curve of the losses stays the same. */
    @Test
    void trainingGoesTheSameWay() {
        double[] direct = losses(Plan.direct(Layout.BLOCKED));
        double[] fast = losses(new Plan(Layout.BLOCKED, WinogradUse.EVERYWHERE));
        double sum = 0, departure = 0;
        for (int i = 0; i < direct.length; i++) {
            sum += direct[i];
            departure += Math.abs(fast[i] - direct[i]);
        }
        assertThat(departure).isLessThan(0.05 * sum);
        assertThat(fast[0]).isCloseTo(direct[0], within(1e-4));
        assertThat(fast[29]).isLessThan(0.5 * fast[0]);
    }

    private static double[] losses(Plan plan) {
        Graph graph = Models.named("resnet18").graph(new Task(new Shape(3, 64, 64), 10), Options.NONE);
        Batch batch = Batch.labelled(ValueRule.images(graph.input().shape(), 8), 10, 0, 1, 2, 3, 4, 5, 6, 7);
        try (Engine engine = new OneDnnEngine(Tuner.forced(plan))) {
            var sgd = new Optimizer.Sgd(0.9, false, Optimizer.Decay.NONE);
            var learner = engine.learner(
                    graph,
                    Weights.initial(graph, 1),
                    sgd,
                    LearnerOptions.DEFAULTS.withSeed(1).withRegularised(false));
            double[] losses = new double[30];
            for (int i = 0; i < losses.length; i++) {
                losses[i] = learner.gradients(batch).loss();
                learner.update(0.01);
            }
            return losses;
        }
    }
}
