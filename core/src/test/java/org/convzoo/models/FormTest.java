package org.convzoo.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Init;
import org.convzoo.graph.Node;
import org.convzoo.graph.Op;
import org.convzoo.graph.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What no shape shows: how weights start, batch norm's constants, rates of dropout, and the forms that options choose. */
class FormTest {
    private static Graph graph(String name, String key, Object value) {
        return Models.named(name).graph(Models.named(name).usual(), Options.of(key, value));
    }

    private static <O extends Op> List<O> ops(Graph graph, Class<O> kind) {
        return graph.nodes().stream()
                .map(Node::op)
                .filter(kind::isInstance)
                .map(kind::cast)
                .toList();
    }

    /** Standard deviations and bounds over what torchvision's and timm's constructors drew, and the papers'. */
    @ParameterizedTest
    @CsvSource({
        "lenet, features.0.weight, Uniform, 0.185164",
        "alexnet, features.0.weight, Normal, 0.01",
        "alexnet, features.0.bias, Constant, 0",
        "alexnet, features.3.bias, Constant, 1",
        "alexnet, classifier.3.bias, Constant, 1",
        "alexnet, classifier.6.bias, Constant, 0",
        "alexnet_owt, features.0.weight, Uniform, 0.052486",
        "vgg16, features.0.weight, Normal, 0.058926",
        "vgg16, classifier.0.weight, Normal, 0.01",
        "googlenet_bn, conv1.conv.weight, TruncatedNormal, 0.01",
        "inception_v3, Conv2d_1a_3x3.conv.weight, TruncatedNormal, 0.1",
        "resnet50, conv1.weight, Normal, 0.025254",
        "resnet50, layer1.0.bn3.weight, Constant, 1",
        "seresnet50, layer1.0.bn3.weight, Constant, 0",
        "res2net50_26w_4s, layer1.0.bn3.weight, Constant, 0",
        "skresnet18, layer1.0.conv2.bn.weight, Constant, 1",
        "densenet121, features.conv0.weight, Normal, 0.116642",
        "densenet121, classifier.bias, Constant, 0",
        "squeezenet1_0, features.0.weight, Uniform, 0.202031",
        "squeezenet1_0, classifier.1.weight, Normal, 0.01",
        "mobilenet_v1, blocks.0.0.conv_dw.weight, Normal, 0.471405",
        "mobilenet_v2, features.1.conv.0.0.weight, Normal, 0.083333",
        "shufflenet_v2_x1_0, fc.weight, Uniform, 0.03125",
        "efficientnet_b0, classifier.1.weight, Uniform, 0.031623"
    })
    void weightsStartAsTheSourceHasThem(String name, String parameter, String kind, double value) {
        Init init = Models.named(name).graph().parameters().get(parameter).init();
        assertThat(init.getClass().getSimpleName()).isEqualTo(kind);
        double actual = init instanceof Init.Constant c
                ? c.value()
                : init instanceof Init.Uniform u
                        ? u.bound()
                        : init instanceof Init.Normal n ? n.std() : ((Init.TruncatedNormal) init).std();
        assertThat(actual).isCloseTo(value, within(1e-6));
    }

    @ParameterizedTest
    @CsvSource({
        "resnet50, 1e-5, 0.1",
        "googlenet_bn, 1e-3, 0.1",
        "inception_v3, 1e-3, 0.1",
        "inception_resnet_v2, 1e-3, 0.1",
        "xception, 1e-5, 0.1",
        "mobilenet_v2, 1e-5, 0.1",
        "mobilenet_v3_large, 1e-3, 0.01",
        "efficientnet_b4, 1e-5, 0.1",
        "efficientnet_b5, 1e-3, 0.01",
        "efficientnet_lite0, 1e-3, 0.1"
    })
    void batchNormHasTheSourcesConstants(String name, double eps, double momentum) {
        assertThat(ops(Models.named(name).graph(), Op.BatchNorm.class))
                .isNotEmpty()
                .allMatch(n -> n.eps() == eps && n.momentum() == momentum);
    }

    @ParameterizedTest
    @CsvSource({
        "vgg16, 0.5 0.5",
        "googlenet, 0.4",
        "googlenet_bn, 0.2",
        "inception_v3, 0.5",
        "senet154, 0.2",
        "mobilenet_v3_small, 0.2",
        "efficientnet_b3, 0.3",
        "resnet50, ''"
    })
    void dropoutHasTheSourcesRate(String name, String rates) {
        assertThat(ops(Models.named(name).graph(), Op.Dropout.class).stream().map(d -> String.valueOf(d.p())))
                .isEqualTo(rates.isEmpty() ? List.of() : List.of(rates.split(" ")));
    }

    /** torchvision: 0.2 at a last, 16th unit, growing in even steps; units without a residual have none. */
    @Test
    void stochasticDepthGrowsWithTheDepth() {
        assertThat(ops(Models.named("efficientnet_b0").graph(), Op.DropPath.class))
                .extracting(Op.DropPath::p)
                .containsExactly(
                        0.2 * 2 / 16,
                        0.2 * 4 / 16,
                        0.2 * 6 / 16,
                        0.2 * 7 / 16,
                        0.2 * 9 / 16,
                        0.2 * 10 / 16,
                        0.2 * 12 / 16,
                        0.2 * 13 / 16,
                        0.2 * 14 / 16);
    }

    @Test
    void auxiliaryHeadsWeighThreeTenths() {
        assertThat(graph("googlenet", "aux", true).auxiliaries())
                .extracting(Graph.Auxiliary::name, Graph.Auxiliary::weight)
                .containsExactly(tuple("aux1", 0.3), tuple("aux2", 0.3));
        assertThat(graph("inception_v3", "aux", true).auxiliaries())
                .extracting(Graph.Auxiliary::name, Graph.Auxiliary::weight)
                .containsExactly(tuple("AuxLogits", 0.3));
        assertThat(Models.named("googlenet").graph().auxiliaries()).isEmpty();
    }

    @Test
    void lenetFramesSmallImagesAsThePaperFramesDigits() {
        Architecture lenet = Models.named("lenet");
        for (int size : new int[] {28, 31, 32})
            assertThat(lenet.graph(new Task(new Shape(1, size, size), 10), Options.NONE)
                            .parameters()
                            .get("classifier.0.weight")
                            .shape())
                    .isEqualTo(new Shape(120, 400));
    }

    @Test
    void modernLenetHasOtherNonlinearities() {
        Graph modern = graph("lenet", "modern", true);
        assertThat(ops(modern, Op.Activation.class)).containsOnly(Op.Activation.RELU);
        assertThat(ops(modern, Op.MaxPool.class)).hasSize(2);
        assertThat(ops(Models.named("lenet").graph(), Op.Activation.class)).containsOnly(Op.Activation.SIGMOID);
        assertThat(ops(Models.named("lenet").graph(), Op.AvgPool.class)).hasSize(2);
    }

    @Test
    void plainNetworksAddNothing() {
        assertThat(ops(Models.named("plain20").graph(), Op.Add.class)).isEmpty();
        assertThat(ops(Models.named("resnet20").graph(), Op.Add.class)).hasSize(9);
    }

    @Test
    void shortcutAPadsWhereBProjects() {
        assertThat(ops(graph("resnet20", "shortcut", "A"), Op.PadChannels.class))
                .hasSize(2);
        assertThat(ops(graph("resnet20", "shortcut", "B"), Op.PadChannels.class))
                .isEmpty();
    }

    @Test
    void residualBranchesAreScaledDown() {
        assertThat(ops(Models.named("inception_resnet_v2").graph(), Op.Multiply.class).stream()
                        .map(Op.Multiply::factor)
                        .distinct())
                .containsExactly(0.17, 0.10, 0.20);
        assertThat(ops(graph("inception_resnet_v2", "scale", 0.3), Op.Multiply.class))
                .hasSize(39)
                .containsOnly(new Op.Multiply(0.3));
    }

    @Test
    void alexnetNormalisesResponsesAsThePaperDoes() {
        assertThat(ops(graph("alexnet", "lrn", true), Op.LocalResponseNorm.class))
                .containsExactly(
                        new Op.LocalResponseNorm(5, 5e-4, 0.75, 2), new Op.LocalResponseNorm(5, 5e-4, 0.75, 2));
        assertThat(ops(Models.named("alexnet").graph(), Op.LocalResponseNorm.class))
                .isEmpty();
    }
}
