package org.convzoo.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import javax.xml.parsers.DocumentBuilderFactory;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Layer;
import org.convzoo.graph.Op;
import org.convzoo.graph.Shape;
import org.convzoo.graph.Window;
import org.convzoo.models.Architecture;
import org.convzoo.models.Models;
import org.convzoo.view.Diagram.Box;
import org.convzoo.view.Diagram.Panel;
import org.convzoo.view.Drawn.Form;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.w3c.dom.Document;
import org.xml.sax.InputSource;

class DiagramTest {
    static List<Architecture> all() {
        return Models.all();
    }

    private static Diagram diagram(String network) {
        return Diagram.of(Models.named(network).graph());
    }

    private static List<String> blocks(Diagram d) {
        return d.panels().get(0).boxes().stream()
                .filter(b -> b.form() == Form.BLOCK)
                .map(b -> b.mark() + b.times())
                .toList();
    }

    @Test
    void repeatedBlocksAreFolded() {
        // He et al. 2015, table 1: 3, 8, 36, 3 units, the first of each with a projection
        assertThat(blocks(diagram("resnet152"))).containsExactly("A1", "B2", "A1", "B7", "A1", "B35", "A1", "B2");
        assertThat(diagram("resnet152").panels()).hasSize(3);
        // Szegedy et al. 2014, table 1: nine modules of different widths
        assertThat(blocks(diagram("googlenet"))).hasSize(9).containsOnly("A1");
        // Huang et al. 2016, table 1
        assertThat(blocks(diagram("densenet121"))).containsExactly("A6", "A12", "A24", "A16");
        // Szegedy et al. 2016, figure 15: 10, 20 and 9 + 1 units after the stem and between reductions
        assertThat(blocks(diagram("inception_resnet_v2"))).containsExactly("A1", "B10", "C1", "D20", "E1", "F9", "G1");
    }

    @Test
    void aKindOfBlockShowsAllItsNumbers() {
        Diagram d = diagram("resnet50");

        assertThat(d.panels().get(1).boxes().stream().map(Box::text))
                .contains("3×3 conv, 64 / 128 / 256 / 512, stride 1 or 2", "add");
        assertThat(d.panels().get(2).places()).containsExactly("layer1.1–2", "layer2.1–3", "layer3.1–5", "layer4.1–2");
        assertThat(diagram("inception_v3").panels().get(1).places()).containsExactly("Mixed_5b–d");
        assertThat(diagram("inception_v3").panels().get(0).boxes().stream().map(Box::text))
                .contains("Mixed_5c–d", "Mixed_6e");
        assertThat(diagram("efficientnet_b0").panels().get(3).boxes().stream().map(Box::text))
                .contains("3×3 or 5×5 depthwise conv", "scale channels");
    }

    /** Folding and sharing lose nothing: all convolutions and linear layers of the graph are in the figure. */
    @ParameterizedTest
    @MethodSource("all")
    void everyLayerIsDrawn(Architecture architecture) {
        Graph graph = architecture.graph();
        Diagram d = Diagram.of(graph);
        Map<String, Panel> details =
                d.panels().stream().skip(1).collect(Collectors.toMap(Panel::mark, Function.identity()));
        long drawn = d.panels().get(0).boxes().stream()
                .mapToLong(b -> b.times() * (b.mark().isEmpty() ? work(b) : work(details.get(b.mark()))))
                .sum();

        assertThat(drawn)
                .isEqualTo(graph.inferenceNodes().stream()
                        .filter(n -> n.op() instanceof Op.Conv || n.op() instanceof Op.Linear)
                        .count());
        assertThat(d.panels().get(0).boxes()).hasSizeLessThanOrEqualTo(30);
    }

    private static long work(Panel panel) {
        return panel.boxes().stream().mapToLong(b -> b.times() * work(b)).sum();
    }

    private static long work(Box b) {
        return b.form() == Form.CONV || b.form() == Form.DEPTHWISE || b.form() == Form.LINEAR ? 1 : 0;
    }

    @ParameterizedTest
    @MethodSource("all")
    void theSvgIsSmallAndWhole(Architecture architecture) throws Exception {
        Diagram d = Diagram.of(architecture.graph());
        String svg = d.svg();

        Document document =
                DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new InputSource(new StringReader(svg)));
        assertThat(svg.getBytes(StandardCharsets.UTF_8)).hasSizeLessThan(150_000);
        var root = document.getDocumentElement();
        assertThat(root.getAttribute("viewBox")).matches("0 0 [\\d.]+ [\\d.]+");
        assertThat(Double.parseDouble(root.getAttribute("width"))).isLessThanOrEqualTo(900);
        int arrows = d.panels().stream().mapToInt(p -> p.edges().size()).sum();
        assertThat(svg.split("class=\"e\"")).hasSize(arrows + 1);
        assertThat(svg).contains("prefers-color-scheme:dark", ">convolution</text>");
        for (Panel p : d.panels()) {
            assertThat(p.name().isEmpty()).isEqualTo(p.mark().isEmpty());
            long gates = p.boxes().stream()
                    .filter(b -> b.text().equals("scale channels"))
                    .count();
            if (p.name().contains("squeeze"))
                assertThat((long) p.excitations().size()).isEqualTo(gates).isPositive();
        }
        int frames = d.panels().stream().mapToInt(p -> p.excitations().size()).sum();
        assertThat(svg.split("class=\"f\"")).hasSize(frames + 1);
    }

    /** Of each network a page, of which the parts stand below each other where they can. */
    @Test
    void aTelephoneGetsAColumn() {
        for (String network : List.of("lenet", "resnet50", "mobilenet_v2", "efficientnet_b0", "seresnet50")) {
            String svg = diagram(network).narrowSvg();
            assertThat(Double.parseDouble(svg.replaceAll("(?s).*? width=\"([\\d.]+)\".*", "$1")))
                    .as(network)
                    .isLessThan(430);
        }
    }

    static List<Arguments> names() {
        return List.of(
                arguments("resnet18", List.of("basic block", "basic block with projection")),
                arguments("resnet20", List.of("basic block", "basic block with zero padding")),
                arguments("resnet50", List.of("bottleneck with projection", "bottleneck")),
                arguments(
                        "resnext50_32x4d",
                        List.of(
                                "bottleneck with grouped convolution and projection",
                                "bottleneck with grouped convolution")),
                arguments(
                        "seresnet50",
                        List.of(
                                "bottleneck with projection and squeeze-and-excite",
                                "bottleneck with squeeze-and-excite")),
                arguments("densenet121", List.of("dense layer")),
                arguments("squeezenet1_0", List.of("fire module")),
                arguments("googlenet", List.of("inception module")),
                arguments(
                        "inception_v3",
                        List.of(
                                "inception module",
                                "reduction module",
                                "inception module",
                                "reduction module",
                                "inception module")),
                arguments("mobilenet_v1", List.of("depthwise separable convolution")),
                arguments(
                        "efficientnet_b0",
                        List.of(
                                "depthwise separable convolution with squeeze-and-excite",
                                "inverted residual with squeeze-and-excite, without shortcut",
                                "inverted residual with squeeze-and-excite")),
                arguments(
                        "skresnet50",
                        List.of(
                                "bottleneck with selective kernels and projection",
                                "bottleneck with selective kernels")),
                arguments(
                        "res2net50_26w_4s",
                        List.of("multi-scale bottleneck with projection", "multi-scale bottleneck")),
                arguments(
                        "shufflenet_v2_x1_0", List.of("shuffle unit with stride 2", "shuffle unit with channel split")),
                arguments("plain20", List.of("two convolutions")));
    }

    @ParameterizedTest
    @MethodSource("names")
    void blocksAreNamedByWhatTheyAre(String network, List<String> names) {
        assertThat(diagram(network).panels().stream().skip(1).map(Panel::name)).containsExactlyElementsOf(names);
    }

    /** The name is of the wiring: a network of one's own with other names has the same. */
    @Test
    void aBlockOfOnesOwnIsNamed() {
        Layer body = x -> x.in("z", y -> y.conv(96, 1)
                .bn()
                .relu6()
                .conv(96, Window.k(3).groups(96))
                .bn()
                .relu6()
                .conv(16, 1)
                .bn());
        Graph graph = Graph.of("mine", new Shape(3, 32, 32), x -> x.conv(16, 3)
                .in("one", y -> y.add(body.apply(y)))
                .in("two", y -> y.add(body.apply(y)))
                .avgPoolTo(1)
                .flatten()
                .linear(10));

        assertThat(Diagram.of(graph).panels().get(1).name()).isEqualTo("inverted residual");
    }

    @Test
    void stridesAreToldByPlace() {
        List<Panel> panels = diagram("resnet50").panels();

        assertThat(panels.get(1).strides()).containsExactly("stride 1 in layer1.0, else 2");
        assertThat(panels.get(2).strides()).isEmpty();
        assertThat(diagram("plain20").panels().get(1).strides())
                .containsExactly("stride 2 in layer2.0, layer3.0, else 1");
    }

    @Test
    void theLegendExplainsTheSignsThatOccur() {
        assertThat(diagram("resnet50").svg()).contains("×N: N in a row", "64 / 128: not the same");
        assertThat(diagram("resnet50").svg())
                .contains("layer1.1–3: from layer1.1 to layer1.3")
                .doesNotContain("more than four numbers");
        assertThat(diagram("googlenet").svg()).contains("16–96: from 16 to 96, more than four numbers");
        assertThat(diagram("lenet").svg())
                .doesNotContain("N in a row", "not the same", "from layer1.1", "more than four");
    }

    @Test
    void theSvgIsTheSameEachTime() {
        assertThat(diagram("inception_v3").svg())
                .isEqualTo(diagram("inception_v3").svg());
    }

    @Test
    void graphvizGetsAClusterForEachPanel() {
        String dot = diagram("resnet18").dot();

        assertThat(dot)
                .startsWith("digraph convzoo {")
                .contains(
                        "subgraph cluster_0",
                        "subgraph cluster_2",
                        "n0_0 -> n0_1;",
                        "\"3×3 max pool, stride 2\\n64×56×56\"");
        assertThat(dot.chars().filter(c -> c == '{').count())
                .isEqualTo(dot.chars().filter(c -> c == '}').count());
    }
}
