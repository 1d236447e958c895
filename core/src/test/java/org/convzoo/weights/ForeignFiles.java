package org.convzoo.weights;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Function;
import org.convzoo.failure.BrokenFileException;

/** What is asked of every reader of files that others have written. */
final class ForeignFiles {
    private ForeignFiles() {}

    /** A copy of a resource in {@code directory}. */
    static Path copy(String resource, Path directory) throws IOException {
        Path file = directory.resolve(resource.substring(resource.lastIndexOf('/') + 1));
        try (InputStream in = ForeignFiles.class.getResourceAsStream(resource)) {
            Files.copy(in, file);
        }
        return file;
    }

    static void assertRefused(Path file, String why, Function<Path, Weights> reader) {
        assertThatThrownBy(() -> reader.apply(file))
                .isInstanceOf(BrokenFileException.class)
                .hasMessageStartingWith(file + ": ")
                .hasMessageContaining(why);
    }

    static void assertRefusedWhereCutOff(Path file, Function<Path, Weights> reader) throws IOException {
        byte[] whole = Files.readAllBytes(file);
        for (int length = 0; length < whole.length; length += 7) {
            Path cut = file.resolveSibling("cut");
            Files.write(cut, Arrays.copyOf(whole, length));
            assertThatThrownBy(() -> reader.apply(cut))
                    .as("%d of %d bytes", length, whole.length)
                    .isInstanceOf(BrokenFileException.class)
                    .hasMessageStartingWith(cut + ": ");
        }
    }
}
