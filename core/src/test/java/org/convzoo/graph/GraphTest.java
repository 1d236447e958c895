package org.convzoo.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.convzoo.graph.Window.k;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.convzoo.failure.WrongUseException;
import org.convzoo.models.Architecture;
import org.convzoo.models.Models;
import org.convzoo.models.Options;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class GraphTest {
    private static final Shape IMAGE = new Shape(6, 8, 8);

    @Test
    void buffersAreStateButDoNotCountAsParameters() {
        Graph graph = Graph.of("net", IMAGE, x -> x.bn("bn"));
        assertThat(graph.parameters().keySet())
                .containsExactly("bn.weight", "bn.bias", "bn.running_mean", "bn.running_var");
        assertThat(graph.parameterCount()).isEqualTo(12);
    }

    @Test
    void groupsDivideWeightsAndMacs() {
        Graph graph = Graph.of("net", IMAGE, x -> x.conv("c", 12, k(3).groups(3).withBias()));
        assertThat(graph.parameters().get("c.weight").shape()).isEqualTo(new Shape(12, 2, 3, 3));
        assertThat(graph.parameterCount()).isEqualTo(12 * 2 * 9 + 12);
        assertThat(graph.macs()).isEqualTo(64 * 12 * 2 * 9);
    }

    @Test
    void aNodeIsFoundByItsPath() {
        Graph graph = Graph.of(
                "net", IMAGE, x -> x.in("layer1", y -> y.conv("conv1", 4, 3)).bn("bn1"));
        assertThat(graph.node("layer1.conv1")).isSameAs(graph.nodes().get(1));
        assertThat(graph.node("input")).isSameAs(graph.input());
        assertThatExceptionOfType(WrongUseException.class)
                .isThrownBy(() -> graph.node("layer1.conv2"))
                .withMessage("net has no layer named 'layer1.conv2'; near are layer1.conv1, bn1, input");
    }

    static List<Wrong> foreign() {
        List<Value> values = new ArrayList<>();
        Graph.of("other", IMAGE, x -> {
            values.add(x.conv("c", 6, 3));
            return x;
        });
        Value other = values.get(0);
        String told = "c (conv) is a layer of another network than net";
        return List.of(
                new Wrong("net/0 (add): " + told, x -> x.add(other)),
                new Wrong("net/a.1 (add): " + told, x -> x.in("a", y -> y.relu().add(other))),
                new Wrong("net/0 (concat): " + told, x -> Value.concat(x, x, other)),
                new Wrong("net/0 (scale): " + told, x -> x.scale(other)),
                new Wrong("net/a: " + told, x -> x.in("a", y -> other)),
                new Wrong("net/a: " + told, x -> x.aux("a", 0.3, y -> other)),
                new Wrong(told, x -> other),
                new Wrong(
                        "other/1 (add): 0 (relu) is a layer of another network than other", x -> other.add(x.relu())));
    }

    @ParameterizedTest
    @MethodSource("foreign")
    void aValueOfAnotherGraphIsToldWithItsPlace(Wrong w) {
        whatDoesNotFitIsToldWithItsPlace(w);
    }

    @Test
    void aNodeOfAnotherGraphIsTold() {
        Graph graph = Graph.of("net", IMAGE, Value::relu), same = Graph.of("net", IMAGE, Value::relu);
        graph.check(graph.output());
        assertThatThrownBy(() -> graph.check(same.output()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("0 (relu) is a layer of another network than net");
    }

    record Wrong(String message, Layer body) {}

    static List<Wrong> wrong() {
        return List.of(
                new Wrong(
                        "net/a.1 (add): cannot add 6x4x4 and 6x8x8",
                        x -> x.in("a", y -> y.maxPool(2, 2).add(y))),
                new Wrong("net/1 (concat): cannot join 6x4x4 and 6x8x8", x -> Value.concat(x.maxPool(2, 2), x)),
                new Wrong("net/0 (conv): 6 -> 4 channels do not split into 4 groups", x -> x.conv(4, k(1).groups(4))),
                new Wrong("net/fc (linear): needs a vector, got 6x8x8; flatten() first", x -> x.linear("fc", 2)),
                new Wrong("net/0 (slice): there are no channels 4 to 7 of 6", x -> x.slice(4, 7)),
                new Wrong("net/0 (shuffle): 6 channels do not split into 4 groups", x -> x.shuffle(4)),
                new Wrong("net/0 (softmax): 6 channels do not split 4 ways", x -> x.softmax(4)),
                new Wrong("net/0 (padchannels): cannot pad 6x8x8 to 5 channels", x -> x.padChannels(5)),
                new Wrong("net/0 (scale): cannot scale the channels of 6x8x8 by 6x8x8", x -> x.scale(x)),
                new Wrong(
                        "net/1 (maxpool): a kernel of 9 does not fit in a size of 8 padded by 0; use a larger image",
                        x -> x.relu().maxPool(k(9).pad(0))));
    }

    @ParameterizedTest
    @MethodSource("wrong")
    void whatDoesNotFitIsToldWithItsPlace(Wrong w) {
        assertThatThrownBy(() -> Graph.of("net", IMAGE, w.body))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(w.message);
    }

    @Test
    void aTracedGraphTakesNoMoreNodes() {
        List<Value> kept = new ArrayList<>();
        Graph.of("net", IMAGE, x -> {
            kept.add(x);
            return x.relu();
        });
        assertThatThrownBy(() -> kept.get(0).relu()).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void nodesStandInExecutionOrder() {
        Graph graph = Graph.of("net", IMAGE, x -> x.relu().add(x.conv("c", 6, 3)));
        for (Node n : graph.nodes()) {
            assertThat(graph.nodes().get(n.id())).isSameAs(n);
            assertThat(n.inputs()).allMatch(in -> in.id() < n.id());
        }
    }

    @Test
    void headsAreTheLayersThatMakeTheLogits() {
        Architecture googlenet = Models.named("googlenet");
        assertThat(heads(googlenet.graph(googlenet.usual(), Options.of("aux", true))))
                .containsExactly("fc", "aux1.fc2", "aux2.fc2");
        assertThat(heads(Models.named("squeezenet1_1").graph())).containsExactly("classifier.1");
        assertThat(heads(Models.named("vgg16").graph())).containsExactly("classifier.6");
        assertThatThrownBy(Graph.of("bare", IMAGE, x -> x.bn("norm"))::heads)
                .isInstanceOf(WrongUseException.class)
                .hasMessage("bare has no features: it ends neither in a linear layer nor in a convolution");
    }

    private static List<String> heads(Graph graph) {
        return graph.heads().stream().map(Node::path).toList();
    }

    @Test
    void anotherNumberOfClassesChangesTheHeadsAlone() {
        Graph graph = Graph.of("small", new Shape(3, 8, 8), x -> x.conv(4, 3)
                .aux("aux", 0.3, y -> y.avgPoolTo(1).flatten().linear(10))
                .avgPoolTo(1)
                .flatten()
                .linear("first", 6)
                .relu()
                .linear("fc", 10));
        Graph other = graph.withClasses(3);
        assertThat(other.classes()).isEqualTo(3);
        assertThat(other.parameters().keySet())
                .containsExactlyElementsOf(graph.parameters().keySet());
        assertThat(other.auxiliaries().get(0).output().shape()).isEqualTo(new Shape(3));
        graph.parameters().forEach((name, p) -> {
            boolean head = name.startsWith("fc.") || name.startsWith("aux.");
            assertThat(other.parameters().get(name).shape().equals(p.shape()))
                    .as(name)
                    .isEqualTo(!head);
        });
        assertThat(graph.classes()).as("the graph itself stays").isEqualTo(10);
        Graph none = Graph.of(
                "none", new Shape(3, 8, 8), x -> x.conv(4, 3).bn().avgPoolTo(1).flatten());
        assertThatExceptionOfType(WrongUseException.class).isThrownBy(() -> none.withClasses(3));
    }

    @Test
    void imagesOfOtherChannelsChangeOnlyWhatReadsThem() {
        Graph graph = Models.named("googlenet").graph(), grey = graph.withChannels(1);
        assertThat(grey.input().shape()).isEqualTo(new Shape(1, 224, 224));
        graph.parameters().forEach((name, p) -> {
            Shape now = Objects.requireNonNull(grey.parameters().get(name)).shape();
            assertThat(now.equals(p.shape())).as(name).isEqualTo(!name.equals("conv1.conv.weight"));
        });
        assertThat(graph.withChannels(3)).isSameAs(graph);
        Graph grouped = Graph.of(
                "grouped",
                new Shape(4, 8, 8),
                x -> x.conv(4, k(3).withBias().groups(2)).avgPoolTo(1).flatten());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> grouped.withChannels(3))
                .withMessageStartingWith("grouped/");
    }
}
