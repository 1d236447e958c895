package org.convzoo.onednn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.FloatBuffer;
import org.convzoo.engine.Batch;
import org.convzoo.engine.Engine;
import org.convzoo.engine.Learner;
import org.convzoo.engine.LearnerOptions;
import org.convzoo.engine.Optimizer;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Shape;
import org.convzoo.graph.Window;
import org.convzoo.onednn.binding.Layout;
import org.convzoo.onednn.compile.Plan;
import org.convzoo.onednn.tuning.Tuner;
import org.convzoo.onednn.winograd.WinogradUse;
import org.convzoo.verify.ValueRule;
import org.convzoo.weights.Weights;
import org.junit.jupiter.api.Test;

/** Two machines that chose different layouts train one network together. */
class ExchangeTest {
    /** Channels that fill no block, depthwise and grouped kernels, and no norm, whose statistics are of a batch. */
    private static final Graph GRAPH = Graph.of(
            "net", new Shape(3, 32, 32), x -> x.conv("first", 24, Window.k(3).withBias())
                    .relu()
                    .conv("second", 40, Window.k(3).withBias())
                    .relu()
                    .depthwise("each", 3, 1)
                    .conv("grouped", 48, Window.k(1).groups(4).withBias())
                    .relu()
                    .conv("last", 21, 3)
                    .avgPoolTo(2)
                    .flatten()
                    .linear("head", 10));

    private static final Weights START = Weights.initial(GRAPH, 1);
    private static final Optimizer SGD = new Optimizer.Sgd(0.9, false, new Optimizer.Decay(1e-4, true));
    private static final Plan BLOCKED = new Plan(Layout.BLOCKED, WinogradUse.EVERYWHERE),
            CHANNELS_LAST = Plan.direct(Layout.CHANNELS_LAST);

    private static Engine engine(Plan plan) {
        return new OneDnnEngine(Tuner.forced(plan));
    }

    private static Learner learner(Engine engine) {
        return engine.learner(GRAPH, START, SGD, LearnerOptions.DEFAULTS);
    }

    private static FloatBuffer read(Learner learner) {
        FloatBuffer all = Batch.buffer(GRAPH.parameterCount());
        learner.readGradients(all);
        return all;
    }

    private static Batch batch(int from, int count) {
        Shape image = GRAPH.input().shape();
        int each = (int) image.elements();
        FloatBuffer images = ValueRule.images(image, from + count).slice(from * each, count * each);
        int[] labels = new int[count];
        for (int i = 0; i < count; i++) labels[i] = (from + i) % 10;
        return Batch.labelled(images, 10, labels);
    }

    /** What an all-reduce does. */
    private static void average(Learner one, Learner two) {
        FloatBuffer a = read(one), b = read(two);
        for (int i = 0; i < a.limit(); i++) a.put(i, (a.get(i) + b.get(i)) / 2);
        one.writeGradients(a);
        two.writeGradients(a);
    }

    @Test
    void twoLearnersOfDifferentLayoutsAreOneOfBothBatches() {
        try (Engine blocked = engine(BLOCKED);
                Engine last = engine(CHANNELS_LAST);
                Learner one = learner(blocked);
                Learner two = learner(last);
                Learner whole = learner(last)) {
            for (int step = 0; step < 3; step++) {
                one.gradients(batch(8 * step, 4));
                two.gradients(batch(8 * step + 4, 4));
                whole.gradients(batch(8 * step, 8));
                average(one, two);
                one.update(0.05);
                two.update(0.05);
                whole.update(0.05);
            }
            for (String name : START.tensors().keySet()) {
                float[] both = whole.weights().get(name).toArray(),
                        start = START.get(name).toArray();
                double moved = largest(both, start);
                assertThat(moved).as(name + " learns").isGreaterThan(1e-4);
                for (Learner l : new Learner[] {one, two})
                    assertThat(largest(l.weights().get(name).toArray(), both))
                            .as(name)
                            .isLessThan(0.01 * moved);
                assertThat(largest(
                                one.weights().get(name).toArray(),
                                two.weights().get(name).toArray()))
                        .as("both are given the same gradients of " + name)
                        .isLessThan(1e-6);
            }
            assertThat(((OneDnnLearner) one).kernels(4)).isNotEqualTo(((OneDnnLearner) two).kernels(4));
        }
    }

    private static double largest(float[] a, float[] b) {
        double largest = 0;
        for (int i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs(a[i] - b[i]));
        return largest;
    }

    @Test
    void whatOneReadTheOtherReadsAfterItWasWritten() {
        try (Engine blocked = engine(BLOCKED);
                Engine last = engine(CHANNELS_LAST);
                Learner one = learner(blocked);
                Learner two = learner(last)) {
            one.gradients(batch(0, 4));
            two.gradients(batch(4, 4));
            FloatBuffer first = read(one), second = read(two);
            assertThat(first).isNotEqualTo(second);
            two.writeGradients(first);
            assertThat(read(two)).isEqualTo(first);
            one.writeGradients(second);
            assertThat(read(one)).isEqualTo(second);
            assertThat(one.gradients(batch(0, 4)).loss()).as("sum").isCloseTo(2.3, within(0.5));
            FloatBuffer sum = read(one);
            for (int i = 0; i < sum.limit(); i++)
                assertThat(sum.get(i)).isCloseTo(first.get(i) + second.get(i), within(1e-6f));
        }
    }
}
