package org.convzoo.bench;

import static org.convzoo.bench.Markdown.number;
import static org.convzoo.bench.Markdown.percent;
import static org.convzoo.bench.Markdown.whole;

import java.util.Map;
import java.util.OptionalDouble;
import org.convzoo.bench.Results.Network;
import org.convzoo.bench.Results.Start;

/** What a machine gives and convzoo takes: the share of the processor's peak, the time to start, and memory. */
final class ResourceTables {
    private static final double MEMORY = 0.6, START = 1.5;
    private static final String PEAK = "threads 2 FMA peak";

    private final Results results;
    private final Verdicts verdicts;
    private final Markdown page;

    ResourceTables(Results results, Verdicts verdicts, Markdown page) {
        this.results = results;
        this.verdicts = verdicts;
        this.page = page;
    }

    /** What was not measured at all is left out. */
    void write() {
        shares();
        if (!results.starts().isEmpty()) start();
        if (!results.memory().isEmpty()) memory();
    }

    private void shares() {
        page.heading(3, "Share of the processor's peak");
        page.paragraph("Operations a second in float32, by those of fused multiply-adds in registers, both threads; a"
                + " multiply-accumulate is two, a training step counts three times the prediction. Winograd's algorithm"
                + " does with fewer operations than are counted, so that over 100 % is possible.");
        page.head("work", "batch>", "GFLOP/s>", "share>", "goal>", "");
        share("training of resnet50", results.training(), "resnet50", 16, 3, 0.75);
        share("training of vgg16", results.training(), "vgg16", 4, 3, 0.85);
        for (int batch : Results.BATCHES)
            share("prediction of resnet50", results.inference(), "resnet50", batch, 1, 0.88);
        page.end();
    }

    private void share(String work, Map<String, Network> networks, String name, int batch, int passes, double goal) {
        OptionalDouble gflops = OptionalDouble.empty();
        Network n = networks.get(name);
        if (n != null
                && n.time("ours", batch).isPresent()
                && n.info().path("gmacs").isNumber()) {
            double macs = passes * batch * n.info().path("gmacs").asDouble();
            gflops = OptionalDouble.of(2e3 * macs / n.time("ours", batch).getAsDouble());
        }
        OptionalDouble share = Comparison.ratio(gflops, found(results.peaks(), PEAK));
        page.row(
                work,
                "" + batch,
                whole(gflops),
                percent(share),
                percent(OptionalDouble.of(goal)),
                verdicts.of(share, goal));
    }

    private void start() {
        page.heading(3, "From start to the first prediction");
        page.paragraph(
                "resnet50 from a file, from the start of the process to its end. The goals: as fast as ONNX Runtime"
                        + " from Java, and under " + START + " s.");
        page.head("program", "seconds>", "resident MiB>", "");
        results.starts()
                .forEach((name, s) ->
                        page.row(name.equals("ours") ? "convzoo" : name, number(s.seconds()), "" + s.mebibytes(), ""));
        OptionalDouble ours = seconds("ours"), ratio = Comparison.ratio(seconds("ONNX Runtime Java"), ours);
        page.row("ratio to ONNX Runtime Java", number(ratio), "", verdicts.of(ratio, 1));
        OptionalDouble limit = OptionalDouble.of(START);
        page.row("limit by seconds", number(limit), "", verdicts.of(Comparison.ratio(limit, ours), 1));
        page.end();
    }

    private OptionalDouble seconds(String program) {
        Start start = results.starts().get(program);
        return start == null ? OptionalDouble.empty() : OptionalDouble.of(start.seconds());
    }

    private void memory() {
        page.heading(3, "Memory");
        page.paragraph("Resident at most, training of resnet50 with batch 16. The goal: " + MEMORY
                + " of the least of the others.");
        page.head("program", "MiB>", "of it>", "goal>", "");
        OptionalDouble least = results.memory().entrySet().stream()
                .filter(e -> !Variants.isOurs(e.getKey()))
                .mapToDouble(Map.Entry::getValue)
                .min();
        results.memory().keySet().stream().filter(v -> !v.equals("ours")).forEach(variant -> {
            OptionalDouble kib = found(results.memory(), variant);
            OptionalDouble part = Variants.isOurs(variant) ? Comparison.ratio(kib, least) : OptionalDouble.empty();
            page.row(Variants.name(variant), mebibytes(kib), number(part), "", "");
        });
        OptionalDouble ours = found(results.memory(), "ours"), part = Comparison.ratio(ours, least);
        String verdict = verdicts.of(Comparison.ratio(OptionalDouble.of(MEMORY), part), 1);
        page.row("convzoo", mebibytes(ours), number(part), number(MEMORY), verdict);
        page.end();
    }

    private static OptionalDouble found(Map<String, Double> values, String key) {
        Double value = values.get(key);
        return value == null ? OptionalDouble.empty() : OptionalDouble.of(value);
    }

    private static String mebibytes(OptionalDouble kib) {
        return whole(Comparison.ratio(kib, OptionalDouble.of(1024)));
    }
}
