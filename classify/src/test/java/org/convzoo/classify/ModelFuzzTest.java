package org.convzoo.classify;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import org.convzoo.fuzz.JsonMutants;
import org.convzoo.fuzz.Mutants;
import org.convzoo.fuzz.SafeTensorsBytes;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Shape;
import org.convzoo.weights.Weights;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Mutants of models and of the models in checkpoints, most of them of the JSON that describes the model. */
@Tag("thorough")
class ModelFuzzTest {
    private static final Mutants.Limits LIMITS = new Mutants.Limits(Duration.ofSeconds(10), 64 << 20);

    private final Model own = ModelTest.model(Graph.of("own", new Shape(1, 8, 8), x -> x.conv(4, 3)
            .bn()
            .relu()
            .aux("side", 0.25, a -> a.flatten().linear("fc", 3))
            .maxPool(2, 2)
            .flatten()
            .dropout(0.5)
            .linear("out", 3)));

    @TempDir
    Path directory;

    @Test
    void models() throws Exception {
        Path file = directory.resolve("own.safetensors");
        own.write(file);
        byte[] bytes = Files.readAllBytes(file);
        mutants("safetensors", List.of(bytes, bytes, bytes, fixture("lenet.safetensors")))
                .run(directory, 6_000, LIMITS, Model::read);
    }

    @Test
    void checkpoints() throws Exception {
        Path file = directory.resolve("own.ckpt");
        new CheckpointFile(own, new Weights(Map.of()), "{}").write(file);
        byte[] bytes = Files.readAllBytes(file);
        mutants("ckpt", List.of(bytes, bytes, bytes, fixture("narrow.ckpt")))
                .run(directory, 3_000, LIMITS, CheckpointFile::read);
    }

    private static Mutants mutants(String name, List<byte[]> sound) {
        Mutants mutants = new Mutants(name, sound);
        for (int i = 0; i < 20; i++) {
            int times = 1 + i % 3;
            mutants.with("the description edited, " + times, (s, other, random) -> edited(s, times, random));
        }
        return mutants;
    }

    /** Without the checksum, which would refuse every change. */
    private static byte[] edited(byte[] sound, int times, SplittableRandom random) {
        return SafeTensorsBytes.withMetadata(sound, metadata -> {
            metadata.remove("convzoo.checksum");
            String json = metadata.path("convzoo").asText();
            for (int i = 0; i < times; i++) json = JsonMutants.of(json, random);
            metadata.put("convzoo", json);
        });
    }

    private static byte[] fixture(String name) throws Exception {
        return Files.readAllBytes(Path.of(Objects.requireNonNull(ModelFuzzTest.class.getResource("/format1/" + name))
                .toURI()));
    }
}
