package org.convzoo.pretrained;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.convzoo.failure.BrokenFileException;
import org.convzoo.graph.Shape;
import org.convzoo.weights.SafeTensors;
import org.convzoo.weights.Weights;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that {@code core/src/test/torch/make.py} made with PyTorch, timm, safetensors and NumPy. */
class WeightsFileTest {
    @TempDir
    Path directory;

    private static byte[] bytes(String resource) throws IOException {
        try (InputStream in = WeightsFileTest.class.getResourceAsStream("/torch/" + resource)) {
            return in.readAllBytes();
        }
    }

    /** Under a name that says nothing of the format. */
    private Path copy(String resource) throws IOException {
        return Files.write(directory.resolve("weights"), bytes(resource));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "state_dict.pth",
                "model.pth",
                "model_state_dict.pth",
                "net.pth",
                "model_ema.pth",
                "nested.pth",
                "module.pth",
                "orig_mod.pth",
                "both.pth",
                "averaged.pth",
                "numpy.pth",
                "counted.pth",
                "lightning.pth",
                "script.pth",
                "timm.pth",
                "folder.zip",
                "plain.pkl",
                "arrays.npz",
                "prefixed.safetensors"
            })
    void theStateIsFoundWhateverIsAroundIt(String name) throws IOException {
        Weights w = WeightsFile.read(copy("wrapped/" + name));
        assertThat(w.tensors().keySet())
                .containsExactlyInAnyOrder(
                        "conv.weight",
                        "conv.bias",
                        "bn.weight",
                        "bn.bias",
                        "bn.running_mean",
                        "bn.running_var",
                        "fc.weight",
                        "fc.bias");
        w.tensors().forEach((array, t) -> {
            float[] v = t.toArray();
            for (int i = 0; i < v.length; i++) assertThat(v[i]).as(array).isEqualTo(i / 8f);
        });
        assertThat(w.get("conv.weight").shape()).isEqualTo(new Shape(2, 1, 3, 3));
    }

    @ParameterizedTest
    @ValueSource(strings = {"state.safetensors", "newer.pth"})
    void allFormatsGiveTheSame(String name) throws IOException {
        Weights expected = WeightsFile.read(copy("legacy.pth")), read = WeightsFile.read(copy(name));
        assertThat(read.tensors().keySet()).containsAll(expected.tensors().keySet());
        expected.tensors().forEach((n, t) -> assertThat(read.get(n).toArray()).containsExactly(t.toArray()));
    }

    @Test
    void ofSeveralFilesInAnArchiveNoneIsChosen() throws IOException {
        Path file = copy("several.zip");
        assertThatThrownBy(() -> WeightsFile.read(file))
                .isInstanceOf(BrokenFileException.class)
                .hasMessage(file + ": is an archive with several files of weights (a.pth, b/c.safetensors);"
                        + " unpack the one that is meant");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''                                                 | is empty",
                "<!DOCTYPE html><html>                              | is a web page, no file of weights",
                "version https://git-lfs.github.com/spec/v1         | is only a pointer of Git LFS",
                "PK                                                 | is of no format of weights that is known here",
                "something else                                     | is of no format of weights that is known here"
            })
    void whatIsNoFileOfWeightsIsToldAsWhatItIs(String content, String why) throws IOException {
        Path file = Files.writeString(directory.resolve("weights.pth"), content);
        assertThatThrownBy(() -> WeightsFile.read(file))
                .isInstanceOf(BrokenFileException.class)
                .hasMessageStartingWith(file + ": " + why);
    }

    @Test
    void aNameOfPrefixesEndsSomewhere() throws IOException {
        Path file = directory.resolve("weights.safetensors");
        String name = "module.".repeat(200_000);
        new SafeTensors(new Weights(Map.of(name, new Weights.Tensor(new Shape(1), new float[1]))), Map.of())
                .write(file);
        assertThat(WeightsFile.read(file).tensors().keySet()).singleElement().satisfies(n -> assertThat(n.length())
                .isEqualTo(name.length() - 8 * "module.".length()));
    }

    private static byte[] zip(String name, byte[] content) throws IOException {
        var out = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(out)) {
            zip.putNextEntry(new ZipEntry(name));
            zip.write(content);
        }
        return out.toByteArray();
    }

    @Test
    void archivesInArchivesAreReadAndEndSomewhere() throws IOException {
        byte[] once = zip("../../../etc/passwd", bytes("wrapped/model.pth"));
        Path file = Files.write(directory.resolve("weights"), zip("C:\\x", once));
        assertThat(WeightsFile.read(file).tensors()).hasSize(8);
        byte[] deep = once;
        for (int i = 0; i < 6; i++) deep = zip("x", deep);
        Files.write(file, deep);
        assertThatThrownBy(() -> WeightsFile.read(file))
                .hasMessageStartingWith(file + ": x: x: x: x is an archive in an archive");
    }

    @Test
    void aFailureInAnArchiveNamesBoth() throws IOException {
        Path file = Files.write(directory.resolve("weights"), zip("a/net.pth", bytes("refused/evil.pth")));
        assertThatThrownBy(() -> WeightsFile.read(file))
                .isInstanceOf(BrokenFileException.class)
                .hasMessageStartingWith(file + ": a/net.pth: its pickle asks for posix.system");
        byte[] bomb = new byte[64 << 20];
        bomb[0] = (byte) 0x80;
        bomb[1] = 2;
        Files.write(file, zip("bomb.pth", bomb));
        assertThatThrownBy(() -> WeightsFile.read(file))
                .hasMessage(file + ": bomb.pth is compressed too well to be weights");
    }

    @Test
    void anArchiveWithoutWeightsIsTold() throws IOException {
        Path file =
                Files.write(directory.resolve("weights"), zip("README.txt", "Hello".getBytes(StandardCharsets.UTF_8)));
        assertThatThrownBy(() -> WeightsFile.read(file)).hasMessage(file + ": is an archive without files of weights");
    }
}
