package org.convzoo.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.convzoo.classify.Model;
import org.convzoo.failure.WrongUseException;
import org.convzoo.json.Json;
import org.convzoo.recipe.EpochMetrics;
import org.convzoo.recipe.Recipe;
import org.convzoo.train.Evaluation;
import org.convzoo.train.RunReport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunsPageTest {
    private static final List<String> LABELS = List.of("a", "b <c>", "d");

    @TempDir
    Path temp;

    /** A run as a training leaves it, as far as it is read here. */
    private Path run(String name, double learningRate, int epochs, Evaluation evaluation) throws IOException {
        Path path = Files.createDirectories(temp.resolve(name));
        RunReport.Ended made = Sample.run(path, "lenet", LABELS, 28, 1, epochs);
        Model model = made.model();
        Recipe recipe = Recipe.of(model.provenance().recipe()).withLearningRate(learningRate);
        new Model(
                        model.graph(),
                        model.transform(),
                        model.labels(),
                        model.provenance().withRecipe(recipe.toJson()).withMetrics(evaluation.summary()),
                        model.weights())
                .write(path.resolve(Model.FILE));
        StringBuilder lines = new StringBuilder();
        for (EpochMetrics e : made.history()) lines.append(Json.text(e)).append('\n');
        Files.writeString(path.resolve("metrics.jsonl"), lines);
        Files.writeString(path.resolve("predictions.csv"), evaluation.toCsv());
        return path;
    }

    private Evaluation evaluation() {
        return Sample.run(temp, "lenet", LABELS, 28, 1, 1).evaluation();
    }

    private static int count(String html, String part) {
        return html.split(part, -1).length - 1;
    }

    @Test
    void tellsOfEachRunAndInWhatTheyDiffer() throws IOException {
        RunsComparison comparison = RunsComparison.of(
                List.of(run("slow", 0.001, 12, evaluation()), run("fast & far", 0.01, 6, evaluation())));

        assertThat(comparison.differences()).containsOnlyKeys("epochs", "learning_rate");
        assertThat(comparison.differences().get("learning_rate")).containsExactly("0.001", "0.01");
        assertThat(comparison.text())
                .containsPattern("slow +lenet +1x28x28 +12 +\\d\\d\\.\\d % +97\\.9 % \\(12\\) +4\\.8 s +21,507 ")
                .containsPattern("what differs +slow +fast & far\n-+\nepochs +12 +6\nlearning_rate +0.001 +0.01\n")
                .doesNotContain("not ended");
        JsonNode json = comparison.json();
        assertThat(json).hasSize(2);
        assertThat(json.at("/0/history")).hasSize(12);
        assertThat(json.at("/1/best_epoch").asInt()).isEqualTo(6);
        assertThat(json.at("/1/recipe/learning_rate").asDouble()).isEqualTo(0.01);
        assertThat(json.at("/0/ended").asBoolean()).isTrue();
    }

    @Test
    void thePageHasCurvesOverEachOther() throws IOException {
        String html = new RunsPage(RunsComparison.of(
                        List.of(run("slow", 0.001, 12, evaluation()), run("fast & far", 0.01, 6, evaluation()))))
                .html();

        assertThat(count(html, "<svg")).isEqualTo(4);
        assertThat(count(html, "<polyline class=\"line run0\"")).isEqualTo(4);
        assertThat(count(html, "<polyline class=\"line run1\"")).isEqualTo(4);
        assertThat(html)
                .contains("fast &amp; far, epoch 6: 97.9 %", "In what they differ", "learning_rate", "b &lt;c&gt;")
                .contains(", min 0.08: ")
                .doesNotContain("<script", "http://", "https://", "fast & far", "NaN");
    }

    @Test
    void manyRunsAndOnesThatHaveJustBegun() throws IOException {
        List<Path> paths = new ArrayList<>();
        for (int i = 0; i < 20; i++) paths.add(run("run" + i, 0.001, 2, evaluation()));
        Files.delete(paths.get(19).resolve("metrics.jsonl"));
        Files.delete(paths.get(19).resolve("predictions.csv"));
        RunsComparison comparison = RunsComparison.of(paths);

        assertThat(comparison.text()).contains("All have the same settings.").containsPattern("run19 .* - +- +- ");
        String html = new RunsPage(comparison).html();
        assertThat(count(html, "<polyline class=\"line run3 dashed\"")).isEqualTo(4);
        assertThat(count(html, "<polyline")).isEqualTo(4 * 19);
        paths.add(paths.get(0));
        assertThatThrownBy(() -> RunsComparison.of(paths)).isInstanceOf(WrongUseException.class);
        assertThatThrownBy(() -> RunsComparison.of(paths.subList(0, 1))).isInstanceOf(WrongUseException.class);
        assertThatThrownBy(() -> RunsComparison.of(List.of(paths.get(0), temp)))
                .isInstanceOf(WrongUseException.class)
                .hasMessage(temp + ": holds no run");
    }

    @Test
    void runsOfTheSameNameAreToldByTheFoldersAroundThem() throws IOException {
        Path one = run("one/run", 0.001, 2, evaluation()), other = run("other/run", 0.001, 2, evaluation());

        assertThat(RunsComparison.of(List.of(one, other)).names())
                .containsExactly(
                        Path.of("one", "run").toString(),
                        Path.of("other", "run").toString());
    }

    @Test
    void runsOfOtherClassesAreNotComparedByClass() throws IOException {
        Path one = run("one", 0.001, 2, evaluation()), other = run("other", 0.001, 2, evaluation());
        assertThat(new RunsPage(RunsComparison.of(List.of(one, other))).html()).contains("Class by class");
        List<String> digits = IntStream.range(0, 3).mapToObj(Integer::toString).toList();
        RunReport.Ended made = Sample.run(other, "lenet", digits, 28, 1, 2);
        made.model().write(other.resolve(Model.FILE));
        Files.writeString(other.resolve("predictions.csv"), made.evaluation().toCsv());

        assertThat(new RunsPage(RunsComparison.of(List.of(one, other))).html()).doesNotContain("Class by class");
    }
}
