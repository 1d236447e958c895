package org.convzoo.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.function.Supplier;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Whether a command prints its result for programs instead of for people. */
final class JsonOption {
    @Option(names = "--json", description = "Print as JSON.")
    private boolean asked;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    boolean asked() {
        return asked;
    }

    /** Prints {@code data} where JSON was asked for, else {@code text}; only that one is made. */
    void print(Supplier<? extends JsonNode> data, Supplier<String> text) {
        var out = command.commandLine().getOut();
        if (asked) out.println(data.get().toPrettyString());
        else out.print(text.get());
    }
}
