package org.convzoo.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import org.convzoo.engine.LayerTime;
import org.convzoo.engine.Peak;
import org.convzoo.engine.Precision;
import org.convzoo.graph.Shape;
import org.convzoo.train.Csv;
import org.convzoo.view.Numbers;
import org.convzoo.view.Profile;
import org.jspecify.annotations.Nullable;

/**
 * One network measured at one batch size.
 *
 * @param training whether steps of training were measured, else predictions
 * @param times milliseconds of each run, in ascending order
 * @param macs multiply-accumulates of one run: three times the prediction's in training, where each layer has two
 *     gradients
 * @param resident bytes of memory that the process held at most
 * @param nativeBytes bytes that the engine held
 * @param steps where the time went; empty unless asked for
 */
record Measurement(
        String network,
        Shape image,
        int batch,
        boolean training,
        Precision precision,
        double[] times,
        long macs,
        OptionalLong resident,
        long nativeBytes,
        List<LayerTime> steps) {

    /** The least time that so many of the runs did not exceed: nearest rank. */
    double percentile(int p) {
        return times[Math.max(0, (p * times.length + 99) / 100 - 1)];
    }

    double imagesPerSecond() {
        return 1000 * batch / percentile(50);
    }

    /** Operations a second; a multiply-accumulate is two. */
    double flops() {
        return 2e3 * macs / percentile(50);
    }

    private String work() {
        return training ? "training step" : "prediction";
    }

    /** {@code resnet50: a prediction of 16 x 3x224x224, f32}. */
    String title() {
        return network + ": a " + work() + " of " + batch + " x " + image + ", " + precision;
    }

    static final String[] HEADINGS = {
        "network",
        "input",
        "batch>",
        "numbers",
        "p50 ms>",
        "p90>",
        "p99>",
        "min>",
        "images/s>",
        "GFLOP/s>",
        "of peak>",
        "resident>",
        "native>"
    };

    String[] row(@Nullable Peak peak) {
        return new String[] {
            network,
            image.toString(),
            Integer.toString(batch),
            precision.toString(),
            ms(percentile(50)),
            ms(percentile(90)),
            ms(percentile(99)),
            ms(times[0]),
            Numbers.grouped(Math.round(imagesPerSecond())),
            Numbers.grouped(Math.round(flops() / 1e9)),
            peak == null ? "" : Numbers.percent(flops() / peak.flops()),
            resident.isPresent() ? Numbers.bytes(resident.getAsLong()) : "",
            Numbers.bytes(nativeBytes)
        };
    }

    private static String ms(double t) {
        return String.format(Locale.ROOT, "%.2f", t);
    }

    /** A line of CSV; what is unknown is empty. */
    private record Row(
            String network,
            String input,
            int batch,
            String work,
            String precision,
            int runs,
            String p50Ms,
            String p90Ms,
            String p99Ms,
            String minMs,
            String imagesPerSecond,
            String gflops,
            String shareOfPeak,
            String residentBytes,
            long nativeBytes) {}

    private static final Csv<Row> ROWS = Csv.of(Row.class);
    static final String CSV = ROWS.header();

    String csv(@Nullable Peak peak) {
        return ROWS.line(new Row(
                network,
                image.toString(),
                batch,
                work(),
                precision.toString(),
                times.length,
                number(percentile(50)),
                number(percentile(90)),
                number(percentile(99)),
                number(times[0]),
                number(imagesPerSecond()),
                number(flops() / 1e9),
                peak == null ? "" : number(flops() / peak.flops()),
                resident.isPresent() ? Long.toString(resident.getAsLong()) : "",
                nativeBytes));
    }

    private static String number(double d) {
        return String.format(Locale.ROOT, "%.4f", d);
    }

    ObjectNode json(@Nullable Peak peak) {
        ObjectNode o = JsonNodeFactory.instance.objectNode().put("model", network);
        for (int d : image.dims()) o.withArray("input").add(d);
        o.put("batch", batch)
                .put("work", work())
                .put("precision", precision.toString())
                .put("runs", times.length);
        o.putObject("milliseconds")
                .put("p50", percentile(50))
                .put("p90", percentile(90))
                .put("p99", percentile(99))
                .put("min", times[0]);
        o.put("images_per_second", imagesPerSecond()).put("gflops", flops() / 1e9);
        if (peak != null) o.put("share_of_peak", flops() / peak.flops());
        resident.ifPresent(r -> o.put("resident_bytes", r));
        o.put("native_bytes", nativeBytes);
        if (peak != null && !steps.isEmpty()) o.putArray("profile").addAll(new Profile(steps, peak).json());
        return o;
    }
}
