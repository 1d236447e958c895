package org.convzoo.view;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import org.convzoo.models.Architecture;
import org.convzoo.models.Models;
import org.convzoo.models.Options;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class CostTableTest {
    static java.util.List<Architecture> all() {
        return Models.all();
    }

    @Test
    void eachLayerHasItsCost() {
        String text = CostTable.of(Models.named("resnet50").graph()).text();

        // 7x7/2 on 3x224x224: 64 x 112 x 112 floats are 3.06 MiB; 588 KiB of image and 37 KiB of weights are read
        assertThat(text.lines().map(l -> l.replaceAll(" {2,}", "|")))
                .contains(
                        "layer|op|output|params|MACs|memory|traffic|sees|hints",
                        "conv1|conv 7x7/2|64x112x112|9.41 k|118 M|3.06 MiB|3.67 MiB|7/2",
                        "layer1.0.conv3|conv 1x1|256x56x56|16.4 k|51.4 M|3.06 MiB|3.89 MiB|19/4|G1");
        assertThat(text).contains("equal channel widths", "layer1.0.conv3: 64 -> 256 channels move 1.25 times");
    }

    @ParameterizedTest
    @MethodSource("all")
    void itFitsIntoAHundredAndTwentyColumns(Architecture network) {
        String table = CostTable.of(network.graph()).text();

        assertThat(table.lines().filter(l -> l.length() > 120)).isEmpty();
    }

    @Test
    void dataHaveTheSameWordsAndExactCounts() {
        JsonNode json = CostTable.of(Models.named("alexnet_owt").graph()).json();
        JsonNode conv = json.path("layers").get(1);

        assertThat(conv.path("name").asText()).isEqualTo("features.0");
        assertThat(conv.path("output").toString()).isEqualTo("[64,55,55]");
        assertThat(conv.path("parameters").asLong()).isEqualTo(64 * 3 * 121 + 64);
        assertThat(conv.path("bytes_written").asLong()).isEqualTo(4 * 64 * 55 * 55);
        assertThat(json.path("receptive_field").toString()).isEqualTo("[195,195]");
        assertThat(json.path("stride").toString()).isEqualTo("[32,32]");
    }

    @Test
    void auxiliaryHeadsCountAsParametersNotAsWork() {
        Architecture googlenet = Models.named("googlenet");
        var graph = googlenet.graph(googlenet.usual(), Options.of("aux", true));
        JsonNode json = CostTable.of(graph).json();

        long all = 0, predicting = 0;
        for (JsonNode layer : json.path("layers")) {
            all += layer.path("parameters").asLong();
            if (!layer.has("training")) predicting += layer.path("macs").asLong();
        }
        assertThat(json.path("parameters").asLong()).isEqualTo(all).isEqualTo(graph.parameterCount());
        assertThat(json.path("macs").asLong()).isEqualTo(predicting).isEqualTo(graph.macs());
        assertThat(CostTable.of(graph).text()).contains("* in training only");
        assertThat(ShapeTable.of(graph).text()).contains("* in training only");
    }
}
