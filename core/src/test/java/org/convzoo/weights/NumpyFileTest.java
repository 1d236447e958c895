package org.convzoo.weights;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.convzoo.graph.Shape;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that {@code src/test/numpy/make.py} made with NumPy. */
class NumpyFileTest {
    private static final float[] EIGHTHS = {0, 0.125f, 0.25f, 0.375f, 0.5f, 0.625f};

    @TempDir
    Path directory;

    private Path resource(String name) throws IOException {
        return ForeignFiles.copy("/numpy/" + name, directory);
    }

    @ParameterizedTest
    @ValueSource(strings = {"plain.npz", "compressed.npz"})
    void anArchivesArraysAreReadWhateverTheirOrder(String name) throws IOException {
        Weights w = NumpyFile.read(resource(name));
        assertThat(w.tensors().keySet())
                .as("without integers, arrays without axes and empty ones")
                .containsExactly("rows", "columns", "big", "double", "half");
        w.tensors().forEach((array, t) -> {
            assertThat(t.shape()).isEqualTo(new Shape(2, 3));
            assertThat(t.toArray()).as(array).containsExactly(EIGHTHS);
        });
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 2, 4, 5})
    void aPicklesArraysAreReadWithThePlacesWhereTheyAre(int protocol) throws IOException {
        Weights w = NumpyFile.read(resource("nested" + protocol + ".pkl"));
        assertThat(w.tensors().keySet()).containsExactly("conv1.0", "conv1.1", "fc.weight", "fc.bias");
        w.tensors().forEach((array, t) -> {
            assertThat(t.shape()).isEqualTo(new Shape(2, 3));
            assertThat(t.toArray()).as(array).containsExactly(EIGHTHS);
        });
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "evil.pkl    | asks for posix.system, and only arrays are taken from it, nothing is executed",
                "objects.npz | is an archive without arrays of floats"
            })
    void whatIsMoreThanArraysIsRefused(String name, String why) throws IOException {
        ForeignFiles.assertRefused(resource(name), why, NumpyFile::read);
    }

    @ParameterizedTest
    @ValueSource(strings = {"plain.npz", "nested2.pkl"})
    void aFileThatIsCutOffIsRefused(String name) throws IOException {
        ForeignFiles.assertRefusedWhereCutOff(resource(name), NumpyFile::read);
    }
}
