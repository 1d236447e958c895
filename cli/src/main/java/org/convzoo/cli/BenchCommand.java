package org.convzoo.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.convzoo.engine.Batch;
import org.convzoo.engine.Engine;
import org.convzoo.engine.EngineOptions;
import org.convzoo.engine.LayerTime;
import org.convzoo.engine.LearnerOptions;
import org.convzoo.engine.ParameterGroup;
import org.convzoo.engine.Precision;
import org.convzoo.engine.Predictor;
import org.convzoo.engine.PredictorOptions;
import org.convzoo.failure.WrongUseException;
import org.convzoo.graph.Graph;
import org.convzoo.models.Models;
import org.convzoo.view.Numbers;
import org.convzoo.weights.SafeTensors;
import org.convzoo.weights.Weights;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** How fast networks predict and train on this machine. */
@Command(
        name = "bench",
        description = {
            "Measures networks on made-up images: the time of a prediction or a training step, images a second, the share"
                    + " of what the machine can do, memory.",
            "",
            "p50 is the median, p90 and p99 are what 90 and 99 of 100 runs stay within, min is the fastest. A"
                    + " multiply-accumulate is two operations; a training step counts three times the prediction, less"
                    + " where layers are frozen. The peak is a product of large matrices, measured at the end with the same threads and numbers. Resident is"
                    + " the most memory that the process held, Java's included; native is what the engine holds of it.",
            ""
        },
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:  convzoo bench resnet50 mobilenet_v2 --batch 1 --batch 16",
            "           convzoo bench resnet50 --train --profile --svg resnet50.svg",
            "           convzoo bench resnet50 --train --freeze 'layer?' --freeze conv1 --freeze bn1"
        })
final class BenchCommand implements Callable<Integer> {
    @Parameters(
            arity = "1..*",
            paramLabel = "NAME",
            completionCandidates = NetworkNames.class,
            description = "Networks of the catalogue. With --train also resnet18_32, for 10 classes of 32x32; lenet is"
                    + " then that with ReLU and max pooling, and googlenet_bn has no auxiliary heads.")
    private List<String> names = List.of();

    @Option(names = "--train", description = "Measure training steps instead of predictions.")
    private boolean train;

    @Option(
            names = "--batch",
            paramLabel = "N",
            description = "Images at a time; may be given several times. By default 1 and 16, or the case's own.")
    private List<Integer> batches = List.of();

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "Threads to compute with. By default the physical cores granted to this process.")
    private @Nullable Integer threads;

    @Option(
            names = "--precision",
            paramLabel = "f32|bf16",
            completionCandidates = Precisions.class,
            converter = Precisions.class,
            description =
                    "What to compute with; may be given several times. By default f32. bf16 needs a processor that"
                            + " has it.")
    private List<Precision> precisions = List.of();

    @Option(names = "--checkpointing", description = "Train with less memory and more time; see convzoo train.")
    private boolean checkpointing;

    @Option(
            names = "--freeze",
            paramLabel = "PATTERN",
            description = "Parameters that do not learn, and running statistics that stay as they are: names, or the"
                    + " scopes of names, with * for any characters; may be given several times. With --train.")
    private List<String> frozen = List.of();

    @Option(
            names = "--profile",
            description =
                    "Show each step of a run: its time, kernel, operations and bytes a second, and what bounds it;"
                            + " and the sums by layer and by kernel. All threads share each step, also where a"
                            + " prediction otherwise has each of them take some of the images.")
    private boolean profile;

    @Option(
            names = "--svg",
            paramLabel = "FILE",
            description = "Draw the steps into a roofline plot, a picture for browsers; - prints it instead of the"
                    + " table.")
    private @Nullable Path svg;

    @ArgGroup(exclusive = true)
    private Output output = new Output();

    /** What comes out, if not a table. */
    private static final class Output {
        @Option(names = "--csv", description = "Print as CSV.")
        private boolean csv;

        @Option(names = "--json", description = "Print as JSON, with all steps where --profile is given.")
        private boolean json;

        @Option(
                names = "--worker",
                hidden = true,
                description =
                        "Speak the protocol of comparisons with others: print 'ready {...}', then answer each line"
                                + " 'VARIANT BATCH N' with the times of N runs in ms. The variants are ours and, where the"
                                + " processor has it, ours_bf16; each runs for a second or two before it is ready, as"
                                + " Java compiles its loops while they run. googlenet is googlenet_bn.")
        private boolean worker;

        @Option(
                names = "--first",
                hidden = true,
                paramLabel = "FILE",
                description = "Load the weights from a .safetensors file, predict one image and exit, to be timed from"
                        + " outside. Random weights are written to FILE first if there is no such file.")
        private @Nullable Path first;
    }

    @Mixin
    private TuningOption tuning = new TuningOption();

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        check();
        PrintWriter out = spec.commandLine().getOut();
        EngineOptions options = output.first == null ? tuning.engine() : TuningOption.USUAL;
        try (Engine engine = Engine.open(threads == null ? options : options.withThreads(threads))) {
            if (output.first != null) predict(engine, output.first, out);
            else if (output.worker) work(engine, out);
            else measure(engine, out);
        }
        return 0;
    }

    /** Refuses what cannot be measured before anything is. */
    private void check() {
        if (output.worker) names = names.stream().map(BenchWorker::network).toList();
        for (String name : names) BenchRun.graph(name, train);
        for (int batch : batches)
            if (batch < 1) throw new IllegalArgumentException("--batch is at least 1, got " + batch);
        if (threads != null && threads < 1)
            throw new IllegalArgumentException("--threads is at least 1, got " + threads);
        if (checkpointing && !train) throw new IllegalArgumentException("--checkpointing goes with --train");
        if (!frozen.isEmpty() && !train) throw new IllegalArgumentException("--freeze goes with --train");
        for (String name : names) if (train) learner(name, Precision.F32).check(BenchRun.graph(name, true));
        boolean one = output.worker || output.first != null;
        if (one && names.size() != 1)
            throw new IllegalArgumentException("--worker and --first take one network, got " + names.size());
        if ((one || output.csv) && (profile || svg != null))
            throw new IllegalArgumentException("--profile and --svg go with the table or with --json");
        if (output.first != null && (train || !batches.isEmpty()))
            throw new IllegalArgumentException("--first predicts one image; leave out --train and --batch");
        if (svg != null && (names.size() != 1 || batches(names.get(0)).size() != 1 || precisions.size() > 1))
            throw new IllegalArgumentException(
                    "--svg draws one network at one batch size and precision; give one NAME and --batch N");
    }

    private void check(Engine engine) {
        precisions.forEach(engine::check);
        if ((profile || svg != null) && engine.measuring().isEmpty())
            throw new WrongUseException(
                    "the engine " + engine.name() + " does not measure its steps; leave out --profile and --svg");
    }

    private List<Integer> batches(String name) {
        return batches.isEmpty() ? BenchRun.batches(name, train) : batches;
    }

    private BenchRun open(Engine engine, String name, Precision precision) {
        return train
                ? BenchRun.training(engine, name, learner(name, precision))
                : BenchRun.predicting(engine, name, precision);
    }

    private LearnerOptions learner(String name, Precision precision) {
        Graph graph = BenchRun.graph(name, true);
        Set<String> names = ParameterGroup.matchingAny(graph, frozen);
        return LearnerOptions.DEFAULTS
                .withSeed(1)
                .withPrecision(precision)
                .withCheckpointing(checkpointing)
                .withGroups(names.isEmpty() ? List.of() : List.of(ParameterGroup.frozen(names)));
    }

    private void work(Engine engine, PrintWriter out) throws IOException {
        check(engine);
        List<Precision> all = precisions.isEmpty()
                ? Stream.of(Precision.values())
                        .filter(engine.precisions()::contains)
                        .toList()
                : precisions;
        String name = names.get(0);
        BenchWorker.work(engine, batches(name), all, p -> open(engine, name, p), out);
    }

    /** From a file to the first prediction: what a program that starts has to wait for. */
    private void predict(Engine engine, Path file, PrintWriter out) throws IOException {
        check(engine);
        Graph graph = Models.named(names.get(0)).graph();
        if (Files.notExists(file)) new SafeTensors(Weights.initial(graph, 1), Map.of()).write(file);
        Precision precision = precisions.isEmpty() ? Precision.F32 : precisions.get(0);
        try (Predictor predictor = engine.predictor(
                graph, SafeTensors.read(file).weights(), PredictorOptions.DEFAULTS.withPrecision(precision))) {
            FloatBuffer white = Batch.buffer(graph.input().shape().elements());
            while (white.hasRemaining()) white.put(1);
            out.println("the first logit of a white image: " + predictor.logits(white.flip(), 1)[0]);
        }
    }

    private void measure(Engine engine, PrintWriter out) throws IOException {
        check(engine);
        PrintWriter err = spec.commandLine().getErr();
        err.println(engine.description());
        List<Measurement> all = new ArrayList<>();
        for (String name : names) {
            for (int batch : batches(name)) {
                for (Precision p : precisions.isEmpty() ? List.of(Precision.F32) : precisions) {
                    Measurement m = measure(engine, name, batch, p);
                    err.println("measured " + m.title());
                    all.add(m);
                }
            }
        }
        if (engine.measuring().isEmpty()) err.println(engine.name() + " does not measure what it reaches at best");
        Measurements measured = Measurements.of(engine, all); // last, as what measures the peak counts as memory
        measured.peaks()
                .forEach((p, peak) -> err.println("peak: " + Numbers.counted((long) peak.flops()) + "FLOP/s in " + p
                        + ", a copy moves " + Numbers.counted((long) peak.bytes()) + "B/s"));
        if (output.json) out.println(measured.json(engine).toPrettyString());
        else if (output.csv) out.print(measured.csv());
        else if (svg == null || !svg.toString().equals("-"))
            out.print(profile ? measured.text() + measured.profiles() : measured.text());
        if (svg != null) {
            Measurement m = all.get(0);
            Drawing.write(svg, measured.profile(m).svg(BenchRun.graph(m.network(), train), m.title()), spec);
        }
    }

    private Measurement measure(Engine engine, String name, int batch, Precision precision) {
        ResidentPeak.restart();
        try (BenchRun run = open(engine, name, precision)) {
            double[] times = run.times(batch);
            OptionalLong resident = ResidentPeak.bytes();
            List<LayerTime> steps = profile || svg != null ? run.profile(batch, times[times.length / 2]) : List.of();
            return new Measurement(
                    name,
                    run.image(),
                    batch,
                    train,
                    precision,
                    times,
                    run.macs(batch),
                    resident,
                    engine.nativeBytes(),
                    steps);
        }
    }
}
