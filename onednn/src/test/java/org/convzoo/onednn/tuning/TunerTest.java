package org.convzoo.onednn.tuning;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.stream.IntStream;
import org.convzoo.engine.Precision;
import org.convzoo.engine.Tuning;
import org.convzoo.graph.Filters;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Init;
import org.convzoo.graph.Node;
import org.convzoo.graph.Op;
import org.convzoo.graph.Window;
import org.convzoo.models.Architecture;
import org.convzoo.models.Models;
import org.convzoo.onednn.binding.Layout;
import org.convzoo.onednn.compile.Plan;
import org.convzoo.onednn.winograd.WinogradUse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TunerTest {
    @TempDir
    Path directory;

    private final List<Plan> measured = new ArrayList<>();

    private static final Plan BLOCKED = Plan.direct(Layout.BLOCKED),
            CHANNELS_LAST = Plan.direct(Layout.CHANNELS_LAST),
            BLOCKED_WINOGRAD = new Plan(Layout.BLOCKED, WinogradUse.WHERE_FASTER),
            CHANNELS_LAST_WINOGRAD = new Plan(Layout.CHANNELS_LAST, WinogradUse.WHERE_FASTER);

    private static Tuner.Work work(String network, int batch, String purpose, Precision precision) {
        return new Tuner.Work(Models.named(network).graph(), batch, purpose, precision, 1, false, Tuning.MEASURED);
    }

    private Race.Trial takes(Plan c, double milliseconds) {
        return () -> {
            measured.add(c);
            return milliseconds;
        };
    }

    /** In half precision, which is never computed Winograd's way. */
    private Plan choose(Path file, String network, double blocked, double channelsLast) {
        return Tuner.measuring(file, 2)
                .plan(
                        work(network, 8, "training", Precision.BF16),
                        (c, n) -> takes(c, c.layout() == Layout.BLOCKED ? blocked : channelsLast));
    }

    @Test
    void winogradIsMeasuredInBothLayoutsWhereANetworkHasUseForIt() {
        Path file = directory.resolve("plans.properties");
        for (int i = 0; i < 2; i++)
            assertThat(Tuner.measuring(file, 2)
                            .plan(
                                    work("resnet18", 8, "training", Precision.F32),
                                    (c, n) -> takes(c, c.equals(CHANNELS_LAST_WINOGRAD) ? 5 : 9)))
                    .isEqualTo(CHANNELS_LAST_WINOGRAD);
        assertThat(measured)
                .startsWith(BLOCKED, CHANNELS_LAST, BLOCKED_WINOGRAD, CHANNELS_LAST_WINOGRAD)
                .as("once, not twice")
                .hasSize(4 + 4);
        measured.clear();
        Tuner.measuring(file, 2).plan(work("mobilenet_v2", 8, "training", Precision.F32), (c, n) -> takes(c, 10));
        assertThat(measured)
                .as("no 3x3 convolution but depthwise and strided ones")
                .containsOnly(BLOCKED, CHANNELS_LAST);
    }

    @Test
    void imagesAreTakenApartWhereThatIsFaster() {
        Path file = directory.resolve("plans.properties");
        for (boolean divisible : new boolean[] {true, true, false}) {
            var work = new Tuner.Work(
                    Models.named("mobilenet_v2").graph(),
                    16,
                    "prediction",
                    Precision.F32,
                    1,
                    divisible,
                    Tuning.MEASURED);
            Plan c = Tuner.measuring(file, 2).plan(work, (tried, n) -> takes(tried, tried.apart() ? 5 : 10));
            assertThat(c).isEqualTo(divisible ? BLOCKED.inParts() : BLOCKED);
        }
        assertThat(measured).filteredOn(Plan::apart).as("once, not twice").hasSize(2);
    }

    @Test
    void aSmallerBatchStandsForALargeOne() {
        Graph graph = Models.named("resnet50").graph(),
                small = Models.named("lenet").graph();
        int[] batches = {1, 3, 15, 16, 17, 500};
        assertThat(IntStream.of(batches).map(n -> images(graph, n, graph.macs())))
                .containsExactly(1, 2, 8, 16, 16, 16);
        assertThat(IntStream.of(batches).map(n -> images(small, n, small.macs())))
                .containsExactly(1, 2, 8, 16, 16, 32);
        assertThat(images(graph, 500, 100 * graph.macs())).isEqualTo(1);
    }

    private static int images(Graph graph, int batch, long macs) {
        return new Tuner.Work(graph, batch, "", Precision.F32, macs, false, Tuning.MEASURED).images();
    }

    @Test
    void whatIsNotWorthMeasuringRunsTheUsualWay() throws IOException {
        Path file = directory.resolve("plans.properties");
        assertThat(choose(file, "resnet18", 10, 5)).isEqualTo(CHANNELS_LAST);
        measured.clear();
        Graph graph = Models.named("resnet18").graph();
        var work = new Tuner.Work(graph, 8, "training", Precision.BF16, 1, true, Tuning.USUAL);
        assertThat(Tuner.measuring(file, 2).plan(work, (c, n) -> takes(c, 1))).isEqualTo(BLOCKED);
        assertThat(measured).isEmpty();
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
                assertThat(Tuner.description(n.op()))
                        .as(m.name() + " " + n.path())
                        .doesNotContain("@", "Lambda");
    }

    /** Plans that files hold stay valid only as long as networks are described in these words. */
    @Test
    void aConvolutionIsDescribedWithItsGroups() {
        assertThat(Tuner.description(new Op.Conv(8, Window.k(3).stride(2).groups(4), Init.Rule.ONE, Init.Rule.ONE)))
                .isEqualTo("Conv 8 3x3/2 groups 4");
        assertThat(Tuner.description(new Op.Conv(8, new Filters(Window.k(1)), Init.Rule.ONE, Init.Rule.ONE)))
                .isEqualTo("Conv 8 1x1");
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
        Tuner.Work whole = work("resnet50", 1, "prediction", Precision.F32),
                split = work("shufflenet_v2_x1_0", 1, "prediction", Precision.F32);
        assertThat(Tuner.fixed(2).plan(whole, (c, n) -> () -> 0)).isEqualTo(BLOCKED);
        assertThat(Tuner.fixed(2).plan(split, (c, n) -> () -> 0)).isEqualTo(CHANNELS_LAST);
        assertThat(Tuner.forced(Layout.BLOCKED).plan(split, (c, n) -> () -> 0)).isEqualTo(BLOCKED);
    }
}
