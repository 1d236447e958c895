package org.convzoo.view;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.convzoo.classify.Model;
import org.convzoo.failure.BrokenFileException;
import org.convzoo.images.Dataset;
import org.convzoo.images.Form;
import org.convzoo.images.HeldOut;
import org.convzoo.images.Picture;
import org.convzoo.images.Splits;
import org.convzoo.json.Json;
import org.convzoo.recipe.EpochMetrics;
import org.convzoo.recipe.Recipe;
import org.convzoo.train.Evaluation;
import org.convzoo.train.Evaluation.Prediction;
import org.convzoo.train.RunReport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReportTest {
    private static final List<String> DIGITS =
            IntStream.range(0, 10).mapToObj(Integer::toString).toList();

    @TempDir
    Path directory;

    private static List<String> classes(int count) {
        return IntStream.range(0, count).mapToObj(k -> "class " + k).toList();
    }

    private static String html(RunReport.Ended run) {
        return new ReportPage(run).html();
    }

    private static List<String> all(String html, String pattern) {
        return Pattern.compile(pattern)
                .matcher(html)
                .results()
                .map(m -> m.group(1))
                .toList();
    }

    private static RunReport.Ended with(RunReport.Ended r, List<EpochMetrics> history, Evaluation e, Splits splits) {
        return new RunReport.Ended(
                r.run(),
                r.model(),
                history,
                r.kept(),
                e,
                r.auc(),
                splits,
                new HeldOut(splits.train(), splits.train()),
                r.engine());
    }

    @Test
    void tellsResultCurvesClassesMistakesAndLayers() throws IOException {
        new Report().write(Sample.run(directory, "lenet", DIGITS, 28, 1, 12));

        String html = Files.readString(directory.resolve("report.html"));
        assertThat(html)
                .contains("lenet on made &lt;up&gt;")
                .contains("How it learned", "What is taken for what", "Class by class", "Mistaken, doubtful, right")
                .contains("<b>1</b> taken for <b>0</b></a>, 1") // 10 of 30 and what chance adds
                .contains("validation, epoch 12: 97.9 %")
                .contains("61,706") // LeNet-5's parameters
                .contains("./convzoo predict " + directory);
        assertThat(html.split("<svg", -1)).hasSize(1 + 3 + 1);
        String figure = all(html, "src=\"data:image/svg.xml;base64,([^\"]+)\"").get(0);
        assertThat(new String(Base64.getDecoder().decode(figure), StandardCharsets.UTF_8))
                .startsWith("<svg ")
                .contains("5×5 conv, 16");
        assertThat(html).doesNotContain("<script", "http://", "https://", "<link", "@import", "url(");
    }

    @Test
    void saysWhoseWeightsItStartedFrom() {
        RunReport.Ended run = Sample.run(directory, "lenet", DIGITS, 28, 1, 2);
        Model drawn = run.model();
        Model tuned = new Model(
                drawn.graph(),
                drawn.transform(),
                drawn.labels(),
                drawn.provenance().withOrigin("<somebody>, https://example.org").withLicence("MIT & more"),
                drawn.weights());

        assertThat(html(run)).doesNotContain("Fine-tuned", "started from", "licence");
        assertThat(html(new RunReport.Ended(
                        run.run(),
                        tuned,
                        run.history(),
                        run.kept(),
                        run.evaluation(),
                        run.auc(),
                        run.splits(),
                        run.pictures(),
                        run.engine())))
                .contains("<p>Fine-tuned, from weights of &lt;somebody&gt;, https://example.org</p>")
                .contains("<dt>started from</dt><dd>&lt;somebody&gt;, https://example.org, MIT &amp; more</dd>")
                .doesNotContain("href=\"http", "src=\"http");
    }

    @Test
    void theRecipeIsATableOfWhatItHasOtherwise() {
        Recipe recipe = Recipe.of(Json.parse("""
            {"epochs": 12, "learning_rate": 1e-4, "batch": 32,
             "optimizer": {"kind": "adamw", "beta1": 0.9, "beta2": 0.999, "eps": 1e-8,
               "decay": {"rate": 0.05, "everywhere": false}, "clip": 0, "ema": 0},
             "schedule": {"warm_up": 0, "curve": {"kind": "steps", "at": [0.5, 0.75], "factor": 0.1}},
             "augmentation": {"steps": [{"step": "flip", "probability": 0.5},
               {"step": "sometimes", "probability": 0.25, "then": {"step": "padded crop", "padding": 4}}]},
             "network": ["small_head", "drop_path"]}\
            """));

        assertThat(RecipeTable.of(recipe).rows())
                .containsExactly(
                        row("epochs", "12"),
                        row("learning_rate", "0.0001"),
                        row("optimizer.decay.rate", "0.05"),
                        row("schedule.curve.kind", "steps"),
                        row("schedule.curve.at", "0.5", "0.75"),
                        row("schedule.curve.factor", "0.1"),
                        row(
                                "augmentation.steps",
                                "flip (probability 0.5)",
                                "sometimes (probability 0.25, then padded crop (padding 4))"),
                        row("network", "small head", "drop path (probability 0.1)"));
        RunReport.Ended run = Sample.run(directory, "lenet", DIGITS, 28, 1, 12);
        Model made = run.model();
        Model model = new Model(
                made.graph(),
                made.transform(),
                made.labels(),
                made.provenance().withRecipe(recipe.toJson()),
                made.weights());
        assertThat(html(new RunReport.Ended(
                        run.run(),
                        model,
                        run.history(),
                        run.kept(),
                        run.evaluation(),
                        run.auc(),
                        run.splits(),
                        run.pictures(),
                        run.engine())))
                .contains("<h2>The recipe</h2>", recipe.toString())
                .contains("<th scope=\"row\"><code>optimizer.decay.rate</code></th><td><div>0.05</div></td>")
                .contains("<td><div>0.5</div><div>0.75</div></td>");
    }

    private static RecipeTable.Row row(String key, String... values) {
        return new RecipeTable.Row(key, List.of(values));
    }

    @Test
    void isFoundByTheTrainer() {
        assertThat(ServiceLoader.load(RunReport.class)).hasAtLeastOneElementOfType(Report.class);
    }

    @Test
    void theVerdictStandsAboveAndTheBestEpochInTheCurves() {
        String html = html(Sample.run(directory, "lenet", DIGITS, 28, 1, 12));

        assertThat(html)
                .contains(
                        "<strong>training 94.8 %, validation 97.9 %: still improving; kept epoch 12 of 12: validation 97.9 %");
        assertThat(all(html, "<text class=\"tick best [^>]*>([^<]*)<"))
                .containsExactly("kept: epoch 12", "kept: epoch 12");
    }

    @Test
    void aWarmUpShorterThanAnEpochShows() {
        String html = html(Sample.run(directory, "lenet", DIGITS, 28, 1, 3)); // 300 steps, of which 30 warm up
        String points =
                all(html, "<polyline class=\"line rate\" points=\"([^\"]*)\"").get(0);
        double[] y = Pattern.compile(" ")
                .splitAsStream(points)
                .mapToDouble(p -> Double.parseDouble(p.split(",")[1]))
                .toArray();

        assertThat(y).hasSizeGreaterThan(100);
        int top = IntStream.range(0, y.length)
                .reduce((a, b) -> y[b] < y[a] ? b : a)
                .orElseThrow();
        assertThat(top / (double) y.length).isBetween(0.08, 0.12);
        assertThat(y[0]).isGreaterThan(y[top] + 100);
    }

    @Test
    void theTwoLossesAreExplained() {
        String html = html(Sample.run(directory, "lenet", DIGITS, 28, 1, 3));

        // the entropy of 0.91 and nine times 0.01
        assertThat(html).contains("labels smoothed by 0.1, of which no network gets under 0.50.", "changed at random");
    }

    @Test
    void everyCellLeadsToItsPictures() {
        String html = html(Sample.run(directory, "lenet", DIGITS, 28, 1, 12));
        List<String> cells = all(html, "<td class=\"(?:right|wrong)[^>]*><a href=\"#([^\"]+)\"");
        List<String> groups = all(html, "<div class=\"group\" id=\"([^\"]+)\"");

        assertThat(cells).hasSizeGreaterThan(20).contains("is-1-said-0", "is-3-said-3");
        assertThat(new TreeSet<>(groups)).isEqualTo(new TreeSet<>(cells)).hasSameSizeAs(groups);
        assertThat(html.split("id=\"is-1-said-0\"")[1].split("<div class=\"group\"")[0])
                .contains("<img", "10", "back");
    }

    @Test
    void mistakenDoubtfulAndRightStandSideBySide() {
        String html = html(Sample.run(directory, "lenet", DIGITS, 28, 1, 12));

        assertThat(html.split("class=\"pictures mistakes\"")[1].split("</div>\n<h3>")[0].split("<img", -1))
                .hasSize(1 + 24);
        assertThat(html.split("class=\"pictures doubtful\"")[1].split("</div>\n<h3>")[0].split("<img", -1))
                .hasSize(1 + 12);
        assertThat(html.split("class=\"pictures right\"")[1].split("</section>")[0].split("<img", -1))
                .hasSize(1 + 10);
        assertThat(html.split("class=\"pictures sheet\"")[1].split("</section>")[0].split("<img", -1))
                .hasSize(1 + 24);
    }

    @Test
    void saysWhereWhenAndWithWhatItWasMade() {
        RunReport.Ended run = Sample.run(directory, "resnet18", classes(3), 32, 3, 2);
        String html = html(run);

        assertThat(html)
                .contains("<dt>engine</dt><dd>made up of nothing</dd>", "<dt>precision</dt><dd>training in f32")
                .contains("<dt>images</dt><dd>90 for training, 90 for validation, 90 for the test, of 3 classes</dd>")
                .contains("<dt>last epoch ended</dt><dd>", "2026", "<dt>program</dt><dd>convzoo ", "<dt>machine</dt>")
                .contains("./convzoo train resnet18 --image 3x32x32 --data FOLDER");
    }

    @Test
    void aClassWithoutTestPicturesHasNoRecall() {
        RunReport.Ended run = Sample.run(directory, "lenet", DIGITS, 28, 1, 2);
        List<Prediction> others = run.evaluation().predictions().stream()
                .filter(p -> p.label() != 7 && p.predicted() != 7)
                .toList();
        String html = html(with(run, run.history(), new Evaluation(DIGITS, others), run.splits()));
        String row = html.split("<td class=\"name\"><div>7</div>")[1].split("</tr>")[0];

        assertThat(row.split(">–<", -1)).hasSize(1 + 3); // its area is made up
        assertThat(row).doesNotContain("%", "NaN");
        assertThat(html).doesNotContain("NaN");
    }

    @Test
    void picturesThatAreGoneLeaveGaps() {
        RunReport.Ended run = Sample.run(directory, "lenet", DIGITS, 28, 1, 2);
        Dataset kept = run.splits().test(),
                gone =
                        new Dataset() {
                            @Override
                            public int size() {
                                return kept.size();
                            }

                            @Override
                            public int label(int i) {
                                return kept.label(i);
                            }

                            @Override
                            public Picture picture(int i) {
                                throw new BrokenFileException(i + ": no such file");
                            }

                            @Override
                            public String name(int i) {
                                return kept.name(i);
                            }
                        };
        String html =
                html(with(run, run.history(), run.evaluation(), Splits.of("gone", DIGITS, Form.DIGITS, gone, gone)));

        assertThat(html)
                .contains("cannot be read any more", "Class by class", "How to go on")
                .doesNotContain("src=\"data:image/png", "src=\"data:image/jpeg", "What it learned from");
    }

    /** Names are text wherever they stand, and none of them ends a tag or an attribute. */
    @Test
    void namesAreEscapedEverywhere() {
        String mean = "</style><img src=x onerror='alert(\"1\")'>&amp;", lengthy = "x".repeat(3000);
        String html = html(Sample.run(directory, "lenet", List.of(mean, lengthy, "2"), 28, 1, 2));

        assertThat(html).contains("&lt;/style&gt;&lt;img src=x onerror=&#39;alert(&quot;1&quot;)&#39;&gt;&amp;amp;");
        assertThat(html).doesNotContain("<img src=x", mean, "onerror='");
        assertThat(all(html, "</(style)>")).hasSize(1);
    }

    @Test
    void manyClassesHaveNoMatrixButTheWorstPairs() {
        String html = html(Sample.run(directory, "resnet18", classes(200), 32, 3, 1));

        assertThat(html)
                .doesNotContain("class=\"confusion")
                .contains("<a href=\"#is-1-said-0\"><b>class 1</b> taken for <b>class 0</b></a>", "id=\"is-1-said-0\"")
                .contains("The least found first.");
        assertThat(all(html, "<div class=\"group\" (id)")).hasSize(20);
    }

    @Test
    void manyClassesHaveAMatrixOfAPixelACell() throws IOException {
        RunReport.Ended run = Sample.run(directory, "lenet", classes(200), 28, 1, 1);
        assertThat(html(Sample.run(directory, "lenet", DIGITS, 28, 1, 1))).doesNotContain("class=\"overview");
        List<String> pictures = all(html(run), "class=\"overview\" src=\"data:image/png;base64,([^\"]*)\"");
        assertThat(pictures).hasSize(1);
        BufferedImage matrix =
                ImageIO.read(new ByteArrayInputStream(Base64.getDecoder().decode(pictures.get(0))));
        int[][] counts = run.evaluation().confusion();

        assertThat(matrix.getWidth()).isEqualTo(200);
        assertThat(matrix.getHeight()).isEqualTo(200);
        for (int i = 0; i < 200; i++)
            for (int j = 0; j < 200; j++)
                assertThat(matrix.getRGB(j, i) >>> 24 > 0)
                        .as("is %d, said %d", i, j)
                        .isEqualTo(counts[i][j] > 0);
        int found = matrix.getRGB(7, 7), mistaken = matrix.getRGB(0, 1);
        assertThat(found & 255).as("blue").isGreaterThan(found >> 16 & 255);
        assertThat(mistaken & 255).as("red").isLessThan(mistaken >> 16 & 255);
    }

    @Test
    void theTableOfClassesSaysWhereTheirRecallMayBeAndTheirAreas() {
        RunReport.Ended run = Sample.run(directory, "lenet", DIGITS, 28, 1, 2);
        List<Double> areas = new ArrayList<>(run.auc());
        areas.set(3, 0.98765);
        areas.set(4, Double.NaN);
        ClassTable table = ClassTable.of(run.evaluation(), areas, run.pictures().train());
        Evaluation.PerClass three = run.evaluation().perClass().get(3);

        ClassTable.Cell recall = table.rows().get(3).cells().get(2);
        assertThat(recall.title()).isEqualTo(Numbers.percents(three.recallInterval()));
        assertThat(recall.lengths()).matches("--v:\\d\\.\\d{3};--low:\\d\\.\\d{3};--high:\\d\\.\\d{3}");
        assertThat(table.rows().get(3).cells().get(5).text()).isEqualTo("0.988");
        assertThat(table.rows().get(4).cells().get(5).text()).isEqualTo("–");
        assertThat(table.means())
                .startsWith("On average over the classes F1 is 0.")
                .endsWith(" and AUC 0.910.");
        assertThat(html(run)).contains("<th class=\"n\">AUC</th>", "AUC: how often", " (95\u00a0%)</small>");

        ClassTable without =
                ClassTable.of(run.evaluation(), List.of(), run.pictures().train());
        assertThat(without.rows()).allMatch(r -> r.cells().size() == 5);
        assertThat(without.means()).doesNotContain("AUC");
    }

    @Test
    void longNamesGoOnAfterAnUnderscore() {
        String html = html(Sample.run(directory, "lenet", List.of("golden_retriever", "<b>_c", "2"), 28, 1, 2));
        assertThat(html)
                .contains("<td class=\"name\"><div>golden_<wbr>retriever</div>")
                .contains("<b>&lt;b&gt;_<wbr>c</b> taken for <b>golden_<wbr>retriever</b>");
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 10, 60, 200, 1000})
    void itsSizeIsBounded(int count) {
        RunReport.Ended run = Sample.run(directory, "lenet", classes(count), 28, 1, 100);
        List<String> labels = run.model().labels();
        List<Prediction> wrong = new ArrayList<>(); // half of all cells hold something
        for (int i = 0; i < 30 * count; i++)
            wrong.add(new Prediction(i, "folder/" + i + ".jpg", i % count, i * 7 / 2 % count, 0.5, 0.1, 2, 1));
        Dataset photos = Sample.noise(count);
        Splits splits = Splits.of("noise", labels, Form.PHOTOS, photos, photos);
        String html = html(with(run, run.history(), new Evaluation(labels, wrong), splits));

        assertThat(html.length()).isLessThan(4_000_000);
        Set<String> ids = new TreeSet<>(all(html, " id=\"([^\"]+)\""));
        assertThat(ids).containsAll(all(html, " href=\"#([^\"]+)\""));
    }
}
