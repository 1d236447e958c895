package org.convzoo.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import org.convzoo.models.Models;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CatalogueCommandsTest {
    @Test
    void listsEveryNetwork() {
        Cli all = Cli.run("list");

        assertThat(all.code()).isZero();
        assertThat(all.out().lines()).hasSize(2 + Models.all().size());
        assertThat(all.out()).containsPattern("resnet50 +ResNet +2015 +25.6 M +4.09 G +3x224x224 +1512.03385");
    }

    @Test
    void patternIsAPartOrAWholeWithWildcards() {
        assertThat(names(Cli.run("list", "resnet1?"))).containsExactly("resnet18");
        assertThat(names(Cli.run("list", "*net50*")))
                .contains("resnet50", "wide_resnet50_2")
                .doesNotContain("resnet18");
        assertThat(names(Cli.run("list", "VGG"))).hasSize(8);
        assertThat(Cli.run("list", "zzz").code()).isEqualTo(2);
    }

    private static java.util.List<String> names(Cli list) {
        return list.out().lines().skip(2).map(l -> l.split(" ")[0]).toList();
    }

    @Test
    void showsANetworkInTheFormAskedFor() throws IOException {
        JsonNode json = new ObjectMapper()
                .readTree(
                        Cli.run("show", "googlenet", "--image", "3x128x96", "--classes", 7, "-O", "aux=true", "--json")
                                .out());

        assertThat(json.path("model").asText()).isEqualTo("googlenet");
        assertThat(json.path("input").toString()).isEqualTo("[3,128,96]");
        assertThat(json.path("classes").asInt()).isEqualTo(7);
        assertThat(json.path("options").toString()).isEqualTo("{\"aux\":\"true\"}");
        assertThat(json.path("layers").findValuesAsText("name")).contains("conv1.conv", "fc");
        assertThat(json.path("parameters").asLong()).isPositive();
    }

    @Test
    void showsWhatEachLayerCosts() {
        Cli cost = Cli.run("show", "mobilenet_v2", "--cost");

        assertThat(cost.code()).isZero();
        assertThat(cost.out()).contains("traffic", "491/32", "G4  element-wise operations");
    }

    @Test
    void drawsTheArchitecture(@TempDir Path folder) throws IOException {
        Path svg = folder.resolve("net.svg"), dot = folder.resolve("net.dot");
        Cli drawn = Cli.run("show", "lenet", "--svg", svg, "--dot", dot);

        assertThat(drawn.code()).isZero();
        assertThat(drawn.out()).isEmpty();
        assertThat(svg).content().startsWith("<svg ").contains("5×5 conv, 16");
        assertThat(dot).content().startsWith("digraph");
        assertThat(Cli.run("show", "lenet", "--svg", folder.resolve("no/such/net.svg"))
                        .code())
                .isEqualTo(1);
    }

    @Test
    void helpOfEveryCommandHasAnExample() {
        for (String command :
                new picocli.CommandLine(new Main()).getSubcommands().keySet()) {
            Cli help = Cli.run(command, "--help");
            assertThat(help.code()).as(command).isZero();
            assertThat(help.out()).as(command).containsPattern("Examples?:\\s+convzoo " + command);
        }
    }
}
