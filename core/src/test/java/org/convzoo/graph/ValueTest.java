package org.convzoo.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.convzoo.graph.Value.concat;
import static org.convzoo.graph.Window.k;

import java.util.List;
import org.convzoo.graph.Init.Rule;
import org.junit.jupiter.api.Test;

class ValueTest {
    private static final Shape IMAGE = new Shape(3, 8, 8);

    private static List<String> paths(Layer body) {
        return Graph.of("net", IMAGE, body).nodes().stream()
                .skip(1)
                .map(Node::path)
                .toList();
    }

    @Test
    void aNamelessLayerTakesItsPositionInTheScope() {
        assertThat(paths(x -> x.conv(4, 3).relu().conv("head", 4, 1).relu())).containsExactly("0", "1", "head", "3");
    }

    @Test
    void aScopeCountsAsOneAndIsLeftAgain() {
        assertThat(paths(x -> x.in("a", y -> y.conv(4, 3).in(z -> z.bn())).conv(2, 1)))
                .containsExactly("a.0", "a.1.0", "1");
    }

    @Test
    void stagesStrideInTheirFirstUnit() {
        Graph graph = Graph.of("net", IMAGE, x -> x.stage("s", 2, 2, (y, stride) -> y.conv("c", 4, 3, stride)));
        assertThat(graph.parameters().keySet()).containsExactly("s.0.c.weight", "s.1.c.weight");
        assertThat(graph.output().shape()).isEqualTo(new Shape(4, 4, 4));
    }

    @Test
    void skippingLeavesAPlace() {
        assertThat(paths(x -> x.conv(4, 3).skip().conv(4, 3))).containsExactly("0", "2");
    }

    @Test
    void theReceiversScopeNamesASum() {
        assertThat(paths(x -> x.conv("c", 3, 3).add(x.in("shortcut", y -> y.bn()))))
                .containsExactly("c", "shortcut.0", "1");
    }

    @Test
    void branchesFromOneValueDoNotShareAPath() {
        assertThat(paths(x -> concat(x.relu(), x.sigmoid()))).containsExactly("0", "0#2", "1");
        assertThatThrownBy(() -> paths(x -> concat(x.conv(2, 1), x.conv(2, 1))))
                .hasMessage("net: two layers are named 0");
    }

    @Test
    void anAuxiliaryHeadIsNotOnTheMainPath() {
        Graph graph = Graph.of("net", IMAGE, x -> x.conv("c", 4, 3)
                .aux("side", 0.3, y -> y.flatten().linear("fc", 5))
                .avgPoolTo(1)
                .flatten()
                .linear("fc", 5));
        assertThat(graph.auxiliaries())
                .singleElement()
                .satisfies(a -> assertThat(a.output().path()).isEqualTo("side.fc"))
                .satisfies(a -> assertThat(a.weight()).isEqualTo(0.3));
        assertThat(graph.inferenceNodes()).extracting(Node::path).containsExactly("input", "c", "1", "2", "fc");
        assertThat(graph.parameterCount()).isEqualTo(3 * 4 * 9 + (4 * 64 + 1) * 5 + (4 + 1) * 5);
        assertThat(graph.macs()).isEqualTo(3 * 4 * 9 * 64 + 4 * 5);
    }

    @Test
    void defaultsHoldFromWhereTheyAreSetToTheEndOfTheScope() {
        Defaults zero = Defaults.PYTORCH.conv(Rule.ZERO, Rule.ONE).norm(1e-3, 0.01);
        Graph graph = Graph.of("net", IMAGE, x -> x.in(
                        "a", y -> y.with(zero).conv("c", 4, k(3).withBias()).bn("n"))
                .bn("n")
                .conv("c", 4, 1));
        assertThat(graph.parameters().get("a.c.weight").init()).isEqualTo(new Init.Constant(0));
        assertThat(graph.parameters().get("a.c.bias").init()).isEqualTo(new Init.Constant(1));
        assertThat(graph.parameters().get("c.weight").init()).isEqualTo(new Init.Uniform(0.5));
        assertThat(graph.nodes())
                .extracting(Node::op)
                .contains(new Op.BatchNorm(1e-3, 0.01, Rule.ONE), new Op.BatchNorm(1e-5, 0.1, Rule.ONE));
    }

    @Test
    void theStateKeepsAScopeTogether() {
        Graph graph =
                Graph.of("net", IMAGE, x -> x.conv("convs.0", 3, 1).bn("norm").conv("convs.1", 3, 1));
        assertThat(graph.parameters().keySet())
                .containsExactly(
                        "convs.0.weight",
                        "convs.1.weight",
                        "norm.weight",
                        "norm.bias",
                        "norm.running_mean",
                        "norm.running_var");
    }

    @Test
    void noBranchIsDroppedWithProbabilityZero() {
        assertThat(paths(x -> x.dropPath(0).dropPath(0.5))).containsExactly("0");
    }
}
