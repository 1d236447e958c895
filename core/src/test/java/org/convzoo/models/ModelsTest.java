package org.convzoo.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.NoSuchElementException;
import java.util.regex.Pattern;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Node;
import org.convzoo.graph.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds for every network of the catalogue. */
class ModelsTest {
    static List<Architecture> all() {
        return Models.all();
    }

    @ParameterizedTest
    @CsvFileSource(resources = "/catalogue.csv", useHeadersInDisplayName = true)
    void countsEqualTheSources(String name, long parameters, long macs, int year, String paper, String source) {
        Architecture architecture = Models.named(name);
        Graph graph = architecture.graph();
        assertThat(graph.parameterCount()).as("parameters, %s", source).isEqualTo(parameters);
        assertThat(graph.macs()).as("MACs, %s", source).isEqualTo(macs);
        assertThat(architecture.year()).isEqualTo(year);
        assertThat(architecture.paper()).isEqualTo(paper);
    }

    @Test
    void everyNetworkHasItsRowOfTheTable() throws Exception {
        var table = new String(getClass().getResourceAsStream("/catalogue.csv").readAllBytes(), "UTF-8");
        assertThat(table.lines().filter(l -> !l.startsWith("#")).skip(1).map(l -> l.split(",")[0]))
                .containsExactlyElementsOf(
                        all().stream().map(Architecture::name).toList());
    }

    @ParameterizedTest
    @MethodSource("all")
    void buildsForItsUsualTask(Architecture architecture) {
        Graph graph = architecture.graph();
        assertThat(graph.input().shape()).isEqualTo(architecture.usual().image());
        assertThat(graph.output().shape())
                .isEqualTo(new Shape(architecture.usual().classes()));
        assertWellMade(graph);
    }

    /** Or it says which layer does not. */
    @ParameterizedTest
    @MethodSource("all")
    void takesLargerImagesAsIfMadeForThem(Architecture architecture) {
        Shape usual = architecture.usual().image();
        Shape larger = new Shape(usual.channels(), usual.height() + 37, usual.width() + 64);
        Graph fresh = architecture.graph(new Task(larger, architecture.usual().classes()), Options.NONE), same;
        try {
            same = architecture.graph().at(larger);
        } catch (IllegalArgumentException e) {
            assertThat(fresh.parameterCount()).isNotEqualTo(architecture.graph().parameterCount());
            assertThat(e).hasMessageContaining(architecture.name() + " does not take images of " + larger);
            return;
        }
        assertThat(same.nodes())
                .extracting(n -> n + " " + n.shape())
                .isEqualTo(fresh.nodes().stream().map(n -> n + " " + n.shape()).toList());
        assertThat(List.copyOf(same.parameters().keySet()))
                .isEqualTo(List.copyOf(fresh.parameters().keySet()));
        assertThat(same.macs()).isEqualTo(fresh.macs());
        assertThat(same.auxiliaries()).hasSameSizeAs(fresh.auxiliaries());
        assertWellMade(same);
    }

    @ParameterizedTest
    @MethodSource("all")
    void buildsForAnotherImageAndClassCount(Architecture architecture) {
        Shape usual = architecture.usual().image();
        Task task = new Task(new Shape(2, usual.height() + 37, usual.width() + 64), 7);
        Graph graph = architecture.graph(task, Options.NONE);
        assertThat(graph.output().shape()).isEqualTo(new Shape(7));
        assertWellMade(graph);
    }

    /** Paths tell nodes apart, parameters stand under their node's, and nothing is computed in vain. */
    private static void assertWellMade(Graph graph) {
        assertThat(graph.nodes().stream().map(Node::path)).doesNotHaveDuplicates();
        for (Node node : graph.nodes())
            node.params().forEach(p -> assertThat(graph.parameters()).containsEntry(node.path() + "." + p.name(), p));
        if (graph.auxiliaries().isEmpty()) assertThat(graph.inferenceNodes()).isEqualTo(graph.nodes());
    }

    @ParameterizedTest
    @MethodSource("all")
    void namesItsFamilyAndPaper(Architecture architecture) {
        assertThat(architecture.name()).matches("[a-z0-9_]+");
        assertThat(architecture.family()).isNotBlank();
        if (architecture.paper().matches("\\d{4}\\.\\d{4,5}"))
            assertThat(architecture.paper()).startsWith(String.valueOf(architecture.year() - 2000));
        else assertThat(architecture.paper()).contains(String.valueOf(architecture.year()));
    }

    @ParameterizedTest
    @MethodSource("all")
    void refusesAnImageThatIsTooSmallAndNamesTheSmallest(Architecture architecture) {
        Task dot = new Task(new Shape(3, 1, 1), 10);
        try {
            assertThat(architecture.graph(dot, Options.NONE).output().shape()).isEqualTo(new Shape(10));
        } catch (IllegalArgumentException e) {
            var told = Pattern.compile(architecture.name()
                            + "/\\S+ \\(\\w+\\): .*; the next larger square image that fits" + " is 3x(\\d+)x\\1")
                    .matcher(e.getMessage());
            assertThat(told.matches()).as(e.getMessage()).isTrue();
            int side = Integer.parseInt(told.group(1));
            assertThat(architecture.graph(Task.imagenet(side), Options.NONE).classes())
                    .isEqualTo(1000);
            assertThatThrownBy(() -> architecture.graph(Task.imagenet(side - 1), Options.NONE))
                    .hasMessageContaining("3x" + side + "x" + side);
        }
    }

    /** The smallest images that torchvision's, timm's and pytorchcv's networks run on. */
    @ParameterizedTest
    @CsvSource({
        "alexnet_owt, 63",
        "vgg16, 32",
        "googlenet_bn, 15",
        "bninception, 31",
        "inception_v3, 75",
        "inception_v4, 75",
        "inception_resnet_v2, 75",
        "squeezenet1_0, 21",
        "squeezenet1_1, 17",
        "densenet121, 29",
        "xception, 7",
        "senet154, 3"
    })
    void takesImagesDownToTheSourcesSize(String name, int side) {
        Architecture architecture = Models.named(name);
        assertThat(architecture.graph(Task.imagenet(side), Options.NONE).classes())
                .isEqualTo(1000);
        assertThatThrownBy(() -> architecture.graph(Task.imagenet(side - 1), Options.NONE))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void tellsWhichWidthsSuitTheGroups() {
        assertThatThrownBy(() -> Models.named("shufflenet_v1_g4").graph(Task.imagenet(224), Options.of("width", 0.5)))
                .hasMessage("option width=0.5: 136, 34 or 124 channels do not split into 4 groups;"
                        + " they do at whole widths");
    }

    @ParameterizedTest
    @CsvSource({
        "resnet5, resnet50",
        "ResNet50, resnet50",
        "resnet-50, resnet50",
        "vgg, vgg16",
        "efficientnet, efficientnet_b0",
        "shufflenet_v2, shufflenet_v2_x1_0",
        "mobilenetv2, mobilenet_v2"
    })
    void suggestsNearNames(String wrong, String right) {
        assertThatThrownBy(() -> Models.named(wrong))
                .isInstanceOf(NoSuchElementException.class)
                .hasMessageContaining("no network is named '" + wrong + "'")
                .hasMessageContaining(right);
    }

    @ParameterizedTest
    @CsvSource({
        "lenet, modern, true, 61706",
        "alexnet, lrn, true, 62378344",
        "resnet50, se, true, 28088024", // timm's seresnet50
        "resnet18, se, true, 11779624", // timm's seresnet18
        // 11,931,622 by the authors' SE-BN-Inception.prototxt, and a bias for each of 10,016 maps, as pytorchcv has it
        "bninception, se, true, 11941638",
        "resnet20, shortcut, A, 269722",
        "resnet20, shortcut, B, 272474", // pytorchcv's resnet20_cifar10
        "inception_resnet_v2, scale, 0.1, 55843464"
    })
    void optionsGiveOtherNetworks(String name, String key, String value, long parameters) {
        Architecture architecture = Models.named(name);
        assertThat(architecture
                        .graph(architecture.usual(), Options.of(key, value))
                        .parameterCount())
                .isEqualTo(parameters);
    }

    @Test
    void refusesOptionsThatItDoesNotHave() {
        assertThatThrownBy(() -> Models.named("googlenet").graph(Task.imagenet(224), Options.of("width", 2)))
                .hasMessage("googlenet has no option 'width'; it has aux");
        assertThatThrownBy(() -> Models.named("vgg11").graph(Task.imagenet(224), Options.of("aux", true)))
                .hasMessage("vgg11 has no option 'aux'; it has none");
        assertThatThrownBy(() -> Models.named("googlenet").graph(Task.imagenet(224), Options.of("aux", "yes")))
                .hasMessage("option aux is true or false, not 'yes'");
    }
}
