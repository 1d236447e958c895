package org.convzoo.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import org.convzoo.engine.LayerTime;
import org.convzoo.engine.Peak;
import org.convzoo.engine.Precision;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Shape;
import org.junit.jupiter.api.Test;

class MeasurementTest {
    private static final Peak PEAK = new Peak(40e9, 10e9);

    /** 100 runs of 1 to 100 ms, or as many as given; 8 images of 50 M operations each. */
    private static Measurement measured(int runs, OptionalLong resident, List<LayerTime> steps) {
        double[] times = IntStream.rangeClosed(1, runs).asDoubleStream().toArray();
        return new Measurement(
                "net", new Shape(3, 4, 5), 8, false, Precision.BF16, times, 8 * 25_000_000L, resident, 1 << 20, steps);
    }

    @Test
    void percentilesAreRunsByNearestRank() {
        Measurement hundred = measured(100, OptionalLong.empty(), List.of());
        assertThat(hundred.percentile(50)).isEqualTo(50);
        assertThat(hundred.percentile(99)).isEqualTo(99);
        Measurement three = measured(3, OptionalLong.empty(), List.of());
        assertThat(three.percentile(50)).isEqualTo(2);
        assertThat(three.percentile(90)).isEqualTo(3);
        assertThat(measured(1, OptionalLong.empty(), List.of()).percentile(1)).isEqualTo(1);
    }

    @Test
    void ratesAreThoseOfTheMedian() {
        Measurement m = measured(100, OptionalLong.of(3 << 20), List.of());
        assertThat(m.imagesPerSecond()).isEqualTo(160);
        assertThat(m.flops()).isEqualTo(8e9);
        assertThat(m.row(PEAK))
                .containsExactly(
                        "net",
                        "3x4x5",
                        "8",
                        "bf16",
                        "50.00",
                        "90.00",
                        "99.00",
                        "1.00",
                        "160",
                        "8",
                        "20.0 %",
                        "3.00 MiB",
                        "1.00 MiB");
    }

    @Test
    void csvHasACellForEachHeading() {
        Measurement m = measured(100, OptionalLong.empty(), List.of());
        assertThat(m.csv(PEAK).split(",", -1)).hasSameSizeAs(Measurement.CSV.split(","));
        assertThat(m.csv(PEAK))
                .isEqualTo("net,3x4x5,8,prediction,bf16,100,50.0000,90.0000,99.0000,1.0000,160.0000,8.0000,0.2000,,"
                        + (1 << 20));
    }

    @Test
    void jsonLeavesOutWhatIsUnknown() {
        JsonNode bare = measured(100, OptionalLong.empty(), List.of()).json(PEAK);
        assertThat(bare.has("resident_bytes") || bare.has("profile")).isFalse();
        assertThat(bare.at("/milliseconds/p99").asDouble()).isEqualTo(99);
        assertThat(bare.path("share_of_peak").asDouble()).isEqualTo(0.2);

        List<LayerTime> steps = List.of(new LayerTime("conv", "forward", "k", 1, 10, 10));
        JsonNode whole = measured(100, OptionalLong.of(7), steps).json(PEAK);
        assertThat(whole.path("resident_bytes").asLong()).isEqualTo(7);
        assertThat(whole.at("/profile/0/bound_by").asText()).isEqualTo("memory");
    }

    @Test
    void comparisonsMeanTheirOwnForms() {
        Graph googlenet = BenchRun.graph(BenchWorker.network("googlenet"), true);
        assertThat(googlenet.name()).isEqualTo("googlenet_bn");
        assertThat(googlenet.auxiliaries()).isEmpty();
        Graph inception = BenchRun.graph(BenchWorker.network("inception_v3"), false);
        assertThat(inception.input().shape()).isEqualTo(new Shape(3, 299, 299));
        Graph lenet = BenchRun.graph(BenchWorker.network("lenet"), true);
        assertThat(lenet.nodes()).anyMatch(n -> n.op().kind().equals("relu"));
        Graph small = BenchRun.graph(BenchWorker.network("resnet18_32"), true);
        assertThat(small.input().shape()).isEqualTo(new Shape(3, 32, 32));
        assertThat(small.classes()).isEqualTo(10);
    }
}
