package org.convzoo.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.convzoo.failure.BrokenFileException;
import org.convzoo.graph.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that {@code src/test/torch/make.py} makes in the form of PyTorch's. */
class TorchFileTest {
    @TempDir
    Path directory;

    private Path resource(String name) throws IOException {
        return ForeignFiles.copy("/torch/" + name, directory);
    }

    /** The k-th number of a storage is k / 8. */
    private static float[] eighths(int... places) {
        float[] values = new float[places.length];
        for (int i = 0; i < values.length; i++) values[i] = places[i] / 8f;
        return values;
    }

    @ParameterizedTest
    @ValueSource(strings = {"state.pth", "wrapped.pth", "legacy.pth"})
    void aStateIsReadWithItsStridesOffsetsAndTypes(String name) throws IOException {
        Weights w = TorchFile.read(resource(name));
        assertThat(w.tensors().keySet())
                .as("without integers, arrays without axes and empty ones")
                .containsExactly(
                        "plain.weight",
                        "turned.weight",
                        "tail.bias",
                        "double.weight",
                        "half.weight",
                        "bfloat16.weight");
        assertThat(w.get("plain.weight").shape()).isEqualTo(new Shape(2, 3));
        assertThat(w.get("plain.weight").toArray()).containsExactly(eighths(0, 1, 2, 3, 4, 5));
        assertThat(w.get("turned.weight").shape()).isEqualTo(new Shape(4, 3));
        assertThat(w.get("turned.weight").toArray()).containsExactly(eighths(0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11));
        assertThat(w.get("tail.bias").toArray()).containsExactly(eighths(3, 5, 7, 9, 11));
        for (String type : List.of("double", "half", "bfloat16"))
            assertThat(w.get(type + ".weight").toArray()).containsExactly(eighths(0, 1, 2, 3));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "evil.pth     | asks for posix.system, and only arrays are taken from it, nothing is executed",
                "beyond.pth   | has an array that reaches beyond its numbers: a",
                "repeated.pth | has an array that reaches beyond its numbers: a"
            })
    void whatIsMoreThanArraysIsRefusedByItsName(String name, String why) throws IOException {
        ForeignFiles.assertRefused(resource(name), why, TorchFile::read);
    }

    @ParameterizedTest
    @ValueSource(strings = {"state.pth", "legacy.pth"})
    void aFileThatIsCutOffIsRefused(String name) throws IOException {
        ForeignFiles.assertRefusedWhereCutOff(resource(name), TorchFile::read);
    }

    @Test
    void anArchiveThatBurstsMemoryIsRefused() throws IOException {
        Path file = directory.resolve("bomb.pth");
        try (var zip = new ZipOutputStream(Files.newOutputStream(file))) {
            zip.putNextEntry(new ZipEntry("archive/data.pkl"));
            zip.write(new byte[64 << 20]);
        }
        assertThatThrownBy(() -> TorchFile.read(file)).hasMessageContaining("compressed too well to be weights");
    }

    @Test
    void deepNestsAndSelfReferencesEnd() throws IOException {
        Path deep = directory.resolve("deep.pth");
        byte[] nests = new byte[100_000];
        Arrays.fill(nests, (byte) ']');
        Files.write(deep, nests);
        assertThatThrownBy(() -> TorchFile.read(deep)).isInstanceOf(BrokenFileException.class);
        Path self = directory.resolve("self.pth");
        try (var zip = new ZipOutputStream(Files.newOutputStream(self))) {
            zip.putNextEntry(new ZipEntry("archive/data.pkl"));
            zip.write(
                    new byte[] {(byte) 0x80, 2, '}', 'q', 0, 'X', 5, 0, 0, 0, 'm', 'o', 'd', 'e', 'l', 'h', 0, 's', '.'
                    });
        }
        assertThatThrownBy(() -> TorchFile.read(self)).hasMessageContaining("holds no network's state");
    }
}
