package org.convzoo.onednn.compile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.FloatBuffer;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.convzoo.engine.LearnerOptions;
import org.convzoo.graph.Graph;
import org.convzoo.models.Models;
import org.convzoo.onednn.binding.Layout;
import org.convzoo.onednn.binding.Memory;
import org.convzoo.onednn.binding.Natives;
import org.convzoo.onednn.binding.Transfer;
import org.convzoo.onednn.loops.BatchStatistics;
import org.convzoo.onednn.loops.Moments;
import org.convzoo.onednn.loops.Rows;
import org.convzoo.onednn.program.Arena;
import org.convzoo.onednn.program.Program;
import org.convzoo.onednn.program.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class MomentSumsTest {
    private final Memory memory = new Memory();
    private final Natives natives = new Natives();
    private final Random random = new Random(1);

    @AfterEach
    void close() {
        natives.close();
        assertThat(memory.bytes()).isZero();
    }

    static Stream<Arguments> maps() {
        return Stream.of(
                Arguments.of(2, 8, 5, 7, 1, false),
                Arguments.of(2, 32, 56, 56, 2, false),
                Arguments.of(3, 20, 17, 23, 1, false), // a block with padding; the rows are a prime number
                Arguments.of(1, 16, 3, 300, 1, false), // rows longer than a run
                Arguments.of(40, 48, 7, 7, 0, false),
                Arguments.of(2, 32, 30, 30, 2.6, false),
                Arguments.of(2, 32, 30, 30, 3.2, true), // means whose squares hide the variance
                Arguments.of(3, 20, 17, 23, 1000, true));
    }

    /** Channel {@code c} has numbers around {@code c * mean} that deviate from it by {@code 1 + c}. */
    @ParameterizedTest
    @MethodSource("maps")
    void areThoseOfEachChannel(int images, int channels, int height, int width, double mean, boolean far) {
        int pixels = height * width;
        float[] x = new float[images * channels * pixels];
        double[] means = new double[channels], variances = new double[channels];
        for (int i = 0; i < x.length; i++) {
            int c = i / pixels % channels;
            x[i] = (float) (c * mean + (1 + c) * random.nextGaussian());
            means[c] += (double) x[i] / images / pixels;
        }
        for (int i = 0; i < x.length; i++) {
            int c = i / pixels % channels;
            variances[c] += (x[i] - means[c]) * (x[i] - means[c]) / images / pixels;
        }
        float[][] measured = measured(x, images, channels, height, width, far);
        for (int c = 0; c < channels; c++) {
            double deviation = Math.sqrt(variances[c]);
            assertThat(measured[0][c] / deviation).isCloseTo(means[c] / deviation, within(1e-6 + 1e-7 * mean));
            assertThat(measured[1][c] / variances[c]).isCloseTo(1, within(5e-6));
        }
    }

    @Test
    void areNotMadeOfRunsThatAreHardlyShorterThanTheMap() {
        try (Program program = new Program(memory, natives, Arena.Sharing.BY_LIFETIME)) {
            Tensor x = program.tensor(natives.blocked(2, 16, 257, 1));
            assertThat(MomentSums.add(training(program), x)).isNull();
        }
    }

    private Training training(Program program) {
        Graph any = Models.named("lenet").graph();
        return new Training(
                natives,
                program,
                any,
                1,
                Plan.direct(Layout.BLOCKED),
                new Store(memory, natives, any, LearnerOptions.DEFAULTS),
                Set.of(Training.Trait.BATCH_STATISTICS, Training.Trait.FUSED),
                new Randomness(0));
    }

    private float[][] measured(float[] values, int images, int channels, int height, int width, boolean far) {
        try (Program program = new Program(memory, natives, Arena.Sharing.BY_LIFETIME)) {
            Tensor x = program.tensor(natives.blocked(images, channels, height, width));
            Moments moments = MomentSums.add(training(program), x);
            assertThat(moments).as("the library's quick kernel").isNotNull();
            program.keep(x);
            program.keep(moments.sums());
            program.keep(moments.squares());
            program.place();
            Transfer.write(memory, FloatBuffer.wrap(values), natives.plain(x.desc.dims()), x.desc, x.address());
            program.run();
            BatchStatistics statistics = new BatchStatistics(Rows.of(x), channels, 1e-5);
            assertThat(statistics.measure(moments).isEmpty()).isEqualTo(!far);
            statistics.measure(x, moments);
            float[] means = new float[channels], variances = new float[channels];
            statistics.copyTo(FloatBuffer.wrap(means), FloatBuffer.wrap(variances));
            return new float[][] {means, variances};
        }
    }
}
