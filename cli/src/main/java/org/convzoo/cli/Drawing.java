package org.convzoo.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.convzoo.system.AtomicFile;
import picocli.CommandLine.Model.CommandSpec;

/** Where a command puts a figure. */
final class Drawing {
    private Drawing() {}

    /** Writes {@code text} into {@code file}, or prints it where that is {@code -}. */
    static void write(Path file, String text, CommandSpec spec) {
        if (file.toString().equals("-")) {
            spec.commandLine().getOut().print(text);
            return;
        }
        if (Files.isDirectory(file)) throw new IllegalArgumentException(file + " is a folder; name a file in it");
        try {
            AtomicFile.write(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        spec.commandLine().getErr().println("drawn: " + file);
    }
}
