package org.convzoo.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;
import java.util.function.Function;
import org.convzoo.engine.Engine;
import org.convzoo.engine.Precision;
import org.convzoo.system.Machine;

/**
 * Our side of a comparison with others, whose runs alternate with ours: prints {@code ready {"variants": [["ours", 1],
 * ...], "info": {...}}}, then answers each line {@code ours BATCH N} of its input with the times of N runs in ms. The
 * variant {@code ours_bf16} computes in bfloat16.
 */
final class BenchWorker {
    /** What others call differently. */
    private static final Map<String, String> NAMES = Map.of("googlenet", "googlenet_bn");

    private BenchWorker() {}

    /** The catalogue's name for the network that a comparison calls {@code name}. */
    static String network(String name) {
        return NAMES.getOrDefault(name, name);
    }

    private static String variant(Precision p) {
        return p == Precision.F32 ? "ours" : "ours_" + p;
    }

    /** @param open makes what is measured in a precision */
    static void work(
            Engine engine,
            List<Integer> batches,
            List<Precision> precisions,
            Function<Precision, BenchRun> open,
            PrintWriter out)
            throws IOException {
        Map<String, BenchRun> runs = new LinkedHashMap<>();
        try {
            for (Precision p : precisions) runs.put(variant(p), open.apply(p));
            ObjectNode ready = JsonNodeFactory.instance.objectNode();
            for (String variant : runs.keySet())
                for (int batch : batches)
                    ready.withArray("variants").addArray().add(variant).add(batch);
            ready.putObject("info")
                    .put("ours", engine.description())
                    .put("java", Runtime.version().toString())
                    .put("machine", Machine.processor());
            for (BenchRun run : runs.values()) for (int batch : batches) run.warmUp(batch);
            out.println("ready " + ready);
            out.flush();
            var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                out.println(answer(runs, line));
                out.flush();
            }
        } finally {
            runs.values().forEach(BenchRun::close);
        }
    }

    private static String answer(Map<String, BenchRun> runs, String line) {
        String[] words = line.trim().split(" +");
        if (words.length != 3 || !runs.containsKey(words[0]) || !(words[1] + words[2]).matches("\\d+"))
            throw new IllegalArgumentException("expected 'VARIANT BATCH N', VARIANT one of "
                    + String.join(", ", runs.keySet()) + ", got '" + line + "'");
        BenchRun run = runs.get(words[0]);
        StringJoiner times = new StringJoiner(" ");
        for (int n = Integer.parseInt(words[2]); n > 0; n--)
            times.add(String.format(Locale.ROOT, "%.4f", run.milliseconds(Integer.parseInt(words[1]))));
        return times.toString();
    }
}
