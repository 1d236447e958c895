package org.convzoo.verify;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.FloatBuffer;
import java.util.List;
import java.util.Map;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Shape;
import org.convzoo.weights.Weights;
import org.junit.jupiter.api.Test;

/** The expected numbers were computed with NumPy from the rule's text. */
class ValueRuleTest {
    @Test
    void elementsAsNumPyComputesThem() {
        assertThat(ValueRule.values("features.0.weight", 5, 1, 0))
                .containsExactly(
                        -0.07566773891448975f,
                        -0.44390738010406494f,
                        -0.05196702480316162f,
                        0.8545122146606445f,
                        -0.49083054065704346f);
        assertThat(ValueRule.values("é", 3, 1, 0))
                .as("names count in UTF-8")
                .containsExactly(-0.8768295049667358f, -0.7835421562194824f, 0.2790355682373047f);
        assertThat(ValueRule.u("é", 2)).isEqualTo(0.2790355682373047f);
    }

    @Test
    void imagesAsNumPyComputesThem() {
        FloatBuffer images = ValueRule.images(new Shape(3, 15, 15), 2);
        Map<Integer, Float> expected = Map.of(
                0, -0.33551472425460815f,
                1, -0.07751578092575073f,
                100, -0.9084957838058472f,
                224, -0.2626385986804962f,
                225, -0.004055619239807129f,
                500, 0.11729764938354492f,
                1000, 0.6025413274765015f,
                1349, -1.0699814558029175f);
        assertThat(images.remaining()).isEqualTo(2 * 3 * 15 * 15);
        expected.forEach(
                (i, value) -> assertThat(images.get(i)).as("element " + i).isEqualTo(value));
        double sum = 0;
        for (int i = 0; i < images.limit(); i++) sum += images.get(i);
        assertThat(sum).isEqualTo(73.64887374639511);
    }

    @Test
    void stateByRole() {
        Graph graph = Graph.of("net", new Shape(3, 4, 4), x -> x.conv("conv", 2, 3)
                .conv("wide", 3, 1)
                .bn("bn"));
        Weights state = ValueRule.state(graph, 4);
        assertThat(List.copyOf(state.tensors().keySet()))
                .containsExactlyElementsOf(graph.parameters().keySet());
        float[] conv = state.get("conv.weight").toArray();
        assertThat(List.of(conv[0], conv[1], conv[53]))
                .containsExactly(0.11473406106233597f, 0.3650619685649872f, -0.11169695854187012f);
        assertThat(state.get("bn.weight").toArray())
                .containsExactly(1.2273609638214111f, 0.7518613338470459f, 1.2383304834365845f);
        assertThat(state.get("bn.bias").toArray())
                .containsExactly(0.011503207497298717f, 0.059176113456487656f, -0.05831340700387955f);
        assertThat(state.get("bn.running_mean").toArray())
                .containsExactly(-0.09338929504156113f, -0.0906536802649498f, -0.09516908973455429f);
        assertThat(state.get("bn.running_var").toArray())
                .as("multiplied by the file's variance")
                .containsExactly(3.398225784301758f, 3.2502458095550537f, 3.4160053730010986f);
    }
}
