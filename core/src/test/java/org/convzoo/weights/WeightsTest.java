package org.convzoo.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.convzoo.graph.Window.k;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.IntStream;
import org.convzoo.graph.Defaults;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Init;
import org.convzoo.graph.Shape;
import org.convzoo.weights.Weights.Tensor;
import org.junit.jupiter.api.Test;

class WeightsTest {
    private static final Graph GRAPH = Graph.of(
            "net", new Shape(16, 8, 8), x -> x.with(Defaults.PYTORCH.conv(Init.Rule.KAIMING_FAN_OUT, Init.Rule.ZERO))
                    .conv("conv", 64, k(3).withBias())
                    .bn("bn")
                    .avgPoolTo(1)
                    .flatten()
                    .with(Defaults.PYTORCH.linear(Init.Rule.truncatedNormal(0.1, 0.2), Init.Rule.constant(0.5)))
                    .linear("fc", 100));

    @Test
    void startsAsTheInitialisationsSay() {
        Weights w = Weights.initial(GRAPH, 1);
        w.check(GRAPH);
        // std sqrt(2 / (64 * 9)) over 9,216 draws: three standard errors of the estimate are 2.2 %.
        double std = Math.sqrt(2 / 576.0);
        assertThat(moment(w, "conv.weight", 2)).isEqualTo(std, within(0.03 * std));
        assertThat(moment(w, "conv.weight", 1)).isEqualTo(0, within(3 * std / 96));
        assertThat(w.get("conv.bias").toArray()).containsOnly(0);
        assertThat(w.get("bn.weight").toArray()).containsOnly(1);
        assertThat(w.get("bn.running_mean").toArray()).containsOnly(0);
        assertThat(w.get("bn.running_var").toArray()).containsOnly(1);
        assertThat(w.get("fc.bias").toArray()).containsOnly(0.5f);
        for (float v : w.get("fc.weight").toArray()) assertThat(v).isBetween(-0.2f, 0.2f);
        // A normal cut at two standard deviations keeps 0.8796 of its deviation.
        assertThat(moment(w, "fc.weight", 2)).isEqualTo(0.08796, within(0.003));
    }

    private static double moment(Weights w, String name, int power) {
        float[] v = w.get(name).toArray();
        double mean = IntStream.range(0, v.length)
                .mapToDouble(i -> Math.pow(v[i], power))
                .average()
                .orElseThrow();
        return power == 2 ? Math.sqrt(mean) : mean;
    }

    @Test
    void aLayerStartsTheSameWhateverStandsBesideIt() {
        Graph alone = Graph.of("alone", new Shape(16, 8, 8), x -> x.with(
                        Defaults.PYTORCH.conv(Init.Rule.KAIMING_FAN_OUT, Init.Rule.ZERO))
                .conv("conv", 64, k(3).withBias()));
        float[] one = Weights.initial(alone, 1).get("conv.weight").toArray();
        assertThat(Weights.initial(GRAPH, 1).get("conv.weight").toArray()).containsExactly(one);
        assertThat(Weights.initial(GRAPH, 2).get("conv.weight").toArray()).isNotEqualTo(one);
    }

    @Test
    void reportsWhatDoesNotFit() {
        Map<String, Tensor> t = new LinkedHashMap<>(Weights.initial(GRAPH, 1).tensors());
        t.remove("bn.bias");
        t.put("fc.weight", new Tensor(new Shape(2), new float[2]));
        for (int i = 0; i < 5; i++) t.put("head." + i, new Tensor(new Shape(1), new float[1]));
        assertThatThrownBy(() -> new Weights(t).check(GRAPH))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the weights do not fit net: 1 missing (bn.bias); "
                        + "5 not of this network (head.0, head.1, head.2 and 2 more); "
                        + "1 of another shape (fc.weight is 2, needs 100x64)");
    }

    @Test
    void anotherOrderFits() {
        Map<String, Tensor> backwards = new LinkedHashMap<>();
        var names = new java.util.ArrayList<>(GRAPH.parameters().keySet());
        java.util.Collections.reverse(names);
        Weights w = Weights.initial(GRAPH, 1);
        names.forEach(n -> backwards.put(n, w.get(n)));
        new Weights(backwards).check(GRAPH);
    }

    @Test
    void viewsDoNotDisturbEachOther() {
        Tensor t = new Tensor(new Shape(3), new float[] {1, 2, 3});
        t.values().position(2);
        assertThat(t.values().remaining()).isEqualTo(3);
        assertThatThrownBy(() -> new Tensor(new Shape(2, 2), new float[3]))
                .hasMessage("a tensor of 2x2 needs 4 values, got 3");
        assertThatThrownBy(() -> new Weights(Map.of()).get("fc.weight")).hasMessageContaining("fc.weight");
    }
}
