package org.convzoo.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.convzoo.failure.WrongUseException;
import org.convzoo.graph.Graph;
import org.convzoo.models.Models;
import org.convzoo.models.Options;
import org.convzoo.models.Task;
import org.convzoo.weights.Weights.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TorchStateTest {
    private static final Graph GRAPH =
            Models.named("mobilenet_v2").graph(Task.imagenet(32).classes(3), Options.of("width", 0.25));

    /** Loads both files strictly into the library's network, and prints the sum of each. */
    private static final String PYTHON = """
            import sys, torch, torchvision, safetensors.torch
            for state in torch.load(sys.argv[1], weights_only=True), safetensors.torch.load_file(sys.argv[2]):
                net = torchvision.models.MobileNetV2(num_classes=3, width_mult=0.25)
                net.load_state_dict(state, strict=True)
                print(len(state), sum(v.double().sum().item() for v in net.state_dict().values()))
            """;

    private final Weights weights = Weights.initial(GRAPH, 1);

    @TempDir
    Path directory;

    @ParameterizedTest
    @EnumSource
    void whatIsWrittenIsReadAgain(TorchState.Type type) throws IOException {
        Path pth = directory.resolve("a.pth"), safe = directory.resolve("a.safetensors");
        var state = new TorchState(GRAPH, weights, type);
        state.writeTorch(pth);
        state.writeSafeTensors(safe);
        for (Weights read : List.of(TorchFile.read(pth), SafeTensors.read(safe).weights())) {
            assertThat(read.tensors().keySet()).isEqualTo(GRAPH.parameters().keySet());
            read.tensors().forEach((name, t) -> {
                float[] expected = weights.get(name).toArray(), found = t.toArray();
                for (int i = 0; i < found.length; i++)
                    assertThat(found[i])
                            .as(name)
                            .isEqualTo(
                                    type == TorchState.Type.F32
                                            ? expected[i]
                                            : ElementType.half(ElementType.toHalf(expected[i])));
            });
        }
        assertThat(SafeTensors.read(safe).metadata()).containsEntry("format", "pt");
    }

    @Test
    void batchNormsHaveTheirCounters() throws IOException {
        Path pth = directory.resolve("a.pth"), safe = directory.resolve("a.safetensors");
        new TorchState(GRAPH, weights, TorchState.Type.F32).writeTorch(pth);
        new TorchState(GRAPH, weights, TorchState.Type.F32).writeSafeTensors(safe);
        String head = new String(Files.readAllBytes(safe), StandardCharsets.ISO_8859_1);
        assertThat(head).contains("\"features.0.1.num_batches_tracked\":{\"dtype\":\"I64\",\"shape\":[]");
        try (ZipFile zip = new ZipFile(pth.toFile())) {
            assertThat(zip.stream().map(ZipEntry::getMethod)).containsOnly(ZipEntry.STORED);
            String pickle = new String(
                    zip.getInputStream(zip.getEntry("archive/data.pkl")).readAllBytes(), StandardCharsets.ISO_8859_1);
            assertThat(pickle).contains("features.0.1.num_batches_tracked").contains("LongStorage");
        }
    }

    @Test
    void halvesAreTheNearest() {
        float[] numbers = {
            0, 1, -1, 65504, 6.1035156e-5f, 5.9604645e-8f, 2.9802322e-8f, 1e-9f, 1.00048828125f, 1.0014648f
        };
        float[] halves = {0, 1, -1, 65504, 6.1035156e-5f, 5.9604645e-8f, 0, 0, 1, 1.0019531f};
        for (int i = 0; i < numbers.length; i++)
            assertThat(ElementType.half(ElementType.toHalf(numbers[i]))).isEqualTo(halves[i]);
        for (int h = Short.MIN_VALUE; h <= Short.MAX_VALUE; h++)
            if ((h & 0x7C00) != 0x7C00)
                assertThat(ElementType.toHalf(ElementType.half((short) h))).isEqualTo((short) h);
    }

    @Test
    void whatIsTooLargeForHalvesIsRefused() {
        Map<String, Tensor> large = new LinkedHashMap<>(weights.tensors());
        large.put("classifier.1.bias", new Tensor(large.get("classifier.1.bias").shape(), new float[] {1, 7e4f, 0}));
        assertThatThrownBy(() -> new TorchState(GRAPH, new Weights(large), TorchState.Type.F16))
                .isInstanceOf(WrongUseException.class)
                .hasMessage("classifier.1.bias has a value that is too large for float16: 70000.0");
    }

    /** Where Python with the libraries is; {@code -Dconvzoo.python} names another one. */
    @Test
    void pyTorchLoadsBothStrictly() throws Exception {
        String python = System.getProperty("convzoo.python", "python3");
        assumeThat(ran(python, "-c", "import torch, torchvision, safetensors").endsWith("exit 0"))
                .as("Python with torch, torchvision and safetensors is there")
                .isTrue();
        Path pth = directory.resolve("a.pth"), safe = directory.resolve("a.safetensors");
        new TorchState(GRAPH, weights, TorchState.Type.F32).writeTorch(pth);
        new TorchState(GRAPH, weights, TorchState.Type.F32).writeSafeTensors(safe);
        double sum = weights.tensors().values().stream()
                .mapToDouble(t -> {
                    double s = 0;
                    for (float v : t.toArray()) s += v;
                    return s;
                })
                .sum();
        String said = ran(python, "-c", PYTHON, pth.toString(), safe.toString());
        assertThat(said).as(said).endsWith("exit 0");
        List<String> lines = said.lines().toList();
        assertThat(lines).hasSize(3);
        for (String line : lines.subList(0, 2)) {
            assertThat(line).startsWith("314 "); // 262 arrays and the counters of 52 batch norms
            assertThat(Double.parseDouble(line.substring(4)))
                    .isCloseTo(sum, org.assertj.core.api.Assertions.within(1e-3));
        }
    }

    private static String ran(String... command) throws Exception {
        try {
            Process p = new ProcessBuilder(command).redirectErrorStream(true).start();
            String said = new String(p.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return said + (p.waitFor(2, TimeUnit.MINUTES) ? "exit " + p.exitValue() : "does not end");
        } catch (IOException e) {
            return "no " + command[0];
        }
    }
}
