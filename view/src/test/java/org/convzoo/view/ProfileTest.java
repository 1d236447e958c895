package org.convzoo.view;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.xml.parsers.DocumentBuilderFactory;
import org.convzoo.engine.LayerTime;
import org.convzoo.engine.Peak;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Node;
import org.convzoo.models.Models;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

class ProfileTest {
    /** 100 GFLOP/s and 10 GB/s: the ridge is at 10 operations a byte. */
    private static final Peak PEAK = new Peak(100e9, 10e9);

    private static final List<LayerTime> STEPS = List.of(
            new LayerTime("a<b", "forward", "convolution brg:avx512", 2, 50_000_000, 2_000_000), // 50 a byte
            new LayerTime("relu", "forward", "eltwise jit:uni", 1, 0, 5_000_000),
            new LayerTime("fc", "forward", "linear brg:avx512", 1, 5_000_000, 10_000_000), // 1 a byte
            new LayerTime("a<b", "backward", "convolution's weight gradient jit", 4, 50_000_000, 4_000_000));

    private static final Graph GRAPH = Models.named("mobilenet_v2").graph();

    private static List<String> words(String line) {
        return List.of(line.trim().split(" {2,}"));
    }

    @Test
    void eachStepHasItsRatesAndItsBound() {
        List<String> lines = new Profile(STEPS, PEAK).text().lines().toList();

        assertThat(words(lines.get(2)))
                .containsExactly(
                        "a<b", "forward", "convolution brg:avx512", "2.000", "25.0 %", "50.0", "1.0", "compute");
        assertThat(words(lines.get(3)))
                .containsExactly("relu", "forward", "eltwise jit:uni", "1.000", "12.5 %", "5.0", "memory");
        assertThat(words(lines.get(4)))
                .containsExactly("fc", "forward", "linear brg:avx512", "1.000", "12.5 %", "10.0", "10.0", "memory");
    }

    @Test
    void sumsAreByLayerInOrderAndByKernelTheLongestFirst() {
        String text = new Profile(STEPS, PEAK).text();
        String[] tables = text.split("\n\n");

        assertThat(tables[1].lines().skip(2).map(l -> words(l).get(0)).toList())
                .startsWith("a<b", "relu", "fc")
                .last()
                .isEqualTo("total");
        assertThat(words(tables[1].lines().toList().get(2)))
                .containsExactly("a<b", "2", "6.000", "75.0 %", "33.3", "1.0", "compute");
        assertThat(tables[2].lines().skip(2).limit(2).map(l -> words(l).get(0)))
                .containsExactly("convolution's weight gradient jit", "convolution brg:avx512");
        assertThat(text).contains("fewer than 10 operations a byte");
    }

    @Test
    void dataHasTheExactNumbers() {
        var json = new Profile(STEPS, PEAK).json();

        assertThat(json).hasSize(4);
        assertThat(json.get(0).toString())
                .isEqualTo("{\"layer\":\"a<b\",\"pass\":\"forward\",\"kernel\":\"convolution brg:avx512\","
                        + "\"milliseconds\":2.0,\"macs\":50000000,\"bytes\":2000000,\"bound_by\":\"compute\"}");
    }

    @Test
    void thePlotHasADiskForEachStepThatMultipliesAsLargeAsItsTime() throws Exception {
        Document svg = parsed(new Profile(STEPS, PEAK).svg(GRAPH, "net: a prediction"));
        List<Element> disks = new ArrayList<>();
        NodeList circles = svg.getElementsByTagName("circle");
        for (int i = 0; i < circles.getLength(); i++)
            if (circles.item(i).hasChildNodes()) disks.add((Element) circles.item(i));

        assertThat(disks).hasSize(3);
        assertThat(disks.get(0).getTextContent())
                .startsWith("a<b, backward, convolution's weight gradient jit: 4.00 ms");
        double[] r = disks.stream().mapToDouble(d -> at(d, "r")).toArray();
        assertThat(r[0] * r[0] / (r[1] * r[1])).isBetween(1.9, 2.1);
        assertThat(r[1] * r[1] / (r[2] * r[2])).isBetween(1.9, 2.1);
        // 25 times apart in operations a byte, 5 in operations a second
        assertThat(at(disks.get(1), "cx")).isGreaterThan(at(disks.get(2), "cx"));
        assertThat(at(disks.get(1), "cy")).isLessThan(at(disks.get(2), "cy"));
        assertThat(svg.getDocumentElement().getTextContent())
                .contains("product of large matrices 100 GFLOP/s", "copy 10 GB/s", "13 % of the time, at 5 GB/s");
    }

    @Test
    void aDiskOnTheRidgeStandsAtTheRoofsCorner() throws Exception {
        var corner = new LayerTime("x", "forward", "convolution k", 1, 50_000_000, 10_000_000);
        Document svg = parsed(new Profile(List.of(corner), PEAK).svg(GRAPH, "x: y"));
        Element disk = (Element) svg.getElementsByTagName("circle").item(0);
        String[] roof = ((Element) svg.getElementsByTagName("polyline").item(0))
                .getAttribute("points")
                .split("[ ,]");

        assertThat(disk.getAttribute("cx")).isEqualTo(roof[2]);
        assertThat(disk.getAttribute("cy")).isEqualTo(roof[3]);
    }

    @Test
    void kindsOfConvolutionsHaveColoursOfTheirOwn() throws Exception {
        List<LayerTime> steps = new ArrayList<>();
        for (Node n : GRAPH.inferenceNodes())
            if (n.macs() > 0) steps.add(new LayerTime(n.path(), "forward", "convolution k", 1, n.macs(), 1_000_000));
        steps.add(new LayerTime("classifier.1", "backward", "linear k", 1, 1_280_000, 1_000_000));
        NodeList circles = parsed(new Profile(steps, PEAK).svg(GRAPH, "x: y")).getElementsByTagName("circle");
        Map<String, String> colours = new HashMap<>();
        for (int i = 0; i < steps.size(); i++) {
            Element disk = (Element) circles.item(i);
            colours.put(disk.getTextContent().replaceFirst(",.*", ""), disk.getAttribute("fill"));
        }

        // the first layer, and a block's three
        String window = colours.get("features.0.0"), wider = colours.get("features.2.conv.0.0");
        String depthwise = colours.get("features.2.conv.1.0"), narrower = colours.get("features.2.conv.2");
        assertThat(wider).isEqualTo(narrower);
        assertThat(Set.of(window, wider, depthwise, colours.get("classifier.1")))
                .hasSize(4);
        assertThat(new Profile(steps, PEAK).svg(GRAPH, "x: y"))
                .contains(">depthwise convolution 3", ">1×1 convolution 6", ">k×k convolution 2", "rings: gradients");
    }

    private static double at(Element e, String attribute) {
        return Double.parseDouble(e.getAttribute(attribute));
    }

    private static Document parsed(String svg) throws Exception {
        return DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8)));
    }
}
