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
    /** What picocli makes of an option with a text; a data set is one of two words or the path of a folder. */
    private static final String NOTHING = "    '--data')\n      return\n";

    private static final String WORD_OR_FILE = """
                '--data')
                  local IFS=$'\\n'
                  type compopt &>/dev/null && compopt -o filenames
                  COMPREPLY=( $( compgen -f -W $'digits\\nfashion' -- "${curr_word}" ) )
                  return $?
            """;

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        String script = AutoComplete.bash("convzoo", spec.parent().commandLine());
        spec.commandLine().getOut().print(script.replace(NOTHING, WORD_OR_FILE));
    }
}
