package org.convzoo.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.convzoo.json.Json;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.function.Executable;

class ScheduleTest {
    @Test
    void risesEvenlyThenFollowsTheCurve() {
        Schedule s = new Schedule(0.1, new Schedule.Constant());
        assertThat(s.factor(0, 100)).isCloseTo(1 / 11.0, within(1e-12));
        assertThat(s.factor(9, 100)).isCloseTo(10 / 11.0, within(1e-12));
        assertThat(s.factor(10, 100)).isEqualTo(1);
        assertThat(s.factor(99, 100)).isEqualTo(1);
    }

    @Test
    void neverStepsWithoutARate() {
        for (Schedule.Curve curve : List.of(
                new Schedule.Linear(),
                new Schedule.Cosine(),
                new Schedule.CosineRestarts(3, 2, 0.5),
                new Schedule.CosineRestarts(7, 1, 1),
                new Schedule.OneCycle(0.3, 0.04, 4e-6),
                new Schedule.Polynomial(2),
                new Schedule.Exponential(1e-3),
                new Schedule.Step(0.1, 0.5),
                new Schedule.Steps(List.of(0.5), 0.1)))
            for (double warmUp : new double[] {0, 0.1, 0.9})
                for (int steps : new int[] {1, 2, 100})
                    for (int step = 0; step < steps; step++)
                        assertThat(new Schedule(warmUp, curve).factor(step, steps))
                                .isGreaterThan(0)
                                .isLessThanOrEqualTo(1);
    }

    /** See {@code schedules/make.py}. */
    @TestFactory
    Stream<DynamicTest> areThoseOfPyTorchAndTimm() throws IOException {
        List<DynamicTest> tests = new ArrayList<>();
        try (InputStream in =
                Objects.requireNonNull(ScheduleTest.class.getResourceAsStream("schedules/schedules.json"))) {
            for (JsonNode right : Json.parse(in.readAllBytes()).path("cases")) {
                Schedule schedule = Json.read(right.path("schedule"), Schedule.class);
                JsonNode factors = right.path("factors");
                tests.add(dynamicTest(right.path("source").asText() + ": " + schedule, () -> {
                    assertThat(factors).hasSizeGreaterThan(10);
                    for (int i = 0; i < factors.size(); i++)
                        assertThat(schedule.factor(i, factors.size()))
                                .as("step " + i)
                                .isCloseTo(factors.get(i).asDouble(), within(2e-9));
                    assertThat(Json.read(Json.parse(Json.text(schedule)), Schedule.class))
                            .isEqualTo(schedule);
                }));
            }
        }
        assertThat(tests).hasSizeGreaterThan(20);
        return tests.stream();
    }

    /** Steps and cycles begin where they should also where a share is no exact number. */
    @Test
    void stepsAreWholeInRunsOfAnyLength() {
        for (int tenth = 1; tenth < 200; tenth++) {
            Schedule step = new Schedule(0, new Schedule.Step(0.1, 0.5)),
                    cycles = new Schedule(0, new Schedule.CosineRestarts(10, 1, 1));
            for (int i = 0; i < 10; i++) {
                assertThat(step.factor((long) i * tenth, 10L * tenth)).isEqualTo(Math.pow(0.5, i));
                assertThat(cycles.factor((long) i * tenth, 10L * tenth)).isCloseTo(1, within(1e-9));
            }
        }
    }

    @Test
    void refusesWhatIsNoCurve() {
        List<Executable> wrong = List.of(
                () -> new Schedule.CosineRestarts(0, 1, 1),
                () -> new Schedule.CosineRestarts(3, 0.5, 1),
                () -> new Schedule.CosineRestarts(3, 1, 0),
                () -> new Schedule.CosineRestarts(Integer.MAX_VALUE, 1, 1),
                () -> new Schedule.CosineRestarts(2000, 2, 1),
                () -> new Schedule.CosineRestarts(3, Double.NaN, 1),
                () -> new Schedule.OneCycle(0, 0.1, 0.1),
                () -> new Schedule.OneCycle(0.3, 0, 0.1),
                () -> new Schedule.OneCycle(0.3, 0.1, 1.1),
                () -> new Schedule.Polynomial(0),
                () -> new Schedule.Exponential(0),
                () -> new Schedule.Step(0, 0.1),
                () -> new Schedule.Step(0.1, -1));
        for (Executable e : wrong)
            assertThatIllegalArgumentException()
                    .isThrownBy(e::execute)
                    .satisfies(x -> assertThat(x.getMessage()).isNotBlank().doesNotContain("\n"));
    }

    @Test
    void aWarmUpIsAShare() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Schedule(1, new Schedule.Constant()))
                .withMessageContaining("from 0 to under 1");
    }

    /** Rates of {@code ReduceLROnPlateau(factor=0.5, patience=2)} of PyTorch 2.15 from a rate of 1. */
    @Test
    void aPlateauIsPyTorchs() {
        double[] losses = {2.0, 1.5, 1.49999, 1.6, 1.5, 1.4, 1.45, 1.4, 1.4, 1.39, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.3};
        double[] rates = {1, 1, 1, 1, 0.5, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.25, 0.125, 0.125, 0.125, 0.0625, 0.0625};
        Schedule schedule = new Schedule(0, new Schedule.Plateau(0.5, 2));
        List<EpochMetrics> epochs = new ArrayList<>();
        assertThat(schedule.factor(epochs)).isEqualTo(1);
        for (int i = 0; i < losses.length; i++) {
            epochs.add(new EpochMetrics(i + 1, i, 0, 0, 0, losses[i], 0.5, 1, 1, 1, 0, 0));
            assertThat(schedule.factor(epochs)).as("after epoch " + (i + 1)).isEqualTo(rates[i]);
        }
        assertThat(new Schedule(0, new Schedule.Cosine()).factor(epochs)).isEqualTo(1);
    }
}
