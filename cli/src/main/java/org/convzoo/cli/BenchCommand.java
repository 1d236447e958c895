package org.convzoo.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.StringJoiner;
import java.util.concurrent.Callable;
import org.convzoo.engine.Engine;
import org.convzoo.view.Numbers;
import org.convzoo.view.TextTable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** How fast networks predict and train on this machine. */
@Command(
        name = "bench",
        description = "Measures networks on made-up images: the time of a prediction or a training step, images a"
                + " second, native memory.",
        mixinStandardHelpOptions = true,
        footer = {"", "Example:  convzoo bench resnet50 mobilenet_v2 --batch 1 --batch 16"})
final class BenchCommand implements Callable<Integer> {
    private static final double SECONDS = 3;
    private static final double WARM_UP = 2;

    @Parameters(
            arity = "1..*",
            paramLabel = "NAME",
            completionCandidates = NetworkNames.class,
            description = "Networks of the catalogue; with --train also resnet18_32, for 10 classes of 32x32.")
    private List<String> names = List.of();

    @Option(names = "--train", description = "Measure training steps instead of predictions.")
    private boolean train;

    @Option(
            names = "--batch",
            paramLabel = "N",
            description = "Images at a time; may be given several times. By default 1 and 16, or the case's own.")
    private List<Integer> batches = List.of();

    @Option(
            names = "--worker",
            description = "Speak the protocol of comparisons with others: print 'ready {...}', then answer each line"
                    + " 'ours BATCH N' with the times of N runs in ms.")
    private boolean worker;

    @Option(names = "--csv", description = "Print as CSV.")
    private boolean csv;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        for (String name : names) BenchRun.graph(name, train); // an unknown one is told before any is measured
        try (Engine engine = Engine.open()) {
            if (worker) {
                if (names.size() != 1) throw new IllegalArgumentException("a worker measures one network");
                work(engine, names.get(0), out);
                return 0;
            }
            spec.commandLine().getErr().println(engine.description());
            var table = new TextTable("network", "input", "batch>", "median ms>", "least ms>", "images/s>", "native>");
            if (csv) out.println("network,input,batch,median_ms,least_ms,images_per_second,native_bytes");
            for (String name : names) {
                try (BenchRun run = BenchRun.of(engine, name, train)) {
                    for (int batch : batches(name)) row(engine, run, name, batch, table, out);
                }
            }
            if (!csv) out.print(table);
        }
        return 0;
    }

    private List<Integer> batches(String name) {
        return batches.isEmpty() ? BenchRun.batches(name, train) : batches;
    }

    private void row(Engine engine, BenchRun run, String name, int batch, TextTable table, PrintWriter out) {
        warmUp(run, batch);
        List<Double> times = new ArrayList<>();
        for (double spent = 0; times.size() < 3 || spent < SECONDS * 1000; spent += times.get(times.size() - 1))
            times.add(run.milliseconds(batch));
        double[] sorted = times.stream().mapToDouble(t -> t).sorted().toArray();
        double median = sorted[sorted.length / 2];
        if (csv)
            out.printf(
                    Locale.ROOT,
                    "%s,%s,%d,%.3f,%.3f,%.1f,%d%n",
                    name,
                    run.image(),
                    batch,
                    median,
                    sorted[0],
                    1000 * batch / median,
                    engine.nativeBytes());
        else
            table.row(
                    name,
                    run.image().toString(),
                    Integer.toString(batch),
                    String.format(Locale.ROOT, "%.2f", median),
                    String.format(Locale.ROOT, "%.2f", sorted[0]),
                    Numbers.grouped(Math.round(1000 * batch / median)),
                    Numbers.bytes(engine.nativeBytes()));
    }

    /** The first run compiles the network; in training the loops in Java around it are compiled as they run. */
    private void warmUp(BenchRun run, int batch) {
        double spent = run.milliseconds(batch);
        while (train && spent < WARM_UP * 1000) spent += run.milliseconds(batch);
    }

    // -- the protocol -----------------------------------------------------------------------------

    private void work(Engine engine, String name, PrintWriter out) throws IOException {
        ObjectNode ready = JsonNodeFactory.instance.objectNode();
        for (int batch : batches(name))
            ready.withArray("variants").addArray().add("ours").add(batch);
        ready.putObject("info").put("ours", engine.description());
        var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        try (BenchRun run = BenchRun.of(engine, name, train)) {
            for (int batch : batches(name)) warmUp(run, batch);
            out.println("ready " + ready);
            out.flush();
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                String[] words = line.trim().split(" +");
                if (words.length != 3)
                    throw new IllegalArgumentException("expected 'ours BATCH N', got '" + line + "'");
                int batch = Integer.parseInt(words[1]), n = Integer.parseInt(words[2]);
                StringJoiner times = new StringJoiner(" ");
                for (int i = 0; i < n; i++) times.add(String.format(Locale.ROOT, "%.4f", run.milliseconds(batch)));
                out.println(times);
                out.flush();
            }
        }
    }
}
