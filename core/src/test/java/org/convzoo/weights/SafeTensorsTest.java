package org.convzoo.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.convzoo.graph.Shape;
import org.convzoo.weights.Weights.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafeTensorsTest {
    /** What Python's safetensors 0.8.0 wrote from NumPy arrays of five types; the values below are NumPy's casts. */
    private static final byte[] PYTHON = Base64.getDecoder()
            .decode("qAEAAAAAAAB7Il9fbWV0YWRhdGFfXyI6eyJub3RlIjoic2Now7ZuIiwiZm9ybWF0IjoicHQifSwibnVtX2JhdGNoZXNfdHJh"
                    + "Y2tlZCI6eyJkdHlwZSI6Ikk2NCIsInNoYXBlIjpbXSwiZGF0YV9vZmZzZXRzIjpbMCw4XX0sImRvdWJsZSI6eyJkdHlwZSI6"
                    + "IkY2NCIsInNoYXBlIjpbMywyXSwiZGF0YV9vZmZzZXRzIjpbOCw1Nl19LCJzY2FsYXIiOnsiZHR5cGUiOiJGMzIiLCJzaGFw"
                    + "ZSI6W10sImRhdGFfb2Zmc2V0cyI6WzU2LDYwXX0sInNpbmdsZSI6eyJkdHlwZSI6IkYzMiIsInNoYXBlIjpbM10sImRhdGFf"
                    + "b2Zmc2V0cyI6WzYwLDcyXX0sImJyYWluIjp7ImR0eXBlIjoiQkYxNiIsInNoYXBlIjpbMiw0XSwiZGF0YV9vZmZzZXRzIjpb"
                    + "NzIsODhdfSwiaGFsZiI6eyJkdHlwZSI6IkYxNiIsInNoYXBlIjpbMTJdLCJkYXRhX29mZnNldHMiOls4OCwxMTJdfX0gICAg"
                    + "BwAAAAAAAACamZmZmZm5P1VVVVVVVdW/nHUAiDzkN34BAAAAAAAAAAAAABAAAHBBAAAAAAAABEAAAEA/AADAPwAAEMACAAAA"
                    + "AAAAgAEAgD+rPqDAf3+A/wAAAIABAP8DAAQAPFU1AMX/e//7AHwA/A==");

    @TempDir
    Path directory;

    @Test
    void readsWhatPythonWrote() throws IOException {
        Path file = Files.write(directory.resolve("python.safetensors"), PYTHON);
        SafeTensors read = SafeTensors.read(file);
        assertThat(read.metadata()).isEqualTo(Map.of("format", "pt", "note", "schön"));
        Map<String, Tensor> tensors = read.weights().tensors();
        assertThat(List.copyOf(tensors.keySet()))
                .as("in the file's order; integers are left out")
                .containsExactly("double", "scalar", "single", "brain", "half");
        assertThat(tensors.get("half").toArray())
                .containsExactly(
                        0f,
                        -0f,
                        5.960464477539063e-08f,
                        6.097555160522461e-05f,
                        6.103515625e-05f,
                        1f,
                        0.333251953125f,
                        -5f,
                        65504f,
                        -65504f,
                        Float.POSITIVE_INFINITY,
                        Float.NEGATIVE_INFINITY);
        assertThat(tensors.get("brain").shape()).isEqualTo(new Shape(2, 4));
        assertThat(tensors.get("brain").toArray())
                .containsExactly(
                        0f,
                        -0f,
                        9.183549615799121e-41f,
                        1f,
                        0.333984375f,
                        -5f,
                        3.3895313892515355e+38f,
                        Float.NEGATIVE_INFINITY);
        assertThat(tensors.get("double").shape()).isEqualTo(new Shape(3, 2));
        assertThat(tensors.get("double").toArray())
                .containsExactly(0.1f, -0.33333334f, Float.POSITIVE_INFINITY, 0f, 16777216f, 2.5f);
        assertThat(tensors.get("single").toArray()).containsExactly(1.5f, -2.25f, Float.intBitsToFloat(2));
        assertThat(tensors.get("scalar").shape().rank()).isZero();
        assertThat(tensors.get("scalar").toArray()).containsExactly(0.75f);
    }

    /** Layout by the format's description: length, header, arrays; the header a multiple of eight long. */
    @Test
    void writesTheFormat() throws IOException {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        tensors.put("b.weight", new Tensor(new Shape(2, 1), new float[] {1, -2}));
        tensors.put("a", new Tensor(new Shape(1), new float[] {3}));
        Path file = directory.resolve("model.safetensors");
        new SafeTensors(new Weights(tensors), Map.of("convzoo", "{\"k\":1}")).write(file);
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        int header = (int) bytes.getLong();
        assertThat(header % 8).isZero();
        assertThat(new String(bytes.array(), 8, header, StandardCharsets.UTF_8).stripTrailing())
                .isEqualTo("{\"__metadata__\":{\"convzoo\":\"{\\\"k\\\":1}\"},"
                        + "\"b.weight\":{\"dtype\":\"F32\",\"shape\":[2,1],\"data_offsets\":[0,8]},"
                        + "\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[8,12]}}");
        bytes.position(8 + header);
        assertThat(List.of(bytes.getFloat(), bytes.getFloat(), bytes.getFloat()))
                .containsExactly(1f, -2f, 3f);
        assertThat(bytes.hasRemaining()).isFalse();
    }

    /** More than one chunk of the writer, and bit patterns that arithmetic would not keep. */
    @Test
    void returnsTheSameBits() throws IOException {
        float[] many = new float[700_001];
        for (int i = 0; i < many.length; i++) many[i] = Float.intBitsToFloat(i * 6151);
        Path file = directory.resolve("model.safetensors");
        var weights = new Weights(Map.of("w", new Tensor(new Shape(many.length), many)));
        new SafeTensors(weights, Map.of()).write(file);
        float[] back = SafeTensors.read(file).weights().get("w").toArray();
        assertThat(back).hasSameSizeAs(many);
        for (int i = 0; i < many.length; i++)
            assertThat(Float.floatToRawIntBits(back[i])).isEqualTo(Float.floatToRawIntBits(many[i]));
    }

    @Test
    void everyShorterFileIsCutOff() throws IOException {
        Path file = directory.resolve("cut.safetensors");
        for (int length = 0; length < PYTHON.length; length++) {
            Files.write(file, Arrays.copyOf(PYTHON, length));
            assertThatThrownBy(() -> SafeTensors.read(file))
                    .as("the first " + length + " bytes")
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith(file + ": ")
                    .hasMessageNotContaining("\n")
                    .hasMessageMatching(".*(cut off|not a safetensors file).*");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[1,2]                                                             | no JSON object",
                "{\"a\":                                                           | no JSON object",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}}  | places of a do not fit",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[-8,0]}} | places of a do not fit",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[2]}}                         | places of a do not fit",
                "{\"a\":{\"shape\":{\"dtype\":\"F32\"},\"dtype\":\"F8\"}}              | unknown type 'F8'",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[[2]],\"data_offsets\":[0,8]}} | a has the shape",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[9223372036854775803,9223372036854775807]}} | cut off: a",
                "{\"__metadata__\":[1],\"a\":{\"dtype\":\"F8\"}}                       | unknown type 'F8'",
                "{\"a\":[1]}                                                    | unknown type",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[-2],\"data_offsets\":[0,8]}} | a has the shape",
                "{\"a\":{\"dtype\":\"F8\",\"shape\":[2],\"data_offsets\":[0,2]}}   | unknown type 'F8'",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[99999,99999],\"data_offsets\":[0,8]}} | a is too large",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[0,16]}} | cut off: a ends at byte",
            })
    void anotherHeaderIsRefused(String header, String message) throws IOException {
        byte[] text = header.getBytes(StandardCharsets.UTF_8);
        ByteBuffer bytes = ByteBuffer.allocate(8 + text.length + 8).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(text.length).put(text);
        Path file = Files.write(directory.resolve("odd.safetensors"), bytes.array());
        assertThatThrownBy(() -> SafeTensors.read(file))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith(file + ": ")
                .hasMessageContaining(message);
    }

    @Test
    void aFileThatIsNotThereOrNoFile() {
        assertThatThrownBy(() -> SafeTensors.read(directory.resolve("absent")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("absent: there is no such file");
        assertThatThrownBy(() -> SafeTensors.read(directory)).isInstanceOf(IOException.class);
    }
}
