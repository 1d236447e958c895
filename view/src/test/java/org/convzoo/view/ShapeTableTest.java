package org.convzoo.view;

import static org.assertj.core.api.Assertions.assertThat;

import org.convzoo.models.Models;
import org.junit.jupiter.api.Test;

class ShapeTableTest {
    @Test
    void eachLayerHasItsShapeAndCost() {
        String text = ShapeTable.of(Models.named("resnet50").graph()).text();

        // He et al. 2015, table 1: 112x112 after conv1, 7x7 at the end; torchvision's 25,557,032 parameters
        assertThat(text.lines().map(l -> l.replaceAll(" {2,}", "|")))
                .contains(
                        "layer|op|output|parameters|MACs",
                        "conv1|conv 7x7/2|64x112x112|9,408|118,013,952",
                        "layer4.2.bn3|batch norm|2048x7x7|4,096",
                        "fc|linear|1000|2,049,000|2,048,000",
                        "total|25,557,032|4,089,184,256");
        assertThat(text).contains("97.5 MiB of parameters");
    }

    @Test
    void columnsAreAligned() {
        String[] lines = ShapeTable.of(Models.named("resnet18").graph()).text().split("\n");

        assertThat(lines[2].indexOf("output")).isEqualTo(lines[5].indexOf("64x112x112"));
        assertThat(lines[5]).hasSameSizeAs(lines[2]);
    }
}
