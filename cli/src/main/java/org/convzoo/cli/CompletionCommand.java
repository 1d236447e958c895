package org.convzoo.cli;

import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Completion of commands, options and names of networks. */
@Command(
        name = "completion",
        description = "Prints a script by which bash and zsh complete commands, options and names of networks.",
        mixinStandardHelpOptions = true,
        footer = {"", "Example:  convzoo completion > ~/.convzoo-completion && source ~/.convzoo-completion"})
final class CompletionCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        spec.commandLine()
                .getOut()
                .print(AutoComplete.bash("convzoo", spec.parent().commandLine()));
    }
}
