package org.convzoo.pretrained;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.convzoo.models.Models;
import org.convzoo.models.Options;
import org.convzoo.models.Task;
import org.convzoo.weights.SafeTensors;
import org.convzoo.weights.Weights;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PretrainedTest {
    @TempDir
    Path temp;

    @Test
    void aFileOfOtherClassesGetsNumbersForLabels() throws IOException {
        Path file = temp.resolve("own.safetensors");
        new SafeTensors(
                        Weights.initial(
                                Models.named("resnet18")
                                        .graph(Task.imagenet(224).classes(3), Options.NONE),
                                1),
                        Map.of())
                .write(file);
        Pretrained own = Pretrained.read("resnet18", file);
        assertThat(own.labels()).containsExactly("class 0", "class 1", "class 2");
        assertThat(own.graph().classes()).isEqualTo(3);
        assertThat(own.transform()).isEqualTo(Published.named("resnet18").transform());
        assertThat(own.origin()).isEqualTo(file.toString());
        assertThat(own.weights().fit(own.graph()).complete()).isTrue();
    }

    /** torchvision's files of DenseNet are older than its names, {@code norm.1} for {@code norm1}. */
    @Test
    void theNamesOfPublishedDenseNetsAreUnderstood() {
        Weights ours = Weights.initial(Models.named("densenet121").graph(), 1);
        Weights published = ours.rename(name -> name.replaceFirst("(denselayer\\d+\\.(?:norm|conv))([12])", "$1.$2"));
        assertThat(published.tensors()).containsKey("features.denseblock1.denselayer1.norm.1.weight");
        Pretrained densenet = Pretrained.of(Published.named("densenet121"), published);
        assertThat(densenet.weights().fit(densenet.graph()).complete()).isTrue();
        String name = "features.denseblock4.denselayer16.conv2.weight";
        assertThat(densenet.weights().get(name).toArray())
                .isEqualTo(ours.get(name).toArray());
    }
}
