package org.convzoo.cli;

import java.io.PrintWriter;
import java.io.StringWriter;

/** Runs a command in this process. */
record Cli(int code, String out, String err) {
    static Cli run(Object... args) {
        StringWriter out = new StringWriter(), err = new StringWriter();
        String[] words = new String[args.length];
        for (int i = 0; i < words.length; i++) words[i] = args[i].toString();
        int code = Main.run(new PrintWriter(out), new PrintWriter(err), words);
        return new Cli(code, out.toString(), err.toString());
    }
}
