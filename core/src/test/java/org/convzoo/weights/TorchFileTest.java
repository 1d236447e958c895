package org.convzoo.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.convzoo.failure.BrokenFileException;
import org.convzoo.graph.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that {@code src/test/torch/make.py} made with PyTorch. */
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

    private static float[] eighths(int count) {
        return eighths(IntStream.range(0, count).toArray());
    }

    @ParameterizedTest
    @ValueSource(strings = {"state.pth", "legacy.pth", "newer.pth"})
    void aStateIsReadWithItsStridesOffsetsAndTypes(String name) throws IOException {
        Weights w = TorchFile.read(resource(name));
        assertThat(w.tensors().keySet())
                .as("without integers, floats of 8 bits, arrays without axes and empty ones")
                .containsExactly(
                        "plain.weight",
                        "turned.weight",
                        "tail.bias",
                        "again.bias",
                        "channels_last.weight",
                        "expanded.bias",
                        "expanded.weight",
                        "double.weight",
                        "half.weight",
                        "bfloat16.weight",
                        "parameter.weight");
        assertThat(w.get("plain.weight").shape()).isEqualTo(new Shape(2, 3));
        assertThat(w.get("plain.weight").toArray()).containsExactly(eighths(6));
        assertThat(w.get("turned.weight").shape()).isEqualTo(new Shape(4, 3));
        assertThat(w.get("turned.weight").toArray()).containsExactly(eighths(0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11));
        assertThat(w.get("tail.bias").toArray()).containsExactly(eighths(3, 5, 7, 9, 11));
        assertThat(w.get("again.bias").toArray()).containsExactly(eighths(12));
        assertThat(w.get("channels_last.weight").shape()).isEqualTo(new Shape(2, 3, 2, 4));
        assertThat(w.get("channels_last.weight").toArray()).containsExactly(eighths(48));
        assertThat(w.get("expanded.bias").toArray()).containsExactly(eighths(1, 1, 1, 1, 1));
        assertThat(w.get("expanded.weight").shape()).isEqualTo(new Shape(3, 2));
        assertThat(w.get("expanded.weight").toArray()).containsExactly(eighths(0, 0, 1, 1, 2, 2));
        for (String type : List.of("double", "half", "bfloat16", "parameter"))
            assertThat(w.get(type + ".weight").toArray()).containsExactly(eighths(4));
    }

    @Test
    void manyArraysKeepTheirOrder() throws IOException {
        Weights w = TorchFile.read(resource("many.pth"));
        assertThat(w.tensors()).hasSize(300);
        int i = 0;
        for (String name : w.tensors().keySet()) {
            assertThat(name).isEqualTo("layers." + i + ".weight");
            assertThat(w.get(name).toArray()).containsExactly(i++ / 8f);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "evil.pth           | asks for posix.system, and only arrays are taken from it, nothing is executed;",
                "module.pth         | asks for __main__.Net, and only arrays are taken from it, nothing is executed;"
                        + " whoever made the file can save the network's state_dict() alone",
                "legacy-module.pth  | asks for __main__.Net, and only arrays are taken from it",
                "script.pt          | is a TorchScript program, no network's state; whoever made it can save",
                "quantised.pth      | asks for torch._utils._rebuild_qtensor",
                "sparse.pth         | asks for torch._utils._rebuild_sparse_tensor",
                "meta.pth           | asks for torch._utils._rebuild_meta_tensor_no_storage",
                "nothing.pth        | holds no network's state",
                "list.pth           | holds no network's state",
                "beyond.pth         | has an array that reaches beyond its numbers: a",
                "repeated.pth       | has an array that reaches beyond its numbers: a",
                "repeated-often.pth | has arrays of many times more numbers than it holds"
            })
    void whatIsMoreThanArraysIsRefusedByItsName(String name, String why) throws IOException {
        ForeignFiles.assertRefused(resource("refused/" + name), why, TorchFile::read);
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
