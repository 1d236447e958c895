package org.convzoo.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.convzoo.models.Models;
import org.convzoo.recipe.PaperRecipe;
import org.convzoo.recipe.Recipes;
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

    @Test
    void theListIsFilteredAndSorted() {
        assertThat(names(Cli.run("list", "--max-params", "5M", "--max-macs", "600M", "--size", 224, "--sort", "macs")))
                .startsWith("shufflenet_v2_x0_5", "mobilenet_v3_small")
                .contains("mobilenet_v1", "squeezenet1_1")
                .doesNotContain("efficientnet_b0", "squeezenet1_0", "lenet");
        assertThat(names(Cli.run("list", "--family", "densenet", "--year", 2016)))
                .hasSize(5);
        assertThat(names(Cli.run("list", "--year", "2012-2013"))).containsExactly("alexnet", "nin");
        assertThat(names(Cli.run("list", "vgg", "--sort", "params")).get(0)).isEqualTo("vgg11");
    }

    @Test
    void aWrongFilterIsOneLine() {
        assertThat(Cli.run("list", "--max-params", "few").err()).contains("like 300k, 5M or 4.1G, not 'few'");
        assertThat(Cli.run("list", "--year", "new").code()).isEqualTo(2);
        assertThat(Cli.run("list", "--family", "foo").err()).contains("there is no family 'foo'; there are LeNet, ");
        assertThat(Cli.run("list", "--max-params", "1").code()).isEqualTo(2);
    }

    @Test
    void comparesNetworks() {
        Cli compared = Cli.run("compare", "resnet50", "seresnet50");

        assertThat(compared.code()).isZero();
        assertThat(compared.out()).containsPattern("parameters +25.6 M +28.1 M +x 1.10");
        assertThat(Cli.run("compare", "resnet50").code()).isEqualTo(2);
    }

    @Test
    void recomputesThePapersClaims() {
        Cli claims = Cli.run("claims");

        assertThat(claims.code()).isZero();
        assertThat(claims.out())
                .containsPattern("\n1704.04861 *\n")
                .containsPattern("table 6 +mobilenet_v1: MACs +569 M +568.7 M +holds")
                .containsPattern("section 1 +GoogLeNet: .* +12 x +8.9 x +differs")
                .contains("Why they differ");
    }

    @Test
    void linesFitATerminal() {
        for (String command : List.of("list", "claims"))
            assertThat(Cli.run(command).out().lines()).as(command).allMatch(l -> l.length() <= 80);
        System.setProperty("convzoo.width", "120");
        try {
            assertThat(Cli.run("list").out()).contains("LeCun et al. 1998, Proc. IEEE 86(11)");
        } finally {
            System.clearProperty("convzoo.width");
        }
    }

    @Test
    void helpIsForPeople() {
        assertThat(Cli.run("bench", "--help").out()).doesNotContain("--worker", "--first");
    }

    @Test
    void completesTheNamesOfNetworks() throws Exception {
        for (String command : List.of("show", "train", "bench", "compare"))
            assertThat(completed(command, "resnet1")).as(command).contains("resnet18", "resnet101", "resnet152");
        assertThat(completed("compare", "resnet18", "seresnet1"))
                .containsExactly("seresnet18", "seresnet101", "seresnet152");
        assertThat(completed("train", "--epochs", "3", "len")).containsExactly("lenet");
    }

    @Test
    void completesCommandsOptionsWordsAndFiles(@TempDir Path folder) throws Exception {
        Files.createDirectories(folder.resolve("digital"));
        String inside = folder + "/dig";

        assertThat(completed("comp")).containsExactly("compare", "compare-runs", "completion");
        assertThat(completed("train", "--precision", "")).containsExactly("f32", "bf16");
        assertThat(completed("bench", "--precision", "")).containsExactly("f32", "bf16");
        assertThat(completed("list", "--max")).containsExactly("--max-params", "--max-macs");
        assertThat(completed("list", "--sort", "")).containsExactly("name", "family", "year", "params", "macs");
        assertThat(completed("list", "--family", "Wi")).containsExactly("Wide\\ ResNet");
        assertThat(completed("train", "lenet", "--data", "di")).contains("digits");
        for (String option : List.of("--data", "--out", "--resume"))
            assertThat(completed("train", option, inside)).as(option).containsExactly(folder + "/digital");
        assertThat(completed("show", "lenet", "--svg", inside)).containsExactly(folder + "/digital");
        assertThat(completed("predict", inside)).containsExactly(folder + "/digital");
    }

    /** What bash offers for the last word. */
    private static List<String> completed(String... words) throws Exception {
        String script = Cli.run("completion").out() + "COMP_WORDS=(convzoo \"$@\"); COMP_CWORD=$#\n"
                + "_complete_convzoo; printf '%s\\n' \"${COMPREPLY[@]}\"\n";
        var command = new ArrayList<>(List.of("bash", "-c", script, "bash"));
        command.addAll(List.of(words));
        Process bash = new ProcessBuilder(command).start();
        String out = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return out.lines().map(String::strip).toList();
    }

    private static List<String> names(Cli list) {
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
    void namesTheOptionsOfANetwork() {
        assertThat(Cli.run("show", "lenet").out()).contains("-O modern=true: ReLU");
        assertThat(Cli.run("show", "mobilenet_v2").out()).contains("-O width=X: a factor");
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
    void drawsToStandardOutput() {
        assertThat(Cli.run("show", "lenet", "--dot", "-").out())
                .startsWith("digraph")
                .endsWith("}\n");
    }

    @Test
    void aLinkStaysOne(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("real.svg"), link = Files.createSymbolicLink(folder.resolve("link.svg"), file);
        Files.writeString(file, "old");

        assertThat(Cli.run("show", "lenet", "--svg", link).code()).isZero();

        assertThat(link).isSymbolicLink();
        assertThat(file).content().startsWith("<svg ");
    }

    @Test
    void whatDoesNotFitTogetherIsOneLine(@TempDir Path folder) {
        assertThat(Cli.run("show", "lenet", "--svg", folder).err()).contains("is a folder; name a file in it");
        assertThat(Cli.run("list", "--json", "--markdown").code()).isEqualTo(2);
        assertThat(Cli.run("show", "lenet", "-O", "modern").err()).contains("Value for option '-O'");
        assertThat(Cli.run("compare").err()).contains("none were specified; see");
    }

    @Test
    void recipesAreListedAndShown(@TempDir Path folder) throws IOException {
        Cli all = Cli.run("recipes"), one = Cli.run("recipes", "resnet");

        assertThat(all.code()).isZero();
        assertThat(all.out()).contains(PaperRecipe.NAMES).contains("He et al. 2015 (1512.03385), section 3.4");
        assertThat(all.out().lines()).allMatch(line -> line.length() <= 100);
        Path file = Files.writeString(folder.resolve("mine.json"), one.out());
        assertThat(Recipes.read(file.toString()))
                .isEqualTo(PaperRecipe.named("resnet").recipe());
        assertThat(Cli.run("recipes", "resnot").code()).isEqualTo(2);
        assertThat(Cli.run("recipes", "resnot").err()).contains("there is no recipe named 'resnot'; near are resnet");
    }

    @Test
    void helpOfEveryCommandHasAnExample() {
        for (String command : Main.commandLine(new Main()).getSubcommands().keySet()) {
            Cli help = Cli.run(command, "--help");
            assertThat(help.code()).as(command).isZero();
            assertThat(help.out()).as(command).containsPattern("Examples?:\\s+convzoo " + command);
        }
    }
}
