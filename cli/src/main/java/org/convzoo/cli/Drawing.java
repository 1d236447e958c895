package org.convzoo.cli;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.convzoo.weights.AtomicFile;
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
            boolean plain = Files.isRegularFile(file, NOFOLLOW_LINKS) || Files.notExists(file, NOFOLLOW_LINKS);
            if (plain) AtomicFile.write(file, text);
            else Files.writeString(file, text); // a link or a device such as /dev/stdout, which a rename would replace
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        spec.commandLine().getErr().println("drawn: " + file);
    }
}
