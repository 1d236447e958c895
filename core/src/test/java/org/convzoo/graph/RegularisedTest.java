package org.convzoo.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.function.UnaryOperator;
import org.convzoo.failure.WrongUseException;
import org.convzoo.models.Architecture;
import org.convzoo.models.Models;
import org.convzoo.models.Options;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The same network with other dropout, drop path, or momentum of its norms. */
class RegularisedTest {
    static List<Architecture> all() {
        return Models.all();
    }

    @ParameterizedTest
    @MethodSource("all")
    void parametersStayAsTheyAre(Architecture architecture) {
        Graph graph = architecture.graph();
        List<UnaryOperator<Graph>> changes =
                List.of(g -> g.withDropout(0.3), g -> g.withDropPath(0.3), g -> g.withNormMomentum(0.3));
        for (UnaryOperator<Graph> change : changes) {
            Graph changed;
            try {
                changed = change.apply(graph);
            } catch (WrongUseException e) {
                assertThat(e).hasMessageStartingWith(graph.name() + " has no ");
                continue;
            }
            assertThat(changed.parameters().keySet())
                    .containsExactlyElementsOf(graph.parameters().keySet());
            assertThat(changed.parameters()).isEqualTo(graph.parameters());
            assertThat(changed.toString()).isEqualTo(graph.toString());
            assertThat(changed.macs()).isEqualTo(graph.macs());
        }
    }

    /** A block a unit that has a shortcut: sums within attentions and chains of convolutions are none. */
    @ParameterizedTest
    @CsvSource({
        "resnet18, 8",
        "resnet50, 16",
        "resnet20, 9",
        "seresnet50, 16",
        "res2net50_26w_4s, 16",
        "resnest50d, 16",
        "skresnet18, 8",
        "xception, 12",
        "inception_resnet_v2, 40",
        "mobilenet_v2, 10",
        "mobilenet_v3_large, 10",
        "shufflenet_v1_g3, 13",
    })
    void residualBlocksGetADropPathThatRisesWithDepth(String name, int blocks) {
        Graph graph = Models.named(name).graph(), with = graph.withDropPath(0.4);
        List<Node> paths =
                with.nodes().stream().filter(n -> n.op() instanceof Op.DropPath).toList();
        assertThat(paths).hasSize(blocks);
        assertThat(with.nodes()).hasSize(graph.nodes().size() + blocks);
        for (int i = 0; i < blocks; i++) {
            Node path = paths.get(i);
            assertThat(p(path)).isCloseTo(0.4 * (i + 1) / blocks, within(1e-12));
            Node sum = with.nodes().get(path.id() + 1);
            assertThat(sum.op()).isInstanceOf(Op.Add.class);
            assertThat(path.input().op()).as("what ends the branch of " + sum).isNotInstanceOf(Op.Add.class);
        }
        assertThat(p(paths.get(blocks - 1))).isEqualTo(0.4);
        assertThat(probabilities(with.withDropPath(0))).containsOnly(0.0).hasSize(blocks);
        assertThat(probabilities(with.withDropPath(0).withDropPath(0.4))).isEqualTo(probabilities(with));
    }

    /** The projection is the shortcut, and the pooling where there is one. */
    @Test
    void theShortcutIsNeverDropped() {
        Graph graph = Models.named("resnet50").graph().withDropPath(0.1);
        for (Node n : graph.nodes())
            if (n.op() instanceof Op.DropPath) assertThat(n.input().path()).endsWith("bn3");
        Graph turned = Graph.of(
                "turned", new Shape(4, 8, 8), x -> x.add(x.conv("branch", 4, 3).relu()));
        Node sum = turned.withDropPath(0.5).output();
        assertThat(sum.inputs().get(0).op()).isInstanceOf(Op.Input.class);
        assertThat(sum.inputs().get(1).op()).isEqualTo(new Op.DropPath(0.5));
    }

    @Test
    void aNetworkScalesTheRuleThatItHas() {
        Graph graph = Models.named("efficientnet_b0").graph(), with = graph.withDropPath(0.5);
        List<Double> own = probabilities(graph), scaled = probabilities(with);
        assertThat(scaled).hasSameSizeAs(own);
        for (int i = 0; i < own.size(); i++)
            assertThat(scaled.get(i)).isCloseTo(own.get(i) * 0.5 / own.get(own.size() - 1), within(1e-12));
        assertThat(scaled.get(own.size() - 1)).isEqualTo(0.5);
        assertThat(with.nodes()).hasSameSizeAs(graph.nodes());
    }

    @Test
    void everyDropoutGetsTheProbability() {
        Architecture googlenet = Models.named("googlenet");
        Graph graph =
                googlenet.graph(googlenet.usual(), Options.of("aux", true)).withDropout(0.1);
        assertThat(graph.nodes().stream()
                        .filter(n -> n.op() instanceof Op.Dropout)
                        .map(n -> ((Op.Dropout) n.op()).p()))
                .containsExactly(0.1, 0.1, 0.1);
        assertThat(graph.auxiliaries()).hasSize(2);
    }

    @Test
    void everyNormGetsTheMomentumAndKeepsTheRest() {
        Graph graph = Models.named("mobilenet_v3_small").graph(), other = graph.withNormMomentum(0.1);
        for (Node n : other.nodes()) {
            if (!(n.op() instanceof Op.BatchNorm b)) continue;
            Op.BatchNorm own = (Op.BatchNorm) graph.node(n.path()).op();
            assertThat(b).isEqualTo(new Op.BatchNorm(own.eps(), 0.1, own.scale()));
            assertThat(own.momentum()).as("as published").isEqualTo(0.01);
        }
        Graph none = Models.named("vgg11").graph();
        assertThat(none.withNormMomentum(0.5).nodes()).hasSameSizeAs(none.nodes());
    }

    @Test
    void whatANetworkLacksIsRefused() {
        Graph plain = Models.named("plain20").graph();
        assertThatExceptionOfType(WrongUseException.class)
                .isThrownBy(() -> plain.withDropout(0.2))
                .withMessage("plain20 has no dropout; it trains without");
        for (String name : List.of("plain20", "vgg16", "googlenet", "densenet121", "shufflenet_v2_x1_0"))
            assertThatExceptionOfType(WrongUseException.class)
                    .isThrownBy(() -> Models.named(name).graph().withDropPath(0.2))
                    .withMessage(name + " has no residual blocks, whose branches drop path drops; it trains without");
        assertThat(plain.withDropout(0).withDropPath(0).nodes())
                .as("none is what it has")
                .hasSameSizeAs(plain.nodes());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Models.named("resnet18").graph().withDropPath(1))
                .withMessageContaining("a probability from 0 to under 1");
    }

    private static List<Double> probabilities(Graph graph) {
        return graph.nodes().stream()
                .filter(n -> n.op() instanceof Op.DropPath)
                .map(RegularisedTest::p)
                .toList();
    }

    private static double p(Node path) {
        return ((Op.DropPath) path.op()).p();
    }
}
