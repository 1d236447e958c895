package org.convzoo.models;

import static org.convzoo.graph.Window.k;

import java.util.List;
import java.util.stream.Stream;
import org.convzoo.graph.Defaults;
import org.convzoo.graph.Init.Rule;
import org.convzoo.graph.Value;

/**
 * VGG, Simonyan, Zisserman 2014: nothing but 3x3 convolutions, twice the width after each pooling. Configurations A, B,
 * D and E of table 1, and each with batch norm, which the paper did not have yet. torchvision's form: the classifier
 * takes 7 x 7 whatever the image, and weights start by He et al. 2015.
 */
final class VGG {
    private VGG() {}

    private static final Family FAMILY = new Family("VGG", 2014, "1409.1556");
    private static final int[] WIDTHS = {64, 128, 256, 512, 512};

    /** Table 1: convolutions before each pooling. */
    static final List<Architecture> VARIANTS = Stream.of(
                    variants("vgg11", 1, 1, 2, 2, 2),
                    variants("vgg13", 2, 2, 2, 2, 2),
                    variants("vgg16", 2, 2, 3, 3, 3),
                    variants("vgg19", 2, 2, 4, 4, 4))
            .flatMap(s -> s)
            .toList();

    private static Stream<Architecture> variants(String name, int... depths) {
        return Stream.of(
                FAMILY.variant(name, (image, classes) -> vgg(image, classes, false, depths)),
                FAMILY.variant(name + "_bn", (image, classes) -> vgg(image, classes, true, depths)));
    }

    private static Value vgg(Value image, int classes, boolean norm, int... depths) {
        Defaults start = Defaults.PYTORCH.conv(Rule.KAIMING_FAN_OUT, Rule.ZERO).linear(Rule.normal(0.01), Rule.ZERO);
        Value features = image.with(start).in("features", x -> {
            for (int stage = 0; stage < depths.length; stage++) {
                for (int i = 0; i < depths[stage]; i++) {
                    x = x.conv(WIDTHS[stage], k(3).withBias());
                    x = (norm ? x.bn() : x).relu();
                }
                x = x.maxPool(2, 2);
            }
            return x;
        });
        return features.avgPoolTo(7).flatten().in("classifier", x -> {
            x = x.linear(4096).relu().dropout(0.5);
            x = x.linear(4096).relu().dropout(0.5);
            return x.linear(classes);
        });
    }
}
