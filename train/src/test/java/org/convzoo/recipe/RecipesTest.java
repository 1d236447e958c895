package org.convzoo.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Shape;
import org.convzoo.images.Dataset;
import org.convzoo.images.Form;
import org.convzoo.images.Picture;
import org.convzoo.images.Splits;
import org.convzoo.models.Models;
import org.convzoo.models.Options;
import org.convzoo.models.Task;
import org.junit.jupiter.api.Test;

class RecipesTest {
    /** So many photos of ten classes that nobody looks at. */
    private static Splits photos(int count) {
        Dataset unseen = new Dataset() {
            @Override
            public int size() {
                return count;
            }

            @Override
            public int label(int i) {
                return i % 10;
            }

            @Override
            public Picture picture(int i) {
                throw new AssertionError("a recipe looks at no picture");
            }

            @Override
            public String name(int i) {
                return Integer.toString(i);
            }
        };
        List<String> labels = IntStream.range(0, 10).mapToObj(k -> "class " + k).toList();
        return Splits.of("photos", labels, Form.PHOTOS, unseen, unseen);
    }

    private static Recipe recipe(String network, String family, int side, int photos) {
        Graph graph = Models.named(network).graph(new Task(new Shape(3, side, side), 10), Options.NONE);
        return Recipes.scratch(graph, family, photos(photos));
    }

    @Test
    void epochsFitPhotosAndNetwork() {
        assertThat(recipe("resnet18", "ResNet", 64, 100).epochs()).isEqualTo(100);
        assertThat(recipe("resnet18", "ResNet", 64, 1100).epochs()).isEqualTo(95);
        assertThat(recipe("resnet18", "ResNet", 64, 4000).epochs()).isEqualTo(50);
        assertThat(recipe("resnet18", "ResNet", 64, 1_000_000).epochs()).isEqualTo(10);
        assertThat(recipe("resnet50", "ResNet", 224, 1100).epochs())
                .as("an hour on two cores, not six")
                .isBetween(20, 30);
    }

    @Test
    void whatIsHeldOutFitsThePhotos() {
        assertThat(recipe("resnet18", "ResNet", 64, 200).validation()).isEqualTo(Validation.NONE);
        assertThat(recipe("resnet18", "ResNet", 64, 1100).validation()).isEqualTo(new Validation(0.05, 0));
        assertThat(recipe("resnet18", "ResNet", 64, 5000).validation()).isEqualTo(new Validation(0.1, 0));
    }

    @Test
    void mobileNetworksLearnFaster() {
        assertThat(recipe("mobilenet_v2", "MobileNet", 64, 1100).learningRate()).isEqualTo(0.008);
        assertThat(recipe("mobilenet_v3_small", "MobileNet", 64, 1100).learningRate())
                .isEqualTo(0.002);
        assertThat(recipe("mobilenet_v3_large", "MobileNet", 64, 1100).learningRate())
                .isEqualTo(0.002);
        assertThat(recipe("resnet18", "ResNet", 64, 1100).learningRate()).isEqualTo(0.003);
    }

    @Test
    void networksWithoutBatchNormClipTheirGradients() {
        assertThat(recipe("vgg11", "VGG", 64, 1100).optimizer().clip()).isEqualTo(1);
        assertThat(recipe("vgg11_bn", "VGG", 64, 1100).optimizer().clip()).isZero();
        assertThat(recipe("lenet", "LeNet", 64, 1100).optimizer().clip())
                .as("sigmoids limit what they give")
                .isZero();
    }
}
