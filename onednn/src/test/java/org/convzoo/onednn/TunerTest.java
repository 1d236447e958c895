package org.convzoo.onednn;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.convzoo.engine.Precision;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Node;
import org.convzoo.models.Architecture;
import org.convzoo.models.Models;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TunerTest {
    @TempDir
    Path directory;

    private final List<Choice> measured = new ArrayList<>();

    private static final Choice BLOCKED = Choice.direct(Layout.BLOCKED),
            CHANNELS_LAST = Choice.direct(Layout.CHANNELS_LAST),
            BLOCKED_WINOGRAD = new Choice(Layout.BLOCKED, Winograd.Use.WHERE_FASTER),
            CHANNELS_LAST_WINOGRAD = new Choice(Layout.CHANNELS_LAST, Winograd.Use.WHERE_FASTER);

    /** In half precision, which is never computed Winograd's way. */
    private Choice choose(Path file, String network, double blocked, double channelsLast) {
        return Tuner.measuring(file, 2).choice(Models.named(network).graph(), 8, "training", Precision.BF16, c -> {
            measured.add(c);
            return c.layout() == Layout.BLOCKED ? blocked : channelsLast;
        });
    }

    @Test
    void winogradIsMeasuredInBothLayoutsWhereANetworkHasUseForIt() {
        Path file = directory.resolve("plans.properties");
        for (int i = 0; i < 2; i++)
            assertThat(Tuner.measuring(file, 2)
                            .choice(Models.named("resnet18").graph(), 8, "training", Precision.F32, c -> {
                                measured.add(c);
                                return c.equals(BLOCKED) ? 10 : c.equals(CHANNELS_LAST_WINOGRAD) ? 5 : 6;
                            }))
                    .isEqualTo(CHANNELS_LAST_WINOGRAD);
        assertThat(measured)
                .as("each, and those of similar times once more")
                .containsExactly(
                        BLOCKED,
                        CHANNELS_LAST,
                        BLOCKED_WINOGRAD,
                        CHANNELS_LAST_WINOGRAD,
                        CHANNELS_LAST,
                        BLOCKED_WINOGRAD,
                        CHANNELS_LAST_WINOGRAD);
        measured.clear();
        Tuner.measuring(file, 2).choice(Models.named("mobilenet_v2").graph(), 8, "training", Precision.F32, c -> {
            measured.add(c);
            return 10;
        });
        assertThat(measured)
                .as("no 3x3 convolution but depthwise and strided ones")
                .containsOnly(BLOCKED, CHANNELS_LAST);
    }

    @Test
    void theFasterLayoutIsMeasuredOnceAndRemembered() throws IOException {
        Path file = directory.resolve("cache").resolve("plans.properties");
        assertThat(choose(file, "resnet18", 10, 5)).isEqualTo(CHANNELS_LAST);
        assertThat(measured).containsExactly(BLOCKED, CHANNELS_LAST);
        assertThat(choose(file, "resnet18", 1, 5)).as("remembered").isEqualTo(CHANNELS_LAST);
        assertThat(choose(file, "resnet34", 1, 5)).isEqualTo(BLOCKED);
        assertThat(measured).hasSize(4);
        Properties kept = new Properties();
        try (var in = Files.newBufferedReader(file)) {
            kept.load(in);
        }
        assertThat(kept.values()).containsExactlyInAnyOrder("CHANNELS_LAST", "BLOCKED");
        assertThat(kept.stringPropertyNames()).noneMatch(k -> k.contains("Lambda"));
    }

    @Test
    void nothingThatIdentifiesANetworkHasAnotherNameInAnotherProcess() {
        for (Architecture m : Models.all())
            for (Node n : m.graph().nodes())
                assertThat(Tuner.told(n.op())).as(m.name() + " " + n.path()).doesNotContain("@", "Lambda");
    }

    @Test
    void noiseDoesNotDecide() {
        Path file = directory.resolve("plans.properties");
        assertThat(choose(file, "resnet18", 10, 9.7)).isEqualTo(BLOCKED);
    }

    @Test
    void aMachineThatWasBusyOnceDoesNotDecide() {
        var blocked = new ArrayDeque<>(List.of(15.0, 10.0));
        Choice decided = Tuner.measuring(directory.resolve("plans.properties"), 2)
                .choice(
                        Models.named("resnet18").graph(),
                        8,
                        "training",
                        Precision.BF16,
                        c -> c.layout() == Layout.BLOCKED ? blocked.remove() : 12);
        assertThat(decided).isEqualTo(BLOCKED);
    }

    @Test
    void aBrokenOrUnwritableFileOnlyCostsTime() throws IOException {
        Path broken = Files.writeString(directory.resolve("broken"), "\\u12 not properties");
        assertThat(choose(broken, "resnet18", 10, 5)).isEqualTo(CHANNELS_LAST);
        Path below = broken.resolve("plans.properties"); // its folder is a file
        assertThat(choose(below, "resnet18", 10, 5)).isEqualTo(CHANNELS_LAST);
    }

    @Test
    void withoutMeasuringBlocksAreTakenWhereNothingBreaksThem() {
        Graph whole = Models.named("resnet50").graph(),
                split = Models.named("shufflenet_v2_x1_0").graph();
        assertThat(Tuner.fixed(2).choice(whole, 1, "prediction", Precision.F32, l -> 0))
                .isEqualTo(BLOCKED);
        assertThat(Tuner.fixed(2).choice(split, 1, "prediction", Precision.F32, l -> 0))
                .isEqualTo(CHANNELS_LAST);
        assertThat(Tuner.forced(Layout.BLOCKED).choice(split, 1, "prediction", Precision.F32, l -> 0))
                .isEqualTo(BLOCKED);
    }
}
