package org.convzoo.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.convzoo.system.AtomicFile;
import picocli.CommandLine.Model.CommandSpec;

/** Where a command puts a figure, or another file that it was asked for. */
final class Drawing {
    private Drawing() {}

    /**
     * Throws {@link IllegalArgumentException} where {@code file} is a folder, and {@link NoSuchFileException} where the
     * folder that it is to lie in is none: before the work of which the result could then not be written.
     */
    static void requirePlace(Path file) throws NoSuchFileException {
        if (Files.isDirectory(file)) throw new IllegalArgumentException(file + " is a folder; name a file in it");
        Path folder = file.toAbsolutePath().getParent();
        if (folder != null && !Files.isDirectory(folder)) throw new NoSuchFileException(file.toString());
    }

    /** Writes {@code text} into {@code file}, or prints it where that is {@code -}. */
    static void write(Path file, String text, CommandSpec spec) {
        if (file.toString().equals("-")) {
            spec.commandLine().getOut().print(text);
            return;
        }
        try {
            requirePlace(file);
            AtomicFile.write(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        spec.commandLine().getErr().println("drawn: " + file);
    }
}
