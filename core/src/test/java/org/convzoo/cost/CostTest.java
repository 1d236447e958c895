package org.convzoo.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.convzoo.graph.Window.k;

import org.convzoo.graph.Graph;
import org.convzoo.graph.Layer;
import org.convzoo.graph.Shape;
import org.convzoo.graph.Value;
import org.convzoo.models.Models;
import org.convzoo.models.Options;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class CostTest {
    private static Cost cost(Layer body) {
        return Cost.of(Graph.of("net", new Shape(8, 16, 16), body));
    }

    private static Cost.Layer layer(Cost cost, String path) {
        return cost.layers().stream()
                .filter(l -> l.node().path().equals(path))
                .findFirst()
                .orElseThrow();
    }

    /** google-research/receptive_field, RECEPTIVE_FIELD_TABLE.md; its ResNets stride elsewhere, see the next test. */
    @ParameterizedTest
    @CsvSource({
        "alexnet_owt, 195, 32",
        "vgg16, 212, 32",
        "bninception, 699, 32",
        "inception_v3, 1311, 32",
        "inception_v4, 2071, 32",
        "inception_resnet_v2, 3039, 32",
        "mobilenet_v1, 315, 32"
    })
    void fieldsAreThePublishedOnes(String name, int size, int stride) {
        assertThat(Cost.of(Models.named(name).graph()).field())
                .isEqualTo(new ReceptiveField(size, size, stride, stride));
    }

    /**
     * The table has 483, 1027 and 1507 for bottlenecks that stride before or after their 3x3. Ours stride in it, so
     * that the 3x3 of three units step over half as many pixels: 2 x (4 + 8 + 16) less.
     */
    @ParameterizedTest
    @CsvSource({"resnet50, 483", "resnet101, 1027", "resnet152, 1507"})
    void bottlenecksSeeLessWhereTheStrideIsInTheKernel(String name, int published) {
        assertThat(Cost.of(Models.named(name).graph()).field().height()).isEqualTo(published - 2 * (4 + 8 + 16));
    }

    /** The same table's rows of alexnet_v2. */
    @ParameterizedTest
    @CsvSource({
        "features.0, 11/4",
        "features.2.0, 19/8",
        "features.3, 51/8",
        "features.6, 99/16",
        "features.8, 131/16",
        "features.10, 163/16",
        "features.12, 195/32"
    })
    void fieldsGrowAsPublished(String path, String field) {
        assertThat(layer(Cost.of(Models.named("alexnet_owt").graph()), path).field())
                .hasToString(field);
    }

    @Test
    void twoKernelsOfThreeSeeWhatOneOfFiveSees() {
        Cost two = cost(x -> x.conv("a", 8, 3).conv("b", 8, 3)), one = cost(x -> x.conv("a", 8, 5));

        assertThat(two.field()).isEqualTo(one.field()).isEqualTo(new ReceptiveField(5, 5, 1, 1));
    }

    @Test
    void dilationOfASizeAndBranchesCount() {
        Cost cost = cost(x -> {
            Value wide = x.conv("wide", 4, k(3).dilation(2, 2).pad(2)), flat = x.conv("flat", 4, k(1, 7));
            return Value.concat(wide, flat).in("then", y -> y.conv("conv", 4, k(3).stride(2, 1)));
        });

        assertThat(layer(cost, "wide").field()).hasToString("5/1");
        assertThat(layer(cost, "flat").field()).hasToString("1x7/1");
        // the larger of both in each direction, 5x7, and one more on each side
        assertThat(layer(cost, "then.conv").field()).hasToString("7x9/2x1");
    }

    @Test
    void aVectorSeesTheWholeMap() {
        Cost cost = cost(x -> x.conv("conv", 4, 3, 2).avgPoolTo(1).flatten().linear("fc", 2));

        // 8 places, 2 apart, that see 3 each
        assertThat(layer(cost, "fc").field().height()).isEqualTo(3 + 7 * 2);
        assertThat(cost.field()).hasToString("3/2");
    }

    @Test
    void unevenCellsSeeTheirLargest() {
        // 16 places in 6 cells: rows 0-2, 2-5, 5-7, 8-10, 10-13, 13-15
        Cost cost = cost(x -> x.avgPoolTo(6));

        assertThat(cost.field().height()).isEqualTo(4);
    }

    @Test
    void aConvolutionReadsImageAndWeightsAndWritesItsOutput() {
        Cost.Layer conv = layer(cost(x -> x.conv("conv", 32, k(3).stride(2).withBias())), "conv");

        assertThat(conv.parameters()).isEqualTo(32 * 8 * 9 + 32);
        assertThat(conv.macs()).isEqualTo(32L * 8 * 8 * 8 * 9);
        assertThat(conv.activations()).isEqualTo(32 * 8 * 8);
        assertThat(conv.activationBytes()).isEqualTo(4 * 32 * 8 * 8);
        assertThat(conv.read()).isEqualTo(4 * (8 * 16 * 16 + 32 * 8 * 9 + 32));
        assertThat(conv.written()).isEqualTo(4 * 32 * 8 * 8);
    }

    /** ShuffleNetV2, section 2, the text above equation 1: MAC = hw (c1 + c2) + c1 c2. */
    @Test
    void aPointwiseConvolutionMovesWhatThePaperSays() {
        assertThat(layer(cost(x -> x.conv("conv", 24, 1)), "conv").traffic())
                .isEqualTo(4 * (16 * 16 * (8 + 24) + 8 * 24));
    }

    @Test
    void sumsReadBothAndHandedOnValuesMoveNothing() {
        Cost cost = cost(x -> x.bn("bn").add(x).dropout(0.5).flatten().linear("fc", 2));

        assertThat(layer(cost, "bn").read()).isEqualTo(4 * (2048 + 4 * 8)); // running statistics are read, too
        assertThat(layer(cost, "1").traffic()).isEqualTo(4 * 3 * 2048);
        assertThat(layer(cost, "2").traffic()).isZero();
        assertThat(layer(cost, "3").traffic()).isZero();
        assertThat(cost.traffic()).isEqualTo(4 * ((2048 + 32 + 2048) + 3 * 2048 + (2048 + 2 * 2048 + 2 + 2)));
    }

    @Test
    void aSliceReadsItsPart() {
        assertThat(layer(cost(x -> x.slice(2, 5)), "0").traffic()).isEqualTo(4 * 2 * 3 * 256);
    }

    @Test
    void auxiliaryHeadsAreParametersNotWork() {
        var googlenet = Models.named("googlenet");
        Cost with = Cost.of(googlenet.graph(googlenet.usual(), Options.of("aux", true)));
        Cost without = Cost.of(googlenet.graph());

        assertThat(with.parameters()).isGreaterThan(without.parameters());
        assertThat(with.macs()).isEqualTo(without.macs());
        assertThat(with.traffic()).isEqualTo(without.traffic());
        assertThat(with.activations()).isEqualTo(without.activations());
    }

    static java.util.List<org.convzoo.models.Architecture> all() {
        return Models.all();
    }

    @ParameterizedTest
    @MethodSource("all")
    void totalsAreTheGraphs(org.convzoo.models.Architecture architecture) {
        Graph graph = architecture.graph();
        Cost cost = Cost.of(graph);

        assertThat(cost.macs()).isEqualTo(graph.macs());
        assertThat(cost.layers().stream().mapToLong(Cost.Layer::parameters).sum())
                .isEqualTo(graph.parameterCount());
        assertThat(cost.read()).isGreaterThan(4 * graph.parameterCount());
    }
}
