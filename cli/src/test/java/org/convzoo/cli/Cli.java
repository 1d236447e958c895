package org.convzoo.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Runs a command in this process. */
record Cli(int code, String out, String err) {
    private static final Set<String> TUNED =
            Set.of("train", "experiment", "evaluate", "predict", "embed", "neighbours", "bench");

    /** Without measurements, which take long. */
    static Cli run(Object... args) {
        StringWriter out = new StringWriter(), err = new StringWriter();
        List<String> words =
                new ArrayList<>(Stream.of(args).map(Object::toString).toList());
        if (!words.isEmpty() && TUNED.contains(words.get(0)) && !words.contains("--no-tune")) words.add(1, "--no-tune");
        int code = Main.run(new PrintWriter(out), new PrintWriter(err), words.toArray(String[]::new));
        return new Cli(code, out.toString(), err.toString());
    }
}
