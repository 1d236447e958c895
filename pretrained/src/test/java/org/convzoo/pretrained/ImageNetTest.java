package org.convzoo.pretrained;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;

class ImageNetTest {
    @Test
    void classesAreInTheOrderOfPublishedNetworks() {
        assertThat(ImageNet.CATEGORIES).hasSize(1000);
        assertThat(ImageNet.CATEGORIES.get(0).label()).isEqualTo("tench");
        assertThat(ImageNet.CATEGORIES.get(281).text()).isEqualTo("tabby, tabby cat (n02123045)");
        assertThat(ImageNet.CATEGORIES.get(999).label()).isEqualTo("toilet tissue");
        // ImageNet numbers its classes in the order of their ids.
        assertThat(ImageNet.CATEGORIES.stream().map(ImageNet.Category::id)).isSorted();
    }

    @Test
    void noTwoClassesShareALabelOrAnId() {
        assertThat(new HashSet<>(ImageNet.LABELS)).hasSize(1000);
        assertThat(ImageNet.CATEGORIES.stream().map(ImageNet.Category::id)).doesNotHaveDuplicates();
    }

    @Test
    void classesThatWordNetCallsTheSameAreToldApart() {
        assertThat(List.of(134, 517, 638, 639).stream()
                        .map(k -> ImageNet.CATEGORIES.get(k).text()))
                .containsExactly(
                        "crane bird, crane (n02012849)",
                        "crane (n03126707)",
                        "maillot (n03710637)",
                        "maillot tank suit, maillot, tank suit (n03710721)");
    }
}
