package org.convzoo.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page from small made-up files of the form that the comparison's scripts write; and that ours is current. */
class PerformancePageTest {
    private static final Path DOCS = Path.of("").toAbsolutePath().getParent().resolve("docs");

    @TempDir
    Path folder;

    private static Results sample() throws IOException {
        return Results.read(Path.of("src/test/resources/results"));
    }

    private static String page() throws IOException {
        return PerformancePage.of(List.of(sample()));
    }

    /** The rows of a section that start with a word. */
    private static List<String> rows(String section, String first) throws IOException {
        return page().lines()
                .dropWhile(l -> !l.equals("### " + section))
                .skip(1)
                .takeWhile(l -> !l.matches("##+ .*"))
                .filter(l -> l.startsWith("| " + first + " |"))
                .toList();
    }

    @Test
    void trainingIsHeldAgainstTheBestOfAllInFloat32() throws IOException {
        assertThat(rows("Training in float32", "resnet50"))
                .containsExactly(
                        "| resnet50 | 16 | 960 | 1200 | torch.compile, tuned allocator | 1.25 | 1.20 | reached |");
        assertThat(rows("Training in float32", "lenet"))
                .containsExactly("| lenet | 64 | 2.75 | 2.20 | PyTorch | 0.80 | 1.50 | **not reached** |");
        assertThat(rows("Training in float32", "vgg16")).containsExactly("| vgg16 | 4 | | | | | 1.05 | not measured |");
    }

    @Test
    void bfloat16IsHeldAgainstTheirsAndAgainstOurFloat32() throws IOException {
        assertThat(rows("Training in bfloat16", "resnet50"))
                .containsExactly(
                        "| resnet50 | 16 | 600 | 630 | PyTorch bf16 autocast | 1.05 | 1.20 | **not reached** |",
                        "| resnet50 | 16 | 960 | 600 | 1.60 | 1.40 | reached |");
        assertThat(rows("Prediction in bfloat16, batch 1", "resnet50"))
                .containsExactly("| resnet50 | 1 | 10.0 | 11.0 | OpenVINO, its default precision | 1.10 | | |");
    }

    @Test
    void predictionsAreHeldAgainstTheBetterOfTwo() throws IOException {
        assertThat(rows("Prediction in float32, batch 1", "resnet50"))
                .as("PyTorch, though faster here, is not what the goal names")
                .containsExactly("| resnet50 | 1 | 20.0 | 22.0 | OpenVINO | 1.10 | 1.00 | reached |");
        assertThat(rows("Prediction in float32, batch 1", "mobilenet_v2"))
                .as("a later line replaces an earlier one")
                .containsExactly("| mobilenet_v2 | 1 | 1.00 | 1.60 | ONNX Runtime | 1.60 | 1.00 | reached |");
        assertThat(rows("Prediction in float32, batch 16", "resnet50"))
                .containsExactly(
                        "| resnet50 | 16 | 400 | 300 | ONNX Runtime from Java | 0.75 | 1.00 | **not reached** |");
        // sqrt(1.1 * 1.6)
        assertThat(page()).contains("Geometric mean of 2: **1.33**; goal 1.10: reached.");
    }

    @Test
    void sharesStartAndMemory() throws IOException {
        // 2 * 3 * 16 * 4 G / 0.96 s of 500 G/s; 2 * 4 G / 0.02 s
        assertThat(rows("Share of the processor's peak", "training of resnet50"))
                .containsExactly("| training of resnet50 | 16 | 400 | 80 % | 75 % | reached |");
        assertThat(rows("Share of the processor's peak", "prediction of resnet50"))
                .startsWith("| prediction of resnet50 | 1 | 400 | 80 % | 88 % | **not reached** |");
        String start = "From start to the first prediction";
        assertThat(rows(start, "convzoo")).containsExactly("| convzoo | 1.20 | 380 | |");
        assertThat(rows(start, "ratio to ONNX Runtime Java"))
                .containsExactly("| ratio to ONNX Runtime Java | 0.75 | | **not reached** |");
        assertThat(rows(start, "limit by seconds")).containsExactly("| limit by seconds | 1.50 | | reached |");
        assertThat(rows("Memory", "convzoo")).containsExactly("| convzoo | 2000 | 0.50 | 0.60 | reached |");
    }

    @Test
    void theHeadNamesMachineVersionsCommandsAndWhereWeLose() throws IOException {
        assertThat(page())
                .contains(
                        "Of 47 goals 9 are reached, 7 are not, 31 are not measured. convzoo is slower than the best of the others in training of lenet (batch 64, 0.80);"
                                + " prediction of resnet50 (batch 16, 0.75).",
                        "- machine: AMD EPYC, avx2, threads 1 FMA peak 250, threads 2 FMA peak 500, sgemm 4096 228",
                        "- convzoo: oneDNN 3.13.0, avx512, 2 threads; Java 17.0.1",
                        "- others: onnxruntime==1.29.0, torch==2.15.0",
                        "- measured: 2026-01-02; 2026-01-03",
                        "```\n./infer.sh infer.jsonl\n```");
    }

    @Test
    void whatTheProgramMeasuredIsAllThere() throws IOException {
        assertThat(rows("All times of training, ms", "network"))
                .containsExactly("| network | convzoo | convzoo bf16 | PyTorch, channels last |"
                        + " torch.compile, tuned allocator | PyTorch bf16 autocast | PyTorch | DL4J |");
        assertThat(rows("All times of training, ms", "lenet"))
                .containsExactly("| lenet | 2.75 | | | | | 2.20 | 54.0 |");
        assertThat(rows("All times of predictions of 16, ms", "resnet50")).containsExactly("| resnet50 | 400 | 300 |");
    }

    @Test
    void whatCannotBeReadIsNamed() throws IOException {
        assertThatThrownBy(() -> PerformancePage.of(List.of(Results.read(folder))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("infer.jsonl");
        Files.writeString(folder.resolve("infer.jsonl"), "{\"net\": 1}\n");
        assertThatThrownBy(() -> Results.read(folder))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("infer.jsonl: no 'net' and 'ms'");
        Files.writeString(folder.resolve("roof.txt"), "peak unknown\n");
        assertThatThrownBy(() -> Results.read(folder)).hasMessageContaining("roof.txt: cannot read 'peak unknown'");
    }

    @Test
    void eachMachineHasItsSectionTheLatestFirst() throws IOException {
        for (String machine : List.of("older", "newer")) {
            Path into = Files.createDirectory(folder.resolve(machine));
            Files.writeString(into.resolve("about.txt"), "The " + machine + " one\nTwo cores.\n");
            String day = machine.equals("older") ? "2026-01-01" : "2026-01-02";
            double ours = machine.equals("older") ? 20 : 12.5;
            Files.writeString(
                    into.resolve("infer.jsonl"),
                    "{\"net\": \"vgg16\", \"when\": \"" + day + " 10:00:00\", \"ms\": {\"ours@1\": {\"median\": " + ours
                            + "}, \"ort_py@1\": {\"median\": 10}}}\n");
        }

        String page = PerformancePage.of(Results.readAll(folder));

        assertThat(page)
                .contains(
                        "| | The newer one | The older one |\n",
                        "| Prediction in float32, batch 1 | 0.80 (1, 0.80) | 0.50 (1, 0.50) |\n",
                        "| Training in float32 | not measured | not measured |\n",
                        "**The older one.** Of ",
                        "slower than the best of the others in prediction of vgg16 (batch 1, 0.50).")
                .containsSubsequence("\n## The newer one\n\nTwo cores.\n", "\n## The older one\n\nTwo cores.\n")
                .doesNotContain("### Prediction in bfloat16", "### Training in bfloat16", "### Memory");
    }

    @Test
    void theReadmesTableHasBothPrecisions() throws IOException {
        assertThat(ReadmeTable.of(sample()).lines())
                .contains(
                        "| training resnet50 | 16 | 960 | 1200 | 1.25 | 600 |",
                        "| predicting with resnet50 | 1 | 20.0 | 22.0 | 1.10 | 10.0 |");
    }

    @Test
    void thePagesOfThisProjectAreWhatTheResultsGive() throws IOException {
        List<Results> machines = Results.readAll(DOCS.resolve("performance"));
        assertThat(DOCS.resolve("performance.md"))
                .as("run docs/performance/update")
                .content()
                .isEqualTo(PerformancePage.of(machines));

        String readme = Files.readString(DOCS.resolveSibling("README.md"));
        assertThat(readme).as("run docs/performance/update").isEqualTo(ReadmeTable.replacedIn(readme, machines.get(0)));
    }
}
