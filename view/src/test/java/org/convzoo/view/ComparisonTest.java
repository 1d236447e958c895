package org.convzoo.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.convzoo.models.Models;
import org.junit.jupiter.api.Test;

class ComparisonTest {
    private static final Comparison COMPARISON = Comparison.of(List.of(
            Models.named("resnet50").graph(), Models.named("resnext50_32x4d").graph()));

    @Test
    void figuresStandBesideEachOther() {
        assertThat(COMPARISON.text().lines().map(l -> l.replaceAll(" {2,}", "|")))
                .contains(
                        "|resnet50|resnext50_32x4d",
                        "input|3x224x224|3x224x224",
                        "parameters|25.6 M|25.0 M|x 0.98",
                        "MACs|4.09 G|4.23 G|x 1.03",
                        "layers with weights|54|54|x 1.00",
                        "sees (pixels)|427|427|x 1.00");
    }

    @Test
    void dataHaveTheSameWordsAsOtherCommands() {
        var json = COMPARISON.json();

        assertThat(json.get(0).path("macs").asLong()).isEqualTo(4_089_184_256L);
        assertThat(json.get(1).path("ratios").path("parameters").asDouble())
                .isCloseTo(25_028_904.0 / 25_557_032, within(1e-12));
    }
}
