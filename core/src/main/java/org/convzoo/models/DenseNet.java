package org.convzoo.models;

import static org.convzoo.graph.Window.k;

import java.util.List;
import java.util.Map;
import org.convzoo.graph.Defaults;
import org.convzoo.graph.Init.Rule;
import org.convzoo.graph.Layer;
import org.convzoo.graph.Value;

/**
 * DenseNet-BC, Huang, Liu, van der Maaten, Weinberger 2016: every layer sees the maps of all layers before it in its
 * block and adds {@code growth} of its own; transitions halve the maps and the image. torchvision's form;
 * {@code densenet_bc_100_12} is that for 32x32 images (section 4.2), with the same names.
 */
final class DenseNet {
    private DenseNet() {}

    /** Table 1: growth, maps before the first block, layers in each block. */
    static final List<Architecture> VARIANTS = List.of(
            variant("densenet121", Task.imagenet(224), 32, 64, 6, 12, 24, 16),
            variant("densenet161", Task.imagenet(224), 48, 96, 6, 12, 36, 24),
            variant("densenet169", Task.imagenet(224), 32, 64, 6, 12, 32, 32),
            variant("densenet201", Task.imagenet(224), 32, 64, 6, 12, 48, 32),
            variant("densenet_bc_100_12", Task.cifar10(), 12, 24, 16, 16, 16));

    private static Architecture variant(String name, Task usual, int growth, int first, int... depths) {
        boolean small = usual.equals(Task.cifar10());
        Layer stem = small
                ? x -> x.conv("conv0", first, 3)
                : x -> x.conv("conv0", first, 7, 2).bn("norm0").relu().maxPool(3, 2);
        return new Architecture(
                name,
                "DenseNet",
                2016,
                "1608.06993",
                usual,
                Map.of(),
                (classes, options) -> densenet(stem, growth, classes, depths));
    }

    // spotless:off
    private static Layer densenet(Layer stem, int growth, int classes, int... depths) {
        return image -> image
                .with(Defaults.PYTORCH.conv(Rule.KAIMING_FAN_IN, Rule.ZERO).linear(Rule.UNIFORM_FAN_IN, Rule.ZERO))
                .in("features", x -> {
                    x = stem.apply(x);
                    for (int i = 0; i < depths.length; i++) {
                        if (i > 0) x = x.in("transition" + i, t -> t
                                .bn("norm").relu().conv("conv", t.channels() / 2, 1).avgPool(k(2).stride(2)));
                        int depth = depths[i];
                        x = x.in("denseblock" + (i + 1), b -> {
                            for (int j = 1; j <= depth; j++)
                                b = Value.concat(b, b.in("denselayer" + j, layer(growth)));
                            return b;
                        });
                    }
                    return x.bn("norm5").relu();
                })
                .avgPoolTo(1).flatten().linear("classifier", classes);
    }

    private static Layer layer(int growth) {
        return x -> x.bn("norm1").relu().conv("conv1", 4 * growth, 1)
                .bn("norm2").relu().conv("conv2", growth, 3);
    }
    // spotless:on
}
