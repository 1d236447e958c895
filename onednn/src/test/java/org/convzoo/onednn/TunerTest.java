package org.convzoo.onednn;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.function.DoubleSupplier;
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

    static Race.Trial trial(DoubleSupplier milliseconds) {
        return new Race.Trial() {
            @Override
            public double milliseconds() {
                return milliseconds.getAsDouble();
            }

            @Override
            public void close() {}
        };
    }

    /** In half precision, which is never computed Winograd's way. */
    private Choice choose(Path file, String network, double blocked, double channelsLast) {
        return Tuner.measuring(file, 2)
                .choice(
                        Models.named(network).graph(),
                        8,
                        "training",
                        Precision.BF16,
                        1,
                        (c, n) -> trial(() -> {
                            measured.add(c);
                            return c.layout() == Layout.BLOCKED ? blocked : channelsLast;
                        }));
    }

    @Test
    void winogradIsMeasuredInBothLayoutsWhereANetworkHasUseForIt() {
        Path file = directory.resolve("plans.properties");
        for (int i = 0; i < 2; i++)
            assertThat(Tuner.measuring(file, 2)
                            .choice(
                                    Models.named("resnet18").graph(),
                                    8,
                                    "training",
                                    Precision.F32,
                                    1,
                                    (c, n) -> trial(() -> {
                                        measured.add(c);
                                        return c.equals(CHANNELS_LAST_WINOGRAD) ? 5 : 9;
                                    })))
                    .isEqualTo(CHANNELS_LAST_WINOGRAD);
        assertThat(measured)
                .startsWith(BLOCKED, CHANNELS_LAST, BLOCKED_WINOGRAD, CHANNELS_LAST_WINOGRAD)
                .as("once, not twice")
                .hasSize(4 + 4);
        measured.clear();
        Tuner.measuring(file, 2)
                .choice(
                        Models.named("mobilenet_v2").graph(),
                        8,
                        "training",
                        Precision.F32,
                        1,
                        (c, n) -> trial(() -> {
                            measured.add(c);
                            return 10;
                        }));
        assertThat(measured)
                .as("no 3x3 convolution but depthwise and strided ones")
                .containsOnly(BLOCKED, CHANNELS_LAST);
    }

    @Test
    void aSmallerBatchStandsForALargeOne() {
        List<Integer> images = new ArrayList<>();
        Tuner tuner = Tuner.measuring(directory.resolve("plans.properties"), 2);
        Graph graph = Models.named("resnet50").graph();
        for (int batch : new int[] {1, 3, 15, 16, 17, 500})
            tuner.choice(graph, batch, "prediction", Precision.BF16, graph.macs(), (c, n) -> {
                if (!images.contains(n)) images.add(n);
                return trial(() -> 1);
            });
        assertThat(images).containsExactly(1, 2, 8, 16);
        assertThat(tuner.plans()).hasSize(4);
    }

    @Test
    void theFasterLayoutIsMeasuredOnceAndRemembered() throws IOException {
        Path file = directory.resolve("cache").resolve("plans.properties");
        assertThat(choose(file, "resnet18", 10, 5)).isEqualTo(CHANNELS_LAST);
        int first = measured.size();
        assertThat(choose(file, "resnet18", 1, 5)).as("remembered").isEqualTo(CHANNELS_LAST);
        assertThat(measured).hasSize(first);
        assertThat(choose(file, "resnet34", 1, 5)).isEqualTo(BLOCKED);
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
        assertThat(Tuner.fixed(2).choice(whole, 1, "prediction", Precision.F32, 1, (c, n) -> trial(() -> 0)))
                .isEqualTo(BLOCKED);
        assertThat(Tuner.fixed(2).choice(split, 1, "prediction", Precision.F32, 1, (c, n) -> trial(() -> 0)))
                .isEqualTo(CHANNELS_LAST);
        assertThat(Tuner.forced(Layout.BLOCKED)
                        .choice(split, 1, "prediction", Precision.F32, 1, (c, n) -> trial(() -> 0)))
                .isEqualTo(BLOCKED);
    }
}
