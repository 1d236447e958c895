package org.convzoo.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.convzoo.train.Evaluation.Prediction;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The figures are those of scikit-learn and SciPy; scores/make.py wrote them. */
class ScoresTest {
    private static JsonNode expected;

    @BeforeAll
    static void read() throws IOException {
        expected = new ObjectMapper().readTree(ScoresTest.class.getResourceAsStream("scores/expected.json"));
    }

    private static Scores scores(JsonNode of) {
        List<float[]> probabilities = new ArrayList<>();
        for (JsonNode column : of.path("probabilities")) {
            float[] own = new float[column.size()];
            for (int i = 0; i < own.length; i++) own[i] = (float) column.path(i).asDouble();
            probabilities.add(own);
        }
        List<Prediction> predictions = IntStream.range(0, of.path("labels").size())
                .mapToObj(i -> {
                    int label = of.path("labels").path(i).asInt(), said = 0;
                    for (int k = 1; k < probabilities.size(); k++)
                        if (probabilities.get(k)[i] > probabilities.get(said)[i]) said = k;
                    return new Prediction(
                            i,
                            "image " + i,
                            label,
                            said,
                            probabilities.get(said)[i],
                            probabilities.get(label)[i],
                            1,
                            0);
                })
                .toList();
        List<String> labels = IntStream.range(0, probabilities.size())
                .mapToObj(k -> "class " + k)
                .toList();
        return new Scores(new Evaluation(labels, predictions), probabilities);
    }

    @Test
    void areaUnderTheCurveOfEachClassAgainstTheRest() {
        Scores several = scores(expected.path("several"));

        for (int k = 0; k < 3; k++)
            assertThat(several.auc(k))
                    .isCloseTo(expected.at("/several/auc/" + k).asDouble(), within(1e-12));
        assertThat(several.auc(3)).isNaN();
        assertThat(several.meanAuc()).isCloseTo(expected.at("/several/mean").asDouble(), within(1e-12));
        JsonNode json = several.toJson();
        assertThat(json.at("/classes/1/auc").asDouble()).isEqualTo(several.auc(1));
        assertThat(json.at("/classes/3/auc").isNull()).isTrue();
        assertThat(json.at("/top1_interval/0").asDouble())
                .isLessThan(several.evaluation().top1());
        assertThat(json.path("calibration")).hasSize(Evaluation.BINS);
        assertThat(json.has("thresholds")).isFalse();
    }

    @Test
    void whereAllAreAlikeChanceDecides() {
        Prediction one = new Prediction(0, "a", 0, 0, 0.5, 0.5, 1, 0),
                other = new Prediction(1, "b", 1, 0, 0.5, 0.5, 1, 1);
        Scores scores = new Scores(
                new Evaluation(List.of("x", "y"), List.of(one, other)),
                List.of(new float[] {0.5f, 0.5f}, new float[] {0.5f, 0.5f}));

        assertThat(scores.auc(0)).isEqualTo(0.5);
        assertThat(scores.auc(1)).isEqualTo(0.5);
    }

    @Test
    void twoClassesByThreshold() {
        Scores two = scores(expected.path("two"));
        List<Scores.Threshold> thresholds = two.thresholds();

        assertThat(thresholds).hasSize(19);
        for (int i = 0; i < 19; i++) {
            JsonNode row = expected.at("/two/rows/" + i);
            Scores.Threshold t = thresholds.get(i);
            double[] own = {t.threshold(), t.precision(), t.recall(), t.f1(), t.specificity()};
            for (int k = 0; k < own.length; k++)
                assertThat(own[k]).as(t.toString()).isCloseTo(row.path(k).asDouble(), within(1e-12));
        }
        assertThat(two.toJson().path("positive").asText()).isEqualTo("class 1");
        assertThat(two.toJson().path("thresholds")).hasSize(19);
    }

    @Test
    void classesThatDoNotOccurLeaveTheOthersAsTheyAre() {
        JsonNode of = expected.path("several");
        Scores all = scores(of);
        boolean said = all.evaluation().predictions().stream().anyMatch(p -> p.predicted() == 3);
        Scores some = all.occurring();

        assertThat(some.evaluation().labels()).hasSize(said ? 4 : 3);
        for (int k = 0; k < 3; k++) assertThat(some.auc(k)).isEqualTo(all.auc(k));
    }

    @Test
    void wilsonsInterval() {
        for (JsonNode row : expected.path("wilson")) {
            Interval interval =
                    Interval.wilson(row.path(0).asLong(), row.path(1).asLong());
            assertThat(interval.low()).as(row.toString()).isCloseTo(row.path(2).asDouble(), within(1e-12));
            assertThat(interval.high()).as(row.toString()).isCloseTo(row.path(3).asDouble(), within(1e-12));
        }
        assertThat(Interval.wilson(0, 0)).isEqualTo(new Interval(0, 1));
        assertThatThrownBy(() -> Interval.wilson(2, 1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void theCurveOfCalibrationHasAllImages() {
        Evaluation evaluation = scores(expected.path("several")).evaluation();
        List<Evaluation.Bin> bins = evaluation.calibration();

        assertThat(bins.stream().mapToInt(Evaluation.Bin::images).sum()).isEqualTo(60);
        assertThat(bins.stream().mapToDouble(b -> b.images() * b.right()).sum() / 60)
                .isCloseTo(evaluation.top1(), within(1e-12));
        assertThat(bins)
                .filteredOn(b -> b.images() > 0)
                .allMatch(b -> b.from() < b.probability() && b.probability() <= b.to() + 1e-12);
    }
}
