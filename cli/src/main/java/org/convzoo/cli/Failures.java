package org.convzoo.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.NoSuchElementException;
import org.convzoo.failure.ConvzooException;
import org.convzoo.failure.WrongUseException;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** How failures are told: one line, whatever was thrown, and an exit code. */
final class Failures {
    static final int FAILED = 1, WRONG_USE = 2;

    private Failures() {}

    /** The exit code: what the arguments ask for is impossible, or what they asked for failed. */
    static int code(Exception e) {
        boolean wrong = e instanceof WrongUseException
                || e instanceof IllegalArgumentException
                || e instanceof NoSuchElementException;
        return wrong ? WRONG_USE : FAILED;
    }

    /** Arguments that cannot be parsed, with the command whose help to read. */
    static String usage(ParameterException e) {
        String message = oneLine(e.getMessage())
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
    static String text(Exception e) {
        if (e instanceof UncheckedIOException u) return text(u.getCause());
        String message = e.getMessage() == null ? "" : oneLine(e.getMessage());
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

    private static String oneLine(String message) {
        return message.strip().replaceAll("\\s*\\R\\s*", "; ");
    }
}
