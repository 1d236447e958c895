package org.convzoo.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.List;
import org.convzoo.experiment.Experiment.Figure;
import org.convzoo.failure.WrongUseException;
import org.convzoo.images.Form;
import org.convzoo.images.Splits;
import org.convzoo.train.TrainRequest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ExperimentsTest {
    static List<Experiment> all() {
        return Experiments.all();
    }

    @ParameterizedTest
    @MethodSource("all")
    void whatAnExperimentNamesItHas(Experiment experiment) {
        List<String> names = experiment.arms().stream().map(Arm::name).toList();
        assertThat(names).doesNotHaveDuplicates().allMatch(n -> n.matches("[A-Za-z0-9.-]+"));
        for (Claim c : experiment.claims()) assertThat(names).contains(c.more(), c.less());
        if (experiment.figure() instanceof Figure.Cost cost)
            for (Figure.Series s : cost.series()) assertThat(names).containsAll(s.arms());
        for (List<String> row : experiment.paper().rows())
            assertThat(row).hasSameSizeAs(experiment.paper().headings());
        assertThat(experiment.quick().seeds()).as("fewer tell nothing apart").isGreaterThanOrEqualTo(3);
        assertThat(Experiments.named(experiment.name())).isSameAs(experiment);
    }

    /** Of drawings and of photos; that the networks take them shows here as well. */
    @ParameterizedTest
    @MethodSource("all")
    void trainingsDifferOnlyInWhatTheExperimentIsAbout(Experiment experiment) {
        Splits digits = Splits.open("digits");
        Splits photos = Splits.of("photos", digits.labels(), Form.PHOTOS, digits.train(), digits.test());
        for (Splits splits : List.of(Splits.open("fashion"), digits, photos)) {
            for (Arm arm : experiment.arms()) {
                TrainRequest request = experiment.request(arm, splits, experiment.quick(), 2);
                assertThat(request.recipe().epochs())
                        .isEqualTo(experiment.quick().epochs());
                assertThat(request.recipe().seed()).isEqualTo(2);
                assertThat(request.recipe().validation().holdOut()).isZero();
                assertThat(request.recipe().optimizer().ema()).isZero();
                assertThat(request.graph().input().shape().channels()).isEqualTo(splits == photos ? 3 : 1);
                assertThat(request.architecture()).isIn("", arm.network());
                TrainRequest first = experiment.request(experiment.arms().get(0), splits, experiment.quick(), 2);
                assertThat(request.recipe().withLearningRate(1))
                        .as("all else is the same")
                        .isEqualTo(first.recipe().withLearningRate(1));
            }
        }
    }

    @Test
    void whatIsNotThereIsToldWithWhatIsNear() {
        assertThatExceptionOfType(WrongUseException.class)
                .isThrownBy(() -> Experiments.named("width"))
                .withMessageStartingWith("there is no experiment 'width'; near are widths");
    }
}
