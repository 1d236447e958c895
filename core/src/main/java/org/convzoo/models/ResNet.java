package org.convzoo.models;

import static org.convzoo.graph.Window.k;

import java.util.List;
import java.util.Map;
import org.convzoo.graph.Defaults;
import org.convzoo.graph.Init.Rule;
import org.convzoo.graph.Layer;
import org.convzoo.graph.Value;

/**
 * Deep residual networks, He et al. 2015, and their wide (Zagoruyko, Komodakis 2016) and grouped (Xie et al. 2016)
 * relatives, in torchvision's form: a bottleneck strides in its 3x3 convolution ("v1.5"), where the paper's strides in
 * the first 1x1, and shortcuts that change the shape are projections (option B of section 4.1).
 */
final class ResNet {
    private ResNet() {}

    /** A residual unit: from its input, the width of the stage (64, 128, 256, 512) and the stride. */
    @FunctionalInterface
    interface Unit {
        Value apply(Value x, int width, int stride);
    }

    // spotless:off
    /** Table 1 of the paper, and of ResNeXt's: units in each stage. */
    static final List<Architecture> VARIANTS = List.of(
            variant("resnet18", 2015, "1512.03385", ResNet::basic, 2, 2, 2, 2),
            variant("resnet34", 2015, "1512.03385", ResNet::basic, 3, 4, 6, 3),
            variant("resnet50", 2015, "1512.03385", bottleneck(1, 64), 3, 4, 6, 3),
            variant("resnet101", 2015, "1512.03385", bottleneck(1, 64), 3, 4, 23, 3),
            variant("resnet152", 2015, "1512.03385", bottleneck(1, 64), 3, 8, 36, 3),
            variant("wide_resnet50_2", 2016, "1605.07146", bottleneck(1, 128), 3, 4, 6, 3),
            variant("wide_resnet101_2", 2016, "1605.07146", bottleneck(1, 128), 3, 4, 23, 3),
            variant("resnext50_32x4d", 2016, "1611.05431", bottleneck(32, 4), 3, 4, 6, 3),
            variant("resnext101_32x8d", 2016, "1611.05431", bottleneck(32, 8), 3, 4, 23, 3),
            variant("resnext101_64x4d", 2016, "1611.05431", bottleneck(64, 4), 3, 4, 23, 3));
    // spotless:on

    private static Architecture variant(String name, int year, String paper, Unit unit, int... depths) {
        String family = name.startsWith("wide") ? "Wide ResNet" : name.startsWith("resnext") ? "ResNeXt" : "ResNet";
        return new Architecture(
                name,
                family,
                year,
                paper,
                Task.imagenet(224),
                Map.of(),
                (classes, options) -> resnet(unit, classes, depths));
    }

    // spotless:off
    private static Layer resnet(Unit unit, int classes, int... depths) {
        return image -> image.with(Defaults.PYTORCH.conv(Rule.KAIMING_FAN_OUT, Rule.ZERO))
                .conv("conv1", 64, 7, 2).bn("bn1").relu().maxPool(3, 2)
                .stage("layer1", depths[0], 1, (x, stride) -> unit.apply(x, 64, stride))
                .stage("layer2", depths[1], 2, (x, stride) -> unit.apply(x, 128, stride))
                .stage("layer3", depths[2], 2, (x, stride) -> unit.apply(x, 256, stride))
                .stage("layer4", depths[3], 2, (x, stride) -> unit.apply(x, 512, stride))
                .avgPoolTo(1).flatten().linear("fc", classes);
    }

    /** Figure 5, left. */
    private static Value basic(Value x, int width, int stride) {
        return x.conv("conv1", width, 3, stride).bn("bn1").relu()
                .conv("conv2", width, 3).bn("bn2")
                .add(shortcut(x, width, stride)).relu();
    }

    /** Figure 5, right, with the inner width as {@code groups} x {@code base} at the stage of width 64. */
    private static Unit bottleneck(int groups, int base) {
        return (x, width, stride) -> {
            int inner = groups * (base * width / 64);
            return x.conv("conv1", inner, 1).bn("bn1").relu()
                    .conv("conv2", inner, k(3).stride(stride).groups(groups)).bn("bn2").relu()
                    .conv("conv3", 4 * width, 1).bn("bn3")
                    .add(shortcut(x, 4 * width, stride)).relu();
        };
    }
    // spotless:on

    private static Value shortcut(Value x, int out, int stride) {
        if (stride == 1 && x.channels() == out) return x;
        return x.in("downsample", d -> d.conv(out, 1, stride).bn());
    }
}
