package org.convzoo.view;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.convzoo.experiment.Arm;
import org.convzoo.experiment.Experiment;
import org.convzoo.experiment.Experiments;
import org.convzoo.experiment.Result;
import org.convzoo.graph.Graph;
import org.convzoo.models.Models;
import org.convzoo.recipe.EpochMetrics;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ExperimentPageTest {
    private static final Graph GRAPH = Models.named("lenet").graph();

    static List<Experiment> all() {
        return Experiments.all();
    }

    private static Result result(Experiment e, String arm, long seed, double test, double... errors) {
        Arm own =
                e.arms().stream().filter(a -> a.name().equals(arm)).findFirst().orElseThrow();
        List<EpochMetrics> history = new ArrayList<>();
        double none = Double.NaN;
        for (double error : errors) {
            int epoch = history.size() + 1;
            history.add(new EpochMetrics(epoch, epoch, 0.1, 3 * error, 1 - error, none, none, none, 100, 1, 0, 0));
        }
        return new Result(
                own, GRAPH, seed, Path.of(arm), history, 1 - test, Double.isNaN(test) ? "the loss is no number" : "");
    }

    /** The deeper plain network is worse in all runs, the deeper residual one in some. */
    private static List<Result> degraded(Experiment e) {
        List<Result> results = new ArrayList<>();
        for (int seed = 1; seed <= 3; seed++) {
            results.add(result(e, "plain20", seed, 0.30 + 0.01 * seed, 0.8, 0.25));
            results.add(result(e, "plain56", seed, 0.50 + 0.01 * seed, 0.9, 0.45));
            results.add(result(e, "resnet20", seed, 0.25 + 0.01 * seed, 0.7, 0.20));
            results.add(result(e, "resnet56", seed, 0.21 + 0.02 * seed, 0.7, 0.60));
        }
        return results;
    }

    private static ExperimentResults results(Experiment e, List<Result> results) {
        return new ExperimentResults(e, e.quick(), "some & more", results);
    }

    @Test
    void theWordsFollowFromTheNumbers() {
        Experiment e = Experiments.named("degradation");
        String text = results(e, degraded(e)).text();
        assertThat(text)
                .contains("On some & more, at most 2,000 images to learn from")
                .containsPattern("plain56 +61.7 k +417 k +45.0 ± 0.0 % +52.0 ± 1.0 % +3\n")
                .contains(
                        "The deeper plain network has the higher training error.\n   shows. training error: plain56 45.0 ± 0.0 %,"
                                + " plain20 25.0 ± 0.0 %; every run of plain56 lies above every run of plain20, which chance"
                                + " alone does in one of 20\n",
                        "   does not show at this size. test error: resnet20 27.0 ± 1.0 %, resnet56 25.0 ± 2.0 %; the runs"
                                + " overlap\n",
                        "Of 56 layers, those with shortcuts train to the lower error.\n   the opposite shows here. training"
                                + " error: plain56 45.0 ± 0.0 %, resnet56 60.0 ± 0.0 %; every run of resnet56 lies above");
    }

    @Test
    void thePagePutsThemBesideThePapers() {
        Experiment e = Experiments.named("degradation");
        String html = new ExperimentPage(results(e, degraded(e))).html();
        assertThat(html)
                .contains("<td>27.94 %</td><td>28.54 %</td>", "He, Zhang, Ren, Sun 2015", "some &amp; more")
                .contains("<div class=\"verdict fine\"><strong>shows</strong>: The deeper plain network")
                .contains("<div class=\"verdict open\"><strong>does not show at this size</strong>")
                .contains("<div class=\"verdict diverging\"><strong>the opposite shows here</strong>")
                .contains("<a href=\"plain56/seed-3/report.html\">seed 3: 47.0 % of the test images right</a>")
                .contains("class=\"line run1 seed\"", "class=\"line run1\"")
                .doesNotContain("have ended")
                .doesNotContainPattern("(src|href)=\"(http|//|file:)");
    }

    @Test
    void anExperimentThatGoesOnSaysSo() {
        Experiment e = Experiments.named("normalisation");
        List<Result> some = List.of(
                result(e, "without-x1", 1, 0.4, 0.8, 0.2), result(e, "without-x30", 1, Double.NaN, new double[0]));
        String html = new ExperimentPage(results(e, some)).html();
        assertThat(html)
                .contains("2 of 18 runs have ended.", "seed 1: diverged after epoch 0", "1, 1 diverged", "never")
                .contains("<strong>not yet known</strong>")
                .doesNotContain("<strong>shows</strong>", "without-x30/seed-1/report.html");
    }

    @Test
    void whereNeitherGetsThereNothingShows() {
        Experiment e = Experiments.named("activation");
        List<Result> slow = new ArrayList<>();
        for (int seed = 1; seed <= 3; seed++) for (Arm a : e.arms()) slow.add(result(e, a.name(), seed, 0.8, 0.9, 0.8));
        assertThat(results(e, slow).text())
                .contains(
                        "does not show at this size. epochs to a training error of 25 %: tanh never, relu never; neither"
                                + " gets there\n");
    }

    /** Whatever came out, there is a page, and the numbers of no run are no claim. */
    @ParameterizedTest
    @MethodSource("all")
    void eachHasAPage(Experiment e) {
        assertThat(new ExperimentPage(results(e, List.of())).html()).contains(Html.escape(e.title()), "not yet known");
        List<Result> same = new ArrayList<>();
        for (int seed = 1; seed <= e.quick().seeds(); seed++)
            for (Arm a : e.arms()) same.add(result(e, a.name(), seed, 0.5, 0.9, 0.8));
        assertThat(new ExperimentPage(results(e, same)).html())
                .contains("does not show at this size")
                .doesNotContain("<strong>shows</strong>", "<strong>the opposite", "NaN");
    }
}
