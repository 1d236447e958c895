package org.convzoo.pretrained;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.convzoo.engine.Engine;
import org.convzoo.engine.EngineOptions;
import org.convzoo.engine.Predictor;
import org.convzoo.engine.PredictorOptions;
import org.convzoo.graph.Graph;
import org.convzoo.images.Picture;
import org.convzoo.images.PictureReader;
import org.convzoo.images.Transform;
import org.junit.jupiter.api.Test;

/** SqueezeNet 1.1 as it comes with the program, beside what PyTorch computes with the float32 weights it was made of. */
class EmbeddedTest {
    static final Path CAT = Path.of("..", "docs", "cat.png");

    private static final Pretrained SQUEEZENET = WeightsStore.usual().open(Published.named("squeezenet1_1"));

    /** The middle of a picture as it is, halves rounded down: no interpolation in which programs could differ. */
    static Picture middle(Path file) {
        Picture p = PictureReader.read(file);
        return p.crop((p.width() - 224) / 2, (p.height() - 224) / 2, 224, 224);
    }

    /** Of a picture that goes through the transform of the weights; one of the network's size is only normalised. */
    static float[] logits(Pretrained pretrained, Picture picture) {
        Graph graph = pretrained.graph();
        FloatBuffer image = FloatBuffer.allocate(3 * 224 * 224);
        boolean whole = picture.width() == 224 && picture.height() == 224;
        (whole
                        ? new Transform(
                                List.of(new Transform.CentreCrop(224, 224), new Transform.Colour(3)),
                                pretrained.transform().normalise())
                        : pretrained.transform())
                .apply(picture, image);
        try (Engine engine = Engine.open(EngineOptions.DEFAULTS);
                Predictor predictor =
                        engine.predictor(graph, pretrained.weights().fit(graph).weights(), PredictorOptions.DEFAULTS)) {
            return predictor.logits(image.flip(), 1);
        }
    }

    static List<Integer> best(float[] logits, int count) {
        return IntStream.range(0, logits.length)
                .boxed()
                .sorted(Comparator.comparing(k -> -logits[k]))
                .limit(count)
                .toList();
    }

    @Test
    void logitsAreThoseOfFloat32UpToRounding() {
        float[] logits = logits(SQUEEZENET, middle(CAT));
        assertThat(best(logits, 5)).containsExactly(285, 281, 282, 287, 273);
        double[] first = {11.8311, 9.7328, 6.3975, 5.0548, 10.8078, 7.9961, 6.3304, 10.5662};
        for (int k = 0; k < first.length; k++) assertThat((double) logits[k]).isCloseTo(first[k], within(0.05));
        double[] largest = {27.7289, 27.6240, 27.2236, 23.0558, 22.4416};
        List<Integer> best = best(logits, 5);
        for (int i = 0; i < 5; i++) assertThat((double) logits[best.get(i)]).isCloseTo(largest[i], within(0.05));
        double sum = 0;
        for (float l : logits) sum += l;
        assertThat(sum).isCloseTo(9140.732, within(1.5));
    }

    @Test
    void whatTheUsualChainGivesIsACat() {
        float[] logits = logits(SQUEEZENET, PictureReader.read(CAT));
        assertThat(best(logits, 3)).containsExactlyInAnyOrder(281, 282, 285);
    }

    @Test
    void allOfItIsTold() {
        assertThat(SQUEEZENET.labels()).isEqualTo(ImageNet.LABELS);
        assertThat(SQUEEZENET.licence()).isEqualTo("BSD-2-Clause, MIT");
        assertThat(SQUEEZENET.origin()).contains("https://github.com/forresti/SqueezeNet");
    }
}
