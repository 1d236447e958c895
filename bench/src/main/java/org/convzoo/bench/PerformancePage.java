package org.convzoo.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.TreeSet;
import java.util.function.BiFunction;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.convzoo.bench.Results.Network;
import org.convzoo.bench.Results.Start;
import org.convzoo.weights.AtomicFile;
import org.jspecify.annotations.Nullable;

/**
 * docs/performance.md: our times beside those of others, against the goals that we set ourselves, also where we are
 * behind. A ratio is their time by ours. {@code docs/performance/update} runs it.
 */
public final class PerformancePage {
    /** Training in float32: the case, its batch, and how many times as fast as the best of the others it shall be. */
    private record Case(String name, int batch, double goal) {}

    // spotless:off
    private static final List<Case> TRAINING = List.of(
            new Case("mobilenet_v2",       16, 1.5),
            new Case("shufflenet_v2_x1_0", 16, 1.5),
            new Case("squeezenet1_1",      16, 1.5),
            new Case("efficientnet_b0",     8, 1.3),
            new Case("resnet50",           16, 1.2),
            new Case("densenet121",         8, 1.2),
            new Case("googlenet",          16, 1.2),
            new Case("resnet18_32",        64, 1.2),
            new Case("vgg16",               4, 1.05),
            new Case("lenet",              64, 1.5));
    private static final List<Case> TRAINING_BF16 = List.of(
            new Case("resnet50",     16, 1.2),
            new Case("mobilenet_v2", 16, 1.2),
            new Case("densenet121",   8, 1.2));
    private static final List<String> INFERENCE = List.of(
            "resnet50", "mobilenet_v2", "mobilenet_v3_large", "densenet121", "efficientnet_b0", "shufflenet_v2_x1_0",
            "squeezenet1_1", "googlenet", "inception_v3", "vgg16");
    private static final List<Integer> BATCHES = List.of(1, 16);

    /** What the scripts call the variants. */
    private static final Map<String, String> NAMES = Map.ofEntries(
            Map.entry("ours", "convzoo"),
            Map.entry("ours_bf16", "convzoo bf16"),
            Map.entry("ours_checkpointing", "convzoo, --checkpointing"),
            Map.entry("torch", "PyTorch"),
            Map.entry("torch_cl", "PyTorch, channels last"),
            Map.entry("torch_cl_m", "PyTorch, channels last, tuned allocator"),
            Map.entry("bf16_cl", "PyTorch bf16 autocast"),
            Map.entry("compile", "torch.compile"),
            Map.entry("compile_m", "torch.compile, tuned allocator"),
            Map.entry("ort_py", "ONNX Runtime"),
            Map.entry("ort_java", "ONNX Runtime from Java"),
            Map.entry("ov_f32", "OpenVINO"),
            Map.entry("ov_default", "OpenVINO, its default precision"),
            Map.entry("djl", "DJL"),
            Map.entry("libtorch_java", "libtorch from Java"),
            Map.entry("libtorch_java_cl", "libtorch from Java, channels last"),
            Map.entry("dl4j", "DL4J"),
            Map.entry("dl4j_onednn512", "DL4J on oneDNN"));
    // spotless:on

    private static final double EACH = 1.0, INFERENCE_MEAN = 1.1, FASTER_THAN_F32 = 1.4, MEMORY = 0.6, START = 1.5;
    private static final String FMA = "threads 2 FMA peak";

    private final Results results;
    private final StringBuilder text = new StringBuilder();
    private final List<String> slower = new ArrayList<>();
    private int goals, reached, missing, compared;

    private PerformancePage(Results results) {
        this.results = results;
    }

    /** Writes the page. Arguments: the folder of results, the file. */
    public static void main(String... args) throws IOException {
        AtomicFile.write(Path.of(args[1]), of(Results.read(Path.of(args[0]))));
    }

    /** Throws {@link IllegalArgumentException} if nothing was measured. */
    static String of(Results results) {
        if (results.inference().isEmpty() && results.training().isEmpty())
            throw new IllegalArgumentException("nothing is measured; infer.jsonl or train.jsonl is needed");
        var page = new PerformancePage(results);
        page.tables();
        return page.head() + page.text;
    }

    // -- the story ---------------------------------------------------------------------------------

    private String head() {
        List<Network> all = Stream.concat(results.training().values().stream(), results.inference().values().stream())
                .toList();
        String verdict = "Of %s goals %s are reached, %s are not, %s are not measured. "
                .formatted(goals, reached, goals - reached - missing, missing);
        verdict += slower.isEmpty()
                ? "In none of " + compared + " comparisons is convzoo slower than the best of the others."
                : "convzoo is slower than the best of the others in " + String.join("; ", slower) + ".";
        return """
                # Performance

                <!-- written by docs/performance/update from the files in docs/performance; do not edit -->

                Times of convzoo and of others on the same machine. All variants of a network run in one go and take turns;
                a time is the median. A ratio is the time of the best of the others by ours: above 1 convzoo is faster.

                %s

                - machine: %s, %s
                - convzoo: %s; Java %s
                - others: %s
                - measured: %s

                """.formatted(
                        verdict,
                        told(all, "machine"),
                        peaks(),
                        told(all, "ours"),
                        told(all, "java"),
                        results.versions().isEmpty() ? "versions not recorded" : String.join(", ", results.versions()),
                        told(all.stream().map(n -> n.when().replaceAll(" .*", ""))))
                + (results.commands().isEmpty()
                        ? ""
                        : "```\n" + results.commands().strip() + "\n```\n\n");
    }

    private static String told(List<Network> networks, String key) {
        return told(networks.stream().map(n -> n.info().path(key).asText()));
    }

    private static String told(Stream<String> words) {
        String all = words.filter(w -> !w.isEmpty()).collect(Collectors.toCollection(TreeSet::new)).stream()
                .collect(Collectors.joining("; "));
        return all.isEmpty() ? "not recorded" : all;
    }

    private String peaks() {
        return results.peaks().isEmpty()
                ? "its peaks not recorded"
                : results.peaks().entrySet().stream()
                        .map(e -> e.getKey() + " " + number(e.getValue()))
                        .collect(Collectors.joining(", "));
    }

    private void tables() {
        training();
        trainingBf16();
        inference();
        inferenceBf16();
        share();
        start();
        memory();
        everything("All times of training, ms", results.training(), List.of(0));
        for (int batch : BATCHES)
            everything("All times of predictions of " + batch + ", ms", results.inference(), List.of(batch));
    }

    // -- the goals ---------------------------------------------------------------------------------

    private void training() {
        section(
                "Training in float32",
                "A step: forward, loss, backward, SGD with momentum. Against the best of the others" + " in float32.");
        compared(TRAINING, results.training(), "ours", PerformancePage::isF32, "training");
    }

    private void trainingBf16() {
        section(
                "Training in bfloat16",
                "Against PyTorch's autocast, channels last; and against our own float32, than which" + " it shall be "
                        + FASTER_THAN_F32 + " times as fast.");
        compared(TRAINING_BF16, results.training(), "ours_bf16", "bf16_cl"::equals, "training in bf16");
        head("network", "batch>", "f32 ms>", "bf16 ms>", "times as fast>", "goal>", "");
        for (Case c : TRAINING_BF16) {
            OptionalDouble full = time(results.training(), c.name, "ours", c.batch);
            OptionalDouble half = time(results.training(), c.name, "ours_bf16", c.batch);
            Double ratio = ratio(full, half);
            row(
                    c.name,
                    "" + c.batch,
                    ms(full),
                    ms(half),
                    number(ratio),
                    number(FASTER_THAN_F32),
                    told(ratio, FASTER_THAN_F32));
        }
        end();
    }

    private void inference() {
        for (int batch : BATCHES) {
            section("Prediction in float32, batch " + batch, "Against the better of ONNX Runtime and OpenVINO.");
            List<Double> ratios = compared(
                    INFERENCE.stream().map(n -> new Case(n, batch, EACH)).toList(),
                    results.inference(),
                    "ours",
                    v -> v.startsWith("ort_") || v.equals("ov_f32"),
                    "prediction");
            mean(ratios, INFERENCE_MEAN);
        }
    }

    private void inferenceBf16() {
        for (int batch : BATCHES) {
            section(
                    "Prediction in bfloat16, batch " + batch,
                    "Against OpenVINO as it comes, which is in bfloat16 where the"
                            + " processor has it. The goal is for the mean.");
            mean(
                    compared(
                            INFERENCE.stream().map(n -> new Case(n, batch, 0)).toList(),
                            results.inference(),
                            "ours_bf16",
                            "ov_default"::equals,
                            "prediction in bf16"),
                    EACH);
        }
    }

    private static boolean isF32(String variant) {
        return !variant.startsWith("ours") && !variant.equals("bf16_cl") && !variant.equals("ov_default");
    }

    /** A row for each case; the ratios there are. */
    private List<Double> compared(
            List<Case> cases, Map<String, Network> networks, String ours, Predicate<String> theirs, String work) {
        head("network", "batch>", "convzoo ms>", "the best ms>", "of", "ratio>", "goal>", "");
        List<Double> ratios = new ArrayList<>();
        for (Case c : cases) {
            Network n = networks.get(c.name);
            String best = n == null ? null : best(n, c.batch, theirs);
            OptionalDouble their = best == null ? OptionalDouble.empty() : n.time(best, c.batch);
            OptionalDouble our = time(networks, c.name, ours, c.batch);
            Double ratio = ratio(their, our);
            if (ratio != null) {
                ratios.add(ratio);
                compared++;
                if (ratio < 1) slower.add(work + " of " + c.name + " (batch " + c.batch + ", " + number(ratio) + ")");
            }
            boolean goal = c.goal > 0;
            if (!goal && ratio == null) continue;
            row(
                    c.name,
                    "" + c.batch,
                    ms(our),
                    ms(their),
                    best == null ? "" : NAMES.getOrDefault(best, best),
                    number(ratio),
                    goal ? number(c.goal) : "",
                    goal ? told(ratio, c.goal) : ratio != null && ratio < 1 ? "slower" : "");
        }
        end();
        return ratios;
    }

    private static @Nullable String best(Network n, int batch, Predicate<String> theirs) {
        return n.variants().stream()
                .filter(theirs.and(v -> n.time(v, batch).isPresent()))
                .min((a, b) -> Double.compare(
                        n.time(a, batch).getAsDouble(), n.time(b, batch).getAsDouble()))
                .orElse(null);
    }

    private void mean(List<Double> ratios, double goal) {
        Double mean = ratios.isEmpty()
                ? null
                : Math.exp(ratios.stream().mapToDouble(Math::log).average().orElseThrow());
        text.append("Geometric mean")
                .append(mean == null ? "" : " of " + ratios.size() + ": **" + number(mean) + "**")
                .append("; goal ")
                .append(number(goal))
                .append(": ")
                .append(told(mean, goal))
                .append(".\n\n");
    }

    private void share() {
        section(
                "Share of the processor's peak",
                "Operations a second by those of fused multiply-adds in registers, both"
                        + " threads; a multiply-accumulate is two, a training step counts three times the prediction.");
        head("work", "batch>", "GFLOP/s>", "share>", "goal>", "");
        share("training of resnet50", results.training(), "resnet50", 16, 3, 0.75);
        share("training of vgg16", results.training(), "vgg16", 4, 3, 0.85);
        for (int batch : BATCHES) share("prediction of resnet50", results.inference(), "resnet50", batch, 1, 0.88);
        end();
    }

    private void share(String work, Map<String, Network> networks, String name, int batch, int passes, double goal) {
        OptionalDouble ms = time(networks, name, "ours", batch);
        Double peak = results.peaks().get(FMA);
        Double gflops = null;
        if (ms.isPresent() && networks.get(name).info().path("gmacs").isNumber())
            gflops = 2e3
                    * passes
                    * batch
                    * networks.get(name).info().path("gmacs").asDouble()
                    / ms.getAsDouble();
        Double share = gflops == null || peak == null ? null : gflops / peak;
        row(
                work,
                "" + batch,
                gflops == null ? "" : Long.toString(Math.round(gflops)),
                percent(share),
                percent(goal),
                told(share, goal));
    }

    private void start() {
        section(
                "From start to the first prediction",
                "resnet50 from a file, from the start of the process to its end. The"
                        + " goals: as fast as ONNX Runtime from Java, and under " + START + " s.");
        head("program", "seconds>", "resident MiB>", "");
        Start ours = results.starts().get("ours"), theirs = results.starts().get("ONNX Runtime Java");
        results.starts()
                .forEach((name, s) ->
                        row(name.equals("ours") ? "convzoo" : name, number(s.seconds()), "" + s.mebibytes(), ""));
        row(
                "ratio to ONNX Runtime Java",
                number(ours == null || theirs == null ? null : theirs.seconds() / ours.seconds()),
                "",
                told(ours == null || theirs == null ? null : theirs.seconds() / ours.seconds(), 1));
        row("limit by seconds", number(START), "", told(ours == null ? null : START / ours.seconds(), 1));
        end();
    }

    private void memory() {
        section(
                "Memory",
                "Resident at most, training of resnet50 with batch 16. The goal: " + MEMORY
                        + " of the least of the others.");
        head("program", "MiB>", "of it>", "goal>", "");
        Double ours = results.memory().get("ours");
        Double theirs = results.memory().entrySet().stream()
                .filter(e -> !e.getKey().startsWith("ours"))
                .map(Map.Entry::getValue)
                .min(Double::compare)
                .orElse(null);
        results.memory().forEach((name, kib) -> {
            if (name.equals("ours")) return;
            row(
                    NAMES.getOrDefault(name, name),
                    mebibytes(kib),
                    name.startsWith("ours") ? number(share(kib, theirs)) : "",
                    "",
                    "");
        });
        Double part = share(ours, theirs);
        row(
                "convzoo",
                ours == null ? "" : mebibytes(ours),
                number(part),
                number(MEMORY),
                told(part == null ? null : MEMORY / part, 1));
        end();
    }

    private static @Nullable Double share(@Nullable Double part, @Nullable Double whole) {
        return part == null || whole == null ? null : part / whole;
    }

    private static String mebibytes(double kib) {
        return Long.toString(Math.round(kib / 1024));
    }

    // -- everything --------------------------------------------------------------------------------

    private void everything(String title, Map<String, Network> networks, List<Integer> batches) {
        if (networks.isEmpty()) return;
        List<String> variants = networks.values().stream()
                .flatMap(n -> n.variants().stream())
                .distinct()
                .sorted((a, b) -> Boolean.compare(b.startsWith("ours"), a.startsWith("ours")))
                .toList();
        BiFunction<Network, String, OptionalDouble> time =
                (n, v) -> n.time(v, batches.get(0) == 0 ? n.info().path("batch").asInt() : batches.get(0));
        List<String> seen = variants.stream()
                .filter(v -> networks.values().stream()
                        .anyMatch(n -> time.apply(n, v).isPresent()))
                .toList();
        if (seen.isEmpty()) return;
        section(title, "");
        head(Stream.concat(Stream.of("network"), seen.stream().map(v -> NAMES.getOrDefault(v, v) + ">"))
                .toArray(String[]::new));
        networks.forEach(
                (name, n) -> row(Stream.concat(Stream.of(name), seen.stream().map(v -> ms(time.apply(n, v))))
                        .toArray(String[]::new)));
        end();
    }

    // -- Markdown ----------------------------------------------------------------------------------

    private void section(String title, String words) {
        text.append("## ").append(title).append("\n\n").append(words.isEmpty() ? "" : words + "\n\n");
    }

    private void head(String... names) {
        row(Arrays.stream(names).map(n -> n.replace(">", "")).toArray(String[]::new));
        row(Arrays.stream(names).map(n -> n.endsWith(">") ? "---:" : "---").toArray(String[]::new));
    }

    private void row(String... cells) {
        for (String cell : cells) text.append(cell.isEmpty() ? "| " : "| " + cell + " ");
        text.append("|\n");
    }

    private void end() {
        text.append('\n');
    }

    private static OptionalDouble time(Map<String, Network> networks, String name, String variant, int batch) {
        Network n = networks.get(name);
        return n == null ? OptionalDouble.empty() : n.time(variant, batch);
    }

    private static @Nullable Double ratio(OptionalDouble theirs, OptionalDouble ours) {
        return theirs.isPresent() && ours.isPresent() ? theirs.getAsDouble() / ours.getAsDouble() : null;
    }

    /** Counts a goal and says whether it is reached. */
    private String told(@Nullable Double value, double goal) {
        goals++;
        if (value == null) {
            missing++;
            return "not measured";
        }
        if (value >= goal) {
            reached++;
            return "reached";
        }
        return "**not reached**";
    }

    private static String ms(OptionalDouble t) {
        return t.isPresent() ? number(t.getAsDouble()) : "";
    }

    private static String percent(@Nullable Double d) {
        return d == null ? "" : Math.round(100 * d) + " %";
    }

    /** Three digits, as far as they are behind the point. */
    private static String number(@Nullable Double d) {
        if (d == null) return "";
        double v = Objects.requireNonNull(d);
        return String.format(Locale.ROOT, v < 10 ? "%.2f" : v < 100 ? "%.1f" : "%.0f", v);
    }
}
