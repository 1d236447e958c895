package org.convzoo.models;

import static org.convzoo.graph.Value.concat;
import static org.convzoo.graph.Window.k;

import java.util.List;
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

    private static final Family FAMILY = new Family("DenseNet", 2016, "1608.06993");

    /** Table 1: growth, maps before the first block, layers in each block. */
    static final List<Architecture> VARIANTS = List.of(
            imagenet("densenet121", 32, 64, 6, 12, 24, 16),
            imagenet("densenet161", 48, 96, 6, 12, 36, 24),
            imagenet("densenet169", 32, 64, 6, 12, 32, 32),
            imagenet("densenet201", 32, 64, 6, 12, 48, 32),
            cifar("densenet_bc_100_12", 12, 24, 16, 16, 16));

    private static Architecture imagenet(String name, int growth, int first, int... depths) {
        Layer stem = x -> x.conv("conv0", first, 7, 2).bn("norm0").relu().maxPool(3, 2);
        return FAMILY.variant(name, (image, classes) -> densenet(image, classes, stem, growth, depths));
    }

    private static Architecture cifar(String name, int growth, int first, int... depths) {
        Layer stem = x -> x.conv("conv0", first, 3);
        Family family = FAMILY.usual(Task.cifar10());
        return family.variant(name, (image, classes) -> densenet(image, classes, stem, growth, depths));
    }

    private static Value densenet(Value image, int classes, Layer stem, int growth, int... depths) {
        Defaults start = Defaults.PYTORCH.conv(Rule.KAIMING_FAN_IN, Rule.ZERO).linear(Rule.UNIFORM_FAN_IN, Rule.ZERO);
        Value features = image.with(start).in("features", x -> {
            x = stem.apply(x);
            for (int i = 0; i < depths.length; i++) {
                if (i > 0) x = x.in("transition" + i, DenseNet::transition);
                x = x.in("denseblock" + (i + 1), block(depths[i], growth));
            }
            return x.bn("norm5").relu();
        });
        return features.avgPoolTo(1).flatten().linear("classifier", classes);
    }

    private static Value transition(Value x) {
        return x.bn("norm").relu().conv("conv", x.channels() / 2, 1).avgPool(k(2).stride(2));
    }

    /** Equation 2: each layer sees all maps before it. */
    private static Layer block(int depth, int growth) {
        return x -> {
            for (int i = 1; i <= depth; i++) x = concat(x, x.in("denselayer" + i, layer(growth)));
            return x;
        };
    }

    private static Layer layer(int growth) {
        return x -> {
            x = x.bn("norm1").relu().conv("conv1", 4 * growth, 1);
            return x.bn("norm2").relu().conv("conv2", growth, 3);
        };
    }
}
