package org.convzoo.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.FloatBuffer;
import java.util.List;
import java.util.SplittableRandom;
import org.convzoo.engine.Batch;
import org.convzoo.engine.Engine;
import org.convzoo.engine.EngineOptions;
import org.convzoo.engine.Learner;
import org.convzoo.engine.LearnerOptions;
import org.convzoo.engine.Optimizer;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Init;
import org.convzoo.graph.Node;
import org.convzoo.graph.Op;
import org.convzoo.graph.Param;
import org.convzoo.graph.Shape;
import org.convzoo.images.Form;
import org.convzoo.images.Splits;
import org.convzoo.models.Architecture;
import org.convzoo.models.Models;
import org.convzoo.models.Options;
import org.convzoo.models.Task;
import org.convzoo.weights.Weights;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AdjustmentTest {
    private static Graph network(String name, int side) {
        return Models.named(name).graph(new Task(new Shape(3, side, side), 10), Options.NONE);
    }

    /** Networks whose published classifier starts far off with ten classes. */
    @ParameterizedTest
    @ValueSource(strings = {"efficientnet_b0", "mobilenet_v1", "squeezenet1_1"})
    void aSmallHeadStartsNearTheLogarithmOfTheClasses(String name) {
        Graph graph = new Adjustment.SmallHead().of(network(name, 64));
        SplittableRandom random = new SplittableRandom(1);
        FloatBuffer images = Batch.buffer(8 * 3 * 64 * 64);
        for (int i = 0; i < images.limit(); i++) images.put(i, (float) random.nextGaussian());
        try (Engine engine = Engine.open(EngineOptions.DEFAULTS);
                Learner learner = engine.learner(
                        graph, Weights.initial(graph, 1), Optimizer.AdamW.of(0), LearnerOptions.DEFAULTS)) {
            double loss = learner.gradients(Batch.labelled(images, 10, 0, 1, 2, 3, 4, 5, 6, 7))
                    .loss();
            assertThat(loss).isCloseTo(Math.log(10), within(graph.isUnnormalised() ? 0.02 : 0.35));
            float[] bias = learner.gradientsByName()
                    .get(graph.heads().get(0).path() + ".bias")
                    .toArray();
            for (float g : bias) assertThat(g).as("no ReLU cuts a class off").isNotZero();
        }
    }

    @Test
    void anAdjustedNetworkHasTheSameParameters() {
        for (Architecture a : Models.all()) {
            Graph graph = a.graph(a.usual().classes(10), Options.NONE);
            for (Adjustment one :
                    List.of(new Adjustment.SmallHead(), new Adjustment.HeStart(), new Adjustment.NormMomentum(0.1))) {
                Graph other = one.of(graph);
                assertThat(other.parameters().keySet())
                        .as(a.name())
                        .isEqualTo(graph.parameters().keySet());
                assertThat(other.macs()).isEqualTo(graph.macs());
            }
        }
    }

    @Test
    void aHeStartLeavesTheHeadAlone() {
        Graph graph = network("alexnet", 96), other = new Adjustment.HeStart().of(graph);
        Node head = graph.heads().get(0);
        for (int i = 0; i < graph.nodes().size(); i++) {
            Node n = other.nodes().get(i);
            for (Param p : n.params()) {
                if (n.path().equals(head.path()))
                    assertThat(p.init())
                            .isEqualTo(graph.parameters().get(n.name(p)).init());
                else if (p.name().equals("weight")) assertThat(p.init()).isInstanceOf(Init.Normal.class);
                else assertThat(p.init()).isEqualTo(new Init.Constant(0));
            }
        }
    }

    @Test
    void theRecipeToStartFromAdjustsWhatTheNetworkNeeds() {
        Splits photos = AdjustmentTest.photos();
        assertThat(Recipes.scratch(network("resnet18", 64), "ResNet", photos).network())
                .containsExactly(new Adjustment.SmallHead());
        assertThat(Recipes.scratch(network("mobilenet_v3_small", 64), "MobileNet", photos)
                        .network())
                .as("published with a momentum of 0.01")
                .containsExactly(new Adjustment.SmallHead(), new Adjustment.NormMomentum(0.1));
        assertThat(Recipes.scratch(network("vgg11", 64), "VGG", photos).network())
                .as("without batch norm")
                .containsExactly(new Adjustment.SmallHead(), new Adjustment.HeStart());
        Recipe adjusted = Recipes.scratch(network("mobilenet_v3_small", 64), "MobileNet", photos);
        assertThat(adjusted.adjusted(network("mobilenet_v3_small", 64)).nodes())
                .filteredOn(n -> n.op() instanceof Op.BatchNorm)
                .allMatch(n -> ((Op.BatchNorm) n.op()).momentum() == 0.1);
        assertThat(network("mobilenet_v3_small", 64).nodes())
                .filteredOn(n -> n.op() instanceof Op.BatchNorm)
                .allMatch(n -> ((Op.BatchNorm) n.op()).momentum() == 0.01);
    }

    private static Splits photos() {
        Splits digits = Splits.open("digits");
        return Splits.of("photos", digits.labels(), Form.PHOTOS, digits.train(), digits.test());
    }
}
