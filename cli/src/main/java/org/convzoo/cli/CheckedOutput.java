package org.convzoo.cli;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Standard output, which remembers that something could not be written: a {@link java.io.PrintWriter} goes on. */
final class CheckedOutput extends FilterOutputStream {
    private @Nullable IOException failure;

    CheckedOutput(OutputStream out) {
        super(out);
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
        try {
            out.write(bytes, from, length);
        } catch (IOException e) {
            if (failure == null) failure = e;
            throw e;
        }
    }

    /** Why not all has been written, in the system's words; empty where all has, or where the reader has gone. */
    String failure() {
        return failure == null || readerHasGone(failure) ? "" : String.valueOf(failure.getMessage());
    }

    /** A pipe fails for no other reason; what the system says of it depends on the user's language. */
    private static boolean readerHasGone(IOException e) {
        if (String.valueOf(e.getMessage()).contains("Broken pipe")) return true;
        try {
            return Files.readSymbolicLink(Path.of("/proc/self/fd/1")).toString().matches("(pipe|socket):.*");
        } catch (IOException unknown) {
            return false;
        }
    }
}
