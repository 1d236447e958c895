package org.convzoo.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.convzoo.failure.ConvzooException;
import org.convzoo.failure.OutOfMemoryException;
import org.convzoo.failure.WrongUseException;
import org.convzoo.view.Numbers;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** How failures are told: one line, whatever was thrown, and an exit code. */
final class Failures {
    static final int FAILED = 1, WRONG_USE = 2;

    private Failures() {}

    /** The exit code: what the arguments ask for is impossible, or what they asked for failed. */
    static int code(Throwable e) {
        if (e instanceof Remedied && e.getCause() != null) return code(e.getCause());
        return e instanceof WrongUseException
                        || e instanceof IllegalArgumentException
                        || e instanceof NoSuchElementException
                ? WRONG_USE
                : FAILED;
    }

    /** Arguments that cannot be parsed, with the command whose help to read. */
    static String usage(ParameterException e) {
        String message = oneLine(String.valueOf(e.getMessage()))
                .replaceFirst("^Error: ", "")
                .replace("option option", "option")
                .replaceFirst("\\.$", "");
        if (e instanceof UnmatchedArgumentException u
                && !u.getUnmatched().isEmpty()
                && u.getUnmatched().get(0) != null) {
            boolean command = e.getCommandLine().getParent() == null && !u.isUnknownOption();
            message = "there is no " + (command ? "command" : u.isUnknownOption() ? "option" : "place for the argument")
                    + " '" + u.getUnmatched().get(0) + "'";
            if (!u.getSuggestions().isEmpty()) message += "; near are " + String.join(", ", u.getSuggestions());
        }
        CommandLine command = e.getCommandLine();
        return message + "; see " + command.getCommandSpec().qualifiedName() + " --help";
    }

    /** The one line. What nobody foresaw names its class, so that it can be reported. */
    static String text(Throwable e) {
        if (e instanceof Remedied && e.getCause() != null) return text(e.getCause()) + e.getMessage();
        if (e.getCause() != null
                && (e instanceof UncheckedIOException
                        || e instanceof ExecutionException
                        || e instanceof CompletionException)) return text(e.getCause());
        String message = e.getMessage() == null ? "" : oneLine(e.getMessage());
        if (e instanceof OutOfMemoryError) return memory(message);
        if (e instanceof StackOverflowError) return "Java's stack is exhausted: something is nested too deep";
        if (e instanceof NoSuchFileException) return message + ": there is no such file or folder";
        if (e instanceof AccessDeniedException) return message + ": permission denied";
        if (e instanceof FileAlreadyExistsException) return message + ": a file of that name is in the way";
        boolean told = e instanceof ConvzooException
                || e instanceof IOException
                || e instanceof IllegalArgumentException
                || e instanceof IllegalStateException
                || e instanceof NoSuchElementException;
        if (told && !message.isEmpty()) return message;
        return "internal error: " + e.getClass().getSimpleName() + (message.isEmpty() ? "" : ": " + message)
                + " (--stacktrace shows where)";
    }

    private static String memory(String message) {
        if (message.contains("thread")) return "the system grants no more threads or no memory for them";
        return "Java's memory is exhausted, of which it may take "
                + Numbers.bytes(Runtime.getRuntime().maxMemory());
    }

    /** What the command's user can do about it, to be added to the line; libraries know of no options. */
    static String remedy(Throwable e, CommandLine command) {
        if (e instanceof OutOfMemoryError && !String.valueOf(e.getMessage()).contains("thread"))
            return "; set CONVZOO_JAVA_OPTS=-Xmx8g, say" + smaller(command, ", or take ");
        if (e instanceof StackOverflowError) return "; CONVZOO_JAVA_OPTS=-Xss16m makes it larger";
        if (e instanceof OutOfMemoryException) return smaller(command, "; take ");
        return "";
    }

    private static String smaller(CommandLine command, String before) {
        List<String> options = Stream.of("--batch", "--image")
                .filter(o -> command.getCommandSpec().findOption(o) != null)
                .toList();
        return options.isEmpty() ? "" : before + "a smaller " + String.join(" or ", options);
    }

    private static String oneLine(String message) {
        return message.strip().replaceAll("\\s*\\R\\s*", "; ");
    }
}
