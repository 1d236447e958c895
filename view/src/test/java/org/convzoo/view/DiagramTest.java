package org.convzoo.view;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import javax.xml.parsers.DocumentBuilderFactory;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Op;
import org.convzoo.models.Architecture;
import org.convzoo.models.Models;
import org.convzoo.view.Diagram.Box;
import org.convzoo.view.Diagram.Panel;
import org.convzoo.view.Drawn.Form;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
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
        assertThat(Double.parseDouble(root.getAttribute("width"))).isLessThan(3000);
        int arrows = d.panels().stream().mapToInt(p -> p.edges().size()).sum();
        assertThat(svg.split("class=\"e\"")).hasSize(arrows + 1);
        assertThat(svg).contains("prefers-color-scheme:dark", ">convolution</text>");
    }

    @Test
    void theLegendExplainsTheSignsThatOccur() {
        assertThat(diagram("resnet50").svg()).contains("×N: N in a row", "64 / 128: not the same");
        assertThat(diagram("lenet").svg()).doesNotContain("N in a row", "not the same");
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
