package org.convzoo.train;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.convzoo.classify.Model;
import org.convzoo.classify.Provenance;
import org.convzoo.fuzz.JsonMutants;
import org.convzoo.fuzz.Mutants;
import org.convzoo.fuzz.SafeTensorsBytes;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Shape;
import org.convzoo.images.Filter;
import org.convzoo.images.Transform;
import org.convzoo.recipe.EpochMetrics;
import org.convzoo.weights.Weights;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Mutants of {@code last.ckpt}, half of them of the JSON that says where the run is. */
@Tag("thorough")
class CheckpointFuzzTest {
    @TempDir
    Path directory;

    @Test
    void mutantsAreReadOrRefused() throws Exception {
        Graph graph = Graph.of("own", new Shape(1, 4, 4), x -> x.flatten().linear("fc", 2));
        Weights weights = Weights.initial(graph, 1);
        Model model = new Model(
                graph,
                new Transform(
                        List.of(new Transform.Colour(1), new Transform.Exact(4, 4, Filter.BILINEAR)),
                        new Transform.Normalise(List.of(0.1), List.of(0.2))),
                List.of("a", "b"),
                Provenance.unknown(),
                weights);
        List<EpochMetrics> history = List.of(
                new EpochMetrics(1, 4, 0.01, 2, 0.5, 1.5, 0.25, 1, 100, 2, 0.5, 1_700_000_000_000L),
                new EpochMetrics(2, 8, 0.005, 1, 0.75, 1, 0.5, 1, 100, 2, 0.5, 1_700_000_001_000L));
        Path file = directory.resolve("last.ckpt");
        new Checkpoint(model, weights, 8, history, -5, Map.of("conv", "direct"), Map.of("Java", "17")).write(file);
        Mutants mutants = new Mutants("ckpt", List.of(Files.readAllBytes(file)));
        for (int i = 0; i < 10; i++) {
            mutants.with(
                    "the training edited",
                    (sound, other, random) -> SafeTensorsBytes.withMetadata(sound, m -> {
                        m.remove("convzoo.checksum");
                        m.put(
                                "convzoo.training",
                                JsonMutants.of(m.path("convzoo.training").asText(), random));
                    }));
        }
        mutants.run(directory, 3_000, new Mutants.Limits(Duration.ofSeconds(10), 16 << 20), Checkpoint::read);
    }
}
