package org.convzoo.classify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import org.convzoo.failure.WrongUseException;
import org.convzoo.pretrained.ImageNet;
import org.convzoo.pretrained.Published;
import org.convzoo.pretrained.WeightsStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Networks by name, with weights that others trained. */
class PretrainedTest {
    private static final Path CAT = Path.of("..", "docs", "cat.png");

    @TempDir
    Path temp;

    @Test
    void theNetworkThatComesWithTheLibrarySeesACat() {
        try (Classifier classifier = Classifier.pretrained("squeezenet1_1")) {
            assertThat(classifier.classify(CAT).top(3).stream().map(Prediction::label))
                    .containsExactlyInAnyOrder("tabby", "tiger cat", "Egyptian cat");
        }
    }

    @Test
    void whatBelongsToTheWeightsTravelsWithTheModel() throws IOException {
        Path file = temp.resolve("model.safetensors");
        Model.pretrained("squeezenet1_1").write(file);
        Model model = Model.read(file);
        assertThat(model.labels()).isEqualTo(ImageNet.LABELS);
        assertThat(model.transform()).isEqualTo(Published.named("squeezenet1_1").transform());
        assertThat(model.provenance().architecture()).isEqualTo("squeezenet1_1");
        assertThat(model.provenance().licence()).isEqualTo("BSD-2-Clause, MIT");
        assertThat(model.provenance().origin()).contains("forresti/SqueezeNet");
    }

    @Test
    void weightsWithoutAClassifierAreNoModel() {
        assertThatThrownBy(
                        () -> Model.pretrained(Published.named("vgg16", "imagenet1k_features"), WeightsStore.usual()))
                .isInstanceOf(WrongUseException.class)
                .hasMessage("vgg16:imagenet1k_features has no classifier, so that it is a start for training only");
    }

    @Test
    void aNetworkOfWhichNobodyPublishedWeightsSaysWhichHaveSome() {
        assertThatThrownBy(() -> Model.pretrained("lenet"))
                .isInstanceOf(WrongUseException.class)
                .hasMessageStartingWith(
                        "lenet: no published weights are known for it; near networks that have some are ");
    }
}
