package org.convzoo.onednn;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.convzoo.graph.Graph;
import org.convzoo.models.Models;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TunerTest {
    @TempDir
    Path directory;

    private final List<Layout> measured = new ArrayList<>();

    private Layout choose(Path file, String network, double blocked, double channelsLast) {
        return Tuner.measuring(file, 2).layout(Models.named(network).graph(), 8, "training", l -> {
            measured.add(l);
            return l == Layout.BLOCKED ? blocked : channelsLast;
        });
    }

    @Test
    void theFasterLayoutIsMeasuredOnceAndRemembered() throws IOException {
        Path file = directory.resolve("cache").resolve("plans.properties");
        assertThat(choose(file, "resnet18", 10, 5)).isEqualTo(Layout.CHANNELS_LAST);
        assertThat(measured).containsExactly(Layout.BLOCKED, Layout.CHANNELS_LAST);
        assertThat(choose(file, "resnet18", 1, 5)).as("remembered").isEqualTo(Layout.CHANNELS_LAST);
        assertThat(choose(file, "resnet34", 1, 5)).isEqualTo(Layout.BLOCKED);
        assertThat(measured).hasSize(4);
        Properties kept = new Properties();
        try (var in = Files.newBufferedReader(file)) {
            kept.load(in);
        }
        assertThat(kept.values()).containsExactlyInAnyOrder("CHANNELS_LAST", "BLOCKED");
        assertThat(kept.stringPropertyNames()).noneMatch(k -> k.contains("Lambda"));
    }

    @Test
    void noiseDoesNotDecide() {
        Path file = directory.resolve("plans.properties");
        assertThat(choose(file, "resnet18", 10, 9.7)).isEqualTo(Layout.BLOCKED);
    }

    @Test
    void aBrokenOrUnwritableFileOnlyCostsTime() throws IOException {
        Path broken = Files.writeString(directory.resolve("broken"), "\\u12 not properties");
        assertThat(choose(broken, "resnet18", 10, 5)).isEqualTo(Layout.CHANNELS_LAST);
        Path below = broken.resolve("plans.properties"); // its folder is a file
        assertThat(choose(below, "resnet18", 10, 5)).isEqualTo(Layout.CHANNELS_LAST);
    }

    @Test
    void withoutMeasuringBlocksAreTakenWhereNothingBreaksThem() {
        Graph whole = Models.named("resnet50").graph(),
                split = Models.named("shufflenet_v2_x1_0").graph();
        assertThat(Tuner.fixed(2).layout(whole, 1, "prediction", l -> 0)).isEqualTo(Layout.BLOCKED);
        assertThat(Tuner.fixed(2).layout(split, 1, "prediction", l -> 0)).isEqualTo(Layout.CHANNELS_LAST);
        assertThat(Tuner.forced(Layout.BLOCKED).layout(split, 1, "prediction", l -> 0))
                .isEqualTo(Layout.BLOCKED);
    }
}
