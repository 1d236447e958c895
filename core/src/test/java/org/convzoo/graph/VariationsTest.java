package org.convzoo.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.convzoo.graph.Window.k;

import java.util.List;
import org.convzoo.failure.WrongUseException;
import org.convzoo.models.Architecture;
import org.convzoo.models.Models;
import org.convzoo.models.Options;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Other networks that are made of one: without its batch norms, with other activations. */
class VariationsTest {
    static List<Architecture> all() {
        return Models.all();
    }

    private static List<Node> norms(Graph graph) {
        return graph.nodes().stream()
                .filter(n -> n.op() instanceof Op.BatchNorm)
                .toList();
    }

    @ParameterizedTest
    @MethodSource("all")
    void withoutNormsAllElseIsThere(Architecture architecture) {
        Graph graph = architecture.graph();
        List<Node> norms = norms(graph);
        if (norms.isEmpty()) {
            assertThatExceptionOfType(WrongUseException.class)
                    .isThrownBy(graph::withoutNorms)
                    .withMessage(graph.name() + " has no batch norm");
            return;
        }
        Graph without = graph.withoutNorms();
        assertThat(norms(without)).isEmpty();
        assertThat(without.nodes().stream().map(Node::path))
                .containsExactlyElementsOf(graph.nodes().stream()
                        .filter(n -> !norms.contains(n))
                        .map(Node::path)
                        .toList());
        assertThat(without.macs()).isEqualTo(graph.macs());
        assertThat(without.output().shape()).isEqualTo(graph.output().shape());
        assertThat(without.heads().stream().map(Node::path))
                .isEqualTo(graph.heads().stream().map(Node::path).toList());
        long scales = norms.stream().mapToLong(n -> n.shape().channels()).sum();
        long shifts = norms.stream()
                .map(Node::input)
                .distinct()
                .filter(n -> n.op() instanceof Op.Conv c && !c.biased())
                .mapToLong(n -> n.shape().channels())
                .sum();
        assertThat(without.parameterCount()).isEqualTo(graph.parameterCount() - 2 * scales + shifts);
    }

    @Test
    void aConvolutionIsShiftedInPlaceOfItsNorm() {
        Graph graph = Graph.of(
                "net",
                new Shape(3, 8, 8),
                x -> x.conv("c", 4, k(3)).bn("n").relu().conv("d", 5, k(3)).relu());
        Graph without = graph.withoutNorms();
        assertThat(without.parameters().keySet()).containsExactly("c.weight", "c.bias", "d.weight");
        assertThat(without.parameters().get("c.bias").init()).isEqualTo(new Init.Constant(0));
        assertThat(without.parameters().get("c.weight"))
                .isEqualTo(graph.parameters().get("c.weight"));
        assertThat(without.nodes().get(2).input()).isSameAs(without.node("c"));
    }

    @Test
    void auxiliaryHeadsStay() {
        Graph graph =
                Models.named("googlenet_bn").graph(Models.named("googlenet_bn").usual(), Options.of("aux", true));
        assertThat(graph.withoutNorms().auxiliaries().stream().map(Graph.Auxiliary::name))
                .containsExactly("aux1", "aux2");
    }

    @Test
    void oneActivationStandsForAnother() {
        Graph graph = Models.named("seresnet18").graph();
        Graph other = graph.withActivation(Op.Activation.RELU, Op.Activation.TANH);
        assertThat(other.parameters()).isEqualTo(graph.parameters());
        for (Node n : graph.nodes())
            assertThat(other.nodes().get(n.id()).op())
                    .isEqualTo(n.op() == Op.Activation.RELU ? Op.Activation.TANH : n.op());
        assertThat(other.nodes()).anyMatch(n -> n.op() == Op.Activation.SIGMOID);
        assertThatExceptionOfType(WrongUseException.class)
                .isThrownBy(() -> graph.withActivation(Op.Activation.SILU, Op.Activation.TANH))
                .withMessageContaining("seresnet18 has no silu");
    }
}
