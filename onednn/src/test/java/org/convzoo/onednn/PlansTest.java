package org.convzoo.onednn;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Map;
import org.convzoo.engine.Batch;
import org.convzoo.engine.Engine;
import org.convzoo.engine.Learner;
import org.convzoo.engine.LearnerOptions;
import org.convzoo.engine.Optimizer;
import org.convzoo.engine.Predictor;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Shape;
import org.convzoo.models.Models;
import org.convzoo.models.Options;
import org.convzoo.models.Task;
import org.convzoo.onednn.binding.Layout;
import org.convzoo.onednn.tuning.Tuner;
import org.convzoo.verify.ValueRule;
import org.convzoo.weights.Weights;
import org.junit.jupiter.api.Test;

/** What one engine measured to be the fastest is done by another that would do otherwise, to the bit. */
class PlansTest {
    private static final int IMAGES = 4;
    private static final Graph GRAPH = Models.named("resnet20").graph(new Task(new Shape(3, 32, 32), 10), Options.NONE);
    private static final Weights INITIAL = Weights.initial(GRAPH, 1);
    private static final FloatBuffer PICTURES = ValueRule.images(GRAPH.input().shape(), IMAGES);

    private static Engine engine(Layout layout) {
        return new OneDnnEngine(Tuner.forced(layout));
    }

    private static Learner learner(Engine engine) {
        return engine.learner(GRAPH, INITIAL, Optimizer.AdamW.of(0.05).clip(0.1), LearnerOptions.DEFAULTS.withSeed(3));
    }

    private static void train(Learner learner, int steps) {
        for (int i = 0; i < steps; i++) {
            learner.gradients(Batch.labelled(PICTURES, 10, 0, 1, 2, 3));
            learner.update(1e-3);
        }
    }

    private static float[] logits(Engine engine) {
        try (Predictor predictor = engine.predictor(GRAPH, INITIAL)) {
            return predictor.logits(PICTURES.duplicate(), IMAGES);
        }
    }

    @Test
    void trainingGoesOnInTheSameBits() {
        Weights middle, slots, end;
        Map<String, String> plans;
        float[] logits;
        try (Engine first = engine(Layout.CHANNELS_LAST);
                Learner learner = learner(first)) {
            train(learner, 3);
            middle = learner.weights();
            slots = learner.slots();
            train(learner, 3);
            end = learner.weights();
            logits = logits(first);
            plans = first.plans();
        }
        for (boolean adopts : new boolean[] {true, false}) {
            try (Engine other = engine(Layout.BLOCKED)) {
                if (adopts) other.adopt(plans);
                try (Learner learner = learner(other)) {
                    learner.restore(middle, slots, 3);
                    train(learner, 3);
                    assertThat(equal(learner.weights(), end))
                            .as("the same weights")
                            .isEqualTo(adopts);
                }
                assertThat(Arrays.equals(logits(other), logits))
                        .as("the same logits")
                        .isEqualTo(adopts);
            }
        }
    }

    private static boolean equal(Weights a, Weights b) {
        return a.tensors().keySet().stream()
                .allMatch(
                        name -> Arrays.equals(a.get(name).toArray(), b.get(name).toArray()));
    }

    /** Kernels of a resumed learner, and where its parameters lie, follow from the first batch as they did at first. */
    @Test
    void aRestoredLearnerIsCompiledAsTheFirst() {
        try (Engine engine = engine(Layout.CHANNELS_LAST);
                Learner whole = learner(engine);
                Learner resumed = learner(engine)) {
            train(whole, 1);
            resumed.restore(whole.weights(), whole.slots(), 1);
            train(resumed, 1);
            assertThat(((OneDnnLearner) resumed).kernels(IMAGES)).isEqualTo(((OneDnnLearner) whole).kernels(IMAGES));
            assertThat(engine.plans()).hasSize(1);
        }
    }
}
