package org.convzoo.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.convzoo.classify.Classification;
import org.convzoo.train.Evaluation.PerClass;
import org.convzoo.train.Evaluation.Prediction;
import org.junit.jupiter.api.Test;

/** The figures come from scikit-learn 1.9.1 and torchmetrics (calibration error) on the same logits. */
class EvaluationTest {
    private static final List<String> LABELS = List.of("a", "b", "c", "d, \"e\"", "f", "g", "h");
    private final Evaluation evaluation = evaluation();

    private static Evaluation evaluation() {
        int n = 40, k = LABELS.size();
        float[] logits = new float[n * k];
        return new Evaluation(
                LABELS,
                IntStream.range(0, n)
                        .mapToObj(i -> {
                            int label = (i * i + i % 3) % 6;
                            for (int j = 0; j < k; j++)
                                logits[i * k + j] = ((i * 7 + j * j * 5 + i * j * 3) % 11 + j / 8f) / 2;
                            if (i % 3 != 0) logits[i * k + label] += 3;
                            return Prediction.of(
                                    i,
                                    "image," + i,
                                    label,
                                    new Classification(LABELS, Arrays.copyOfRange(logits, i * k, (i + 1) * k)));
                        })
                        .toList());
    }

    @Test
    void sharesAndLoss() {
        assertThat(evaluation.images()).isEqualTo(40);
        assertThat(evaluation.top1()).isEqualTo(0.5);
        assertThat(evaluation.top5()).isEqualTo(0.9);
        assertThat(evaluation.loss()).isCloseTo(1.6075929513896674, within(1e-12));
        assertThat(evaluation.calibrationError()).isCloseTo(0.28025901317596436, within(1e-7));
    }

    @Test
    void theClassesThatOccur() {
        Evaluation whole = new Evaluation(
                LABELS,
                evaluation.predictions().stream()
                        .filter(p -> p.label() != 2 && p.predicted() != 2)
                        .toList());
        Evaluation some = whole.occurring();

        assertThat(some.labels()).containsExactly("a", "b", "d, \"e\"", "f", "g", "h");
        assertThat(some.summary()).isEqualTo(whole.summary());
        assertThat(some.calibrationError()).isEqualTo(whole.calibrationError());
        List<PerClass> classes = new ArrayList<>(whole.perClass());
        assertThat(classes.remove(2).support()).isZero();
        assertThat(some.perClass()).isEqualTo(classes);
        assertThat(some.toCsv()).isEqualTo(whole.toCsv());
    }

    @Test
    void eachClass() {
        double[] precision = {0.833333333, 0, 0.444444444, 0.714285714, 0, 1, 0};
        double[] recall = {0.357142857, 0, 0.571428571, 0.384615385, 0, 1, 0};
        double[] f1 = {0.5, 0, 0.5, 0.5, 0, 1, 0};
        int[] support = {14, 0, 7, 13, 0, 6, 0};
        List<PerClass> classes = evaluation.perClass();
        for (int k = 0; k < support.length; k++) {
            PerClass c = classes.get(k);
            assertThat(c.label()).isEqualTo(LABELS.get(k));
            assertThat(c.precision()).isCloseTo(precision[k], within(1e-9));
            assertThat(c.support()).isEqualTo(support[k]);
            JsonNode json = evaluation.toJson().get("classes").get(k);
            if (support[k] == 0) {
                assertThat(c.recall()).isNaN();
                assertThat(c.f1()).isNaN();
                assertThat(json.get("recall").isNull()).isTrue();
                assertThat(json.get("f1").isNull()).isTrue();
                continue;
            }
            assertThat(c.recall()).isCloseTo(recall[k], within(1e-9));
            assertThat(c.f1()).isCloseTo(f1[k], within(1e-9));
            assertThat(json.get("recall").asDouble()).isEqualTo(c.recall());
        }
        assertThat(evaluation.confusion()).isDeepEqualTo(new int[][] {
            {5, 1, 2, 2, 1, 0, 3},
            {0, 0, 0, 0, 0, 0, 0},
            {0, 1, 4, 0, 0, 0, 2},
            {1, 0, 3, 5, 2, 0, 2},
            {0, 0, 0, 0, 0, 0, 0},
            {0, 0, 0, 0, 0, 6, 0},
            {0, 0, 0, 0, 0, 0, 0}
        });
    }

    @Test
    void theWorstMistakesComeFirst() {
        List<Prediction> worst = evaluation.worst(5);
        assertThat(worst)
                .hasSize(5)
                .noneMatch(Prediction::right)
                .isSortedAccordingTo((p, q) -> Double.compare(q.probability(), p.probability()));
        double least = worst.get(4).probability();
        assertThat(evaluation.predictions().stream().filter(p -> !p.right() && p.probability() > least))
                .hasSizeLessThan(5);
    }

    @Test
    void equalLogitsTakeTheFirstClass() {
        Prediction p =
                Prediction.of(0, "", 2, new Classification(List.of("a", "b", "c", "d"), new float[] {1, 1, 1, 0}));
        assertThat(p.predicted()).isZero();
        assertThat(p.rank()).isEqualTo(2);
        assertThat(p.right()).isFalse();
    }

    @Test
    void logitsThatAreNoNumbersGiveNoLoss() {
        assertThat(Prediction.of(0, "", 1, new Classification(List.of("a", "b"), new float[] {0, Float.NaN}))
                        .loss())
                .isNaN();
    }

    @Test
    void csvAndBack() throws IOException {
        String csv = evaluation.toCsv();
        assertThat(csv).startsWith("index,name,label,predicted,probability,label_probability,loss,rank\n");
        assertThat(csv.lines()).hasSize(41);
        assertThat(Evaluation.ofCsv(LABELS, csv)).isEqualTo(evaluation);
    }

    /** Rows and heads that were cut short, and a head alone: one line each. */
    @Test
    void csvThatIsBroken() {
        String csv = evaluation.toCsv(), head = csv.lines().findFirst().orElseThrow();
        for (String broken :
                List.of(head + "\n0,x", head + "\n0,x,a,b\n", head, "", "index,name\n0,x\n", head + "\n,,,,,,,\n"))
            assertThatIOException()
                    .as(broken)
                    .isThrownBy(() -> Evaluation.ofCsv(LABELS, broken))
                    .satisfies(e -> assertThat(e.getMessage()).isNotBlank());
        for (String broken : List.of("part,name,label,content\ntrain,x\n", "part\ntrain\n"))
            assertThatIOException().as(broken).isThrownBy(() -> InventoryCsv.read(broken));
    }

    @Test
    void csvOfOtherClasses() {
        assertThatIOException()
                .isThrownBy(() -> Evaluation.ofCsv(List.of("x", "y"), evaluation.toCsv()))
                .withMessage("'a' is not one of the classes x, y");
    }

    @Test
    void json() {
        var json = evaluation.toJson();
        assertThat(json.get("top1").asDouble()).isEqualTo(0.5);
        assertThat(json.get("top5").asDouble()).isEqualTo(0.9);
        assertThat(json.get("images").asInt()).isEqualTo(40);
        assertThat(json.at("/classes/3/label").asText()).isEqualTo(LABELS.get(3));
        assertThat(json.at("/confusion/0/2").asInt()).isEqualTo(2);
        assertThat(json.at("/worst/0/label_probability").asDouble()).isPositive();
    }
}
