package org.convzoo.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Set;
import org.convzoo.failure.WrongUseException;
import org.convzoo.graph.Graph;
import org.convzoo.models.Models;
import org.junit.jupiter.api.Test;

class ParameterGroupTest {
    private final Graph graph = Models.named("resnet18").graph();

    @Test
    void patternsMeanNamesAndScopes() {
        assertThat(ParameterGroup.matching(graph, "fc")).containsExactly("fc.weight", "fc.bias");
        assertThat(ParameterGroup.matching(graph, "fc.*")).containsExactly("fc.weight", "fc.bias");
        assertThat(ParameterGroup.matching(graph, "fc.weight")).containsExactly("fc.weight");
        assertThat(ParameterGroup.matching(graph, "layer1"))
                .hasSize(20)
                .allMatch(n -> n.startsWith("layer1."))
                .contains("layer1.0.bn1.running_mean");
        assertThat(ParameterGroup.matching(graph, "layer?.0.conv1")).hasSize(4);
        assertThat(ParameterGroup.matching(graph, "*.running_*")).hasSize(40);
        assertThat(ParameterGroup.matching(graph, "*"))
                .hasSameSizeAs(graph.parameters().keySet());
    }

    @Test
    void aDotMeansItself() {
        assertThatThrownBy(() -> ParameterGroup.matching(graph, "fc.weigh.")).isInstanceOf(WrongUseException.class);
        assertThatThrownBy(() -> ParameterGroup.matching(graph, "f[a-z]")).isInstanceOf(WrongUseException.class);
    }

    @Test
    void aPatternThatMeansNothingIsRefusedWithNearNames() {
        for (String pattern : List.of("fc.weigth", "classifier.*", "", "laier1"))
            assertThatThrownBy(() -> ParameterGroup.matching(graph, pattern))
                    .isInstanceOf(WrongUseException.class)
                    .hasMessageContaining("'" + pattern + "'; near are ")
                    .hasMessageNotContaining("\n");
        assertThatThrownBy(() -> ParameterGroup.matching(graph, "fc.weigth")).hasMessageContaining("fc.weight");
    }

    @Test
    void factorsAreNumbersFromZeroOn() {
        for (double wrong : new double[] {-1, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertThatIllegalArgumentException().isThrownBy(() -> ParameterGroup.learning(Set.of("fc.bias"), wrong, 1));
            assertThatIllegalArgumentException().isThrownBy(() -> ParameterGroup.learning(Set.of("fc.bias"), 1, wrong));
        }
    }

    @Test
    void groupsFitTheNetwork() {
        check(ParameterGroup.learning(ParameterGroup.matching(graph, "layer1"), 0.1, 1));
        check(ParameterGroup.frozen(ParameterGroup.matching(graph, "*.running_*")));
        refuses("has no parameter named 'fc.wait'", ParameterGroup.frozen(List.of("fc.wait")));
        refuses(
                "two groups of parameters hold fc.bias",
                ParameterGroup.frozen(List.of("fc.bias")),
                ParameterGroup.learning(List.of("fc.weight", "fc.bias"), 1, 1));
        refuses(
                "bn1.running_mean and bn1.running_var; both stay",
                ParameterGroup.frozen(List.of("bn1.running_var")),
                ParameterGroup.learning(List.of("bn1.running_mean"), 1, 1));
        refuses("nothing would learn", ParameterGroup.frozen(ParameterGroup.matching(graph, "*")));
    }

    private void check(ParameterGroup... groups) {
        LearnerOptions.DEFAULTS.withGroups(List.of(groups)).check(graph);
    }

    private void refuses(String why, ParameterGroup... groups) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> check(groups))
                .withMessageContaining(why)
                .withMessageNotContaining("\n");
    }

    @Test
    void whatIsInNoGroupLearnsAsUsual() {
        var options = LearnerOptions.DEFAULTS.withGroups(List.of(ParameterGroup.frozen(List.of("fc.bias"))));
        assertThat(options.group("fc.bias").trainable()).isFalse();
        assertThat(options.group("fc.weight")).isEqualTo(ParameterGroup.learning(Set.of("fc.weight"), 1, 1));
    }
}
