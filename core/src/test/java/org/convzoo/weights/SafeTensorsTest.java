package org.convzoo.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
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
import org.convzoo.failure.BrokenFileException;
import org.convzoo.failure.StoppedException;
import org.convzoo.fuzz.SafeTensorsBytes;
import org.convzoo.graph.Shape;
import org.convzoo.weights.Weights.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafeTensorsTest {
    /** What Python's safetensors 0.8.0 wrote from NumPy arrays of five types; the values below are NumPy's casts. */
    static final byte[] PYTHON = Base64.getDecoder()
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

    /** Of what a string may hold, JSON wants the quote, the backslash and 32 control characters escaped. */
    @Test
    void namesAreWrittenAsJacksonWritesThem() throws IOException {
        StringBuilder name = new StringBuilder("é\u2028€\uD83D\uDE00");
        for (char c = 0; c < 256; c++) name.append(c);
        Path file = directory.resolve("model.safetensors");
        var weights = new Weights(Map.of("" + name, new Tensor(new Shape(1), new float[] {3})));
        new SafeTensors(weights, Map.of()).write(file);
        assertThat(new String(Files.readAllBytes(file), StandardCharsets.UTF_8))
                .contains("," + new ObjectMapper().writeValueAsString("" + name) + ":{");
        assertThat(SafeTensors.read(file).weights().tensors()).containsOnlyKeys("" + name);
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
                    .isInstanceOf(BrokenFileException.class)
                    .hasMessageStartingWith(file + ": ")
                    .hasMessageNotContaining("\n")
                    .hasMessageMatching(".*(cut off|not a safetensors file).*");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[1,2]                                                                           | lacks a JSON object",
                "{\"a\":                                                                         | lacks an array's entry",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,8]}}                 | do not fit F32 of [3]",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[-8,0]}}                | a has -8 where",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[2]}}                                        | the entry of a lacks",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8],\"shape\":[2]}}    | the shape of a stands twice",
                "{\"a\":{\"dtype\":\"F8\",\"shape\":[2],\"data_offsets\":[0,8]}}                  | unknown type 'F8'",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[[2]],\"data_offsets\":[0,8]}}               | not a safetensors file",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[-2],\"data_offsets\":[0,8]}}                | a has -2 where",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[2.0],\"data_offsets\":[0,8]}}               | a has 2.0 where",
                "{\"a\":[1]}                                                                    | the type of a",
                "{\"__metadata__\":[1]}                                                         | the strings of __metadata__",
                "{\"__metadata__\":{\"k\":null}}                                                | a string of __metadata__",
                "{\"__metadata__\":{},\"__metadata__\":{}}                                      | __metadata__ stands twice",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}                 | a begins at byte 4 of the arrays, where 0 is right",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}                 | its arrays end at byte 4 of 8",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[9223372036854775803,9223372036854775807]}}     | cut off: a",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[9223372036854775804,9223372036854775808]}}     | cut off: a",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[18446744073709551612,0]}}                      | cut off: a",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387904,4],\"data_offsets\":[0,0]}}                     | do not fit",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[99999,99999],\"data_offsets\":[0,8]}}       | do not fit F32 of [99999, 99999]",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[0,16]}}                | cut off: a ends at byte 16",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},\"b\\n\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[2,6]}} | b? begins at byte 2",
            })
    void anotherHeaderIsRefused(String header, String message) throws IOException {
        Path file = Files.write(directory.resolve("odd.safetensors"), SafeTensorsBytes.file(header, new byte[8]));
        assertThatThrownBy(() -> SafeTensors.read(file))
                .isInstanceOf(BrokenFileException.class)
                .hasMessageStartingWith(file + ": ")
                .hasMessageContaining(message);
    }

    /** A length 8 too small still ends in the header's padding, and moves every array by two values. */
    @Test
    void aHeaderLengthThatIsNotTheHeaders() throws IOException {
        Path file = directory.resolve("model.safetensors");
        for (int values = 2; values < 5; values++) {
            String header = "{\"a\":{\"dtype\":\"F32\",\"shape\":[" + values + "],\"data_offsets\":[0," + 4 * values
                    + "]}}" + " ".repeat(16);
            byte[] sound = SafeTensorsBytes.file(header, new byte[4 * values]);
            for (int more = -16; more <= 16; more += 4) {
                ByteBuffer bytes = ByteBuffer.wrap(sound.clone()).order(ByteOrder.LITTLE_ENDIAN);
                Files.write(file, bytes.putLong(0, header.length() + more).array());
                if (more == 0)
                    assertThat(SafeTensors.read(file).weights().tensors()).hasSize(1);
                else
                    assertThatThrownBy(() -> SafeTensors.read(file))
                            .isInstanceOf(BrokenFileException.class)
                            .hasMessageStartingWith(file + ": ")
                            .hasMessageNotContaining("\n");
            }
        }
    }

    @Test
    void whatHasNoElementsOrIsOfAnotherTypeIsLeftOut() throws IOException {
        String header = "{\"empty\":{\"dtype\":\"F32\",\"shape\":[2,0,99999999999],\"data_offsets\":[0,0]},"
                + "\"complex\":{\"dtype\":\"C64\",\"shape\":[1],\"data_offsets\":[0,8]},"
                + "\"small\":{\"dtype\":\"F8_E4M3\",\"shape\":[4],\"data_offsets\":[8,12]},"
                + "\"kept\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[12,16]}}";
        Path file = Files.write(directory.resolve("odd.safetensors"), SafeTensorsBytes.file(header, new byte[16]));
        assertThat(SafeTensors.read(file).weights().tensors()).containsOnlyKeys("kept");
    }

    @Test
    void anArrayOfMoreThanTwoGibibytesIsToldInOneLine() throws IOException {
        long bytes = 4 * 540_000_000L;
        byte[] head = SafeTensorsBytes.file(
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[540000,1000],\"data_offsets\":[0," + bytes + "]}}", new byte[0]);
        Path file = Files.write(directory.resolve("large.safetensors"), head);
        try (var sparse = new java.io.RandomAccessFile(file.toFile(), "rw")) {
            sparse.setLength(head.length + bytes);
        }
        assertThatThrownBy(() -> SafeTensors.read(file))
                .isInstanceOf(BrokenFileException.class)
                .hasMessage(file + ": a is too large (more than 2 GiB)");
    }

    @Test
    void anInterruptedThreadIsToldSo() throws IOException {
        Path file = Files.write(directory.resolve("python.safetensors"), PYTHON);
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> SafeTensors.read(file))
                .isInstanceOf(StoppedException.class)
                .hasMessage(file + ": reading was interrupted");
        assertThat(Thread.interrupted()).as("still marked").isTrue();
    }

    @Test
    void aFileThatIsNotThereOrNoFile() {
        assertThatThrownBy(() -> SafeTensors.read(directory.resolve("absent")))
                .isInstanceOf(BrokenFileException.class)
                .hasMessageContaining("absent: there is no such file");
        assertThatThrownBy(() -> SafeTensors.read(directory)).isInstanceOf(BrokenFileException.class);
    }
}
