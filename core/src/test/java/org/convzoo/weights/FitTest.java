package org.convzoo.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.convzoo.graph.Window.k;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.convzoo.failure.WrongUseException;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Shape;
import org.convzoo.models.Models;
import org.convzoo.models.Options;
import org.convzoo.models.Task;
import org.convzoo.weights.Weights.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FitTest {
    private static final Graph GRAPH = net(3, 10);

    private static Graph net(int channels, int classes) {
        return Graph.of("net", new Shape(channels, 8, 8), x -> x.conv("conv", 4, k(3).withBias())
                .bn("bn")
                .relu()
                .avgPoolTo(2)
                .flatten()
                .linear("hidden", 6)
                .linear("fc", classes));
    }

    private final Map<String, Tensor> given =
            new LinkedHashMap<>(Weights.initial(GRAPH, 1).tensors());

    private Fit fit(Graph graph) {
        return new Weights(given).fit(graph);
    }

    private static Tensor tensor(int... dims) {
        return new Tensor(new Shape(dims), new float[(int) new Shape(dims).elements()]);
    }

    @Test
    void whatFitsIsTheState() {
        given.put("bn.num_batches_tracked", tensor(1));
        given.put("AuxLogits.fc.weight", tensor(2, 3));
        Fit fit = fit(GRAPH);
        assertThat(fit.complete()).isTrue();
        assertThat(fit.weights().tensors().keySet())
                .containsExactlyElementsOf(GRAPH.parameters().keySet());
        assertThat(fit.report()).isEqualTo("net: 10 of 10 arrays match\n  1 arrays of auxiliary heads are left out");
    }

    @Test
    void whatDoesNotFitIsTold() {
        given.put("norm.bias", given.remove("bn.bias"));
        given.put("norm.weight", given.remove("bn.weight"));
        given.put("hidden.weight", tensor(6, 8));
        given.put("conv.bias", new Tensor(new Shape(4), new float[] {0, Float.NaN, 1, 2}));
        Fit fit = fit(GRAPH);
        assertThat(fit.complete()).isFalse();
        assertThat(fit.missing())
                .containsExactly(
                        new Fit.Missing("bn.weight", new Shape(4), List.of("norm.weight", "norm.bias")),
                        new Fit.Missing("bn.bias", new Shape(4), List.of("norm.bias", "norm.weight")));
        assertThat(fit.unexpected()).containsExactly("norm.bias", "norm.weight");
        assertThat(fit.otherShapes())
                .containsExactly(new Fit.OtherShape("hidden.weight", new Shape(6, 8), new Shape(6, 16)));
        assertThat(fit.notFinite()).containsExactly("conv.bias");
        assertThat(fit.report())
                .isEqualTo("net: 6 of 10 arrays match\n2 missing:\n  bn.weight 4, like norm.weight\n"
                        + "  bn.bias 4, like norm.bias\n2 not of this network:\n  norm.bias 4\n  norm.weight 4\n"
                        + "1 of another shape:\n  hidden.weight is 6x8, needs 6x16\n"
                        + "1 with values that are not finite:\n  conv.bias");
        assertThatThrownBy(fit::weights)
                .isInstanceOf(WrongUseException.class)
                .hasMessage("the weights do not fit net: 2 missing (bn.weight, bn.bias);"
                        + " 2 not of this network (norm.bias, norm.weight);"
                        + " 1 of another shape (hidden.weight is 6x8, needs 6x16);"
                        + " 1 with values that are not finite (conv.bias); norm.weight may be bn.weight");
    }

    @Test
    void anotherNumberOfClassesNeedsANewHead() {
        Graph two = net(3, 2);
        Fit fit = fit(two);
        assertThat(fit.otherClasses()).isTrue();
        assertThatThrownBy(fit::weights)
                .isInstanceOf(WrongUseException.class)
                .hasMessage("the weights are for 10 classes, net is for 2: it needs a new head");
        Weights w = fit.newHead(5).weights();
        assertThat(w.get("fc.weight").toArray())
                .containsExactly(Weights.initial(two, 5).get("fc.weight").toArray());
        assertThat(w.get("hidden.weight").toArray())
                .containsExactly(given.get("hidden.weight").toArray());
        assertThat(fit.newHead(5).report())
                .isEqualTo("net: 10 of 10 arrays match\n  a new head for 2 classes is drawn: fc");
    }

    @Test
    void aHeadIsDrawnWhereTheFileHasNone() {
        given.keySet().removeIf(n -> n.startsWith("fc.") || n.startsWith("hidden."));
        assertThat(fit(GRAPH).otherClasses()).isTrue();
        assertThat(fit(GRAPH).newHead(1).weights().tensors()).hasSize(10);
        given.remove("bn.bias");
        assertThat(fit(GRAPH).newHead(1).missing()).hasSize(1);
    }

    @Test
    void aHeadOfTheSameClassesIsDrawnWhenAskedFor() {
        assertThat(fit(GRAPH).otherClasses()).isFalse();
        assertThat(fit(GRAPH).newHead(2).weights().get("fc.weight").toArray())
                .containsExactly(Weights.initial(GRAPH, 2).get("fc.weight").toArray());
    }

    @ParameterizedTest
    @CsvSource({
        "3, 1, 6", // the sum of 1, 2, 3
        "3, 4, 0.75 1.5 2.25 0.75", // by turns, times 3 / 4
        "3, 2, 1.5 3",
        "1, 3, 0.333333 0.333333 0.333333"
    })
    void filtersOfTheFirstLayerAreAdaptedToOtherChannels(int from, int to, String expected) {
        float[] filters = new float[4 * from * 9];
        for (int i = 0; i < filters.length; i++) filters[i] = (i / 9 % from + 1) * (i / 9 / from + 1) + i % 9;
        given.put("conv.weight", new Tensor(new Shape(4, from, 3, 3), filters));
        Graph graph = net(to, 10);
        assertThat(fit(graph).complete()).isFalse();
        Tensor adapted = fit(graph).adaptInput().weights().get("conv.weight");
        assertThat(adapted.shape()).isEqualTo(new Shape(4, to, 3, 3));
        String[] channels = expected.split(" ");
        float perPixel = from == 3 && to == 1 ? 3 : (float) from / to;
        for (int o = 0; o < 4; o++)
            for (int c = 0; c < to; c++)
                for (int i = 0; i < 9; i++)
                    assertThat(adapted.toArray()[(o * to + c) * 9 + i])
                            .isCloseTo(
                                    Float.parseFloat(channels[c]) * (o + 1) + i * perPixel,
                                    org.assertj.core.api.Assertions.within(1e-4f));
    }

    @Test
    void otherChannelsThanThoseOfPicturesAreNotAdapted() {
        given.put("conv.weight", tensor(4, 5, 3, 3));
        assertThat(fit(GRAPH).adaptInput().otherShapes()).hasSize(1);
        given.put("conv.weight", tensor(4, 3, 5, 5));
        assertThat(fit(net(4, 10)).adaptInput().otherShapes()).hasSize(1);
    }

    @Test
    void filtersThatSeeAllOfAMapAreAMatrix() {
        given.put(
                "hidden.weight",
                new Tensor(new Shape(6, 4, 2, 2), given.get("hidden.weight").toArray()));
        assertThat(fit(GRAPH).weights().get("hidden.weight").shape()).isEqualTo(new Shape(6, 16));
    }

    @Test
    void auxiliaryHeadsAreDrawnWhereTheFileLacksThem() {
        Task task = Task.imagenet(299).classes(10);
        Graph without = Models.named("inception_v3").graph(task, Options.NONE);
        Graph with = Models.named("inception_v3").graph(task, Options.of("aux", true));
        Weights plain = Weights.initial(without, 1), all = Weights.initial(with, 1);
        assertThat(plain.fit(with).weights().tensors().keySet())
                .isEqualTo(with.parameters().keySet());
        assertThat(plain.fit(with).newHead(1).complete()).isTrue();
        assertThat(all.fit(without).complete()).isTrue();
        assertThat(all.filter(n -> !n.equals("AuxLogits.fc.bias")).fit(with).missing())
                .hasSize(1);
        Graph three = Models.named("inception_v3").graph(task.classes(3), Options.of("aux", true));
        assertThat(all.fit(three).newHead(1).weights().tensors()).hasSameSizeAs(three.parameters());
    }

    @Test
    void namesAreChangedAndChosen() {
        Weights w = new Weights(given);
        assertThat(w.rename(n -> "model." + n)
                        .filter(n -> n.startsWith("model.bn."))
                        .tensors()
                        .keySet())
                .containsExactly("model.bn.weight", "model.bn.bias", "model.bn.running_mean", "model.bn.running_var");
        assertThatThrownBy(() -> w.rename(n -> n.replaceFirst(".*\\.", "")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("conv.weight and bn.weight would both be named weight");
    }

    @Test
    void aReportOfAForeignNetworkEndsAndIsShort() {
        given.clear();
        for (int i = 0; i < 2000; i++) given.put("x".repeat(100) + i, tensor(4));
        Fit fit = fit(GRAPH);
        assertThat(fit.report().lines().count()).isLessThan(30);
        assertThat(Arrays.asList(fit.matched(), fit.unexpected().size())).containsExactly(0, 2000);
    }
}
