package org.convzoo.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.zip.CRC32;
import org.convzoo.classify.Classification;
import org.convzoo.classify.Classifier;
import org.convzoo.classify.ClassifierOptions;
import org.convzoo.classify.Model;
import org.convzoo.classify.Provenance;
import org.convzoo.failure.WrongUseException;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Shape;
import org.convzoo.images.Dataset;
import org.convzoo.images.Filter;
import org.convzoo.images.Form;
import org.convzoo.images.Picture;
import org.convzoo.images.Transform;
import org.convzoo.models.Models;
import org.convzoo.models.Options;
import org.convzoo.models.Task;
import org.convzoo.weights.Weights;
import org.junit.jupiter.api.Test;

class ViewsTest {
    private static final Transform.Normalise NORMALISE =
            new Transform.Normalise(List.of(0.5, 0.5, 0.5), List.of(0.25, 0.25, 0.25));
    private static final Transform CROPPED = new Transform(
            List.of(
                    new Transform.Colour(3),
                    new Transform.ShorterSide(21, Filter.BILINEAR),
                    new Transform.CentreCrop(16, 12)),
            NORMALISE);

    /** The same picture that make.py has. */
    private static Picture picture(int seed) {
        byte[] pixels = new byte[33 * 25 * 3];
        for (int y = 0, i = 0; y < 25; y++)
            for (int x = 0; x < 33; x++)
                for (int c = 0; c < 3; c++, i++) pixels[i] = (byte) ((7 + seed) * x + 13 * y + 50 * c + x * y);
        return new Picture(33, 25, 3, pixels);
    }

    private static long crc(Picture picture) {
        CRC32 crc = new CRC32();
        crc.update(picture.pixels());
        return crc.getValue();
    }

    @Test
    void tenCropsAreTorchvisions() throws IOException {
        List<Long> expected = new ArrayList<>();
        for (JsonNode crop : new ObjectMapper()
                .readTree(ViewsTest.class.getResourceAsStream("scores/expected.json"))
                .path("crops")) expected.add(crop.asLong());

        List<Picture> crops = Views.TEN_CROP.of(picture(0), CROPPED);

        assertThat(crops).hasSize(10).allMatch(c -> c.width() == 16 && c.height() == 12);
        assertThat(crops).extracting(ViewsTest::crc).containsExactlyElementsOf(expected);
    }

    @Test
    void flipsAreWhatTheTransformMakesAndItsMirrorImage() {
        List<Picture> flips = Views.FLIPS.of(picture(0), CROPPED);
        Picture plain = CROPPED.picture(picture(0));

        assertThat(flips).hasSize(2);
        assertThat(flips.get(0).pixels()).isEqualTo(plain.pixels());
        for (int c = 0; c < 3; c++) assertThat(flips.get(1).pixels()[c]).isEqualTo(plain.pixels()[15 * 3 + c]);
    }

    private static Model model(Transform transform, Shape image) {
        Graph graph = Models.named("lenet").graph(new Task(image, 4), Options.NONE);
        return new Model(
                graph, transform, List.of("a", "b", "c", "d"), Provenance.unknown(), Weights.initial(graph, 1));
    }

    private static Model model() {
        Transform transform = new Transform(
                List.of(
                        new Transform.Colour(3),
                        new Transform.ShorterSide(36, Filter.BILINEAR),
                        new Transform.CentreCrop(32, 32)),
                NORMALISE);
        return model(transform, new Shape(3, 32, 32));
    }

    private static Dataset pictures() {
        return new Dataset() {
            @Override
            public int size() {
                return 7;
            }

            @Override
            public int label(int i) {
                return i % 4;
            }

            @Override
            public Picture picture(int i) {
                return ViewsTest.picture(i);
            }

            @Override
            public String name(int i) {
                return "picture " + i;
            }
        };
    }

    private static final Function<Model, Classifier> OPEN =
            model -> Classifier.of(model, ClassifierOptions.DEFAULTS.withBatch(Evaluation.BATCH));

    /** Those of the views one by one, by a classifier that is shown each of them. */
    @Test
    void theProbabilitiesAreMeans() {
        Model model = model();
        for (Views views : List.of(Views.FLIPS, Views.TEN_CROP)) {
            Scores scores = Scores.of(model, pictures(), views, OPEN);
            try (Classifier classifier = OPEN.apply(views.shown(model))) {
                for (int i = 0; i < 7; i++) {
                    List<Picture> shown = views.of(picture(i), model.transform());
                    double[] mean = new double[4];
                    for (Picture view : shown) {
                        Classification said = classifier.classify(view);
                        for (int k = 0; k < 4; k++) mean[k] += said.probability(k) / shown.size();
                    }
                    for (int k = 0; k < 4; k++)
                        assertThat((double) scores.probabilities().get(k)[i]).isCloseTo(mean[k], within(1e-5));
                    assertThat(scores.evaluation().predictions().get(i).labelProbability())
                            .isCloseTo(mean[i % 4], within(1e-5));
                }
            }
        }
    }

    @Test
    void oneViewIsWhatAnEvaluationSees() {
        Model model = model();
        try (Classifier classifier = OPEN.apply(model)) {
            assertThat(Scores.of(model, pictures(), Views.ONE, OPEN).evaluation())
                    .isEqualTo(Evaluation.of(classifier, pictures()));
        }
    }

    @Test
    void withoutACropInTheMiddleThereAreNoTen() {
        Model digits = model(Form.DIGITS.transform(new Shape(1, 28, 28)), new Shape(1, 28, 28));

        assertThatThrownBy(() -> Scores.of(digits, pictures(), Views.TEN_CROP, OPEN))
                .isInstanceOf(WrongUseException.class)
                .hasMessageContaining("lenet")
                .hasMessageContaining("are not cropped");
        assertThat(Scores.of(digits, pictures(), Views.FLIPS, OPEN).evaluation().images())
                .isEqualTo(7);
    }
}
