package org.convzoo.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.convzoo.train.ConvzooVersion;
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
            CompareRunsCommand.class,
            ClaimsCommand.class,
            VerifyCommand.class,
            RecipesCommand.class,
            ScanCommand.class,
            TrainCommand.class,
            ExperimentCommand.class,
            EvaluateCommand.class,
            PredictCommand.class,
            WeightsCommand.class,
            EmbedCommand.class,
            ImportCommand.class,
            ExportCommand.class,
            NeighboursCommand.class,
            BenchCommand.class,
            DoctorCommand.class,
            CompletionCommand.class
            // new commands: a class each, named here and called NAME
            );

    /** Commands to which the names of files and folders matter. */
    private static final Set<String> NAMING = Set.of(
            "train",
            "experiment",
            "scan",
            "evaluate",
            "predict",
            "embed",
            "neighbours",
            "weights",
            "import",
            "export",
            "compare-runs");

    @Option(
            names = "--stacktrace",
            scope = ScopeType.INHERIT,
            description = "On a failure show where in the program it happened.")
    private boolean stacktrace;

    @Spec
    private CommandSpec spec;

    public static void main(String[] args) {
        var output = new CheckedOutput(new FileOutputStream(FileDescriptor.out));
        var out = new PrintWriter(output, true, StandardCharsets.UTF_8);
        var err = new PrintWriter(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
        Thread.setDefaultUncaughtExceptionHandler((thread, e) -> err.println("convzoo: " + Failures.text(e)));
        String trouble = args.length > 0 && NAMING.contains(args[0]) ? FileNames.trouble() : "";
        if (!trouble.isEmpty()) {
            err.println("convzoo: " + trouble);
            System.exit(Failures.FAILED);
        }
        int code = run(out, err, args);
        if (!output.failure().isEmpty()) {
            err.println("convzoo: standard output: " + output.failure());
            code = Math.max(code, Failures.FAILED);
        }
        System.exit(code);
    }

    /** Runs one command and returns the exit code. */
    static int run(PrintWriter out, PrintWriter err, String... args) {
        var main = new Main();
        int code = commandLine(main, args)
                .setOut(out)
                .setErr(err)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler(main::wrongUse)
                .setExecutionStrategy(main::execute)
                .setExecutionExceptionHandler((e, command, parsed) -> main.failed(e, command))
                .execute(args);
        out.flush();
        err.flush();
        return code;
    }

    /** What the parser lets pass ends in one line, too: exhausted memory or stack, a library that is missing. */
    private int execute(ParseResult parsed) {
        try {
            return new CommandLine.RunLast().execute(parsed);
        } catch (Error e) {
            ParseResult last = parsed;
            while (last.hasSubcommand()) last = last.subcommand();
            return failed(e, last.commandSpec().commandLine());
        }
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

    private int failed(Throwable e, CommandLine command) {
        command.getErr().println("convzoo: " + Failures.text(e) + Failures.remedy(e, command));
        if (stacktrace || System.getenv("CONVZOO_DEBUG") != null) e.printStackTrace(command.getErr());
        return Failures.code(e);
    }

    /** The version in the jar's manifest, and the Java that runs it. */
    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {ConvzooVersion.text()};
        }
    }
}
