package org.convzoo.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/**
 * The program {@code convzoo}. Results go to standard output, progress and the one line that tells of a failure to
 * standard error; the exit code is 0, 1 for what failed, or 2 for wrong use.
 */
@Command(
        name = "convzoo",
        description = "The convolutional networks of image classification: look at them, train them, use them.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        footer = {"", "Start with:  convzoo train lenet", "Help for a command:  convzoo COMMAND --help"})
public final class Main implements Runnable {
    private static final List<Class<?>> COMMANDS = List.of(
            ListCommand.class,
            ShowCommand.class,
            CompareCommand.class,
            ClaimsCommand.class,
            VerifyCommand.class,
            TrainCommand.class,
            EvaluateCommand.class,
            PredictCommand.class,
            BenchCommand.class,
            DoctorCommand.class,
            CompletionCommand.class
            // new commands: a class each, named here and called NAME
            );

    @Option(
            names = "--stacktrace",
            scope = ScopeType.INHERIT,
            description = "On a failure show where in the program it happened.")
    private boolean stacktrace;

    @Spec
    private CommandSpec spec;

    public static void main(String[] args) {
        var out = new PrintWriter(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        var err = new PrintWriter(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
        System.exit(run(out, err, args));
    }

    /** Runs one command and returns the exit code. */
    static int run(PrintWriter out, PrintWriter err, String... args) {
        var main = new Main();
        int code = commandLine(main, args)
                .setOut(out)
                .setErr(err)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler(main::wrongUse)
                .setExecutionExceptionHandler(main::failed)
                .execute(args);
        out.flush();
        err.flush();
        return code;
    }

    /** Reading the options of all commands takes longer than most commands do: the one that is called is enough. */
    static CommandLine commandLine(Main main, String... args) {
        List<Class<?>> called = COMMANDS.stream()
                .filter(c -> args.length > 0 && c != CompletionCommand.class) // which is about all
                .filter(c -> c.getSimpleName().toLowerCase(Locale.ROOT).equals(args[0] + "command"))
                .toList();
        var line = new CommandLine(main);
        for (Class<?> c : called.isEmpty() ? COMMANDS : called) line.addSubcommand(c);
        return line;
    }

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }

    private int wrongUse(ParameterException e, String[] args) {
        e.getCommandLine().getErr().println("convzoo: " + Failures.usage(e));
        return Failures.WRONG_USE;
    }

    private int failed(Exception e, CommandLine command, ParseResult parsed) {
        command.getErr().println("convzoo: " + Failures.text(e));
        if (stacktrace || System.getenv("CONVZOO_DEBUG") != null) e.printStackTrace(command.getErr());
        return Failures.code(e);
    }

    /** The version in the jar's manifest, and the Java that runs it. */
    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Main.class.getPackage().getImplementationVersion();
            return new String[] {
                "convzoo " + (version == null ? "(not packaged)" : version) + ", Java " + Runtime.version()
            };
        }
    }
}
